"""The record: FHIR resources of every person, with every version, under row security."""

from .actions import put_many, tombstone_many
from .followers import Follower, Held, follow_by
from .model import NOBODY, DataCoverage, FacilityData, Put, PutCounts, Ref, StoredResource
from .moving import Done, approve, carry_out, weigh
from .page import Origin, Page, Point, Visit, as_text, words
from .queries import coverage_of_data, get, history, of_person, of_source, refs_of_sources, with_tokens
from .show import bundle_of, find_person, page_of
from .unknown import identify_by_papers, identify_unknown, register_unknown

__all__ = [
    "NOBODY",
    "DataCoverage",
    "Done",
    "FacilityData",
    "Follower",
    "Held",
    "Origin",
    "Page",
    "Point",
    "Put",
    "PutCounts",
    "Ref",
    "StoredResource",
    "Visit",
    "approve",
    "as_text",
    "bundle_of",
    "carry_out",
    "coverage_of_data",
    "find_person",
    "follow_by",
    "get",
    "history",
    "identify_by_papers",
    "identify_unknown",
    "of_person",
    "of_source",
    "page_of",
    "put_many",
    "refs_of_sources",
    "register_unknown",
    "tombstone_many",
    "weigh",
    "with_tokens",
    "words",
]
