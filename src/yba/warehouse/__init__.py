"""The warehouse: everything analytical, away from the live database."""

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
    "Cell",
    "Compacted",
    "Entry",
    "LakeBusy",
    "LakeDamaged",
    "LakeForeign",
    "Period",
    "Refreshed",
    "State",
    "Status",
    "compact",
    "dictionary",
    "key_versions",
    "measure",
    "period",
    "reader",
    "refresh",
    "status",
    "view_bytes",
    "whole",
]
