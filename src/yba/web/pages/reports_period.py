"""The pages of periodic reports: what is due, late and locked for a unit; one report with its checks, made, signed, locked, corrected, handed out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect

from yba.access import Right, needs
from yba.kit.errors import Invalid, NotFound
from yba.specs import exports
from yba.warehouse import reports
from yba.web import files, shell
from yba.web.facilities import places
from yba.web.words import marked as _n

from . import reports_period_words as words
from .desk_places import to_uuid

if TYPE_CHECKING:
    from yba.specs.exports import Edition
    from yba.web.edge import Visit

MOST: Final = 60  # differences said on the page; all are in the file
_NO_REPORT: Final = _n("Không có báo cáo này.")
_NO_UNIT: Final = _n("Chọn đơn vị báo cáo.")


class _Asked(NamedTuple):
    """Which report of whom and when, as the address or a form says."""

    name: str
    unit: reports.Unit
    period: str

    def address(self, **more: object) -> str:
        """Give the address of its page."""
        told = {"unit": str(self.unit), "period": self.period, **({"station": self.unit.facility} if self.unit.kind == "commune" else {}), **more}
        return f"/reports-period/{self.name}?{urlencode(told)}"


@needs(Right.WAREHOUSE_REPORT_READ)
def listed(visit: Visit) -> HttpResponse:
    """List how every report of a unit stands: late and due first."""
    known = words.units(visit)
    unit = _unit(visit, known)
    standing = reports.standing(by=visit.by, unit=unit)
    lines = [(one, reports.said(one.period), words.state(visit, one), _Asked(one.report, unit, one.period.label).address()) for one in standing]
    return shell.answer(
        visit, "reports_period", lines=lines, units=[(str(one), one.facility, name) for one, name in known], unit=str(unit), station=unit.facility,
        name=words.called(visit, unit), missing=exports.not_known(),
        said=lambda one: words.said(visit, one), whole=any(one.kind == "province" for one, _ in known),
        late=sum(one.late for one in standing), differing=_differing(visit),
    )  # fmt: skip


def _differing(visit: Visit) -> list[tuple[str, str, str, str, reports.Changed]]:
    """Return the locked reports within reach whose numbers are others now: (address, number of the form, unit, period), and how many."""
    found = reports.changed(by=visit.by)
    called = places(visit, [one.unit.facility for one in found if one.unit.facility])
    lines = []
    for one in found:
        edition, period = reports.named(one.report, one.period)
        unit = words.said(visit, reports.PROVINCE) if one.unit.kind == "province" else words.place(visit, str(one.unit), called)
        address = _Asked(one.report, one.unit, one.period).address(late=1)
        lines.append((address, edition.number, unit, words.said(visit, reports.said(period)), one))
    return lines


@needs(Right.WAREHOUSE_REPORT_READ)
def one(visit: Visit, name: str) -> HttpResponse:
    """Show one report: what was kept, else what it would be now (``now=1``: that in any case); ``as=xlsx|xml`` hands it out."""
    asked = _asked(visit, name)
    if form := visit.asked("as", 5):
        return _file(visit, asked, form)
    return _page(visit, asked)


@needs(Right.WAREHOUSE_REPORT_MAKE)
def make(visit: Visit, name: str) -> HttpResponse:
    """Make the report of a period."""
    return _acted(visit, name, "made", lambda asked: reports.make(name, by=visit.by, unit=asked.unit, period=asked.period))


@needs(Right.WAREHOUSE_REPORT_MAKE)
def correct(visit: Visit, name: str) -> HttpResponse:
    """Make a correction of a locked report."""
    text = visit.text("words", 500)
    return _acted(
        visit, name, "corrected", lambda asked: reports.correct(name, by=visit.by, unit=asked.unit, period=asked.period, words=text)
    )  # fmt: skip


@needs(Right.WAREHOUSE_REPORT_SIGN)
def sign(visit: Visit, name: str) -> HttpResponse:
    """Approve what another made."""
    return _acted(visit, name, "approved", lambda _: reports.approve(to_uuid(visit.text("report", 40)), by=visit.by))


@needs(Right.WAREHOUSE_REPORT_SIGN)
def lock(visit: Visit, name: str) -> HttpResponse:
    """Lock what was approved."""
    return _acted(visit, name, "locked", lambda _: reports.lock(to_uuid(visit.text("report", 40)), by=visit.by))


@needs(Right.WAREHOUSE_REPORT_SIGN)
def give_back(visit: Visit, name: str) -> HttpResponse:
    """Return what is not locked, with a reason."""
    text = visit.text("words", 500)
    return _acted(visit, name, "returned", lambda _: reports.give_back(to_uuid(visit.text("report", 40)), by=visit.by, words=text))


def _acted(visit: Visit, name: str, done: str, act: Any) -> HttpResponse:  # noqa: ANN401  # a function of what was asked
    """Do an act and lead back to the report; refused, the report is shown with the reason."""
    if visit.request.method == "GET" and not visit.asked("unit", 40):
        return HttpResponseRedirect("/reports-period")  # an address of forms alone, opened by itself
    asked = _asked(visit, name)
    if not visit.posted:
        return _page(visit, asked)
    act(asked)
    return HttpResponseRedirect(asked.address(done=done))


def _unit(visit: Visit, known: list[tuple[reports.Unit, str]]) -> reports.Unit:
    text = visit.asked("unit", 40) or visit.text("unit", 40)
    station = visit.asked("station", 20) or visit.text("station", 20)
    if text:
        return reports.unit(f"facility:{text}" if text.isalnum() and text != "province" else text, station=station)
    if not known:
        raise Invalid(visit.say(_NO_UNIT))
    return known[0][0]


def _asked(visit: Visit, name: str) -> _Asked:
    if name not in exports.reports():
        raise NotFound(visit.say(_NO_REPORT))
    return _Asked(name, _unit(visit, []), visit.asked("period", 10) or visit.text("period", 10))


def _file(visit: Visit, asked: _Asked, form: str) -> HttpResponse:
    """Hand a report out: the kept one the page shows, else the draft."""
    if form not in {one.value for one in reports.Format}:
        raise NotFound(visit.say(_NO_REPORT))
    what = _chosen(visit, reports.reports_of(asked.name, by=visit.by, unit=asked.unit, period=asked.period))
    written = reports.write(
        what or reports.draft(asked.name, by=visit.by, unit=asked.unit, period=asked.period), by=visit.by, form=reports.Format(form)
    )
    return files.file(written.data, name=written.name, media=written.media)


def _chosen(visit: Visit, kept: list[reports.Kept]) -> reports.Kept | None:
    """Give the report the address names, else the newest that was not returned, else the newest; None for a draft."""
    if visit.asked("now", 1) or not kept:
        return None
    wanted = visit.asked("report", 40)
    named = [one for one in kept if str(one.id) == wanted]
    return (named or [one for one in kept if one.state is not reports.Step.RETURNED] or kept)[-1]


def _page(visit: Visit, asked: _Asked) -> HttpResponse:
    kept = reports.reports_of(asked.name, by=visit.by, unit=asked.unit, period=asked.period)
    chosen = _chosen(visit, kept)
    waits = any(one.state in {reports.Step.MADE, reports.Step.APPROVED} for one in kept)
    locked = next((one for one in reversed(kept) if one.state is reports.Step.LOCKED), None)
    drafted = None
    if chosen is None or visit.asked("compare", 1) or (locked is not None and not waits and chosen is locked and visit.asked("late", 1)):
        drafted = reports.draft(asked.name, by=visit.by, unit=asked.unit, period=asked.period)
    what = chosen or drafted
    if what is None:
        raise NotFound(visit.say(_NO_REPORT))
    edition = drafted.edition if drafted else _edition(asked.name, what)
    values = {
        **_figures(visit, asked, what, drafted), **_changed(visit, what, locked, drafted),
        "asked": asked, "what": what, "kept": chosen, "all": kept, "waits": waits, "locked": locked, "edition": edition,
        "states": reports.Step, "step_words": {step: visit.say(text) for step, text in words.STEPS.items()},
        "acts": {step: visit.say(text) for step, text in words.ACTS.items()},
        "told": visit.say(words.DONE.get(visit.asked("done", 20), "")) if visit.asked("done", 20) in words.DONE else "",
        "said": lambda one: words.said(visit, one), "unit_name": words.called(visit, asked.unit),
        "period": words.said(visit, reports.said(what.period)), "may_make": _may(visit, Right.WAREHOUSE_REPORT_MAKE, asked, edition),
        "may_sign": _may(visit, Right.WAREHOUSE_REPORT_SIGN, asked, edition), "sent": _sent(visit, asked),
    }  # fmt: skip
    return shell.answer(visit, "reports_period_one", **values)


def _edition(name: str, what: reports.Kept | reports.Draft) -> Edition | None:
    return exports.edition(name, what.period.end - timedelta(days=1))


def _may(visit: Visit, right: Right, asked: _Asked, edition: Edition | None) -> bool:
    return visit.may(right) and edition is not None and _permitted(visit, right, asked, edition)


def _permitted(visit: Visit, right: Right, asked: _Asked, edition: Edition) -> bool:
    with visit.under(right) as (_, by):
        return reports.permitted(by, right, asked.unit, edition.labels)


def _figures(visit: Visit, asked: _Asked, what: reports.Kept | reports.Draft, drafted: reports.Draft | None) -> dict[str, Any]:
    """Lay out the rows of the unit, and the places of one row where one is asked for."""
    last = reports.to_last(drafted, by=visit.by) if drafted is not None and visit.asked("compare", 1) else None
    before = last.figures.cells[""] if last else {}
    rows = [(line, words.cells(visit, what.figures.cells[""][line.id], before.get(line.id))) for line in what.sheet.lines]
    told = [one for one in what.figures.places if one]
    chosen = next((line for line in what.sheet.lines if line.id == visit.asked("row", 60)), None)
    called = places(visit, [one.partition(":")[2] for one in told if one.startswith("facility:")]) if told else {}
    parts = [(words.place(visit, at, called), at, words.cells(visit, what.figures.cells[at][chosen.id], None)) for at in told] if chosen else []
    broken = words.judged(visit, what, reports.Verdict.BROKEN)
    return {
        "rows": rows, "columns": [words.said(visit, text) for _, text in what.sheet.columns], "last": last, "chosen": chosen, "parts": parts,
        "has_places": bool(told), "broken": [(words.place(visit, at, called) if at else "", *rest) for at, *rest in broken],
        "unjudged": len(words.judged(visit, what, reports.Verdict.NOT_JUDGED)), "row_address": lambda row: asked.address(row=row) + "#noi",
        "compares": asked.address(compare=1), "address": asked.address,
    }  # fmt: skip


def _changed(visit: Visit, what: reports.Kept | reports.Draft, locked: reports.Kept | None, drafted: reports.Draft | None) -> dict[str, Any]:
    """Say what a correction changed, or what would be another number if the locked report were counted now."""
    found = what.differences if isinstance(what, reports.Kept) and what.number else ()
    if isinstance(what, reports.Draft) and locked is not None:
        found = reports.differences(locked.figures, what.figures)
    elif drafted is not None and locked is not None and what is locked and visit.asked("late", 1):
        found = reports.differences(locked.figures, drafted.figures)
    codes = [one.place.partition(":")[2] for one in found if one.place.startswith("facility:")]
    late = what.late if isinstance(what, reports.Kept) else None
    called = places(visit, [*codes, *(one.facility for one in late or ())])
    return {"changed": words.changes(visit, what, found[:MOST], called), "more": len(found[MOST:]), "late": late, "called": called,
            "late_asked": bool(visit.asked("late", 1))}  # fmt: skip


def _sent(visit: Visit, asked: _Asked) -> list[str]:
    """Name the facilities and communes that locked theirs, for who receives them."""
    if asked.unit.kind != "province":
        return []
    codes = reports.locked_units(asked.name, by=visit.by, period=asked.period) - {"province"}
    called = places(visit, [code.partition(":")[2] for code in codes if code.startswith("facility:")])
    return sorted(words.place(visit, code, called) for code in codes)
