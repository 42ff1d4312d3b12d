"""Statements of small writes: a request's resources go in by one statement for everything new, where COPY would be a round trip a table."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple
from uuid import UUID

import orjson
from psycopg import sql

from yba.fhir import parameters
from yba.kit.db import ahead, arrived, behind, run
from yba.kit.few_rows import add_rows
from yba.kit.holding import holding
from yba.kit.prepared import Ask
from yba.record.lines import array, bare_array, columns_of, locator_key, stored
from yba.record.model import NOBODY

from .write import Current, partition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from psycopg import Connection

    from yba.kit.db import Coming
    from yba.kit.reach import Predicate
    from yba.record.model import Put, Ref
    from yba.record.spreading import Crossing

    Conn = Connection[tuple[Any, ...]]
    Places = tuple[dict[str, str], list[Coming]]  # Patients' ids by their keys in the locator, and what brings the rows

_IDS, _CRITERIA = 0x7962_03, 0x7962_04  # beside those of identity (0x7962_01, 02)


def hold_ids(conn: Conn, refs: Iterable[Ref]) -> None:
    """Hold ids that clients chose until the end of the transaction, in one order: of two who write one new id the second sees the first."""
    for ask in holding(_IDS, (f"{rtype}/{id_}" for rtype, id_ in refs)):
        behind(conn, ask)


def hold_criteria(conn: Conn, texts: Iterable[str]) -> None:
    """Hold the criteria of conditional acts until the end of the transaction: two clients cannot both find nothing."""
    for ask in holding(_CRITERIA, texts):
        behind(conn, ask)


# {rtype} is a literal, never a parameter: the planner opens one partition instead of all.
_CURRENT: Final[LiteralString] = """
SELECT asked.at, r.person_id, r.facility_id, r.version, r.deleted, r.labels, r.doc::text, r.mapped_by, r.updated
FROM unnest(%(keys)s::uuid[], %(ids)s::uuid[]) WITH ORDINALITY AS asked (key, id, at)
CROSS JOIN LATERAL (SELECT person_id FROM locator l WHERE l.key = asked.key OFFSET 0) l
JOIN resource r ON r.rtype = {rtype} AND r.person_id = l.person_id AND r.id = asked.id
ORDER BY asked.at
FOR UPDATE OF r
"""


class AskedCurrent(NamedTuple):
    """What was asked `ahead` of resources: their ids by type, and what brings the rows."""

    ids: dict[str, list[str]]
    coming: list[Coming]


def ask_current(conn: Conn, refs: Iterable[Ref]) -> AskedCurrent:
    """Ask for and lock what is stored of resources: one statement a type, in one order, in one message; see `current_of`."""
    asked: dict[str, list[str]] = defaultdict(list)
    for rtype, id_ in sorted(refs):
        asked[rtype].append(id_)
    given = [
        Ask(_typed(rtype), {"keys": bare_array(locator_key(rtype, id_) for id_ in ids), "ids": bare_array(columns_of(id_)[0] for id_ in ids)})
        for rtype, ids in asked.items()
    ]
    return AskedCurrent(asked, ahead(conn, *given))


def current_of(conn: Conn, asked: AskedCurrent) -> dict[Ref, tuple[Current, str, datetime]]:
    """Return what is stored of resources, with the release that made it and when."""
    found: dict[Ref, tuple[Current, str, datetime]] = {}
    for (rtype, ids), coming in zip(asked.ids.items(), asked.coming, strict=True):
        for at, person, facility, version, deleted, labels, doc, mapped_by, updated in arrived(conn, coming):
            found[rtype, ids[at - 1]] = Current(person, facility, version, deleted, tuple(labels or ()), doc), mapped_by, updated
    return found


def current(conn: Conn, refs: Iterable[Ref]) -> dict[Ref, tuple[Current, str, datetime]]:
    """Return and lock what is stored of resources: `ask_current` and `current_of` at once."""
    return current_of(conn, ask_current(conn, refs))


@lru_cache(maxsize=256)
def _typed(rtype: str) -> bytes:
    return sql.SQL(_CURRENT).format(rtype=sql.Literal(rtype)).as_bytes(None)  # psycopg remembers what it made of a text, not of a composed one


_SENT_BY: Final = "SELECT DISTINCT person_id FROM resource WHERE rtype = 'Patient' AND person_id = ANY (%s::uuid[]) AND facility_id = ANY (%s)"


def sent_by(conn: Conn, facilities: Iterable[str] | None, people: Mapping[Ref, UUID]) -> set[Ref]:
    """Say which Patients are of people of whom one of these facilities has sent a Patient too; None: all of them."""
    if facilities is None or not people:
        return set(people)
    rows = conn.execute(_SENT_BY, (list(people.values()), list(facilities))).fetchall()
    known = {row[0] for row in rows}
    return {ref for ref, person in people.items() if person in known}


# A merge takes these rows first (store.moving): a write that named a Patient before it has its rows moved along, one after it sees the new person.
_PEOPLE: Final = b"SELECT key::text, person_id FROM locator WHERE key = ANY (%(keys)s::uuid[]) ORDER BY key FOR SHARE"


# The same, and of whom anything restricted is stored: asked once the place is held, so that nobody restricts anything beside it unseen. Held alone
# from the start: two who held it together and then find that they have to label what is stored would stop each other.
_JUDGED: Final = b"""
SELECT key::text, person_id, is_restricted(person_id), is_restricted(%(also)s::uuid)
  FROM (SELECT key, person_id FROM locator WHERE key = ANY (%(keys)s::uuid[]) ORDER BY key FOR UPDATE) AS held
