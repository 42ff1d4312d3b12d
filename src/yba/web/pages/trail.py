"""Searching the logs: by person, account, act and period; the table, and a CSV whose export is an act of its own."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.http import HttpResponse

from yba import access, accounts, audit
from yba.access import Denied, Right, needs, open_to_all
from yba.audit import Store, Tag
from yba.kit.clock import VIETNAM
from yba.kit.errors import Invalid
from yba.web import shell

from .reports import TRAIL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.audit import TrailEntry
    from yba.web.edge import Visit

PAGE: Final = 100
_EXPORT: Final = 10_000
_HEAD: Final = ("id", "at", "who", "role", "purpose", "tag", "outcome", "about_type", "about_id", "person_id", "facility", "address", "reason")


def _n(text: str) -> str:
    return text


_BAD_DAY: Final = _n("Ngày viết như 2026-11-21.")
_BAD_ID: Final = _n("Mã người hoặc mã tài khoản không đúng dạng.")


@open_to_all("either log may be held alone: the page asks for the right of the log it shows")
def trail(visit: Visit) -> HttpResponse:
    """Show the entries of one log, newest first, a hundred at a time."""
    log = _log(visit)
    found = _read(visit, log, PAGE)
    known = {UUID(one.who.partition(":")[2]) for one in found if one.who.startswith("user:")}
    values: dict[str, Any] = {
        "found": found,
        "log": log.value,
        "logs": _logs(visit),
        "tags": [tag.value for tag in Tag if audit.store_of(tag) is log],
        "asked": {field: visit.asked(field, 60) for field in ("person", "account", "tag", "since", "until")},
        "people": {f"user:{each}": name for each, name in accounts.names_of(visit.conn, by=visit.by, accounts=known).items()},
        "older": found[-1].id if len(found) == PAGE else 0,
        "exports": log is Store.RECORD_ACCESS and visit.may(Right.AUDIT_TRAIL_EXPORT),
    }
    return shell.answer(visit, "trail", **values)


@needs(Right.AUDIT_TRAIL_READ, Right.AUDIT_TRAIL_EXPORT)
def export(visit: Visit) -> HttpResponse:
    """Hand out what the search found as CSV (UTF-8, at most 10,000 rows); the export is in the trail with what was asked."""
    found = _read(visit, Store.RECORD_ACCESS, _EXPORT)
    audit.note(visit.conn, by=visit.by, tag=Tag.STORE_EXPORT, about_type="AuditEvent", about_id="", detail={"rows": len(found)})
    answer = HttpResponse(_csv(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="nhat-ky.csv"'
    return shell.harden(answer)


def _read(visit: Visit, log: Store, limit: int) -> list[TrailEntry]:
    right = Right.AUDIT_TRAIL_READ if log is Store.RECORD_ACCESS else Right.AUDIT_SECURITY_READ
    narrow = _asked(visit)
    with visit.under(right) as (conn, by):
        seen = access.predicate(conn, by=by, right=right, columns=TRAIL)
        return audit.trail(conn, by=by, log=log, seen=seen, limit=limit, **narrow)


def _asked(visit: Visit) -> dict[str, Any]:
    before = visit.asked("before", 20)
    account = _uuid(visit, visit.asked("account", 60))
    tag = visit.asked("tag", 60)
    until = _day(visit, visit.asked("until", 10))
    return {
        "person": _uuid(visit, visit.asked("person", 60)),
        "who": f"user:{account}" if account else None,
        "tag": Tag(tag) if tag in set(Tag) else None,
        "since": _day(visit, visit.asked("since", 10)),
        "until": until + timedelta(days=1) if until else None,
        "before": int(before) if before.isdigit() else None,
    }


def _log(visit: Visit) -> Store:
    held = _logs(visit)
    if not held:
        raise Denied(Right.AUDIT_TRAIL_READ)
    return Store(visit.asked("log", 20)) if visit.asked("log", 20) in held else Store(held[0])


def _logs(visit: Visit) -> list[str]:
    held = ((Store.RECORD_ACCESS, Right.AUDIT_TRAIL_READ), (Store.SECURITY, Right.AUDIT_SECURITY_READ))
    return [store.value for store, right in held if visit.may(right)]


def _day(visit: Visit, text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), VIETNAM)
    except ValueError:
        raise Invalid(visit.say(_BAD_DAY)) from None


def _uuid(visit: Visit, text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(visit.say(_BAD_ID)) from None


def _csv(found: Sequence[TrailEntry]) -> str:
    """Write entries as CSV; a cell that a spreadsheet would take for a formula gets a quote in front."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    for one in found:
        cells = (str(value) if value is not None else "" for value in (getattr(one, name) for name in _HEAD))
        writer.writerow([f"'{cell}" if cell[:1] in "=+-@\t\r" else cell for cell in cells])
    return "\ufeff" + out.getvalue()
