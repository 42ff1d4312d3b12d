"""The statements of watching locked reports: which are to be looked at, what was found, which of those a reader may see have other numbers now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from psycopg import sql

from yba.kit import Predicate

from .model import Changed, unit

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from psycopg import Connection

    from .model import Unit

    Conn = Connection[Any]

EVERY: Final = Predicate(sql.SQL("true"), {}, sql.SQL("false"), "true")  # for the platform alone, whose lock in row security is its bound
# The newest locked one of a unit and period: a correction takes the place of what it corrects.
_LOCKED: Final = """
SELECT DISTINCT ON (warehouse_report.report, unit, period) id, warehouse_report.report, unit, facility, period, starts, ends, number, figures, s.at
FROM warehouse_report JOIN warehouse_report_step s ON s.report = warehouse_report.id AND s.step = 'locked'
WHERE {} ORDER BY warehouse_report.report, unit, period, number DESC, attempt DESC"""
_WATCHED: Final = f"""
SELECT l.id, l.report, l.unit, l.facility, l.period, l.starts, l.ends, l.at, w.seq, w.looked_at, coalesce(w.differs, 0),
  coalesce(w.figures, l.figures)
FROM ({_LOCKED.format("ends >= %(since)s")}) l LEFT JOIN warehouse_report_watch w ON w.report = l.id
WHERE w.seq IS NULL OR w.seq < %(seq)s"""  # noqa: S608  constants of this file
_CHANGED: Final = sql.SQL(
    f"""
SELECT l.report, l.unit, l.facility, l.period, l.number, w.differs, w.since, w.looked_at
FROM ({_LOCKED.format("{seen}")}) l JOIN warehouse_report_watch w ON w.report = l.id
WHERE w.differs > 0 AND (%(unit)s::text IS NULL OR l.unit = %(unit)s) AND NOT EXISTS (
  SELECT FROM warehouse_report n WHERE n.report = l.report AND n.unit = l.unit AND n.period = l.period AND n.number > l.number
    AND NOT EXISTS (SELECT FROM warehouse_report_step b WHERE b.report = n.id AND b.step = 'returned'))
ORDER BY w.since DESC, l.report, l.unit, l.period LIMIT %(most)s"""  # noqa: S608  same
)
_LOOK: Final = """
INSERT INTO warehouse_report_watch AS w (report, seq, looked_at, differs, figures, since)
VALUES (%(id)s, %(seq)s, %(at)s, %(differs)s, %(figures)s, CASE WHEN %(differs)s > 0 THEN %(at)s::timestamptz END)
ON CONFLICT (report) DO UPDATE SET seq = excluded.seq, looked_at = excluded.looked_at, differs = excluded.differs, figures = excluded.figures,
  since = CASE WHEN excluded.differs > 0 THEN coalesce(w.since, excluded.since) END
WHERE w.seq <= excluded.seq"""


class Watched(NamedTuple):
    """A locked report that no export since ``seq`` was held against (None: none ever); ``figures``: what it would be, as last seen."""

    id: UUID
    report: str
    unit: Unit
    period: str
    starts: date
    ends: date
    locked_at: datetime
    seq: int | None
    looked_at: datetime | None
    differs: int
    figures: bytes


def watched(conn: Conn, *, since: date, seq: int) -> list[Watched]:
    """Give the locked reports of periods that ended since a day and were not held against an export yet; for the platform alone."""
    rows = conn.execute(_WATCHED, {"since": since, "seq": seq}).fetchall()
    return [
        Watched(id_, report, unit(at, station=facility), period, starts, ends, locked_at, last, looked_at, differs, bytes(figures))
        for id_, report, at, facility, period, starts, ends, locked_at, last, looked_at, differs, figures in rows
    ]


def look(conn: Conn, id_: UUID, *, seq: int, at: datetime, differs: int, figures: bytes) -> None:
    """Write down what counting again said; ``since`` stays for as long as something differs."""
    conn.execute(_LOOK, {"id": id_, "seq": seq, "at": at, "differs": differs, "figures": figures})


def changed(conn: Conn, seen: Predicate, *, of: Unit | None = None, most: int) -> list[Changed]:
    """Give the locked reports (``of`` a unit) that may be seen, whose numbers are others now and nobody corrects yet; those known last first."""
    rows = conn.execute(_CHANGED.format(seen=seen.sql), {"unit": str(of) if of else None, "most": most, **seen.params}).fetchall()
    return [
        Changed(report, unit(at, station=facility), period, number, differs, since, looked_at)
        for report, at, facility, period, number, differs, since, looked_at in rows
    ]