"""


def ask_people(conn: Conn, patients: Iterable[str], *, crossing: Crossing | None = None) -> Places:
    """Ask to whom Patients (their ids) belong, and hold that until the end of the transaction; see `told_people`.

    ``crossing``: ask too of whom anything restricted is stored (`told_restricted`); nobody else names them meanwhile.
    """
    keys = {locator_key("Patient", id_): id_ for id_ in patients}
    if not keys:
        return keys, []
    given = {"keys": bare_array(sorted(keys))}
    if crossing is None:
        return keys, ahead(conn, Ask(_PEOPLE, given))
    return keys, ahead(conn, Ask(_JUDGED, {**given, "also": str(NOBODY) if crossing.nobodys else None}))


def told_people(conn: Conn, asked: Places) -> dict[str, UUID]:
    """Say to whom Patients belong; those out of reach are not there."""
    keys, coming = asked
    return {keys[row[0].replace("-", "")]: row[1] for one in coming for row in arrived(conn, one)}


def told_restricted(conn: Conn, asked: Places) -> set[UUID]:
    """Say of whom of these people anything restricted is stored, at whatever facility; of nobody's where that was asked."""
    rows = [row for one in asked[1] for row in arrived(conn, one)]
    return {row[1] for row in rows if row[2]} | {NOBODY for row in rows if row[3]}


def people_of(conn: Conn, patients: Iterable[str]) -> dict[str, UUID]:
    """Say to whom Patients belong and hold it: `ask_people` and `told_people` at once."""
    return told_people(conn, ask_people(conn, patients))


_PATIENTS: Final = """
SELECT count(*) FROM (
    SELECT FROM locator l WHERE l.key IN (
        SELECT locator_key('Patient', coalesce(r.given_id, r.id::text)) FROM resource r WHERE r.rtype = 'Patient' AND r.person_id = ANY (%s::uuid[]))
     ORDER BY l.key FOR UPDATE) AS held
"""


def hold_patients(conn: Conn, people: Sequence[UUID]) -> None:
    """Wait for writes that name a Patient of these people, and let later ones wait: until a merge or split is through."""
    conn.execute(_PATIENTS, (list(people),))


