"""The SQL of asking registers: the questions with what came of them, and the breaker and pace all processes share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from psycopg import sql

from .model import Outcome, Reply

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

_COLUMNS: Final = ("id", "asked_at", "who", "register", "mode", "purpose", "consent", "facility", "link", "person_id", "asked", "subject", "batch")
_KEPT: Final = """
SELECT f.id, f.outcome, f.matches::text, f.answered_at, f.expires, f.code, f.facts::text FROM register_query f
 WHERE f.asked = %(asked)s AND f.facility = %(facility)s AND f.purpose = %(purpose)s AND f.expires > %(now)s AND {seen}
 ORDER BY f.asked_at DESC LIMIT 1
"""
_OF_PERSON: Final = """
SELECT f.id, f.register, f.outcome, f.matches::text, f.asked_at, f.expires, f.purpose, f.facility, f.who, f.code, coalesce(f.facts, '{{}}')::text
  FROM register_query f
 WHERE f.person_id = ANY (person_ids(%(person)s)) AND {seen} ORDER BY f.asked_at DESC LIMIT %(limit)s
"""
_CARDS: Final = """
SELECT w.n, f.code, f.facts::text, f.asked_at
  FROM unnest(%(n)s::int[], %(facility)s::text[], %(subject)s::uuid[], %(since)s::timestamptz[], %(until)s::timestamptz[])
       AS w (n, facility, subject, since, until)
 CROSS JOIN LATERAL (SELECT f.code, f.facts, f.asked_at FROM register_query f
                      WHERE f.subject = w.subject AND f.facility = w.facility AND f.register = 'card' AND f.outcome IN ('found', 'not-found')
                        AND f.asked_at BETWEEN w.since AND w.until AND {seen}
                      ORDER BY f.asked_at DESC LIMIT 1) f
"""
_BATCH: Final = """
SELECT f.purpose, f.consent, f.facility, f.total, (SELECT count(*) FROM register_batch_item i WHERE i.batch = f.id AND i.outcome <> ''), f.made_at
  FROM register_batch f WHERE f.id = %(batch)s AND {seen}
"""
_BATCHES: Final = """
SELECT f.id, f.purpose, f.facility, f.made_at, f.who, f.total, (SELECT count(*) FROM register_batch_item i WHERE i.batch = f.id AND i.outcome <> '')
  FROM register_batch f WHERE {seen} ORDER BY f.made_at DESC LIMIT %(limit)s
"""
_DUE: Final = """
SELECT f.person_id FROM (SELECT DISTINCT o.person_id FROM identifier_owner o WHERE o.type = 'SDDCN' AND NOT o.claimed) f
 WHERE NOT EXISTS (SELECT FROM register_query q WHERE q.person_id = f.person_id AND q.register = 'population' AND q.facility = %(facility)s
                      AND q.expires > %(now)s) AND {seen}
 ORDER BY f.person_id LIMIT %(limit)s
"""
_ADMIT: Final = """
UPDATE register_state SET
    credit = least(%(burst)s, credit + greatest(0, extract(epoch FROM %(now)s - seen_at)) * %(rate)s) - 1,
    seen_at = greatest(seen_at, %(now)s),
    spent = CASE WHEN day = %(day)s THEN spent ELSE 0 END + 1,
    day = %(day)s,
    probing = CASE WHEN retry_at IS NULL THEN NULL ELSE %(now)s END
 WHERE register = %(register)s
   AND (retry_at IS NULL OR (retry_at <= %(now)s AND (probing IS NULL OR probing <= %(now)s - %(probe)s)))
   AND least(%(burst)s, credit + greatest(0, extract(epoch FROM %(now)s - seen_at)) * %(rate)s) >= 1
   AND (day <> %(day)s OR spent < %(per_day)s)
RETURNING 1
"""
_STATE: Final = """
SELECT retry_at, probing, least(%(burst)s, credit + greatest(0, extract(epoch FROM %(now)s - seen_at)) * %(rate)s),
       CASE WHEN day = %(day)s THEN spent ELSE 0 END, failures, opened
  FROM register_state WHERE register = %(register)s
"""
_FAILED: Final = """
UPDATE register_state SET
    failures = failures + 1,
    retry_at = CASE WHEN retry_at IS NOT NULL OR failures + 1 >= %(most)s
                    THEN %(now)s + least(%(longest)s, %(open)s * power(2, least(opened, 20))) ELSE retry_at END,
    opened = opened + CASE WHEN retry_at IS NOT NULL OR failures + 1 >= %(most)s THEN 1 ELSE 0 END,
    probing = NULL
 WHERE register = %(register)s
