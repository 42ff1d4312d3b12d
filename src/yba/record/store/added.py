"""Statements of search parameters indexed on an operator's wish: what there is, the resources to be read, the rows that come of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from yba.fhir import search
from yba.kit.few_rows import add_rows
from yba.kit.prepared import Ask
from yba.record.lines import locator_key, whole
from yba.record.model import NOBODY, RangeRow, TextRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from psycopg import Connection

    from yba.kit.reach import Predicate

    from .read import Run

    Conn = Connection[tuple[Any, ...]]

FRESH: Final = 5.0  # seconds for which a process keeps what it knows of them: a removal waits longer before rows go
_START: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Added:
    """One parameter: ``kind`` text, range or token; ``covered`` None = not ready; ``own`` False = writers keep its rows (search_index.toml)."""

    rtype: str
    param: str
    kind: str
    own: bool
    added_at: datetime
    covered: datetime | None
    begun: datetime | None
    place: UUID | None
    place_id: UUID | None
    done: int
    total: int
    leaving: datetime | None


_COLUMNS: Final = "rtype, param, kind, own, added_at, covered, begun, place, place_id, done, total, leaving"


_EVERY: Final = f"SELECT {_COLUMNS} FROM search_added ORDER BY rtype, param"  # noqa: S608  our own list


def every(conn: Conn) -> list[Added]:
    """Return all of them, by type and name."""
    with conn.cursor(row_factory=class_row(Added)) as cursor:
        return cursor.execute(_EVERY.encode()).fetchall()


def hold(conn: Conn, rtype: str, param: str) -> Added | None:
    """Return one, held until the end of the transaction: of two builders one works."""
    with conn.cursor(row_factory=class_row(Added)) as cursor:
        statement = f"SELECT {_COLUMNS} FROM search_added WHERE rtype = %s AND param = %s FOR UPDATE"  # noqa: S608  our own list
        return cursor.execute(statement.encode(), (rtype, param)).fetchone()


class _Known:
    """What this process knows: asked again after a few seconds, and only by searches that could use one."""

    at = -FRESH
    found: tuple[Added, ...] = ()


def ready(run: Run, rtype: str, param: str) -> Added | None:
    """Return what a search may use. A little old it is still right: `covered` is less, and rows of what is removed stay for a while."""
    if time.monotonic() - _Known.at > FRESH:
        _Known.found, _Known.at = tuple(Added(*row) for row in run(Ask(_EVERY.encode(), {}))), time.monotonic()
    return next((one for one in _Known.found if (one.rtype, one.param) == (rtype, param) and one.covered and one.own and not one.leaving), None)


def forget_known() -> None:
    """Let the next search ask anew: this process has changed something."""
    _Known.at = -FRESH


_ADD: Final = """
INSERT INTO search_added (rtype, param, kind, own, added_at, total) SELECT %(rtype)s, %(param)s, %(kind)s, %(own)s, %(at)s,
       (SELECT count(*) FROM resource WHERE rtype = %(rtype)s AND NOT deleted AND {seen}) ON CONFLICT DO NOTHING
"""


def add(conn: Conn, seen: Predicate, *, rtype: str, param: str, kind: str, own: bool, at: datetime) -> bool:
    """Note a parameter to be indexed; False where it is there."""
    given = {"rtype": rtype, "param": param, "kind": kind, "own": own, "at": at, **seen.params}
    return conn.execute(seen.into(_ADD), given).rowcount == 1


def note(conn: Conn, one: Added) -> None:
    """Write how far a build has come."""
    conn.execute(
        "UPDATE search_added SET covered = %s, begun = %s, place = %s, place_id = %s, done = %s, leaving = %s WHERE rtype = %s AND param = %s",
        (one.covered, one.begun, one.place, one.place_id, one.done, one.leaving, one.rtype, one.param),
    )


def drop(conn: Conn, rtype: str, param: str) -> None:
    """Forget a parameter whose rows are gone."""
    conn.execute("DELETE FROM search_added WHERE rtype = %s AND param = %s", (rtype, param))


_SAFE: Final = """
SELECT least(%s::timestamptz, (SELECT min(a.xact_start) FROM pg_stat_activity a
                                WHERE a.datname = current_database() AND a.xact_start IS NOT NULL AND a.pid <> pg_backend_pid()))
"""


def safe(conn: Conn, now: datetime) -> datetime:
    """Return a moment before which nothing will be written any more that is not seen now: before every transaction that is open."""
    row = conn.execute(_SAFE, (now,)).fetchone()
    assert row is not None  # noqa: S101  one row always
    moment: datetime = row[0]
    return moment


class Read(NamedTuple):
    """One resource as a build reads it; ``doc`` None: it is deleted."""

    person_id: UUID
    id: UUID
    ident: str
    facility_id: str
    labels: list[str] | None
    updated: datetime
    doc: str | None


_NEXT: Final = """
SELECT person_id, id, coalesce(given_id, id::text), facility_id, labels, updated, doc::text FROM resource
 WHERE rtype = {rtype} AND NOT deleted AND version > 0 AND (person_id, id) > (%(person)s, %(id)s) AND {seen} ORDER BY person_id, id LIMIT %(limit)s
