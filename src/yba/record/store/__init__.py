"""The SQL of the record: private to the room."""

from . import added, awaited, by_person, leading, moving, rest, rest_history, searching, visits
from .read import facilities, get, got, history, of_person, of_source, refs_of_sources, search, to_get
from .secondary import share
from .write import PARTITIONED, Change, Current, bury, current, insert, partition, relocate, replace

__all__ = [
    "PARTITIONED",
    "Change",
    "Current",
    "added",
    "awaited",
    "bury",
    "by_person",
    "current",
    "facilities",
    "get",
    "got",
    "history",
    "insert",
    "leading",
    "moving",
    "of_person",
    "of_source",
    "partition",
    "refs_of_sources",
    "relocate",
    "replace",
    "rest",
    "rest_history",
    "search",
    "searching",
    "share",
    "to_get",
    "visits",
]
