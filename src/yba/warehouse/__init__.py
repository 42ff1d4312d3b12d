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

__all__ = [
    "Compacted",
    "LakeBusy",
    "LakeDamaged",
    "LakeForeign",
    "Refreshed",
    "Status",
    "compact",
    "key_versions",
    "reader",
    "refresh",
    "status",
    "view_bytes",
    "whole",
]