RETURNING retry_at
"""


def _run(conn: Connection[Any], statement: str, seen: Predicate, **given: object) -> list[tuple[Any, ...]]:
    return conn.execute(sql.SQL(statement).format(seen=seen.sql), {**given, **seen.params}).fetchall()  # our own constants above


def kept(conn: Connection[Any], seen: Predicate, *, asked: UUID, facility: str, purpose: str, now: datetime) -> tuple[Any, ...] | None:
    """Read the newest answer to exactly this question that is still good for this asker and purpose."""
    return next(iter(_run(conn, _KEPT, seen, asked=asked, facility=facility, purpose=purpose, now=now)), None)


def begin(conn: Connection[Any], row: dict[str, Any]) -> None:
    """Write that a question goes out; a row that stays like this says that nothing came back."""
    names = sql.SQL(", ").join(map(sql.Identifier, (*_COLUMNS, "outcome")))
    values = sql.SQL(", ").join(sql.Placeholder(name) for name in (*_COLUMNS, "outcome"))
    conn.execute(sql.SQL("INSERT INTO register_query ({}) VALUES ({})").format(names, values), row | {"outcome": Outcome.ASKED.value})


def end(conn: Connection[Any], id_: UUID, reply: Reply, *, at: datetime, attempts: int, expires: datetime | None) -> None:
    """Write what came of a question."""
    conn.execute(
        "UPDATE register_query SET answered_at = %s, outcome = %s, attempts = %s, code = %s, matches = %s::jsonb, expires = %s, facts = %s::jsonb,"
        " reply = %s WHERE id = %s",
        (
            at, reply.outcome.value, attempts, reply.code, orjson.dumps(reply.matches).decode(), expires,
            None if reply.facts is None else orjson.dumps(reply.facts).decode(), reply.raw, id_,
        ),
    )  # fmt: skip


def reply(conn: Connection[Any], seen: Predicate, id_: UUID) -> tuple[bytes, UUID | None, str] | None:
    """Read (sealed reply, person, facility) of a question."""
    text = "SELECT f.reply, f.person_id, f.facility FROM register_query f WHERE f.id = %(id)s AND f.reply IS NOT NULL AND {seen}"
    return next(((bytes(row[0]), row[1], row[2]) for row in _run(conn, text, seen, id=id_)), None)


def reply_versions(conn: Connection[Any]) -> dict[int, int]:
    """Count sealed replies by the version in their first two bytes."""
    rows = conn.execute("SELECT get_byte(reply, 0) * 256 + get_byte(reply, 1), count(*) FROM register_query WHERE reply IS NOT NULL GROUP BY 1")
    return {row[0]: row[1] for row in rows}


def replies_before(conn: Connection[Any], version: int, limit: int) -> list[tuple[UUID, bytes]]:
    """Read replies sealed by an older version, and hold them."""
    rows = conn.execute(
        "SELECT id, reply FROM register_query WHERE reply IS NOT NULL AND get_byte(reply, 0) * 256 + get_byte(reply, 1) < %s"
        " ORDER BY id LIMIT %s FOR UPDATE",
        (version, limit),
    )
    return [(row[0], bytes(row[1])) for row in rows]


def put_reply(conn: Connection[Any], id_: UUID, sealed: bytes) -> None:
    """Write a reply sealed anew."""
    conn.execute("UPDATE register_query SET reply = %s WHERE id = %s", (sealed, id_))


def of_person(conn: Connection[Any], seen: Predicate, *, person: UUID, limit: int) -> list[tuple[Any, ...]]:
    """Read the questions about a person, newest first."""
    return _run(conn, _OF_PERSON, seen, person=person, limit=limit)


def cards(
    conn: Connection[Any], seen: Predicate, wanted: Sequence[tuple[int, str, UUID, datetime, datetime]]
) -> list[tuple[int, str, dict[str, str], datetime]]:
    """Read for each (n, facility, card's subject, since, until) the newest look-up of that card by that facility in that time; one round trip."""
    columns = [list(column) for column in zip(*wanted, strict=True)]
    given = dict(zip(("n", "facility", "subject", "since", "until"), columns, strict=True))
    return [(row[0], row[1], orjson.loads(row[2]), row[3]) for row in _run(conn, _CARDS, seen, **given)]


def admit(conn: Connection[Any], given: dict[str, Any]) -> bool:
    """Take one credit if the breaker is closed (or this is its probe) and neither the minute nor the day is spent."""
    conn.execute(
        "INSERT INTO register_state (register, credit, seen_at, day) VALUES (%(register)s, %(burst)s, %(now)s, %(day)s) ON CONFLICT DO NOTHING", given
    )
    return conn.execute(_ADMIT, given).fetchone() is not None


def state(conn: Connection[Any], given: dict[str, Any]) -> tuple[Any, ...] | None:
    """Read (retry at, probing since, credit, spent today, failures, times opened)."""
    return conn.execute(_STATE, given).fetchone()


def failed(conn: Connection[Any], register: str, *, now: datetime, most: int, open_for: timedelta, longest: timedelta) -> datetime | None:
    """Count a failure; returns until when the breaker is open now, None while it is closed."""
    given = {"register": register, "now": now, "most": most, "open": open_for, "longest": longest}
    row = conn.execute(_FAILED, given).fetchone()
    return row[0] if row else None


def succeeded(conn: Connection[Any], register: str) -> None:
    """Close the breaker."""
    conn.execute(
        "UPDATE register_state SET failures = 0, opened = 0, retry_at = NULL, probing = NULL"
        " WHERE register = %s AND (failures > 0 OR retry_at IS NOT NULL OR probing IS NOT NULL)",
        (register,),
    )


def unprobe(conn: Connection[Any], register: str) -> None:
    """Give the probe back: what was asked said nothing about whether the register is there."""
    conn.execute("UPDATE register_state SET probing = NULL WHERE register = %s", (register,))


def head_number(conn: Connection[Any], person: UUID) -> str:
    """Read the personal number of the head of a person's present household, "" when it is not known."""
    row = conn.execute(
        "SELECT o.value FROM household_member m"
        " JOIN household_member h ON h.household = m.household AND h.relation = 'head' AND h.until IS NULL"
        " JOIN identifier_owner o ON o.person_id = h.person_id AND o.type = 'SDDCN' AND NOT o.claimed"
        " WHERE m.person_id = %s AND m.until IS NULL ORDER BY o.sequence DESC LIMIT 1",
        (person,),
    ).fetchone()
    return str(row[0]) if row else ""


def add_batch(conn: Connection[Any], row: tuple[Any, ...], facility: str, people: Sequence[UUID]) -> None:
    """Write a batch (id, made at, who, register, purpose, consent, facility, total) and its people in order."""
    conn.execute(
        "INSERT INTO register_batch (id, made_at, who, register, purpose, consent, facility, total) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", row
    )
    conn.execute(
        "INSERT INTO register_batch_item (batch, ordinal, facility, person_id)"
        " SELECT %s, n, %s, person FROM unnest(%s::uuid[]) WITH ORDINALITY AS p (person, n)",
        (row[0], facility, list(people)),
    )


def batch(conn: Connection[Any], seen: Predicate, id_: UUID) -> tuple[Any, ...] | None:
    """Read (purpose, consent, facility, total, done, made at)."""
    return next(iter(_run(conn, _BATCH, seen, batch=id_)), None)


def batches(conn: Connection[Any], seen: Predicate, limit: int) -> list[tuple[Any, ...]]:
    """Read (id, purpose, facility, made at, who, total, done) of the batches laid down last."""
    return _run(conn, _BATCHES, seen, limit=limit)


def due(conn: Connection[Any], seen: Predicate, *, facility: str, now: datetime, limit: int) -> list[UUID]:
    """Read people with an unquestioned personal number of whom this asker has no verdict that is still good."""
    return [row[0] for row in _run(conn, _DUE, seen, facility=facility, now=now, limit=limit)]


def take_item(conn: Connection[Any], id_: UUID, *, now: datetime, until: datetime) -> tuple[int, UUID] | None:
    """Take the next person of a batch for a while: another process takes another one, and one whose process died is taken again."""
    return conn.execute(
        "UPDATE register_batch_item SET taken_until = %(until)s WHERE (batch, ordinal) = ("
        " SELECT batch, ordinal FROM register_batch_item WHERE batch = %(batch)s AND outcome = '' AND coalesce(taken_until <= %(now)s, true)"
        " ORDER BY ordinal LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING ordinal, person_id",
        {"batch": id_, "now": now, "until": until},
    ).fetchone()


def end_item(conn: Connection[Any], id_: UUID, ordinal: int, *, outcome: str, query: UUID | None, now: datetime) -> None:
    """Write what came of one person of a batch; outcome "" gives it back."""
    conn.execute(
        "UPDATE register_batch_item SET outcome = %s, query = %s, done_at = CASE WHEN %s = '' THEN NULL ELSE %s END, taken_until = NULL"
        " WHERE batch = %s AND ordinal = %s",
        (outcome, query, outcome, now, id_, ordinal),
    )


def items(conn: Connection[Any], id_: UUID) -> list[tuple[Any, ...]]:
    """Read (ordinal, person, outcome, verdicts, when) of a batch in order."""
    rows = conn.execute(
        "SELECT i.ordinal, i.person_id, i.outcome, coalesce(q.matches, '{}')::text, i.done_at FROM register_batch_item i"
        " LEFT JOIN register_query q ON q.id = i.query WHERE i.batch = %s ORDER BY i.ordinal",
        (id_,),
    ).fetchall()
    return [(*row[:3], orjson.loads(row[3]), row[4]) for row in rows]
