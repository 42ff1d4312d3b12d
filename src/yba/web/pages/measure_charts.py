"""Which chart fits what was asked of a measure, and the numbers laid out for it; rows of the table beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from yba.specs.measures import Dimension
from yba.warehouse import State, boards
from yba.web import charts
from yba.web.board import short, unheard
from yba.web.facilities import province_of
from yba.web.words import FIRST
from yba.web.words import marked as _n

from .measure_asking import is_shown, the_value
from .measure_words import dimension_words, period_words, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from yba.warehouse import Cell, Kept
    from yba.web.edge import Visit

    from .measure_asking import Asked, Found
    from .measure_words import Named

_BEYOND: Final = {boards.Limit.WITHIN: 0, boards.Limit.WATCH: 1, boards.Limit.BEYOND: 2}
_RUN: Final = _n("8 kỳ liền một phía của trung bình")
_BY: Final = _n("%(title)s theo %(dimension)s, %(period)s")
_OF: Final = _n("%(title)s: %(value)s")
_COURSE: Final = _n("%(title)s: %(n)s kỳ gần nhất")
FEWEST: Final = 4  # values with which limits of a course begin to mean something
_SPAN: Final = 2
_ALL: Final = 100  # per cent: where all or none of all have it, there are no limits
_LAST: Final = 1_000  # behind every age and every step


class Row(NamedTuple):
    """One line of the table: names of its values, its cell, a way to the same question about this place alone ("" where there is none)."""

    names: tuple[str, ...]
    cell: Cell
    href: str


def rows(asked: Asked, answer: Kept, name: Named) -> list[Row]:
    """Name every cell of an answer: by code, but steps and ages in their own order."""
    by = answer.answer.by
    cells = sorted(answer.answer.cells, key=lambda cell: [_place(asked, one, cell.dimensions.get(one)) for one in by])
    return [
        Row(tuple(name(one, cell.dimensions.get(one)) for one in by), cell, _deeper(asked, by[0], cell.dimensions.get(by[0])) if by else "")
        for cell in cells
    ]


def _place(asked: Asked, dimension: Dimension, value: str | None) -> tuple[int, str]:
    """Return where a value of a dimension stands among the others; what is not known comes last."""
    if value is None:
        return _LAST, ""
    if dimension is Dimension.AGE_BAND:
        first = value.partition("-")[0].rstrip("+")
        return int(first) if first.isascii() and first.isdigit() else _LAST, value
    order = [*asked.spec.details] if dimension is Dimension.DETAIL else []
    return order.index(value) if value in order else len(order), value


def _deeper(asked: Asked, dimension: Dimension, value: str | None) -> str:
    """Return the way to one facility or commune alone; none where it is asked for already, or cannot be."""
    field = {Dimension.FACILITY: "facility", Dimension.COMMUNE: "area"}.get(dimension)
    if field is None or not value or dimension in asked.only:
        return ""
    rest = [one for one in asked.by if one is not dimension]
    return asked.address(**{field: value, "by": rest[0] if rest else None, "and": None})


def focus(asked: Asked, answer: Kept) -> tuple[Dimension, str | None] | None:
    """Return the second dimension of an answer and the value of it that a chart looks at; None where there is one dimension only."""
    by = answer.answer.by
    if len(by) < _SPAN or asked.flows:
        return None
    return by[1], the_value(asked, answer.answer.cells, by[1])


def course(visit: Visit, asked: Asked, found: Found, value: str | None, *, limits: bool) -> tuple[list[tuple[str, Cell | None]], Markup]:
    """Return the course as (period, cell) and drawn: with targets, or with control limits."""
    cells = [at(one, value) for one in found.course]
    lang, unit = visit.lang, said(asked.spec.unit, visit.lang)
    title = visit.say(_COURSE) % {"title": said(asked.spec.title, lang), "n": len(cells)}
    values = [cell.value if cell is not None and is_shown(cell) else None for cell in cells]
    labels = [short(one.label, visit.say) for one in found.periods]
    whys = [said(cell.words, lang) if cell is not None and cell.words else "" for cell in cells]
    if limits and sum(one is not None for one in values) >= FEWEST:
        told = boards.control(asked.spec, [one.label for one in found.periods], cells, values)
        signal = visit.say(_RUN)
        watched = [
            charts.Watched(
                label, value_, one.limits.centre, one.limits.lower, one.limits.upper, why, signal if "western-electric-4" in one.rules else ""
            )
            for label, value_, one, why in zip(labels, values, told, whys, strict=True)
        ]
        drawn = charts.control(watched, title=title, unit=unit, lang=lang)
    else:
        points = [charts.Point(*one) for one in zip(labels, values, whys, strict=True)]
        drawn = charts.line(points, title=title, unit=unit, levels=levels(visit, asked), lang=lang)
    return [*zip((period_words(one, visit) for one in found.periods), cells, strict=True)], drawn


def at(one: Kept, value: str | None) -> Cell | None:
    """Return the cell of a measure's own number: the only one, or the one of a value of its detail."""
    cells = one.answer.cells
    if one.blank or Dimension.DETAIL not in one.answer.by:
        return one.blank or (cells[0] if cells else None)
    return next((cell for cell in cells if cell.dimensions.get(Dimension.DETAIL) == value), None)


