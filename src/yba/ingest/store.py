"""The SQL of ingest; private to this room."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from psycopg import Connection, sql
from psycopg.rows import class_row

from yba.access import Columns
from yba.kit.db import copy_rows
from yba.kit.reach import Predicate

from .model import Finding, Row, Severity
from .stored import StoredClaim, StoredMessage, StoredOutcome

ORDINAL_BITS: Final = 24
"""A landing number is ``message << 24 | ordinal``: 16 million ranges a message."""


def landing_of(message: int, ordinal: int) -> int:
    """The order of one range among everything that ever landed."""
    return message << ORDINAL_BITS | ordinal


_MESSAGE: Final = "seq, code, sha256, sender, channel, filename, size, received_at, kind, facility, claims_present, state, fault, head"
_CLAIM: Final = (
    "landing, started_at, ended_at, id, person_id, patient_id, version, withdrawn, facility, link, decision, mapped_by, digest, who, row_keys"
)


def _messages(conn: Connection[Any], query: str | sql.Composed, params: Any) -> list[StoredMessage]:  # noqa: ANN401  # a row of either kind
    with conn.cursor(row_factory=class_row(StoredMessage)) as cur:
        rows = cur.execute(query.encode() if isinstance(query, str) else query, params).fetchall()
    for row in rows:
        row.head = as_json(row.head)
    return rows


# Whose a message is: what a facility's client sent is its own, whatever stands in it; what an operator sent is of the facility it names, and
# of its claims and findings a facility sees its own.
_SENT: Final = "EXISTS (SELECT FROM message sent WHERE sent.seq = {{alias}}.landing >> 24 AND {})"
_BOUND: Final = "coalesce(sent.head->'only' ?| {codes}, false)"
MESSAGE: Final = Columns(
    person=None, facility=None, labels=None, rtype=None, alias="m", at="coalesce(m.head->'only' ?| {codes}, m.facility = ANY ({codes}))"
)
_MINE: Final = "(o.facility = ANY ({codes}) OR " + _SENT.format(_BOUND).replace("{alias}", "o") + ")"
OUTCOME: Final = Columns(person=None, facility=None, labels=None, rtype=None, alias="o", at=_MINE)
FINDING: Final = Columns(
    person=None,
    facility=None,
    labels=None,
    rtype=None,
    alias="f",
    at="(f.landing & 16777215 = 0 OR EXISTS (SELECT FROM outcome o WHERE o.landing = f.landing AND "
    f"{_MINE}) OR {_SENT.format(_BOUND).replace('{alias}', 'f')})",
)
CLAIM: Final = Columns(facility="facility", labels=None, rtype=None)


def find_message(conn: Connection[Any], code: str, seen: Predicate) -> StoredMessage | None:
    """The message of a transaction code, within reach."""
    query = sql.SQL(f"SELECT {_MESSAGE} FROM message m WHERE code = %(code)s AND {{}}").format(seen.sql)  # noqa: S608  # constants of this module
    return next(iter(_messages(conn, query, {"code": code, **seen.params})), None)


def find_messages(conn: Connection[Any], codes: Sequence[str]) -> dict[str, StoredMessage]:
    """The messages of these transaction codes."""
    rows = _messages(conn, f"SELECT {_MESSAGE} FROM message WHERE code = ANY(%s)", (list(codes),))  # noqa: S608  # constants of this module
    return {row.code: row for row in rows}


def newest_messages(conn: Connection[Any], seen: Predicate, limit: int) -> list[tuple[Any, ...]]:
    """The newest messages within reach: code, file, time, state, facility, claims, rejected ones."""
    query = """SELECT m.code, m.filename, m.received_at, m.state, m.facility, m.claims_present,
                      (SELECT count(*) FROM outcome o WHERE o.landing BETWEEN m.seq << %(bits)s
                              AND ((m.seq + 1) << %(bits)s) - 1 AND o.outcome = 4)
               FROM message m
               WHERE {} ORDER BY m.seq DESC LIMIT %(limit)s"""
    return conn.execute(sql.SQL(query).format(seen.sql), {"bits": ORDINAL_BITS, "limit": limit, **seen.params}).fetchall()


def reserve_messages(conn: Connection[Any], count: int) -> tuple[list[int], datetime]:
    """Take the next places in the order of landing, and the moment of this transaction."""
    rows = conn.execute(
        "SELECT nextval(pg_get_serial_sequence('message', 'seq')), now() FROM generate_series(1, greatest(%s, 1))", (count,)
    ).fetchall()
    return [row[0] for row in rows[:count]], rows[0][1]


_MESSAGE_TYPES: Final = (
    "int8",
    "text",
    "bytea",
    "text",
    "text",
    "text",
    "int8",
    "timestamptz",
    "text",
    "text",
    "int4",
    "text",
    "text",
    "int8",
    "jsonb",
)
_MESSAGE_COLUMNS: Final = (
    "seq, code, sha256, sender, channel, filename, size, received_at, kind, facility, claims_present, state, fault, runner, head"
)


def copy_messages(conn: Connection[Any], rows: Sequence[Sequence[Any]]) -> None:
    """Write messages; UniqueViolation when the same bytes of the same sender landed meanwhile."""
    _copy(conn, "message", _MESSAGE_COLUMNS, _MESSAGE_TYPES, rows)


def copy_segments(conn: Connection[Any], rows: Iterable[tuple[int, int, int, int, bytes, bytes]]) -> None:
    """Write sealed ranges: (message, ordinal, part, size, key, body)."""
    columns = ("message", "ordinal", "part", "size", "key", "body")
    copy_rows(conn, "segment", columns, rows, types=("int8", "int4", "int2", "int4", "bytea", "bytea"))


def start_run(conn: Connection[Any], runner: int) -> None:
    """Hold the run's lock until `end_run` or the end of this process: others see by it that its messages are in work."""
    conn.execute("SELECT pg_advisory_lock(%s)", (runner,))


