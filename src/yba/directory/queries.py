"""Reading the directory: facilities by the day that counts, departments and practitioners seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import access
from yba.access import Right
from yba.kit.text import fold

from . import store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from psycopg import Connection

    from yba.kit import Actor

    from .model import Department, Facility, Practitioner

    Conn = Connection[tuple[Any, ...]]

FURTHEST: Final = 20  # links of a chain of successors
LONGEST: Final = 100  # characters of a name that are looked for
_AT: Final = access.Columns(person=None, facility="facility", labels=None, rtype=None)


def _reading(by: Actor) -> None:
    """What a facility is called, where it is and until when is public: everybody who holds the right sees all of it."""
    access.require(by, Right.DIRECTORY_FACILITY_READ)


def facility_at(conn: Conn, *, by: Actor, code: str, on: date) -> Facility | None:
    """What a facility code meant on a day (the day of the visit); None when it was not in force."""
    return facilities_at(conn, by=by, codes=(code,), on=on).get(code)


def facilities_at(conn: Conn, *, by: Actor, codes: Iterable[str], on: date) -> dict[str, Facility]:
    """What some facility codes meant on a day, by code, in one round trip."""
    _reading(by)
    return {row.code: row for row in store.facilities_at(conn, sorted(set(codes)), on)}


def facilities_named(conn: Conn, *, by: Actor, words: str, on: date, limit: int = 20) -> list[Facility]:
    """Facilities whose name or code has words that begin so, with or without tones; those whose name begins with the first word come first.

    One round trip, which hands out what fits and no more.
    """
    _reading(by)
    sought = fold(words[:LONGEST].replace("\0", " ")).split()
    return store.named(conn, sought, on, limit) if sought else []


def facility_by_gln(conn: Conn, *, by: Actor, gln: str, on: date) -> Facility | None:
    """The facility of a thirteen-digit GLN on a day."""
    _reading(by)
    return store.by_gln(conn, gln, on)


def facility_history(conn: Conn, *, by: Actor, code: str) -> list[Facility]:
    """All dated rows of a code, oldest first."""
    _reading(by)
    return store.history(conn, code)


def facility_now(conn: Conn, *, by: Actor, code: str, on: date) -> Facility | None:
    """The facility that stands for a code on a day, following successors of codes that ended."""
    seen: set[str] = set()
    while code and code not in seen and len(seen) < FURTHEST:
        seen.add(code)
        found = facility_at(conn, by=by, code=code, on=on)
        if found is not None:
            return found
        ended = [row for row in store.history(conn, code) if row.valid_to is not None and row.valid_to < on]
        code = ended[-1].successor if ended else ""
    return None


def facilities_to_complete(conn: Conn, *, by: Actor, limit: int = 100) -> list[Facility]:
    """Facilities nobody has confirmed yet, those seen last first."""
    _reading(by)
    return store.incomplete(conn, limit)


def departments_of(conn: Conn, *, by: Actor, facility: str) -> list[Department]:
    """The departments seen at a facility; none of a facility the actor may not see."""
    return store.departments(conn, facility, access.predicate(conn, by=by, right=Right.DIRECTORY_FACILITY_READ, columns=_AT))


def practitioner(conn: Conn, *, by: Actor, licence: str) -> Practitioner | None:
    """A practitioner as the facilities the actor may see have named it."""
    return store.practitioner(conn, licence, access.predicate(conn, by=by, right=Right.DIRECTORY_FACILITY_READ, columns=_AT))