# One JSON text for all rows: the driver turns lists into arrays item by item. A document stands in it as it is, and json keeps its very text; one
# with a blank before it (`lines.stored`) goes over as a string.
_GIVEN: Final = """
WITH given AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS g (start_at timestamptz, end_at timestamptz, person_id uuid, source_id uuid, rtype text,
        id uuid, given_id text, key uuid, facility_id text, mapped_by text, labels text[], tokens bigint[], doc json, part text{listed})
), located AS (
    INSERT INTO locator_all (key, person_id, facility_id) SELECT key, person_id, facility_id FROM given ORDER BY key
    {conflict}
)"""
_INTO: Final = """, {name} AS (
    INSERT INTO {table} (updated, version, deleted, start_at, end_at, person_id, source_id, rtype, id, given_id, facility_id, mapped_by, labels,
                         tokens, doc)
    SELECT %(updated)s::timestamptz, 1, false, start_at, end_at, person_id, source_id, rtype, id, given_id, facility_id, mapped_by, labels, tokens,
           CASE WHEN json_typeof(doc) = 'string' THEN (doc #>> '{{}}')::json ELSE doc END
      FROM given WHERE part = {part}
)"""


# What `search_text` and `search_range` hold of a resource stands beside it: [[parameter, value], ...].
_LISTED: Final = {
    "texts": """, texts AS (
    INSERT INTO search_text_all (person_id, key, rtype, facility_id, labels, param, value)
    SELECT person_id, key, rtype, facility_id, labels, row ->> 0, row ->> 1 FROM given, json_array_elements(texts) AS row
)""",
    "ranges": """, ranges AS (
    INSERT INTO search_range_all (person_id, key, rtype, facility_id, labels, param, low, high)
    SELECT person_id, key, rtype, facility_id, labels, row ->> 0, (row ->> 1)::float8, (row ->> 2)::float8
      FROM given, json_array_elements(ranges) AS row
)""",
}


@lru_cache(maxsize=512)
def _inserting(parts: tuple[str, ...], listed: tuple[str, ...], *, sure: bool) -> bytes:
    into: list[sql.Composable] = [
        sql.SQL(_INTO).format(name=sql.Identifier(f"into_{part}"), table=sql.Identifier(part), part=sql.Literal(part)) for part in parts
    ]  # fmt: skip
    into += [sql.SQL(_LISTED[name]) for name in listed]
    given = sql.SQL(_GIVEN).format(
        conflict=sql.SQL("" if sure else "ON CONFLICT DO NOTHING RETURNING 1"), listed=sql.SQL("".join(f", {name} json" for name in listed))
    )
    return sql.Composed([given, *into, sql.SQL(" SELECT" if sure else " SELECT count(*) FROM located")]).as_bytes(None)


def insert_few(conn: Conn, puts: Sequence[Put], updated: datetime, *, sure: bool) -> bool:
    """Write new resources, their places and index rows in one statement, into the partitions as COPY does; False: an id was taken (out of reach).

    ``sure``: taken ones are a UniqueViolation instead, and the statement may wait for the next.
    """
    rows = [_row(put) for put in puts]
    given = {"updated": updated.isoformat(), "rows": orjson.dumps(rows).decode()}
    listed = tuple(name for name in _LISTED if any(name in row for row in rows))
    ask = Ask(_inserting(tuple(sorted({row["part"] for row in rows})), listed, sure=sure), given)
    if sure:
        behind(conn, ask)
        return True
    found = run(conn, ask)
    return bool(found) and found[0][0] == len(puts)


def _row(put: Put) -> dict[str, Any]:
    id_, given_id = columns_of(put.id)
    doc = stored(put.rtype, put.id, put.doc)
    row: dict[str, Any] = {
        "start_at": put.start, "end_at": put.end, "person_id": put.person_id, "source_id": put.source_id, "rtype": put.rtype, "id": id_,
        "given_id": given_id, "key": locator_key(put.rtype, put.id), "facility_id": put.facility_id, "mapped_by": put.mapped_by,
        "labels": put.labels or None, "tokens": put.tokens,
        "doc": orjson.Fragment(doc) if doc.startswith(b"{") else doc.decode(), "part": partition(put.rtype),
    }  # fmt: skip
    for one in put.rows or ():
        row.setdefault(_KINDS_OF[len(one)], []).append([*one])
    return row


