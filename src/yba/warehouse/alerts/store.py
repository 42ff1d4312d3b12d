"""The statements of alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

from yba.kit.ids import new_id
from yba.specs.alerts import Severity

from .model import Alert, Finding, Place, Reason, RuleStanding, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate
    from yba.specs.alerts import Rule

    Conn = Connection[Any]

_COLUMNS: Final = """id, rule, severity, measure, period, facility, area, detail, value, expected, low, high, reason, first_period, raised_at,
    seen_at, acknowledged_at, acknowledged_by, note, closed_at, closed_by, closing"""
_STANDING: Final = "rule, seq, judged_at, period, state, places, unknown, firing"
# The row of a rule is the lock of its judges: the second one waits here, and one that looked at an older export changes
# nothing. After an hour without a judge a lower number is that of a lake built anew.
_JUDGE: Final = f"""
INSERT INTO warehouse_alert_rule ({_STANDING}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (rule) DO UPDATE SET seq = excluded.seq, judged_at = excluded.judged_at, period = excluded.period, state = excluded.state,
    places = excluded.places, unknown = excluded.unknown, firing = excluded.firing
 WHERE warehouse_alert_rule.seq <= excluded.seq OR warehouse_alert_rule.judged_at < excluded.judged_at - interval '1 hour'
RETURNING true"""  # noqa: S608  our own columns
_RAISE: Final = f"""
INSERT INTO warehouse_alert ({_COLUMNS})
VALUES (%(id)s, %(rule)s, %(severity)s, %(measure)s, %(period)s, %(facility)s, %(area)s, %(detail)s, %(value)s, %(expected)s, %(low)s, %(high)s,
    %(reason)s, %(period)s, %(at)s, %(at)s, NULL, NULL, '', NULL, NULL, '')
ON CONFLICT DO NOTHING RETURNING {_COLUMNS}"""  # noqa: S608  our own columns
# A person closed it for this very period, with a word: the same number is not told again.
_ANSWERED: Final = """
SELECT facility, area, detail, period FROM warehouse_alert
 WHERE rule = %s AND closed_at IS NOT NULL AND closed_by NOT LIKE 'system:%%' AND period = ANY (%s)"""
_SEEN: Final = """
UPDATE warehouse_alert SET period = %(period)s, value = %(value)s, expected = %(expected)s, low = %(low)s, high = %(high)s, reason = %(reason)s,
    seen_at = %(at)s WHERE id = %(id)s AND closed_at IS NULL"""
_ACKNOWLEDGE: Final = """
UPDATE warehouse_alert SET acknowledged_at = %s, acknowledged_by = %s, note = %s
 WHERE id = %s AND acknowledged_at IS NULL AND closed_at IS NULL RETURNING true"""
_CLOSE: Final = "UPDATE warehouse_alert SET closed_at = %s, closed_by = %s, closing = %s WHERE id = ANY (%s) AND closed_at IS NULL RETURNING id"


def judge(conn: Conn, one: RuleStanding) -> bool:
    """Note how a rule was judged and hold its row; False: a newer judging was quicker."""
    return conn.execute(_JUDGE, (*one[:4], one.state.value, *one[5:])).fetchone() is not None


def judged(conn: Conn) -> list[RuleStanding]:
    """Read how the rules were judged last."""
    rows = conn.execute(f"SELECT {_STANDING} FROM warehouse_alert_rule ORDER BY rule").fetchall()  # noqa: S608  our own columns
    return [RuleStanding._make((*row[:4], State(row[4]), *row[5:])) for row in rows]


def open_of(conn: Conn, rule: str) -> list[Alert]:
    """Read the open alerts of a rule, as the platform."""
    rows = conn.execute(f"SELECT {_COLUMNS} FROM warehouse_alert WHERE rule = %s AND closed_at IS NULL", (rule,)).fetchall()  # noqa: S608  as above
    return [_alert(row) for row in rows]


def answered(conn: Conn, rule: str, periods: Iterable[str]) -> set[tuple[Place, str]]:
    """Return the places and periods of a rule that a person closed."""
    return {(Place(*row[:3]), row[3]) for row in conn.execute(_ANSWERED, (rule, sorted(set(periods))))}


def add(conn: Conn, rule: Rule, found: Finding, at: datetime) -> Alert | None:
    """Raise an alert; None: one is open for this rule and place."""
    given = {"id": new_id(), "rule": rule.name, "severity": rule.severity.value, "measure": rule.measure, **_numbers(found), **found.place._asdict()}
    row = conn.execute(_RAISE, {**given, "at": at}).fetchone()
    return _alert(row) if row else None


def see(conn: Conn, id_: UUID, found: Finding, at: datetime) -> None:
    """Bring an open alert's numbers up to date."""
    conn.execute(_SEEN, {**_numbers(found), "id": id_, "at": at})


def acknowledge(conn: Conn, id_: UUID, *, at: datetime, who: str, note: str) -> bool:
    """Say who answers an alert; False: somebody did, or it is closed."""
    return conn.execute(_ACKNOWLEDGE, (at, who, note, id_)).fetchone() is not None


def close(conn: Conn, ids: Sequence[UUID], *, at: datetime, who: str, note: str) -> list[UUID]:
    """Close alerts; returns those that were open."""
    return [row[0] for row in conn.execute(_CLOSE, (at, who, note, list(ids)))] if ids else []


def find(conn: Conn, seen: Predicate, *, closed: bool, rule: str, id_: UUID | None, limit: int) -> list[Alert]:
    """Read alerts an actor may see: open ones the most urgent first, closed ones the newest first."""
    state = sql.SQL("true") if id_ else sql.SQL("closed_at IS NOT NULL") if closed else sql.SQL("closed_at IS NULL")
    order = sql.SQL("closed_at DESC" if closed else "array_position(ARRAY['urgent', 'warning', 'info'], severity), raised_at DESC")
    asked = sql.SQL(
        "SELECT {columns} FROM warehouse_alert WHERE {seen} AND {state} AND (%(rule)s = '' OR rule = %(rule)s)"
        " AND (%(id)s::uuid IS NULL OR id = %(id)s) ORDER BY {order}, id LIMIT %(limit)s"
    ).format(columns=sql.SQL(_COLUMNS), seen=seen.sql, state=state, order=order)
    return [_alert(row) for row in conn.execute(asked, {**seen.params, "rule": rule, "id": id_, "limit": limit})]


def count(conn: Conn, seen: Predicate) -> list[tuple[str, bool, int]]:
    """Count the open alerts an actor may see: (severity, acknowledged, how many)."""
    asked = sql.SQL(
        "SELECT severity, acknowledged_at IS NOT NULL, count(*) FROM warehouse_alert WHERE {seen} AND closed_at IS NULL GROUP BY 1, 2"
    ).format(seen=seen.sql)
    return [(row[0], row[1], row[2]) for row in conn.execute(asked, seen.params)]


def _numbers(found: Finding) -> dict[str, Any]:
    return {
        "period": found.period,
        "value": found.value,
        "expected": found.expected,
        "low": found.low,
        "high": found.high,
        "reason": found.reason.value,
    }


def _alert(row: Sequence[Any]) -> Alert:
    return Alert._make((*row[:2], Severity(row[2]), *row[3:5], Place._make(row[5:8]), *row[8:12], Reason(row[12]), *row[13:]))
