"""Statements that write the record, as the app role under the policies of the tables."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from psycopg import sql

from yba.record.lines import LOCATOR_COLUMNS, RESOURCE_COLUMNS, Writer, array, digest, locator_key, tokens_literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

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

_COPY: Final = "COPY {} ({}) FROM STDIN"
_CHUNK: Final = 50  # lines a write: about one socket buffer


class Current(NamedTuple):
    """What is stored of one resource now."""

    person_id: UUID
    facility_id: str
    version: int
    digest: UUID
    deleted: bool


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
    """Send lines as they are made, so that the server works on the first while the last are being written."""
    statement = sql.SQL(_COPY).format(sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns)))
    with cursor.copy(statement) as copy:
        for first in range(0, len(puts), _CHUNK):
            copy.write(b"".join(map(line, puts[first : first + _CHUNK])))


_CURRENT: Final = """
SELECT r.rtype, r.id, r.person_id, r.facility_id, r.version, r.digest, r.deleted
FROM unnest(%(rtypes)s::text[], %(ids)s::text[], %(keys)s::uuid[]) AS asked (rtype, id, key)
JOIN locator l ON l.key = asked.key
JOIN resource r ON r.rtype = asked.rtype AND r.person_id = l.person_id AND r.id = asked.id
ORDER BY asked.key
FOR UPDATE OF r
"""


def current(conn: Conn, refs: Iterable[Ref]) -> dict[Ref, Current]:
    """Return and lock what is stored of the resources asked for; one statement, in one order, so that two batches cannot deadlock."""
    listed = list(refs)
    asked = {"rtypes": [rtype for rtype, _ in listed], "ids": [id_ for _, id_ in listed], "keys": [locator_key(*ref) for ref in listed]}
    return {(rtype, id_): Current(*rest) for rtype, id_, *rest in conn.execute(_CURRENT, asked)}


_KEEP: Final = """
    INSERT INTO resource_history (updated, start_at, end_at, version, deleted, person_id, digest, source_id, rtype, id, facility_id,
                                  mapped_by, labels, tokens, doc)
    SELECT r.updated, r.start_at, r.end_at, r.version, r.deleted, r.person_id, r.digest, r.source_id, r.rtype, r.id, r.facility_id,
           r.mapped_by, r.labels, r.tokens, r.doc
    FROM given g JOIN resource r ON r.rtype = g.rtype AND r.person_id = g.person_before AND r.id = g.id
"""

_REPLACE: Final = """
WITH given AS (
    SELECT * FROM unnest(
        %(rtypes)s::text[], %(ids)s::text[], %(persons_before)s::uuid[], %(persons)s::uuid[], %(starts)s::timestamptz[], %(ends)s::timestamptz[],
        %(digests)s::uuid[], %(sources)s::uuid[], %(facilities)s::text[], %(mapped_by)s::text[], %(labels)s::text[], %(tokens)s::text[],
        %(docs)s::text[], %(facilities_before)s::text[]
    ) AS g (rtype, id, person_before, person_id, start_at, end_at, digest, source_id, facility_id, mapped_by, labels, tokens, doc, facility_before)
), kept AS (
    -- keep --
), moved AS (
    UPDATE locator l SET person_id = g.person_id, facility_id = g.facility_id FROM given g
    WHERE (g.person_id <> g.person_before OR g.facility_id <> g.facility_before) AND l.key = locator_key(g.rtype, g.id)
)
UPDATE resource r SET
    updated = %(updated)s, version = r.version + 1, deleted = false, person_id = g.person_id, start_at = g.start_at, end_at = g.end_at,
    digest = g.digest, source_id = g.source_id, facility_id = g.facility_id, mapped_by = g.mapped_by, labels = g.labels::text[],
    tokens = g.tokens::bigint[], doc = g.doc::json
