"""The SQL of the clerk's desk; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from psycopg import sql

from yba.specs.identity.desk import desk

from .desk_model import Case, ClerkFigures, Decided, Decision, FacilityFigures, KindFigures, Queued, Told
from .model import ReviewItem, ReviewState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

    from .desk_model import Act

# {seen} is a predicate of access over the columns of f. Points: specs/identity/desk.toml.
_OPEN: Final = """
WITH last AS MATERIALIZED (
    SELECT DISTINCT ON (d.review) d.review, d.at AS last_at, d.who AS last_who, d.kind AS last_kind, d.reason AS last_reason, d.words AS last_words,
           d.act AS last_act, d.proposal AS last_proposal
      FROM review_decision d JOIN review_item o ON o.id = d.review AND o.state = 'open' ORDER BY d.review, d.id DESC),
crowd AS MATERIALIZED (SELECT o.facility, count(*) AS beside FROM review_item o WHERE o.state = 'open' GROUP BY 1),
f AS NOT MATERIALIZED (
    SELECT f.*, last.last_at, last.last_who, last.last_kind, last.last_reason, last.last_words, last.last_act, last.last_proposal, crowd.beside
      FROM review_item f JOIN crowd ON crowd.facility = f.facility LEFT JOIN last ON last.review = f.id WHERE {seen} AND f.state = 'open'),
ranked AS (
    SELECT f.*, coalesce((%(kinds)s::jsonb ->> f.kind)::int, %(other)s)
           + CASE WHEN f.evidence ->> 'certain' = 'true' THEN %(certain)s ELSE 0 END
           + least(%(week_most)s, %(week)s * extract(epoch FROM %(now)s::timestamptz - f.created_at)::int / 604800)
           + CASE WHEN jsonb_typeof(f.evidence -> 'weight') = 'number'
                  THEN least(%(bits_most)s, greatest(0, %(bits)s * (f.evidence ->> 'weight')::numeric::int / 100)) ELSE 0 END
           + least(%(facility_most)s, f.beside / %(facility_each)s)::int
           + CASE WHEN f.last_kind = 'proposed' THEN %(proposed)s
                  WHEN f.last_kind = 'asked' AND f.last_at > %(now)s::timestamptz - make_interval(days => %(asked_days)s) THEN %(asked)s ELSE 0 END
           + CASE WHEN f.kind IN ('number-shared', 'card-shared') AND EXISTS (
                  SELECT FROM person_source s WHERE s.person_id = ANY (f.persons) AND NOT s.withdrawn AND s.kept ? 'died')
                  THEN %(died)s ELSE 0 END AS risk
      FROM f)
"""
_ITEM: Final = "id, kind, persons, facility, local_id, evidence::text, state, created_at"
_LAST: Final = "id, last_at, last_who, last_kind, last_reason, last_words, last_act, last_proposal"
_NARROW: Final = "(%(kind)s = '' OR kind = %(kind)s) AND (%(facility)s = '' OR facility = %(facility)s)"
_PAGE: Final = (
    f"{_OPEN} SELECT {_ITEM}, risk, {_LAST} FROM ranked WHERE {_NARROW} ORDER BY risk DESC, created_at, id LIMIT %(limit)s OFFSET %(offset)s"  # noqa: S608
)
_COUNTS: Final = "SELECT f.kind, f.facility, count(*) FROM review_item f WHERE f.state = 'open' AND {seen} GROUP BY 1, 2"
_NEXT: Final = f"""{_OPEN}
SELECT id, risk, before, after FROM (
    SELECT id, risk, lag(id) OVER w AS before, lead(id) OVER w AS after FROM ranked WHERE {_NARROW} OR id = %(review)s
    WINDOW w AS (ORDER BY risk DESC, created_at, id)) around WHERE id = %(review)s
"""  # noqa: S608
_FIRST: Final = f"{_OPEN} SELECT id FROM ranked WHERE {_NARROW} ORDER BY risk DESC, created_at, id LIMIT 1"  # noqa: S608
_ONE: Final = f"SELECT {_ITEM} FROM review_item f WHERE f.id = %(review)s AND {{seen}}"  # noqa: S608
_DONE: Final = "SELECT d.review, d.at, d.who, d.kind, d.reason, d.words, d.act, d.proposal FROM review_decision d"
_ABOUT: Final = f"{_DONE} JOIN review_item f ON f.id = d.review AND {{seen}}"
_TOGETHER: Final = f"""{_ABOUT}
 WHERE d.act = %(act)s OR (%(act)s::bigint IS NULL AND d.at = %(at)s AND d.who = %(who)s AND d.kind = %(kind)s) ORDER BY d.id
"""
_OF_PROPOSAL: Final = f"{_ABOUT} WHERE d.proposal = %(proposal)s ORDER BY d.id"
_LATELY: Final = """
SELECT f.id, f.kind, f.persons, f.facility, f.local_id, f.evidence::text, f.state, f.created_at, 0,
       d.review, d.at, d.who, d.kind, d.reason, d.words, d.act, d.proposal
  FROM review_item f LEFT JOIN LATERAL (SELECT * FROM review_decision d WHERE d.review = f.id ORDER BY d.id DESC LIMIT 1) d ON true
 WHERE f.state <> 'open' AND {seen} ORDER BY f.settled_at DESC, f.id LIMIT %(limit)s OFFSET %(offset)s
