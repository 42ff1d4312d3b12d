"""What the warehouse counts of the intake: claims by receipt, findings by day, month by month; of facilities, of no person."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from psycopg import sql

from yba import access
from yba.access import Right
from yba.kit.clock import VIETNAM
from yba.kit.errors import Forbidden
from yba.specs import claims, rules
from yba.specs.identity import reviews

from . import store
from .faults import faults
from .model import CONFLICT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.reach import Predicate

    Conn = Connection[tuple[Any, ...]]

# Days are Vietnam's. `tables` (with a finding or a reason to reject) and `incomplete`: names of tables, a blank between them.
CLAIM_COLUMNS: Final = (
    "facility", "start_date", "end_date", "first_received_at",
    "received_date", "last_received_at", "receipts", "versions", "state", "findings", "tables",
    "incomplete",
)  # fmt: skip
FINDING_COLUMNS: Final = ("facility", "day", "xml_table", "field", "rule", "severity", "cause", "claims", "n")
_COMPLETENESS: Final = "completeness"  # of specs/rules/reasons.toml
_FACILITY: Final = "CASE WHEN {} ~ '^[0-9A-Z]{{5}}$' THEN {} ELSE '' END"


class Touched(NamedTuple):
    """Messages judged or taken back since somebody last counted, each with the transaction that did it."""

    rows: tuple[tuple[str, int], ...]


def touched(conn: Conn, *, by: Actor) -> Touched:
    """Return what changed since it was last forgotten. Raises Denied, Forbidden for who does not see everything."""
    _whole(conn, by)
    return Touched(tuple(conn.execute("SELECT transaction::text, message FROM intake_touched ORDER BY 1, 2").fetchall()))


def forget_touched(conn: Conn, *, by: Actor, seen: Touched) -> int:
    """Take away what was counted and kept; what was touched again meanwhile stays. Returns how many rows. Raises Denied."""
    access.require(by, Right.WAREHOUSE_LAKE_REFRESH)
    if not seen.rows:
        return 0
    statement = (
        "DELETE FROM intake_touched t USING unnest(%s::xid8[], %s::bigint[]) AS g (transaction, message)"
        " WHERE t.transaction = g.transaction AND t.message = g.message"
    )
    return conn.execute(statement, ([row[0] for row in seen.rows], [row[1] for row in seen.rows])).rowcount


# A claim stands in the month it first came in: what touches a claim touches every month it ever came in.
_MONTHS: Final = """
WITH concerned AS (SELECT DISTINCT o.claim_id FROM unnest(%(messages)s::bigint[]) AS t (seq)
                     JOIN outcome o ON o.landing >= t.seq << 24 AND o.landing < (t.seq + 1) << 24 WHERE o.claim_id IS NOT NULL AND {seen}),
     places AS (SELECT unnest(%(messages)s::bigint[]) AS seq UNION SELECT o.landing >> 24 FROM concerned JOIN outcome o USING (claim_id))
