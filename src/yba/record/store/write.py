"""Statements that write the record, as the app role under the policies of the tables."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple

from psycopg import sql

from yba.record.lines import (
    LOCATOR_COLUMNS,
    RESOURCE_COLUMNS,
    SIGNATURE,
    TRAILER,
    Writer,
    array,
    bare_array,
    columns_of,
    locator_key,
    stored,
    tokens_literal,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.record.model import Put, Ref

    Conn = Connection[tuple[Any, ...]]

# Types with a partition of their own (migration 0001); the rest share the default one.
PARTITIONED: Final = frozenset({
    "AllergyIntolerance", "Appointment", "ChargeItem", "Claim", "ClaimResponse", "ClinicalImpression", "Composition",
    "Condition", "Coverage", "DiagnosticReport", "DocumentReference", "Encounter", "EpisodeOfCare", "Immunization",
    "Location", "MedicationDispense", "MedicationRequest", "Observation", "Organization", "Patient", "Practitioner",
    "PractitionerRole", "Procedure", "Provenance", "ServiceRequest",
})  # fmt: skip

_COPY: Final = "COPY {} ({}) FROM STDIN (FORMAT BINARY)"
_CHUNK: Final = 200  # rows a write


class Current(NamedTuple):
    """What is stored of one resource now."""

    person_id: UUID
    facility_id: str
    version: int
    deleted: bool
    labels: tuple[str, ...]
    doc: str  # as stored

    def says(self, put: Put) -> bool:
        """Whether a put would change nothing."""
        return not self.deleted and self.labels == put.labels and self.doc in _forms(put)


def _forms(put: Put) -> tuple[str, ...]:
    """How a document may stand in the record: as `stored` writes it now, or whole, as rows from before say it."""
    return stored(put.rtype, put.id, put.doc).decode(), put.doc.decode()


class Change(NamedTuple):
    """A new version over a stored one."""

    put: Put
    over: Current


def partition(rtype: str) -> str:
    """Return the partition of resource that holds a type."""
    return f"resource_{rtype.lower()}" if rtype in PARTITIONED else "resource_other"


def insert(conn: Conn, puts: Sequence[Put], updated: datetime) -> None:
    """COPY new resources straight into their partitions, then their places into the locator."""
    writer = Writer(updated)
    by_partition: dict[str, list[Put]] = defaultdict(list)
    for put in puts:
        by_partition[partition(put.rtype)].append(put)
    with conn.cursor() as cursor:
        for name, rows in by_partition.items():
            _copy(cursor, name, RESOURCE_COLUMNS, writer.resource, rows)
        _copy(cursor, "locator_all", LOCATOR_COLUMNS, writer.locator, puts)


def _copy(cursor: Any, name: str, columns: Iterable[str], line: Callable[[Put], bytes], puts: Sequence[Put]) -> None:  # noqa: ANN401  any cursor
    """Send rows as they are made, so that the server works on the first while the last are being written."""
    statement = sql.SQL(_COPY).format(sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns)))
    with cursor.copy(statement) as copy:
        copy.write(SIGNATURE)
        for first in range(0, len(puts), _CHUNK):
            copy.write(b"".join(map(line, puts[first : first + _CHUNK])))
        copy.write(TRAILER)


_LOCATED: Final = "SELECT key::text, person_id FROM locator WHERE key = ANY (%s::uuid[])"
# {rtype} is a literal, never a parameter: the planner opens one partition instead of all, and the plan is prepared once a type.
_CURRENT: Final[LiteralString] = """
SELECT asked.at, r.person_id, r.facility_id, r.version, r.deleted, r.labels, r.doc::text
FROM unnest(%(persons)s::uuid[], %(ids)s::uuid[]) WITH ORDINALITY AS asked (person_id, id, at)
JOIN resource r ON r.rtype = {rtype} AND r.person_id = asked.person_id AND r.id = asked.id
ORDER BY asked.at
FOR UPDATE OF r
"""


def current(conn: Conn, refs: Iterable[Ref]) -> dict[Ref, Current]:
    """Return and lock what is stored of the resources asked for, type by type in one order, so that two batches cannot deadlock."""
    keys = {locator_key(*ref): ref for ref in refs}
    asked: dict[str, list[tuple[Ref, UUID]]] = defaultdict(list)
    for key, person in conn.execute(_LOCATED, (bare_array(keys),)):
        ref = keys[key.replace("-", "")]
        asked[ref[0]].append((ref, person))
    found: dict[Ref, Current] = {}
    for rtype, places in sorted(asked.items()):
        places.sort()
        given = {"persons": bare_array(person for _, person in places), "ids": bare_array(columns_of(ref[1])[0] for ref, _ in places)}
        for at, person, facility, version, deleted, labels, doc in conn.execute(_of_type(_CURRENT, rtype), given, prepare=True):
            found[places[at - 1][0]] = Current(person, facility, version, deleted, tuple(labels or ()), doc)
    return found


@lru_cache(maxsize=1024)
def _of_type(statement: LiteralString, rtype: str) -> sql.Composed:
    return sql.SQL(statement).format(rtype=sql.Literal(rtype))


_KEEP: Final[LiteralString] = """
    INSERT INTO resource_history (updated, start_at, end_at, version, deleted, person_id, source_id, rtype, id, given_id, facility_id,
                                  mapped_by, labels, tokens, doc)
    SELECT r.updated, r.start_at, r.end_at, r.version, r.deleted, r.person_id, r.source_id, r.rtype, r.id, r.given_id, r.facility_id,
           r.mapped_by, r.labels, r.tokens, r.doc
    FROM given g JOIN resource r ON r.rtype = {rtype} AND r.person_id = g.person_before AND r.id = g.id
    WHERE r.version > 0  -- 0: named, and not sent yet