"""
_CLOSED: Final = "SELECT count(*) FROM review_item f WHERE f.state <> 'open' AND {seen}"


def _run(conn: Connection[Any], statement: str, seen: Predicate, **given: object) -> list[tuple[Any, ...]]:
    return conn.execute(sql.SQL(statement).format(seen=seen.sql), {**given, **seen.params}).fetchall()  # our own constants above


def _points(now: datetime) -> dict[str, object]:
    return {**desk().risk, "kinds": orjson.dumps(desk().kinds).decode(), "now": now}


def page(conn: Connection[Any], seen: Predicate, *, kind: str, facility: str, now: datetime, limit: int, offset: int) -> list[Queued]:
    """Read open conflicts, the riskiest first."""
    rows = _run(conn, _PAGE, seen, kind=kind, facility=facility, limit=limit, offset=offset, **_points(now))
    return [_queued(row) for row in rows]


def lately(conn: Connection[Any], seen: Predicate, *, limit: int, offset: int) -> tuple[list[Queued], int]:
    """Read closed conflicts, those decided last first, and how many there are."""
    rows = _run(conn, _LATELY, seen, limit=limit, offset=offset)
    return [_queued(row) for row in rows], int(_run(conn, _CLOSED, seen)[0][0])


def counts(conn: Connection[Any], seen: Predicate) -> list[tuple[str, str, int]]:
    """Count open conflicts by kind and facility."""
    return [(kind, facility, number) for kind, facility, number in _run(conn, _COUNTS, seen)]


def case(conn: Connection[Any], seen: Predicate, review: UUID, *, kind: str, facility: str, now: datetime) -> Case | None:
    """Read one conflict with its history and its neighbours in a queue; of a closed one the first of the queue comes after."""
    item = next((_item(row) for row in _run(conn, _ONE, seen, review=review)), None)
    if item is None:
        return None
    given = {"kind": kind, "facility": facility, **_points(now)}
    done = tuple(decisions(conn, review))
    if item.state is not ReviewState.OPEN:
        first = next((row[0] for row in _run(conn, _FIRST, seen, **given)), None)
        return Case(item, 0, done, None, first)
    _, risk, before, after = _run(conn, _NEXT, seen, review=review, **given)[0]
    return Case(item, risk, done, before, after)


def decisions(conn: Connection[Any], review: UUID) -> list[Decision]:
    """Read what was done about a conflict, in order."""
    return [_decision(row) for row in conn.execute(f"{_DONE} WHERE d.review = %s ORDER BY d.id", (review,))]


def together(conn: Connection[Any], seen: Predicate, one: Decision) -> list[Decision]:
    """Read what was decided by the same word, about conflicts within reach: those that led to one act, or that were closed at one moment."""
    rows = _run(conn, _TOGETHER, seen, act=one.act, at=one.at, who=one.who, kind=one.kind.value)
    return [_decision(row) for row in rows]


def of_proposal(conn: Connection[Any], seen: Predicate, proposal: UUID) -> list[Decision]:
    """Read the decisions that led to or came of a proposal, about conflicts within reach."""
    return [_decision(row) for row in _run(conn, _OF_PROPOSAL, seen, proposal=proposal)]


def add(conn: Connection[Any], reviews: Iterable[UUID], who: str, done: Act) -> None:
    """Write down what was done about conflicts."""
    conn.execute(
        "INSERT INTO review_decision (review, at, who, kind, reason, words, act, proposal) SELECT r, statement_timestamp(), %s, %s, %s, %s, %s, %s FROM unnest(%s::uuid[]) AS r",  # noqa: E501
        (who, done.kind.value, done.reason, done.words, done.act, done.proposal, list(reviews)),
    )


def beside(conn: Connection[Any], review: UUID) -> list[UUID]:
    """Read the open conflicts that ask whether the same two are one, this one left out."""
    rows = conn.execute(
        "SELECT o.id FROM review_item r JOIN review_item o ON o.persons = r.persons AND o.id <> r.id AND o.state = 'open' AND o.kind = ANY (%(same)s)"
        " WHERE r.id = %(review)s AND r.kind = ANY (%(same)s) AND cardinality(r.persons) > 1 FOR UPDATE OF o",
        {"review": review, "same": list(desk().same_person)},
    )
    return [row[0] for row in rows]


def closed_with(conn: Connection[Any], review: UUID) -> list[UUID]:
    """Read the conflicts between the same people that this transaction's merge has settled, this one left out; within reach."""
    rows = conn.execute(
        "SELECT o.id FROM review_item r JOIN review_item o ON o.persons <@ r.persons AND cardinality(o.persons) > 1 AND o.id <> r.id"
        " WHERE r.id = %s AND o.state = 'settled' AND o.settled_at >= now()",  # now() is when the transaction began
        (review,),
    )
    return [row[0] for row in rows]


