"""Patients nobody can name: who is still unknown and how long until the commune must be told, a new one, and what is noted of one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from django.http import HttpResponseRedirect

from yba import directory, identity, record
from yba.access import Right, needs
from yba.kit import clock
from yba.kit.errors import Invalid
from yba.specs.identity.temporary import temporary as rules
from yba.web import shell
from yba.web.facilities import places
from yba.web.words import marked as _n

from .desk_places import LONGEST, station, stations

if TYPE_CHECKING:
    from django.http import HttpResponse

    from yba.identity import UnknownPatient
    from yba.web.edge import Visit

_SOON: Final = timedelta(hours=12)
_AGE: Final = re.compile(r"[0-9]{1,3}")


_WRONG_AGE: Final = _n("Tuổi ước lượng là số năm, từ … đến …; để trống cả hai nếu chưa rõ.")
_WRONG_TIME: Final = _n("Giờ chưa đúng: ghi ngày và giờ, ví dụ 22/11/2026 lúc 08:30.")
_WRONG_COMMUNE: Final = _n("Không có xã mang mã này (mã 5 chữ số từ 01/07/2025).")


@needs(Right.IDENTITY_UNKNOWN_REGISTER)
def listed(visit: Visit) -> HttpResponse:
    """Show who is still unknown, whose time runs out first; ``?show=all`` those known by now too. Who may only register sees the way to the form."""
    everything = visit.asked("show") == "all"
    found: list[UnknownPatient] = []
    sees = visit.may(Right.IDENTITY_UNKNOWN_SETTLE)
    if sees:
        with visit.under(Right.IDENTITY_UNKNOWN_SETTLE) as (conn, by):
            found = identity.unknowns(conn, by=by, every=everything)
    values: dict[str, Any] = {
        "found": found,
        "sees": sees,
        "everything": everything,
        "places": places(visit, [one.facility for one in found]),
        "clocks": {one.code: clock_of(one) for one in found},
        "spec": rules().unknown,
    }
    return shell.answer(visit, "unknowns", **values)


@needs(Right.IDENTITY_UNKNOWN_REGISTER)
def add(visit: Visit) -> HttpResponse:
    """Register somebody nobody can name: a record under a temporary code, at once; then the label."""
    if not visit.posted:
        return shell.answer(visit, "unknown_add", facilities=stations(visit), spec=rules().unknown, now=_now())
    made = record.register_unknown(
        visit.conn, by=visit.by, facility=station(visit), sex=visit.text("sex", 10) or "unknown", age=_age(visit), marks=visit.text("marks", 2000),
        found_at=visit.text("found", 500), commune=_commune(visit), arrived_at=_moment(visit, "arrived_on", "arrived_at") or clock.now(),
    )  # fmt: skip
    return HttpResponseRedirect(f"/temporary/{made.code}?done=unknown")


@needs(Right.IDENTITY_UNKNOWN_SETTLE)
def one(visit: Visit, code: str) -> HttpResponse:
    """Show what is known of one, the clock, and what may be done; opening it stands in the trail."""
    return page(visit, code)


@needs(Right.IDENTITY_UNKNOWN_SETTLE)
def told(visit: Visit, code: str) -> HttpResponse:
    """Note that the commune's People's Committee was told, how and when."""
    if not visit.posted:
        return page(visit, code)
    identity.note_commune_told(visit.conn, by=visit.by, code=code, how=visit.text("how", 300), at=_moment(visit, "told_on", "told_at"))
    return back(code, "told")


@needs(Right.IDENTITY_UNKNOWN_SETTLE)
def died(visit: Visit, code: str) -> HttpResponse:
    """Note a death: 24 hours from then, if that is earlier."""
    if not visit.posted:
        return page(visit, code)
    at = _moment(visit, "died_on", "died_at")
    if at is None:
        raise Invalid(visit.say(_WRONG_TIME))
    identity.note_unknown_death(visit.conn, by=visit.by, code=code, at=at)
    return back(code, "died")


def page(visit: Visit, code: str, **more: object) -> HttpResponse:
    """Lay out the page of one unknown patient."""
    found = identity.unknown(visit.conn, by=visit.by, code=code)
    commune = directory.commune(found.commune, clock.today()) if found.commune else None
    values: dict[str, Any] = {
        "one": found,
        "clock": clock_of(found),
        "places": places(visit, [found.facility]),
        "commune": f"{commune.name} ({found.commune})" if commune else found.commune,
        "spec": rules().unknown,
        "now": _now(),
        "longest": LONGEST,
        "question": "",
        "papers": None,
        "undoes": found.is_known and found.identified_as != found.person_id and visit.may(Right.IDENTITY_PERSON_MERGE),
        **more,
    }
    return shell.answer(visit, "unknown", **values)


def back(code: str, done: str) -> HttpResponse:
    """Lead back to the page of one."""
    return HttpResponseRedirect(f"/unknown/{quote(code)}?done={done}")


def clock_of(found: UnknownPatient) -> tuple[str, int, int]:
    """Return (state, hours, minutes): known, told, late (hours past), soon or running (hours left until the commune must be told)."""
    left = found.notify_by - clock.now()
    if found.is_known or found.notified_at is not None:
        return ("known" if found.is_known else "told"), 0, 0
    state = "late" if found.is_overdue else "soon" if left <= _SOON else "running"
    minutes = int(abs(left) / timedelta(minutes=1))
    return state, minutes // 60, minutes % 60


def _age(visit: Visit) -> tuple[int, int] | None:
    low, high = visit.text("age_from", 3), visit.text("age_to", 3)
    if not low and not high:
        return None
    if not all(_AGE.fullmatch(each) for each in (low, high) if each):
        raise Invalid(visit.say(_WRONG_AGE))
    return int(low or high), int(high or low)


def _commune(visit: Visit) -> str:
    code = visit.text("commune", 5)
    if code and directory.commune(code, clock.today()) is None:
        raise Invalid(visit.say(_WRONG_COMMUNE))
    return code


def _moment(visit: Visit, day: str, time: str) -> datetime | None:
    """The day and time of a form (dd/mm/yyyy, ISO is taken too), in Vietnam's time; None when both are empty."""
    on, at = visit.text(day, 10), visit.text(time, 8)
    if not on and not at:
        return None
    written = "%d/%m/%Y %H:%M" if "/" in on else "%Y-%m-%d %H:%M"
    try:
        return datetime.strptime(f"{on} {at or '00:00'}", written).replace(tzinfo=clock.VIETNAM)
    except ValueError:
        raise Invalid(visit.say(_WRONG_TIME)) from None


def _now() -> datetime:
    return clock.now().astimezone(clock.VIETNAM)