def end_run(conn: Connection[Any], runner: int) -> None:
    """Let go of the run's lock."""
    conn.execute("SELECT pg_advisory_unlock(%s)", (runner,))


def take_waiting(conn: Connection[Any], runner: int, codes: Sequence[str] | None) -> list[StoredMessage]:
    """Messages that landed, are not processed and in nobody's work, oldest first; they are this run's from now on."""
    query = """WITH free AS (
                   SELECT seq FROM message
                   WHERE state = 'received' AND (%(codes)s::text[] IS NULL OR code = ANY(%(codes)s::text[]))
                     AND (runner IS NULL OR runner = %(runner)s OR pg_try_advisory_xact_lock(runner))
                   ORDER BY seq FOR UPDATE SKIP LOCKED),
               taken AS (UPDATE message m SET runner = %(runner)s FROM free WHERE m.seq = free.seq RETURNING m.*)
               SELECT """
    params = {"codes": list(codes) if codes is not None else None, "runner": runner}
    return _messages(conn, f"{query}{_MESSAGE} FROM taken ORDER BY seq", params)


def as_json(value: Any) -> Any:  # noqa: ANN401  # any JSON, or a row of either kind
    """Django's connections hand jsonb out as text, plain ones as objects."""
    return orjson.loads(value) if isinstance(value, str | bytes) else value


def waiting_segments(conn: Connection[Any], message: int, after: int, most: int) -> list[tuple[int, int, bytes, bytes]]:
    """The next claim ranges of a message without an outcome: (ordinal, part, key, body)."""
    return conn.execute(
        """SELECT s.ordinal, s.part, s.key, s.body FROM segment s
           WHERE s.message = %s AND s.ordinal > %s AND s.part IN (1, 2) AND s.key IS NOT NULL
             AND NOT EXISTS (SELECT FROM outcome o WHERE o.landing = (%s::bigint << 24 | s.ordinal))
           ORDER BY s.ordinal LIMIT %s""",
        (message, after, message, most),
    ).fetchall()


def segment(conn: Connection[Any], message: int, ordinal: int) -> tuple[int, bytes | None, bytes] | None:
    """One sealed range: (part, key, body)."""
    return conn.execute("SELECT part, key, body FROM segment WHERE message = %s AND ordinal = %s", (message, ordinal)).fetchone()


def segments(conn: Connection[Any], message: int) -> list[tuple[int, bytes | None, bytes]]:
    """All sealed ranges of a message: (ordinal, key, body)."""
    return conn.execute("SELECT ordinal, key, body FROM segment WHERE message = %s ORDER BY ordinal", (message,)).fetchall()