def reopen(conn: Connection[Any], reviews: Sequence[UUID]) -> None:
    """Open conflicts again."""
    conn.execute("UPDATE review_item SET state = 'open', settled_at = NULL, settled_by = NULL WHERE id = ANY (%s)", (list(reviews),))


_TOLD: Final = """
SELECT f.patient_id, r.kind, d.kind, d.at, d.reason
  FROM person_source f JOIN review_item r ON r.facility = f.facility AND r.local_id = f.local_id
  JOIN LATERAL (SELECT kind, at, reason FROM review_decision d WHERE d.review = r.id ORDER BY id DESC LIMIT 1) d ON true
 WHERE f.patient_id = ANY (%(patients)s) AND {seen}
"""


def told(conn: Connection[Any], patients: Sequence[UUID], seen: Predicate) -> dict[tuple[UUID, str], Told]:
    """Read where the conflicts of source Patients stand: (Patient, kind of conflict) -> last decision."""
    return {(row[0], row[1]): Told(Decided(row[2]), row[3], row[4]) for row in _run(conn, _TOLD, seen, patients=list(patients))}


_KINDS: Final = """
SELECT f.kind, count(*) FILTER (WHERE f.created_at >= %(since)s), count(*) FILTER (WHERE f.settled_at >= %(since)s),
       count(*) FILTER (WHERE f.state = 'open'),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM %(now)s::timestamptz - f.created_at) / 86400) FILTER (WHERE f.state = 'open')
  FROM review_item f WHERE (f.state = 'open' OR f.created_at >= %(since)s OR f.settled_at >= %(since)s) AND {seen}
 GROUP BY GROUPING SETS ((f.kind), ()) ORDER BY 4 DESC, 1
"""
_FACILITIES: Final = """
WITH sent AS (
    SELECT f.facility, count(*) AS patients, count(*) FILTER (WHERE NOT EXISTS (
           SELECT FROM identifier i WHERE i.facility = f.facility AND i.local_id = f.local_id AND i.variant = f.variant AND i.type = 'SDDCN')) AS bare
      FROM person_source f WHERE NOT f.withdrawn AND {seen} GROUP BY 1),
met AS (
    SELECT f.facility, count(*) FILTER (WHERE f.kind = 'number-shared') AS numbers, count(*) FILTER (WHERE f.kind = 'card-shared') AS cards,
           count(*) FILTER (WHERE f.kind = 'local-number-reused') AS locals, count(*) AS opened, count(*) FILTER (WHERE f.state = 'open') AS waiting
      FROM review_item f WHERE (f.created_at >= %(since)s OR f.state = 'open') AND {seen} GROUP BY 1)
SELECT coalesce(s.facility, m.facility), coalesce(s.patients, 0), coalesce(s.bare, 0), coalesce(m.numbers, 0), coalesce(m.cards, 0),
       coalesce(m.locals, 0), coalesce(m.opened, 0), coalesce(m.waiting, 0)
  FROM sent s FULL JOIN met m ON m.facility = s.facility ORDER BY coalesce(m.opened, 0) DESC, coalesce(s.bare, 0) DESC, 1
"""
_CLERKS: Final = """
SELECT d.who, d.kind, count(*) FROM review_decision d JOIN review_item f ON f.id = d.review
 WHERE d.at >= %(since)s AND {seen} GROUP BY 1, 2 ORDER BY 1
"""


def kind_figures(conn: Connection[Any], seen: Predicate, since: datetime, now: datetime) -> list[KindFigures]:
    """Count conflicts by kind; the line with an empty kind counts all."""
    return [KindFigures(row[0] or "", *row[1:]) for row in _run(conn, _KINDS, seen, since=since, now=now)]


def facility_figures(conn: Connection[Any], seen: Predicate, since: datetime) -> list[FacilityFigures]:
    """Count what each facility sent, the one with most conflicts first, then who sends most without a number."""
    return [FacilityFigures._make(row) for row in _run(conn, _FACILITIES, seen, since=since)]


def clerk_figures(conn: Connection[Any], seen: Predicate, since: datetime) -> list[ClerkFigures]:
    """Count what each clerk did."""
    found: dict[str, dict[Decided, int]] = {}
    for who, kind, number in _run(conn, _CLERKS, seen, since=since):
        found.setdefault(who, {})[Decided(kind)] = number
    return [ClerkFigures(who, done) for who, done in found.items()]


def _item(row: Sequence[Any]) -> ReviewItem:
    id_, kind, persons, facility, local_id, evidence, state, created = row
    return ReviewItem(id_, kind, tuple(persons), facility, local_id, orjson.loads(evidence), ReviewState(state), created)


def _queued(row: Sequence[Any]) -> Queued:
    last = _decision(row[9:]) if row[11] else None
    return Queued(_item(row[:8]), row[8], last)


def _decision(row: Sequence[Any]) -> Decision:
    review, at, who, kind, reason, words, act, proposal = row
    return Decision(review, at, who, Decided(kind), reason, words, act, proposal)
