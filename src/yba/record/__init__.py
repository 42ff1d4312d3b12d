"""The record: FHIR resources of every person, with every version, under row security."""

from .actions import put_many, tombstone_many
from .beside import derive_labels
from .by_refs import of_refs, standing
from .changed import COLUMNS as CHANGED_COLUMNS
from .changed import Changes, Database, Mark, Slice, changed, forget_touched, oldest_under_way, waiting
from .changing import to_change, visit_source
from .followers import Follower, Held, Rows, follow_by
from .indexing import Index, add_index, build_index, indexes, keep_up, remove_index
from .matching import facts_to_match, golden_patients
from .model import NOBODY, DataCoverage, Document, FacilityData, Put, PutCounts, Ref, StoredResource
from .moving import Done, approve, carry_out, weigh
from .page import Medicine, Origin, Page, Paper, Point, Result, Visit, as_text, words
from .page import Problem as Illness
from .queries import coverage_of_data, get, history, of_person, of_source, read_one, refs_of_sources, with_tokens
from .residence import commune_of
from .rest import delete, identify, lock_for, save
from .rest_model import BadCursor, Found, HistoryPage, NotStorable, Problem, ReadOnly, Saved, TooCostly, VersionConflict, Write
from .rest_reads import history_of, version
from .rows import rows_of
from .search import everything, everything_one, find, find_one
from .show import bundle_of, find_person, page_of
from .unknown import identify_by_papers, identify_unknown, register_unknown
from .visit_reads import Counts, Telling, counts, derive_visits, visit_of

__all__ = [
    "CHANGED_COLUMNS",
    "NOBODY",
    "BadCursor",
    "Changes",
    "Counts",
    "DataCoverage",
    "Database",
    "Document",
    "Done",
    "FacilityData",
    "Follower",
    "Found",
    "Held",
    "HistoryPage",
    "Illness",
    "Index",
    "Mark",
    "Medicine",
    "NotStorable",
    "Origin",
    "Page",
    "Paper",
    "Point",
    "Problem",
    "Put",
    "PutCounts",
    "ReadOnly",
    "Ref",
    "Result",
    "Rows",
    "Saved",
    "Slice",
    "StoredResource",
    "Telling",
    "TooCostly",
    "VersionConflict",
    "Visit",
    "Write",
    "add_index",
    "approve",
    "as_text",
    "build_index",
    "bundle_of",
    "carry_out",
    "changed",
    "commune_of",
    "counts",
    "coverage_of_data",
    "delete",
    "derive_labels",
    "derive_visits",
    "everything",
    "everything_one",
    "facts_to_match",
    "find",
    "find_one",
    "find_person",
    "follow_by",
    "forget_touched",
    "get",
    "golden_patients",
    "history",
    "history_of",
    "identify",
    "identify_by_papers",
    "identify_unknown",
    "indexes",
    "keep_up",
    "lock_for",
    "of_person",
    "of_refs",
    "of_source",
    "oldest_under_way",
    "page_of",
    "put_many",
    "read_one",
    "refs_of_sources",
    "register_unknown",
    "remove_index",
    "rows_of",
    "save",
    "standing",
    "to_change",
    "tombstone_many",
    "version",
    "visit_of",
    "visit_source",
    "waiting",
    "weigh",
    "with_tokens",
    "words",
]
