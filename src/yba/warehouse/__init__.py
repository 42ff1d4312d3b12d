"""The warehouse: everything analytical, away from the live database."""

from . import boards
from .kept import Ask, Kept, ask_all, course, keep_boards, kept, months
from .lake import (
    Compacted,
    LakeBusy,
    LakeDamaged,
    LakeForeign,
    Refreshed,
    Status,
    compact,
    key_versions,
    reader,
    refresh,
    status,
    view_bytes,
    whole,
)
from .measures import Answer, Cell, Period, State, measure, period
from .views import Entry, dictionary

__all__ = [
    "Answer",
    "Ask",
    "Cell",
    "Compacted",
    "Entry",
    "Kept",
    "LakeBusy",
    "LakeDamaged",
    "LakeForeign",
    "Period",
    "Refreshed",
    "State",
    "Status",
    "ask_all",
    "boards",
    "compact",
    "course",
    "dictionary",
    "keep_boards",
    "kept",
    "key_versions",
    "measure",
    "months",
    "period",
    "reader",
    "refresh",
    "status",
    "view_bytes",
    "whole",
]
