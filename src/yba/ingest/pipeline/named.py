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

_DEPARTMENTS: Final = ("MA_KHOA", "MA_KHOA_RV")
_PRACTITIONERS: Final = ("MA_BAC_SI", "NGUOI_THUC_HIEN", "MA_BS_DOC_KQ", "MA_BS", "MA_TTDV")


@dataclass(slots=True)
class Named:
    """What one claim names: codes as sent, lists taken apart."""

    facility: str = ""
    departments: set[str] = field(default_factory=set)
    practitioners: set[str] = field(default_factory=set)


def named(claim: ParsedClaim) -> Named:
    """Collect the codes of all rows."""
    departments: set[str] = set()
    practitioners: set[str] = set()
    for rows in claim.tables.values():
        for row in rows:  # straight look-ups: this runs for every row of a province
            for key in _DEPARTMENTS:
                if key in row:
                    departments.add(row[key])
            for key in _PRACTITIONERS:
                if key in row:
                    practitioners.add(row[key])
    return Named(claim.facility, _apart(departments), _apart(practitioners))


def _apart(raw: set[str]) -> set[str]:
    return {part for value in raw for one in value.split(";") if (part := one.strip())}


def note(conn: Connection[Any], found: Iterable[Named], *, by: Actor) -> None:
    """Make the directory know them."""
    found = list(found)
    directory.ensure_many(
        conn,
        by=by,
        seen_at=clock.now(),
        facilities={one.facility for one in found if one.facility},
        departments={(one.facility, code) for one in found for code in one.departments},
        practitioners={(licence, one.facility) for one in found for licence in one.practitioners},
    )