"""
_SINCE: Final = """
SELECT person_id, id, coalesce(given_id, id::text), facility_id, labels, updated, CASE WHEN NOT deleted THEN doc::text END FROM resource
 WHERE rtype = {rtype} AND version > 0 AND updated >= %(since)s AND (updated, id) > (%(since)s, %(id)s) AND {seen}
 ORDER BY updated, id LIMIT %(limit)s
"""


def next_of(conn: Conn, seen: Predicate, one: Added, limit: int) -> list[Read]:
    """Return the living resources after the place of a build, by person and id."""
    given = {"person": one.place or NOBODY, "id": one.place_id or _START, "limit": limit, **seen.params}
    return _read(conn, seen, _NEXT, one.rtype, given)


def written_since(conn: Conn, seen: Predicate, rtype: str, since: datetime, after: UUID | None, limit: int) -> list[Read]:
    """Return what was written since a moment, oldest first, tombstones too."""
    return _read(conn, seen, _SINCE, rtype, {"since": since, "id": after or _START, "limit": limit, **seen.params})


def _read(conn: Conn, seen: Predicate, statement: LiteralString, rtype: str, given: dict[str, Any]) -> list[Read]:
    asked = seen.into(statement, rtype=f"'{rtype}'")  # a name of R4's
    rows = [Read(*row) for row in conn.execute(asked, given)]
    return [row._replace(doc=None if row.doc is None else whole(rtype, row.ident, row.doc)) for row in rows]


# A merge or a claim of another person moves places: it waits for these, and takes the rows along that are written here.
_PLACES: Final = "SELECT key, person_id FROM locator WHERE key = ANY (%s::uuid[]) ORDER BY key FOR SHARE"
_HAVE: Final = "SELECT DISTINCT key FROM search_{kind} WHERE key = ANY (%s::uuid[]) AND param = ANY (%s::text[])"
_FORGET: Final = "DELETE FROM search_{kind} WHERE key = ANY (%s::uuid[]) AND param = ANY (%s::text[])"
_TEXT: Final = (("person_id", "key", "rtype", "facility_id", "labels", "param", "value"), ("uuid", "uuid", "text", "text", "text[]", "text", "text"))
_RANGE: Final = (
    ("person_id", "key", "rtype", "facility_id", "labels", "param", "low", "high"),
    ("uuid", "uuid", "text", "text", "text[]", "text", "float8", "float8"),
)


def _names(one: Added) -> list[str]:
    """Return the names of its rows: those of a quantity stand in base units as well."""
    return [one.param, search.reckoned(one.param)] if one.kind == "range" else [one.param]


def table(kind: str) -> str:
    """The table that holds a kind: tokens stand as texts."""
    return "range" if kind == "range" else "text"


def write(conn: Conn, one: Added, made: Iterable[tuple[Read, Sequence[TextRow | RangeRow]]]) -> None:
    """Write the rows of resources for one parameter, in place of what was there; of what writers keep only where there was nothing."""
    rows = {UUID(locator_key(one.rtype, read.ident)): (read, found) for read, found in made}
    kind, keys = table(one.kind), sorted(rows)
    people: dict[UUID, UUID] = dict(conn.execute(_PLACES, (keys,)).fetchall())
    if one.own:
        conn.execute(_FORGET.format(kind=kind).encode(), (keys, _names(one)))
    else:
        for row in conn.execute(_HAVE.format(kind=kind).encode(), (keys, sorted({row.param for _, found in rows.values() for row in found}))):
            del rows[row[0]]
    columns, types = _RANGE if kind == "range" else _TEXT
    lines = [
        (people[key], key, one.rtype, read.facility_id, read.labels, *row) for key, (read, found) in rows.items() if key in people for row in found
    ]
    add_rows(conn, f"search_{kind}_all", columns, lines, types=types)


def remove_rows(conn: Conn, one: Added, limit: int) -> int:
    """Take away so many rows of a parameter; returns how many there were."""
    kind = table(one.kind)
    statement = (
        f"DELETE FROM search_{kind} WHERE rtype = %(rtype)s AND param = ANY (%(params)s::text[]) AND key IN"  # noqa: S608  our own two names
        f" (SELECT key FROM search_{kind} WHERE rtype = %(rtype)s AND param = ANY (%(params)s::text[]) LIMIT %(limit)s)"
    )
    return conn.execute(statement.encode(), {"rtype": one.rtype, "params": _names(one), "limit": limit}).rowcount