FROM given g
WHERE r.rtype = g.rtype AND r.person_id = g.person_before AND r.id = g.id
""".replace("-- keep --", _KEEP)


def replace(conn: Conn, changes: Sequence[Change], updated: datetime) -> int:
    """Write new versions and keep the old ones in the history, in one statement; return how many rows were replaced."""
    puts = [change.put for change in changes]
    given = {
        "updated": updated,
        "rtypes": [put.rtype for put in puts],
        "ids": [put.id for put in puts],
        "persons_before": [change.over.person_id for change in changes],
        "persons": [put.person_id for put in puts],
        "starts": [put.start for put in puts],
        "ends": [put.end for put in puts],
        "facilities_before": [change.over.facility_id for change in changes],
        "digests": [digest(put) for put in puts],
        "sources": [put.source_id for put in puts],
        "facilities": [put.facility_id for put in puts],
        "mapped_by": [put.mapped_by for put in puts],
        "labels": [array(put.labels) if put.labels else None for put in puts],
        "tokens": array(tokens_literal(put.tokens) for put in puts),
        "docs": array(put.doc.decode() for put in puts),  # psycopg escapes lists of texts with a regular expression: 50 times slower
    }
    return conn.execute(_REPLACE, given).rowcount


_BURY: Final = """
WITH given AS (
    SELECT * FROM unnest(%(rtypes)s::text[], %(ids)s::text[], %(persons)s::uuid[]) AS g (rtype, id, person_before)
), kept AS (
    -- keep --
)
UPDATE resource r SET updated = %(updated)s, version = r.version + 1, deleted = true, digest = %(nothing)s, tokens = '{}', doc = '{}'
FROM given g
WHERE r.rtype = g.rtype AND r.person_id = g.person_before AND r.id = g.id
""".replace("-- keep --", _KEEP)


def bury(conn: Conn, found: Mapping[Ref, Current], updated: datetime) -> int:
    """Put tombstones over resources, keeping what was there in the history; return how many."""
    given = {
        "updated": updated,
        "nothing": UUID(int=0),
        "rtypes": [rtype for rtype, _ in found],
        "ids": [id_ for _, id_ in found],
        "persons": [one.person_id for one in found.values()],
    }
    return conn.execute(_BURY, given).rowcount


_RELOCATE: Final = """
WITH given AS (
    SELECT * FROM unnest(%(rtypes)s::text[], %(ids)s::text[], %(persons_before)s::uuid[], %(persons)s::uuid[])
        AS g (rtype, id, person_before, person_id)
), located AS (
    UPDATE locator l SET person_id = g.person_id FROM given g WHERE l.key = locator_key(g.rtype, g.id)
)
UPDATE resource r SET person_id = g.person_id FROM given g WHERE r.rtype = g.rtype AND r.person_id = g.person_before AND r.id = g.id
"""


def relocate(conn: Conn, changes: Sequence[Change]) -> int:
    """Give resources to another person without a new version; return how many."""
    given = {
        "rtypes": [change.put.rtype for change in changes],
        "ids": [change.put.id for change in changes],
        "persons_before": [change.over.person_id for change in changes],
        "persons": [change.put.person_id for change in changes],
    }
    return conn.execute(_RELOCATE, given).rowcount


_MOVE: Final = """
WITH patients AS (
    SELECT DISTINCT l.person_id FROM locator l WHERE l.key = ANY(%(keys)s::uuid[]) AND l.person_id <> %(to)s
), sources AS (
    SELECT DISTINCT r.source_id FROM patients p JOIN resource r ON r.person_id = p.person_id
    WHERE r.source_id IS NOT NULL AND (r.tokens && %(tokens)s::bigint[])
), chosen AS (
    SELECT r.rtype, r.person_id, r.id FROM patients p JOIN resource r ON r.person_id = p.person_id
    WHERE r.tokens && %(tokens)s::bigint[]
       OR (r.rtype = 'Patient' AND r.id = ANY(%(ids)s::text[]))
       OR (r.source_id IN (SELECT source_id FROM sources) AND r.rtype <> 'Patient')
), located AS (
    UPDATE locator l SET person_id = %(to)s FROM chosen c WHERE l.key = locator_key(c.rtype, c.id)
)
UPDATE resource r SET person_id = %(to)s FROM chosen c
WHERE r.rtype = c.rtype AND r.person_id = c.person_id AND r.id = c.id
RETURNING c.person_id
"""


def move(conn: Conn, patients: Sequence[str], tokens: list[int], to_person: UUID) -> list[UUID]:
    """Give the resources of source Patients to another person; return the person each moved row had before."""
    given = {"ids": list(patients), "keys": [locator_key("Patient", id_) for id_ in patients], "tokens": tokens, "to": to_person}
    return [row[0] for row in conn.execute(_MOVE, given)]
