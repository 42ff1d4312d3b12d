"""The pages of measures: which there are, and one of them for a period, told apart, with its course, its table and how it is made."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponseRedirect

from yba.access import Right, needs
from yba.kit import spreadsheets
from yba.kit.errors import NotFound
from yba.record import words as days
from yba.specs.measures import BASE, THEMES, Dimension, Measure, base
from yba.specs.measures import measures as known
from yba.warehouse import State
from yba.web import charts, files, shell
from yba.web.words import marked as _n

from . import measure_charts as drawn
from . import measure_words as words
from .measure_asking import WHOLE, answered, choices, form_values, is_shown, read, the_value, within_reach
from .measure_files import table
from .measure_forecasts import cards as foreseen
from .measure_forecasts import weeks
from .under_way import again, counting

if TYPE_CHECKING:
    from django.http import HttpResponse

    from yba.warehouse import Kept
    from yba.web.edge import Visit

    from .measure_asking import Asked, Found
    from .measure_words import Named

FOLDED: Final = 5  # places with nobody in the denominator, above which they are named beneath the table
MOST: Final = 300  # lines of a table; all of them are in the file
_NO_MEASURE: Final = _n("Không có số liệu này.")


@needs(Right.WAREHOUSE_MEASURE_READ)
def listed(visit: Visit) -> HttpResponse:
    """List the measures by theme or, ``?by=owner``, by who answers for them; those without a source say what is missing."""
    by_owner = visit.asked("by", 10) == "owner"
    order = [*THEMES]

    def head(one: Measure) -> tuple[int, str]:
        return (0, words.owner_words(visit, one)) if by_owner else (order.index(one.theme), words.said(THEMES[one.theme], visit.lang))

    ordered = sorted(known().values(), key=lambda one: (head(one), words.said(one.title, visit.lang)))
    groups = [(heading, [*some]) for (_, heading), some in groupby(ordered, key=head)]
    return shell.answer(
        visit,
        "measures",
        groups=groups,
        by_owner=by_owner,
        said=lambda one: words.said(one, visit.lang),
        reached=lambda one: within_reach(visit, one),
        owner=lambda one: words.owner_words(visit, one),
    )


@needs(Right.WAREHOUSE_MEASURE_READ)
def one(visit: Visit, name: str) -> HttpResponse:
    """Show one measure: ``period`` (or ``since`` and ``until``), ``by``, ``and``, ``facility``, ``area``, ``value``, ``limits`` of the address."""
    asked = read(visit, _spec(visit, name))
    reached = within_reach(visit, asked.spec)
    found = answered(visit, asked) if reached else None
    values: dict[str, Any] = {
        **_common(visit, asked), **form_values(asked), "beyond": "" if reached else visit.say(WHOLE),
        "counting": counting(visit, found.asked - found.left, found.asked) if found and found.left else None,
        "found": found, "kept": found.now if found else None, "choices": choices(visit, asked),
        "limits": bool(visit.asked("limits", 1)), "now": None,
        "course": [], "line": None, "table": [], "nobody": [], "left_out": 0, "heads": [], "heading": "",
        "picture": None, "values": [], "value": None, "too_short": False, "notes": [], "forecasts": foreseen(visit, asked),
    }  # fmt: skip
    if found is not None and found.now is not None:
        values |= _numbers(visit, asked, found, limits=values["limits"])
    answer = shell.answer(visit, "measure", **values)
    if values["counting"]:
        again(visit, answer)
    return answer


@needs(Right.WAREHOUSE_MEASURE_READ)
def export(visit: Visit, name: str) -> HttpResponse:
    """Hand out the table as CSV or, ``?as=xlsx``, as a workbook: the parts asked for, without any the course; ``?of=forecast`` the weeks to come."""
    asked = read(visit, _spec(visit, name))
    if visit.asked("of", 10) == "forecast":
        return files.file(spreadsheets.to_csv(weeks(visit, asked)), name=f"{asked.spec.name}-forecast.csv", media=spreadsheets.CSV)
    found = answered(visit, asked)
    if found is not None and found.left:
        return HttpResponseRedirect(f"/measures/{name}{asked.address()}")  # its page says how far the count is
    kept = () if found is None else (found.parts,) if found.parts else found.course
    lines = [(one.answer.period.label, cell) for one in kept for cell in one.answer.cells]
    by = kept[0].answer.by if kept else ()
    name_of = words.naming(visit, asked.spec, [cell for _, cell in lines])
    told = table(lines, by, name_of, words.said(asked.spec.unit, visit.lang), visit.lang)
    file = f"{asked.spec.name}-{asked.period.label.replace('..', '-')}"
    if visit.asked("as", 5) == "xlsx":
        return files.file(spreadsheets.to_workbook(told, asked.spec.name), name=f"{file}.xlsx", media=spreadsheets.WORKBOOK)
    return files.file(spreadsheets.to_csv(told), name=f"{file}.csv", media=spreadsheets.CSV)


def _spec(visit: Visit, name: str) -> Measure:
    spec = known().get(name)
    if spec is None:
        raise NotFound(visit.say(_NO_MEASURE))
    return spec


def _labels(visit: Visit, spec: Measure) -> dict[str, str]:
    return {one.value: words.dimension_words(visit, spec, one) for one in Dimension}


def _common(visit: Visit, asked: Asked) -> dict[str, Any]:
    """Return what the page says whether or not there are numbers."""
    spec = asked.spec
    return {
        "spec": spec,
        "owner": words.owner_words(visit, spec),
        "checked": words.checked_words(visit, spec),
        "asked": asked,
        "period": words.period_words(asked.period, visit),
        "dimensions": _labels(visit, spec),
        "semantics": visit.say(words.SEMANTICS[spec.semantics]),
        "kinds": [visit.say(words.KINDS[kind]).lower() for kind in spec.periods],
        "said": lambda one: words.said(one, visit.lang),
        "number": lambda value: "–" if value is None else charts.number(value, visit.lang),
        "shares": lambda value: "–" if value is None else charts.number(value, visit.lang, "%"),
        "date": lambda one: days.day(one.isoformat()) if isinstance(one, date) else "",
        "is_shown": is_shown,
        "states": State,
        "shared": [(step, base(step)) for step in BASE] if spec.sql else [],
        "only": _only(visit, asked),
        "narrowed": [({Dimension.FACILITY: "facility", Dimension.COMMUNE: "area"}[one], code) for one, code in asked.only.items()],
        "unit": words.said(spec.unit, visit.lang),
    }


def _only(visit: Visit, asked: Asked) -> list[tuple[str, str, str]]:
    """Return the places a question is narrowed to: of what kind, which, and the way without it."""
    name = words.named(visit, asked.spec, [asked.only.get(Dimension.FACILITY, "")]) if asked.only else None
    field = {Dimension.FACILITY: "facility", Dimension.COMMUNE: "area"}
    return [
        (visit.say(words.DIMENSIONS[one]), name(one, code), asked.address(**{field[one]: None}))
        for one, code in asked.only.items()
        if name is not None
    ]


def _numbers(visit: Visit, asked: Asked, found: Found, *, limits: bool) -> dict[str, Any]:
    """Return the headline, the course, the parts drawn and as a table."""
    parts = found.parts
    own = [cell for kept in found.course for cell in kept.answer.cells]
    name = words.naming(visit, asked.spec, [*own, *(parts.answer.cells if parts else ())])
    detail = the_value(asked, own, Dimension.DETAIL) if asked.spec.always_by_detail else None
    course, line = drawn.course(visit, asked, found, detail, limits=limits)
    told: dict[str, Any] = {"now": course[-1][1], "course": course, "line": line, "value": name(Dimension.DETAIL, detail) if detail else None}
    told["too_short"] = limits and sum(is_shown(cell) for _, cell in course) < drawn.FEWEST
    answers = [found.course[-1].answer, *([parts.answer] if parts is not None else [])]  # the parts may be rounded where the whole is not
    told["notes"] = list(dict.fromkeys(words.said(one, visit.lang) for answer in answers for one in answer.notes))
    if asked.spec.always_by_detail and parts is None:
        parts = found.course[-1]
    if parts is not None and not parts.blank:
        told |= _parts(visit, asked, parts, name)
    elif detail:
        told["values"] = _values(asked, own, Dimension.DETAIL, name, detail)
    return told


def _parts(visit: Visit, asked: Asked, parts: Kept, name: Named) -> dict[str, Any]:
    lines = drawn.rows(asked, parts, name)
    chosen, heads = drawn.focus(asked, parts), [words.dimension_words(visit, asked.spec, one) for one in parts.answer.by]
    second = chosen or ((Dimension.DETAIL, the_value(asked, parts.answer.cells, Dimension.DETAIL)) if asked.spec.always_by_detail else None)
    nobody = [one.names[0] for one in lines if len(one.names) == 1 and one.cell.denominator == 0]
    table_ = [one for one in lines if one.cell.denominator != 0] if len(nobody) > FOLDED else lines  # hospitals among stations that admit nobody
    return {
        "table": table_[:MOST],
        "nobody": nobody if table_ is not lines else [],
        "left_out": max(len(table_) - MOST, 0),
        "heads": heads,
        "heading": f"{heads[0]}: {name(*chosen)}" if chosen else " → ".join(heads),
        "picture": drawn.picture(visit, asked, parts, name) if lines else None,
        "values": _values(asked, parts.answer.cells, *second[:1], name, second[1]) if second else [],
    }


def _values(asked: Asked, cells: Any, dimension: Dimension, name: Named, chosen: str | None) -> list[tuple[str, str, bool]]:  # noqa: ANN401  cells of any answer
    """Return the values a chart may look at: (words, code, whether it is the one)."""
    there = dict.fromkeys(cell.dimensions.get(dimension) for cell in cells)
    order = [
        *(one for one in asked.spec.details if dimension is Dimension.DETAIL and one in there),
        *(one for one in there if one not in asked.spec.details),
    ]
    return [(name(dimension, one), one, one == chosen) for one in order if one is not None]