def hold_claims(conn: Connection[Any], ids: Sequence[UUID], facilities: Iterable[str] = ()) -> frozenset[str]:
    """Let other processes wait for these claims until the transaction ends.

    Returns those of the facilities that ever sent a check-in: asked along, because it costs no round trip here.
    """
    if not ids:
        return frozenset()
    row = conn.execute(
        """SELECT count(pg_advisory_xact_lock(k)),
                  (SELECT array_agg(f) FROM unnest(%s::text[]) f WHERE EXISTS (SELECT FROM check_in WHERE facility = f))
           FROM (SELECT ('x' || right(i::text, 12))::bit(64)::bigint AS k FROM unnest(%s::uuid[]) i ORDER BY 1) AS locks""",
        (list(facilities), list(ids)),
    ).fetchone()
    return frozenset(row[1] or ()) if row else frozenset()


def known_claims(conn: Connection[Any], ids: Sequence[UUID], *, lock: bool) -> dict[UUID, StoredClaim]:
    """The claims of these ids as they stand; with ``lock``, other processes wait until the transaction ends."""
    if lock:
        hold_claims(conn, ids)
    with conn.cursor(row_factory=class_row(StoredClaim)) as cur:
        rows = cur.execute(f"SELECT {_CLAIM} FROM claim WHERE id = ANY(%s)".encode(), (list(ids),)).fetchall()  # noqa: S608  # constants of this module
    return {row.id: row for row in rows}


CLAIM_COLUMNS: Final = (
    "landing, started_at, ended_at, id, person_id, patient_id, version, facility, link, decision, mapped_by, digest, who, row_keys, traits, source"
)
_CLAIM_TYPES: Final = (
    "int8",
    "timestamptz",
    "timestamptz",
    "uuid",
    "uuid",
    "uuid",
    "int4",
    "text",
    "text",
    "text",
    "text",
    "bytea",
    "bytea",
    "bytea",
    "int4",
    "text",
)
VERSION_COLUMNS: Final = "claim_id, landing, version, resources, mapped_by, digest, residue"
_VERSION_TYPES: Final = ("uuid", "int8", "int4", "int4", "text", "bytea", "bytea")
OUTCOME_COLUMNS: Final = "landing, claim_id, person_id, findings, resources, outcome, new_person, facility, link"
_OUTCOME_TYPES: Final = ("int8", "uuid", "uuid", "int4", "int4", "int2", "bool", "text", "text")
FINDING_COLUMNS: Final = "landing, row, severity, rule, tbl, field, value, expected, edition"
_FINDING_TYPES: Final = ("int8", "int4", "int2", "text", "text", "text", "text", "text", "text")