"""

_REPLACE: Final[LiteralString] = """
WITH given AS (
    SELECT * FROM unnest(
        %(ids)s::uuid[], %(keys)s::uuid[], %(persons_before)s::uuid[], %(persons)s::uuid[], %(starts)s::timestamptz[],
        %(ends)s::timestamptz[], %(sources)s::uuid[], %(facilities)s::text[], %(mapped_by)s::text[], %(labels)s::text[], %(tokens)s::text[],
        %(docs)s::text[], %(facilities_before)s::text[]
    ) AS g (id, key, person_before, person_id, start_at, end_at, source_id, facility_id, mapped_by, labels, tokens, doc, facility_before)
), kept AS (
    -- keep --
), moved AS (
    UPDATE locator l SET person_id = g.person_id, facility_id = g.facility_id FROM given g
    WHERE (g.person_id <> g.person_before OR g.facility_id <> g.facility_before) AND l.key = g.key
)
UPDATE resource r SET
    updated = %(updated)s, version = r.version + 1, deleted = false, person_id = g.person_id, start_at = g.start_at, end_at = g.end_at,
    source_id = g.source_id, facility_id = g.facility_id, mapped_by = g.mapped_by, labels = g.labels::text[],
    tokens = g.tokens::bigint[], doc = g.doc::json
FROM given g
WHERE r.rtype = {rtype} AND r.person_id = g.person_before AND r.id = g.id
""".replace("-- keep --", _KEEP)


def replace(conn: Conn, changes: Sequence[Change], updated: datetime) -> int:
    """Write new versions and keep the old ones in the history, in one statement a type; return how many rows were replaced."""
    return sum(_replace(conn, rtype, some, updated) for rtype, some in _by_type(changes).items())


def _by_type(changes: Sequence[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        found[change.put.rtype].append(change)
    return found


def _replace(conn: Conn, rtype: str, changes: Sequence[Change], updated: datetime) -> int:
    puts = [change.put for change in changes]
    given = _places(changes) | {
        "updated": updated,
        "starts": [put.start for put in puts],
        "ends": [put.end for put in puts],
        "facilities_before": [change.over.facility_id for change in changes],
        "sources": [put.source_id for put in puts],
        "facilities": [put.facility_id for put in puts],
        "mapped_by": [put.mapped_by for put in puts],
        "labels": [array(put.labels) if put.labels else None for put in puts],
        "tokens": array(tokens_literal(put.tokens) for put in puts),
        # psycopg escapes lists of texts with a regular expression: 50 times slower
        "docs": array(stored(put.rtype, put.id, put.doc).decode() for put in puts),
    }
    return conn.execute(_of_type(_REPLACE, rtype), given, prepare=True).rowcount


def _places(changes: Sequence[Change]) -> dict[str, Any]:
    """Where resources stand and where they go."""
    puts = [change.put for change in changes]
    return {
        "rtypes": [put.rtype for put in puts],
        "ids": bare_array(columns_of(put.id)[0] for put in puts),
        "keys": bare_array(locator_key(put.rtype, put.id) for put in puts),
        "persons_before": bare_array(change.over.person_id for change in changes),
        "persons": bare_array(put.person_id for put in puts),
    }


_BURY: Final[LiteralString] = """
WITH given AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(persons)s::uuid[]) AS g (id, person_before)
), kept AS (
    -- keep --
)
UPDATE resource r SET updated = %(updated)s, version = r.version + 1, deleted = true, tokens = '{{}}', doc = '{{}}'
FROM given g
WHERE r.rtype = {rtype} AND r.person_id = g.person_before AND r.id = g.id
""".replace("-- keep --", _KEEP)


def bury(conn: Conn, found: Mapping[Ref, Current], updated: datetime) -> int:
    """Put tombstones over resources, keeping what was there in the history; return how many."""
    by_type: dict[str, list[tuple[str, UUID]]] = defaultdict(list)
    for (rtype, id_), one in found.items():
        by_type[rtype].append((id_, one.person_id))
    done = 0
    for rtype, places in by_type.items():
        given = {
            "updated": updated,
            "ids": bare_array(columns_of(id_)[0] for id_, _ in places),
            "persons": bare_array(person for _, person in places),
        }
        done += conn.execute(_of_type(_BURY, rtype), given, prepare=True).rowcount
    return done


_RELOCATE: Final = """
WITH given AS (
    SELECT * FROM unnest(%(rtypes)s::text[], %(ids)s::uuid[], %(keys)s::uuid[], %(persons_before)s::uuid[], %(persons)s::uuid[])
        AS g (rtype, id, key, person_before, person_id)
), located AS (
    UPDATE locator l SET person_id = g.person_id FROM given g WHERE l.key = g.key
)
UPDATE resource r SET person_id = g.person_id FROM given g WHERE r.rtype = g.rtype AND r.person_id = g.person_before AND r.id = g.id
"""


def relocate(conn: Conn, changes: Sequence[Change]) -> int:
    """Give resources to another person without a new version; return how many."""
    return conn.execute(_RELOCATE, _places(changes)).rowcount
