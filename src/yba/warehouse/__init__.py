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
from .views import Entry, dictionary

__all__ = [
    "Compacted",
    "Entry",
    "LakeBusy",
    "LakeDamaged",
    "LakeForeign",
    "Refreshed",
    "Status",
    "compact",
    "dictionary",
    "key_versions",
    "reader",
    "refresh",
    "status",
    "view_bytes",
    "whole",
]