def _copy(conn: Connection[Any], table: str, columns: str, types: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    if rows:  # into the partition: the policy of the parent refuses COPY
        copy_rows(conn, f"{table}_all", columns.split(", "), rows, types=types)


def copy_claims(conn: Connection[Any], rows: Sequence[Sequence[Any]]) -> None:
    """Write claims never seen before, in the order of CLAIM_COLUMNS."""
    _copy(conn, "claim", CLAIM_COLUMNS, _CLAIM_TYPES, rows)


def update_claims(conn: Connection[Any], rows: Sequence[Sequence[Any]]) -> None:
    """Put later versions into force: rows as for `copy_claims`."""
    with conn.cursor() as cur:
        cur.executemany(
            """UPDATE claim SET landing = %s, started_at = %s, ended_at = %s, person_id = %s, patient_id = %s, version = %s, facility = %s, link = %s,
               decision = %s, mapped_by = %s, digest = %s, who = %s, row_keys = %s, traits = %s, source = %s,
               withdrawn = false WHERE id = %s""",
            [(*row[:3], *row[4:], row[3]) for row in rows],
        )


def touch_claims(conn: Connection[Any], rows: Sequence[Sequence[Any]]) -> None:
    """The version in force landed again, unchanged: (landing, claim id). What landed in between stays history."""
    if rows:
        conn.execute(
            """UPDATE claim SET landing = t.landing FROM unnest(%s::bigint[], %s::uuid[]) AS t(landing, id)
               WHERE claim.id = t.id AND claim.landing < t.landing""",
            ([row[0] for row in rows], [row[1] for row in rows]),
        )


def mark_withdrawn(conn: Connection[Any], claims: Sequence[UUID]) -> None:
    """The claims have no version in force any more."""
    conn.execute("UPDATE claim SET withdrawn = true, version = version + 1 WHERE id = ANY(%s)", (list(claims),))


def copy_versions(conn: Connection[Any], rows: Sequence[Sequence[Any]]) -> None:
    """Write versions, in the order of VERSION_COLUMNS."""
    _copy(conn, "claim_version", VERSION_COLUMNS, _VERSION_TYPES, rows)


def copy_outcomes(conn: Connection[Any], rows: Sequence[Sequence[Any]]) -> None:
    """Write what became of claims, in the order of OUTCOME_COLUMNS."""
    _copy(conn, "outcome", OUTCOME_COLUMNS, _OUTCOME_TYPES, rows)


_SEVERITY: Final = {Severity.REJECT: 1, Severity.FINDING: 2, Severity.NOTE: 3}


def finding_row(landing: int, one: Finding) -> tuple[Any, ...]:
    """A finding in the order of FINDING_COLUMNS."""
    return landing, one.row, _SEVERITY[one.severity], one.rule, one.table, one.field, one.value.replace("\0", ""), one.expected, one.edition


def copy_findings(conn: Connection[Any], rows: Sequence[Sequence[Any]]) -> None:
    """Write findings, in the order of FINDING_COLUMNS."""
    _copy(conn, "finding", FINDING_COLUMNS, _FINDING_TYPES, rows)


def finish_messages(conn: Connection[Any], messages: Sequence[int]) -> None:
    """All claims of these messages have an outcome."""
    conn.execute("UPDATE message SET state = 'done' WHERE seq = ANY(%s) AND state = 'received'", (list(messages),))


def set_message_state(conn: Connection[Any], message: int, state: str) -> None:
    """Move a message to another state."""
    conn.execute("UPDATE message SET state = %s WHERE seq = %s", (state, message))


def outcome_counts(conn: Connection[Any], message: int) -> tuple[dict[int, int], int]:
    """Of one message: how many claims by outcome, and how many findings."""
    low, high = landing_of(message, 0), landing_of(message + 1, 0)
    rows = conn.execute(
        "SELECT outcome, count(*), sum(findings) FROM outcome WHERE landing >= %s AND landing < %s GROUP BY outcome", (low, high)
    ).fetchall()
    return {row[0]: row[1] for row in rows}, sum(int(row[2]) for row in rows)


def ordinal_of(landing: int) -> int:
    """The range's place within its message."""
    return landing & ((1 << ORDINAL_BITS) - 1)


def outcomes(conn: Connection[Any], message: int, seen: Predicate) -> list[StoredOutcome]:
    """What became of the claims of a message that are within reach, in order."""
    query = """SELECT landing, claim_id, outcome, facility, link FROM outcome o
               WHERE landing >= %(first)s AND landing < %(end)s AND {} ORDER BY landing"""
    with conn.cursor(row_factory=class_row(StoredOutcome)) as cur:
        return cur.execute(sql.SQL(query).format(seen.sql), _range(message) | seen.params).fetchall()


def patients_of(conn: Connection[Any], claims: Sequence[UUID], seen: Predicate) -> dict[UUID, UUID]:
    """The source Patients of claims within reach."""
    query = sql.SQL("SELECT id, patient_id FROM claim WHERE id = ANY (%(claims)s) AND {}").format(seen.sql)
    return dict(conn.execute(query, {"claims": list(claims), **seen.params}).fetchall())


def _range(message: int) -> dict[str, Any]:
    return {"first": landing_of(message, 0), "end": landing_of(message + 1, 0)}


def findings(conn: Connection[Any], message: int, seen: Predicate) -> dict[int, list[Finding]]:
    """The findings of a message within reach, by landing number, in the order in which they were made."""
    query = f"SELECT {FINDING_COLUMNS} FROM finding f WHERE landing >= %(first)s AND landing < %(end)s AND {{}} ORDER BY landing, severity, tbl, row"  # noqa: S608  # same
    rows = conn.execute(sql.SQL(query).format(seen.sql), _range(message) | seen.params).fetchall()
    found: dict[int, list[Finding]] = {}
    kinds = {number: severity for severity, number in _SEVERITY.items()}
    for landing, row, severity, rule, table, field, value, expected, edition in rows:
        found.setdefault(landing, []).append(Finding(rule, kinds[severity], table, row, field, value, expected, edition))
    return found


def check_in_row(landing: int, row: Row) -> tuple[Any, ...]:
    """A row of a check-in file as table check_in keeps it."""
    return landing, *(row.get(name, "").strip() for name in ("MA_CSKCB", "MA_LK", "MA_BN")), row


def copy_check_ins(conn: Connection[Any], rows: Sequence[Sequence[Any]]) -> None:
    """Keep the rows of check-in files, as `check_in_row` makes them."""
    _copy(conn, "check_in", "landing, facility, link, local_patient, row_values", ("int8", "text", "text", "text", "jsonb"), rows)


def claims_in_force(conn: Connection[Any], message: int) -> list[StoredClaim]:
    """Claims whose version in force came with this message."""
    rows = conn.execute(
        """SELECT c.id FROM claim c JOIN outcome o ON o.claim_id = c.id AND o.landing = c.landing
           WHERE o.landing >= %s AND o.landing < %s AND NOT c.withdrawn""",
        (landing_of(message, 0), landing_of(message + 1, 0)),
    ).fetchall()
    return sorted(known_claims(conn, [row[0] for row in rows], lock=True).values(), key=lambda one: one.landing)


def other_landings(conn: Connection[Any], claim: UUID, landing: int) -> list[int]:
    """Where else this claim landed and was taken, in messages not withdrawn; newest first."""
    rows = conn.execute(
        """SELECT o.landing FROM outcome o JOIN message m ON m.seq = o.landing >> 24
           WHERE o.claim_id = %s AND o.landing <> %s AND o.outcome IN (1, 2, 3) AND m.state <> 'withdrawn' ORDER BY o.landing DESC""",
        (claim, landing),
    ).fetchall()
    return [row[0] for row in rows]


_TO_REPLAY: Final = """FROM claim WHERE NOT withdrawn AND (%(every)s OR mapped_by <> %(release)s)
    AND (%(since)s::date IS NULL OR ended_at >= %(since)s::date)"""


def count_to_replay(conn: Connection[Any], since: date | None, release: str, *, every: bool) -> int:
    """How many claims there are to map again."""
    row = conn.execute(f"SELECT count(*) {_TO_REPLAY}".encode(), {"every": every, "release": release, "since": since}).fetchone()
    return int(row[0]) if row else 0


def claims_to_replay(
    conn: Connection[Any], since: date | None, release: str, after: UUID | None, most: int, *, every: bool
) -> list[tuple[UUID, int, bytes]]:
    """The next claims to map again: (id, landing, digest), in order of id."""
    return conn.execute(
        f"SELECT id, landing, digest {_TO_REPLAY} AND (%(after)s::uuid IS NULL OR id > %(after)s::uuid) ORDER BY id LIMIT %(most)s".encode(),
        {"every": every, "release": release, "since": since, "after": after, "most": most},
    ).fetchall()


# A claim sent again unchanged makes no version, mapping again makes one of the same digest: versions in a row with one digest are one content.
_FIRST: Final = """
SELECT a.id, v.landing FROM unnest(%s::uuid[], %s::bytea[]) AS a (id, digest) CROSS JOIN LATERAL (
    SELECT s.landing FROM (SELECT landing, version, version - row_number() OVER (ORDER BY version) AS run
                             FROM claim_version WHERE claim_id = a.id AND digest = a.digest AND version > 0) s
     ORDER BY s.run DESC, s.version LIMIT 1) v
"""


def first_landings(conn: Connection[Any], contents: Mapping[UUID, bytes]) -> dict[UUID, int]:
    """Where the newest run of versions with these digests began: to identity, content is as old as its first coming."""
    return dict(conn.execute(_FIRST, (list(contents), list(contents.values()))).fetchall())


def message_of(conn: Connection[Any], landing: int) -> StoredMessage | None:
    """The message a landing number belongs to."""
    return next(iter(_messages(conn, f"SELECT {_MESSAGE} FROM message WHERE seq = %s", (landing >> ORDINAL_BITS,))), None)  # noqa: S608  # constants of this module


def residue(conn: Connection[Any], claim: UUID, version: int) -> tuple[int, bytes] | None:
    """The sealed residue of a version: (landing, body)."""
    return conn.execute("SELECT landing, residue FROM claim_version WHERE claim_id = %s AND version = %s", (claim, version)).fetchone()


def claim(conn: Connection[Any], id_: UUID, seen: Predicate) -> StoredClaim | None:
    """One claim as it stands, within reach."""
    query = sql.SQL(f"SELECT {_CLAIM} FROM claim WHERE id = %(id)s AND {{}}").format(seen.sql)  # noqa: S608  # constants of this module
    with conn.cursor(row_factory=class_row(StoredClaim)) as cur:
        return cur.execute(query, {"id": id_, **seen.params}).fetchone()


def check_ins_of(conn: Connection[Any], message: int) -> list[tuple[str, str]]:
    """The visits that a check-in message told of: (facility, link)."""
    return conn.execute("SELECT DISTINCT facility, link FROM check_in WHERE landing >= %(first)s AND landing < %(end)s", _range(message)).fetchall()
