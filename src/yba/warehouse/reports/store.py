"""The statements of periodic reports: kept whole, read under the reader's predicate, steps added; nothing is ever changed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

from yba import access
from yba.kit.errors import Internal
from yba.specs.measures import PeriodKind
from yba.warehouse.measures import Period

from . import content
from .model import Kept, Signed, Step, unit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from psycopg import Connection

    from yba.kit import Predicate

    from .model import Draft, Unit

    Conn = Connection[Any]

COLUMNS: Final = access.Columns(person=None, facility="facility", labels="labels", rtype=None)
_WHAT: Final = sql.SQL(
    "id, report, edition, unit, facility, period, starts, ends, number, attempt, corrects, coalesce(labels, '{}'), figures, sha256, content"
)
_OF: Final = sql.SQL(
    "SELECT {} FROM warehouse_report WHERE report = %(report)s AND unit = %(unit)s AND period = %(period)s AND {} ORDER BY number, attempt"
)
_STEPS: Final = (
    "SELECT report, step, at, who, name, words FROM warehouse_report_step WHERE report = ANY (%s)"
    " ORDER BY at, array_position(ARRAY['made', 'approved', 'locked', 'returned'], step)"
)


def insert(conn: Conn, id_: UUID, draft: Draft, text: str, *, number: int, attempt: int, corrects: UUID | None) -> None:
    """Keep a report; what its text hashes to is said by us and by the table's own check."""
    at, period = draft.unit, draft.period
    conn.execute(
        "INSERT INTO warehouse_report (id, report, edition, unit, facility, labels, period, starts, ends, number, attempt, corrects, seq, figures,"
        " content, sha256) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            id_, draft.edition.report, draft.edition.edition, str(at), at.facility, list(draft.edition.labels) or None, period.label, period.start,
            period.end, number, attempt, corrects, draft.seq, draft.digest, text, hashlib.sha256(text.encode()).digest(),
        ),
    )  # fmt: skip


def add_step(conn: Conn, id_: UUID, step: Signed) -> None:
    """Add a step. Raises UniqueViolation where it was taken."""
    conn.execute(
        "INSERT INTO warehouse_report_step (report, step, at, who, name, words) VALUES (%s, %s, %s, %s, %s, %s)",
        (id_, step.step.value, step.at, step.who, step.name, step.words),
    )


def hold(conn: Conn, report: str, at: Unit, period: Period) -> None:
    """Let nobody else act on a report of a unit and period until this transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", (f"report {report} {at} {period.label}",))


def of(conn: Conn, seen: Predicate, report: str, at: Unit, label: str) -> list[Kept]:
    """Give every report of a unit and period that may be seen, in the order they were made. Raises Internal where one is not what was signed."""
    params = {"report": report, "unit": str(at), "period": label, **seen.params}
    return _made(conn, conn.execute(_OF.format(_WHAT, seen.sql), params).fetchall())


def one(conn: Conn, seen: Predicate, id_: UUID) -> Kept | None:
    """Give one report, or None where there is none or it may not be seen."""
    ask = sql.SQL("SELECT {} FROM warehouse_report WHERE id = %(id)s AND {}").format(_WHAT, seen.sql)
    return next(iter(_made(conn, conn.execute(ask, {"id": id_, **seen.params}).fetchall())), None)


def standing(conn: Conn, seen: Predicate, at: Sequence[str], since: date) -> list[tuple[str, str, str, int, Step]]:
    """Give (report, unit, period, number, state) of the newest attempt of every report of some units whose periods ended since a day."""
    ask = sql.SQL(
        "SELECT DISTINCT ON (report, unit, period, number) report, unit, period, number, ARRAY(SELECT step FROM warehouse_report_step s"
        " WHERE s.report = warehouse_report.id) FROM warehouse_report WHERE unit = ANY (%(units)s) AND ends >= %(since)s AND {}"
        " ORDER BY report, unit, period, number, attempt DESC"
    )
    rows = conn.execute(ask.format(seen.sql), {"units": list(at), "since": since, **seen.params}).fetchall()
    return [(report, unit_, period, number, Step.reached(map(Step, steps))) for report, unit_, period, number, steps in rows]


def locked_of(conn: Conn, seen: Predicate, report: str, label: str) -> set[str]:
    """Name the units whose report of a period is locked."""
    ask = sql.SQL(
        "SELECT DISTINCT unit FROM warehouse_report WHERE report = %(report)s AND period = %(period)s AND {}"
        " AND EXISTS (SELECT FROM warehouse_report_step s WHERE s.report = warehouse_report.id AND s.step = 'locked')"
    )
    return {row[0] for row in conn.execute(ask.format(seen.sql), {"report": report, "period": label, **seen.params}).fetchall()}


def _made(conn: Conn, rows: Sequence[tuple[Any, ...]]) -> list[Kept]:
    steps: dict[UUID, list[Signed]] = {row[0]: [] for row in rows}
    for report, step, at, who, name, words in conn.execute(_STEPS, (list(steps),)).fetchall() if rows else ():
        steps[report].append(Signed(Step(step), at, who, name, words))
    return [_kept(row, tuple(steps[row[0]])) for row in rows]


def _kept(row: tuple[Any, ...], steps: tuple[Signed, ...]) -> Kept:
    id_, report, edition, unit_, facility, label, starts, ends, number, attempt, corrects, labels, figures, sha256, text = row
    if hashlib.sha256(text.encode()).digest() != bytes(sha256):
        raise Internal(f"report {id_} is not what was signed: its text has another SHA-256.")
    sheet, found, origin, differs, late = content.read(text)
    if content.digest(found) != bytes(figures):
        raise Internal(f"report {id_} is not what was signed: its figures have another SHA-256.")
    period = Period(starts, ends, PeriodKind.CUSTOM, label, year_start=starts)  # whoever counts again reads the period from its label
    return Kept(
        id_, report, edition, unit(unit_, station=facility), period, number, attempt, corrects, tuple(labels), sheet, found, bytes(figures),
        bytes(sha256), origin, differs, late, steps,
    )  # fmt: skip
