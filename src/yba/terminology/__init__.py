"""Code systems by edition, value lists and maps: look-ups in packaged data, in process, without a database."""

from . import icd10, labs, lists, units
from .canonical import Canonical, canonical_resources, canonicals
from .finding import find
from .members import CODES, holds
from .model import Concept, EditionInfo, ListInfo, Membership, Translation, UnknownList
from .operator import Loaded, load
from .queries import codes, concepts, edition_on, expand, forget, is_member, lookup, maps, subsumes, translate
from .queries import lists as all_lists
from .spelling import department_parts
from .spelling import service as service_base

__all__ = [
    "CODES",
    "Canonical",
    "Concept",
    "EditionInfo",
    "ListInfo",
    "Loaded",
    "Membership",
    "Translation",
    "UnknownList",
    "all_lists",
    "canonical_resources",
    "canonicals",
    "codes",
    "concepts",
    "department_parts",
    "edition_on",
    "expand",
    "find",
    "forget",
    "holds",
    "icd10",
    "is_member",
    "labs",
    "lists",
    "load",
    "lookup",
    "maps",
    "service_base",
    "subsumes",
    "translate",
    "units",
]