SELECT DISTINCT date_trunc('month', m.received_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date FROM places JOIN message m USING (seq) ORDER BY 1
"""
_ALL_MONTHS: Final = "SELECT DISTINCT date_trunc('month', m.received_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date FROM message m ORDER BY 1"


def received_months(conn: Conn, *, by: Actor, since: Touched | None) -> list[date]:
    """Return the months (their first day) whose counts may have changed with these messages; None: every month something came in. Raises Denied."""
    _whole(conn, by)
    if since is None:
        return [row[0] for row in conn.execute(_ALL_MONTHS)]
    seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_LAKE_REFRESH, columns=store.OUTCOME)
    messages = sorted({message for _, message in since.rows})
    if not messages:
        return []
    return [row[0] for row in conn.execute(sql.SQL(_MONTHS).format(seen=seen.sql), {"messages": messages, **seen.params})]


# What was taken back was never received. Findings are those of the newest receipt; the moment of the first one decides about the month.
_CLAIMS: Final = """
COPY (
WITH sent AS MATERIALIZED (SELECT m.seq FROM message m WHERE m.received_at >= {first} AND m.received_at < {until}
                            AND m.state <> 'withdrawn' AND m.kind <> 'assessment'),
here AS (
  SELECT DISTINCT o.claim_id FROM outcome o JOIN sent ON sent.seq = o.landing >> 24
   WHERE o.landing >= (SELECT min(seq) << 24 FROM sent) AND o.landing < (SELECT (max(seq) + 1) << 24 FROM sent) AND o.claim_id IS NOT NULL AND {seen}
), whole AS (
  SELECT o.claim_id, min(m.received_at) AS first, max(m.received_at) AS last, count(*) AS receipts,
         count(*) FILTER (WHERE o.outcome IN (1, 3)) AS versions, max(o.landing) AS newest,
         (array_agg(o.facility ORDER BY o.landing DESC))[1] AS facility
    FROM here JOIN outcome o USING (claim_id) JOIN message m ON m.seq = o.landing >> 24 AND m.state <> 'withdrawn'
   GROUP BY o.claim_id HAVING min(m.received_at) >= {first} AND min(m.received_at) < {until}
), found AS (
  SELECT w.claim_id, count(*) AS findings, string_agg(DISTINCT f.tbl, ' ' ORDER BY f.tbl) FILTER (WHERE f.tbl = ANY ({tables})) AS tables,
         string_agg(DISTINCT f.tbl, ' ' ORDER BY f.tbl) FILTER (WHERE f.tbl = ANY ({tables}) AND f.rule = ANY ({completeness})) AS incomplete
    FROM whole w JOIN finding f ON f.landing = w.newest WHERE f.severity < 3 GROUP BY w.claim_id
)
SELECT {facility}, (c.started_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, (c.ended_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, w.first,
       (w.first AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, w.last,
       w.receipts, w.versions, CASE WHEN c.id IS NULL THEN 'rejected' WHEN c.withdrawn THEN 'withdrawn' ELSE 'accepted' END,
       coalesce(f.findings, 0), coalesce(f.tables, ''), coalesce(f.incomplete, '')
  FROM whole w LEFT JOIN claim c ON c.id = w.claim_id LEFT JOIN found f ON f.claim_id = w.claim_id
 ORDER BY 1, w.newest
) TO STDOUT (FORMAT csv)
"""


def received_claims(conn: Conn, *, by: Actor, month: date) -> Iterator[bytes]:
    """Give out a line of CSV (CLAIM_COLUMNS) for each claim first received in a month, as it stands in this transaction.

    ``month``: its first day. ``state``: accepted, withdrawn, or rejected as often as it came. No number, name, code or link of anybody. Raises
    Denied, Forbidden.
    """
    _whole(conn, by)
    seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_LAKE_REFRESH, columns=store.OUTCOME)
    missing = _texts(rule for rule, why in causes().items() if why == _COMPLETENESS)
    yield from _copied(conn, _CLAIMS, seen, month, facility=_facility("w.facility"), tables=_texts(_tables()), completeness=missing)


# The names of tables and fields are a sender's until they are known to be the law's.
_FINDINGS: Final = """
COPY (
WITH sent AS MATERIALIZED (SELECT m.seq, m.received_at, m.facility FROM message m
                            WHERE m.received_at >= {first} AND m.received_at < {until} AND m.state <> 'withdrawn'),
cause AS (SELECT * FROM unnest({rules}, {causes}) AS c (rule, cause)),
told AS (
  SELECT coalesce(o.facility, m.facility) AS facility, (m.received_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day,
         CASE WHEN f.tbl = ANY ({tables}) THEN f.tbl ELSE '' END AS tbl, CASE WHEN f.field = ANY ({fields}) THEN f.field ELSE '' END AS field,
         f.rule, CASE f.severity WHEN 1 THEN 'reject' WHEN 2 THEN 'finding' ELSE 'note' END AS severity, f.landing
    FROM finding f JOIN sent m ON m.seq = f.landing >> 24 LEFT JOIN outcome o ON o.landing = f.landing
   WHERE f.landing >= (SELECT min(seq) << 24 FROM sent) AND f.landing < (SELECT (max(seq) + 1) << 24 FROM sent) AND {seen}
)
SELECT {facility} AS facility, t.day, t.tbl, t.field, t.rule, t.severity, coalesce(c.cause, 'other') AS cause, count(DISTINCT t.landing), count(*)
  FROM told t LEFT JOIN cause c ON c.rule = t.rule GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
) TO STDOUT (FORMAT csv)
"""


def received_findings(conn: Conn, *, by: Actor, month: date) -> Iterator[bytes]:
    """Give out lines of CSV (FINDING_COLUMNS): how many findings of a rule at a place of the law's tables, by facility and day of receipt.

    ``claims``: in how many receipts of claims (a message's own findings count as one). ``cause``: why the rule weighs what it weighs
    (specs/rules/reasons.toml), "other" for rules that are no more. Raises Denied, Forbidden.
    """
    _whole(conn, by)
    seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_LAKE_REFRESH, columns=store.FINDING)
    known = causes()
    yield from _copied(
        conn, _FINDINGS, seen, month, facility=_facility("t.facility"), tables=_texts(_tables()), fields=_texts(_fields()),
        rules=_texts(known), causes=_texts(known.values()),
    )  # fmt: skip


def causes() -> dict[str, str]:
    """Give each rule's cause: a name of specs/rules/reasons.toml; "reading" for faults of landing and reading, "identity" for who does not fit."""
    known = {id_: rule.why for id_, rule in rules.rules().items()}
    return known | dict.fromkeys(faults(), "reading") | {f"{CONFLICT}{kind}": "identity" for kind in reviews()}


def _whole(conn: Conn, by: Actor) -> None:
    """Half of the counts would look like nothing received."""
    access.predicate(conn, by=by, right=Right.WAREHOUSE_LAKE_REFRESH, columns=store.OUTCOME)
    if not by.standing or by.scope != "all":
        raise Forbidden(f"{by.name} does not see everything.")


def _copied(conn: Conn, text: str, seen: Predicate, month: date, **parts: sql.Composable) -> Iterator[bytes]:
    first = datetime.combine(month.replace(day=1), time(), VIETNAM)
    until = datetime.combine((month.replace(day=1) + timedelta(days=31)).replace(day=1), time(), VIETNAM)
    statement = sql.SQL(text).format(first=sql.Literal(first), until=sql.Literal(until), seen=seen.sql, **parts)
    with conn.cursor() as cursor, cursor.copy(statement, seen.params) as lines:
        yield from lines  # type: ignore[misc]  # bytes or memoryview, both written as they are


def _facility(column: str) -> sql.Composable:
    return sql.SQL(_FACILITY.format(column, column))


def _texts(values: Iterable[str]) -> sql.Composable:
    return sql.SQL("{}::text[]").format(sql.Literal(list(values)))


def _tables() -> Sequence[str]:
    return sorted({name for one in claims.editions() for name in one.tables} | {"ENVELOPE"})


def _fields() -> Sequence[str]:
    return sorted({field for one in claims.editions() for table in one.tables.values() for field in table.by_field})