_KINDS_OF: Final = {2: "texts", 3: "ranges"}  # a TextRow, a RangeRow
_PLACES: Final = "UPDATE search_{kind} SET person_id = %(taker)s WHERE key = ANY (%(keys)s::uuid[]) AND person_id <> %(taker)s"
_FORGET: Final = "DELETE FROM search_{kind} WHERE key = ANY (%(keys)s::uuid[])"
_KINDS: Final = ("text", "range")
_TEXT: Final = (("person_id", "key", "rtype", "facility_id", "labels", "param", "value"), ("uuid", "uuid", "text", "text", "text[]", "text", "text"))
_RANGE: Final = (
    ("person_id", "key", "rtype", "facility_id", "labels", "param", "low", "high"),
    ("uuid", "uuid", "text", "text", "text[]", "text", "float8", "float8"),
)


def index_rows(conn: Conn, puts: Iterable[Put], *, over: bool) -> None:
    """Write what `Put.rows` says, in place of what was there (``over``: something may be)."""
    listed = [put for put in puts if put.rows is not None]
    if over and listed:
        forget_rows(conn, [(put.rtype, put.id) for put in listed], params=sorted({code for put in listed for code in row_params(put.rtype)}))
    if not listed:
        return
    places = {id(put): _place(put) for put in listed if put.rows}
    texts = [(put, row) for put in listed for row in put.rows or () if len(row) == 2]  # noqa: PLR2004  a TextRow
    ranges = [(put, row) for put in listed for row in put.rows or () if len(row) != 2]  # noqa: PLR2004  a RangeRow
    if texts:
        add_rows(conn, "search_text_all", _TEXT[0], [(*places[id(put)], *row) for put, row in texts], types=_TEXT[1])
    if ranges:
        add_rows(conn, "search_range_all", _RANGE[0], [(*places[id(put)], *row) for put, row in ranges], types=_RANGE[1])


def _place(put: Put) -> tuple[Any, ...]:
    return put.person_id, UUID(locator_key(put.rtype, put.id)), put.rtype, put.facility_id, list(put.labels) or None


def forget_rows(conn: Conn, refs: Iterable[Ref], *, params: Sequence[str] | None = None) -> None:
    """Take the index rows of resources away, of some parameters only where they are named: others are an operator's (store.added)."""
    keys = bare_array(locator_key(*ref) for ref in refs)
    for kind in _KINDS if keys != "{}" else ():
        statement, given = _FORGET.format(kind=kind), {"keys": keys}
        if params is not None:
            statement, given = f"{statement} AND param = ANY (%(params)s::text[])", {**given, "params": array(params)}
        behind(conn, Ask(statement.encode(), given))


@cache
def row_params(rtype: str) -> tuple[str, ...]:
    """The parameters of which writers keep the rows of a type."""
    wanted = parameters.profile(rtype)
    return tuple(one.code for one in (*wanted.texts, *wanted.ranges))


def move_rows(conn: Conn, taker: UUID, refs: Iterable[Ref]) -> None:
    """Let the index rows of resources be another person's."""
    given: Mapping[str, Any] = {"taker": taker, "keys": bare_array(locator_key(*ref) for ref in refs)}
    for kind in _KINDS:
        conn.execute(_PLACES.format(kind=kind).encode(), given)


_PERMITTED: Final[LiteralString] = """
SELECT count(*) FROM (SELECT g.*, NULL::text[] AS labels FROM unnest(%(rtypes)s::text[], %(persons)s::uuid[], %(facilities)s::text[])
                        AS g (rtype, person_id, facility_id)) AS asked WHERE {seen}
"""


def permitted(conn: Conn, seen: Predicate, rows: Sequence[tuple[str, UUID, str]]) -> bool:
    """Whether a condition holds for all rows (type, person, facility), which need not be stored."""
    given = {"rtypes": [row[0] for row in rows], "persons": [row[1] for row in rows], "facilities": [row[2] for row in rows], **seen.params}
    row = conn.execute(seen.into(_PERMITTED), given, prepare=True).fetchone()
    return row is not None and row[0] == len(rows)


def refers(conn: Conn, patients: Sequence[UUID]) -> bool:
    """Whether a living resource came with one of these source Patients (which themselves are no more than that)."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM resource WHERE source_id = ANY (%s::uuid[]) AND NOT deleted AND rtype <> 'Patient')", (list(patients),)
    ).fetchone()
    return bool(row and row[0])