def levels(visit: Visit, asked: Asked) -> list[charts.Level]:
    """Return the targets of a measure."""
    return [charts.Level(one.value, said(one.words, visit.lang)) for one in asked.spec.targets]


def picture(visit: Visit, asked: Asked, answer: Kept, name: Named) -> Markup:
    """Draw an answer told apart: on a map by commune, within a funnel by facility, as flows from where to where, else as bars."""
    by, chosen = answer.answer.by, focus(asked, answer)
    cells = [cell for cell in answer.answer.cells if chosen is None or cell.dimensions.get(chosen[0]) == chosen[1]]
    given = {"title": said(asked.spec.title, visit.lang), "dimension": dimension_words(visit, asked.spec, by[0]).lower()}
    title = visit.say(_BY) % {**given, "period": period_words(asked.period, visit)}
    if chosen is not None:
        title = visit.say(_OF) % {"title": title, "value": name(*chosen)}
    unit = said(asked.spec.unit, visit.lang)
    if asked.flows:
        pairs = [(name(by[0], cell.dimensions.get(by[0])), name(by[1], cell.dimensions.get(by[1])), cell.value) for cell in cells]
        if by[0] is Dimension.DETAIL:
            pairs = [(source, target, value) for target, source, value in pairs]
        why = next((said(cell.words, visit.lang) for cell in cells if cell.words and not is_shown(cell)), "")
        return charts.sankey([charts.Flow(a, b, value or 0.0) for a, b, value in pairs], title=title, unit=unit, lang=visit.lang, why=why)
    if by[0] is Dimension.COMMUNE and (province := province_of(cell.dimensions.get(Dimension.COMMUNE) or "" for cell in cells)):
        cells += [cell for cell in answer.answer.cells if cell.state is State.NOT_HEARD]  # told apart by nothing else: they belong on every map
        return charts.area_map(province, _shades(asked, cells, visit), title=title, unit=unit, levels=levels(visit, asked), lang=visit.lang)
    if by[0] is Dimension.FACILITY and asked.spec.is_proportion and (drawn := _funnel(visit, asked, cells, name, title)):
        return drawn
    return _bars(visit, asked, cells, name, title)


def _shades(asked: Asked, cells: Sequence[Cell], visit: Visit) -> dict[str, charts.Shade]:
    return {
        code: charts.Shade(
            cell.value if is_shown(cell) else None,
            said(cell.words, visit.lang) if cell.words else "",
            cell.state is State.TOO_FEW,
            href=_deeper(asked, Dimension.COMMUNE, code),
            unheard=unheard(cell, visit.say),
        )
        for cell in cells
        if (code := cell.dimensions.get(Dimension.COMMUNE))
    }


def _funnel(visit: Visit, asked: Asked, cells: Sequence[Cell], name: Named, title: str) -> Markup | None:
    """Draw facilities over their sizes around the share of all of them; None where nothing may be shown."""
    held = [one for one in cells if is_shown(one) and one.denominator]
    whole = sum(one.denominator or 0 for one in held)
    found = boards.funnel(held, Dimension.FACILITY, sum(one.numerator or 0 for one in held) / whole) if whole else None
    if found is None:
        return None
    dots = [
        charts.Dot(name(Dimension.FACILITY, one.code), one.value, one.size, _BEYOND[one.limit], _deeper(asked, Dimension.FACILITY, one.code))
        for one in found.units
    ]
    bands = (
        [charts.Band("95 %", found.narrow), charts.Band("99,8 %" if visit.lang == FIRST else "99.8 %", found.wide)] if 0 < found.centre < _ALL else []
    )
    size = said(asked.spec.denominator, visit.lang) if asked.spec.denominator else ""
    return charts.funnel(dots, centre=found.centre, bands=bands, title=title, unit=said(asked.spec.unit, visit.lang), size=size, lang=visit.lang)


def _bars(visit: Visit, asked: Asked, cells: Sequence[Cell], name: Named, title: str) -> Markup:
    """Draw bars: steps and age bands in their order, everything else the largest first."""
    by = next(iter(cells[0].dimensions), None) if cells else None
    if by is Dimension.AGE_BAND or (by is Dimension.DETAIL and asked.spec.details):
        cells = sorted(cells, key=lambda one: _place(asked, by, one.dimensions.get(by)))
    else:
        cells = sorted(cells, key=lambda one: (not is_shown(one), -(one.value or 0)))
    drawn = [
        charts.Bar(
            name(by, cell.dimensions.get(by)) if by else "",
            cell.value if is_shown(cell) else None,
            said(cell.words, visit.lang) if cell.words else "",
            _deeper(asked, by, cell.dimensions.get(by)) if by else "",
        )
        for cell in cells
    ]
    return charts.bars(drawn, title=title, unit=said(asked.spec.unit, visit.lang), levels=levels(visit, asked), lang=visit.lang)
