"""Facilities, departments and practitioners a claim names, for the directory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from yba import directory
from yba.kit import clock

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from psycopg import Connection

    from yba.ingest.model import ParsedClaim
    from yba.kit.actor import Actor

_DEPARTMENTS: Final = frozenset({"MA_KHOA", "MA_KHOA_RV"})
_PRACTITIONERS: Final = frozenset({"MA_BAC_SI", "NGUOI_THUC_HIEN", "MA_BS_DOC_KQ", "MA_BS", "MA_TTDV"})
_WANTED: Final = _DEPARTMENTS | _PRACTITIONERS


@dataclass(slots=True)
class Named:
    """What one claim names: codes as sent, lists taken apart."""

    facility: str = ""
    departments: set[str] = field(default_factory=set)
    practitioners: set[str] = field(default_factory=set)


def named(claim: ParsedClaim) -> Named:
    """Collect the codes of all rows."""
    seen: set[tuple[str, str]] = set()
    for rows in claim.tables.values():
        for row in rows:
            seen.update((key, row[key]) for key in _WANTED & row.keys())
    found = Named(claim.facility)
    for key, value in seen:
        (found.departments if key in _DEPARTMENTS else found.practitioners).update(part for one in value.split(";") if (part := one.strip()))
    return found


def note(conn: Connection[Any], found: Iterable[Named], *, by: Actor) -> None:
    """Make the directory know them."""
    found = list(found)
    directory.ensure_many(
        conn,
        by=by,
        seen_at=clock.now(),
        facilities={one.facility for one in found},
        departments={(one.facility, code) for one in found for code in one.departments},
        practitioners={(licence, one.facility) for one in found for licence in one.practitioners},
    )
