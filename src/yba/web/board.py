"""A desk as its pages show it: each tile in words with its small course, the opened tile with its chart and table, what stands out with names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup

from yba.kit import clock
from yba.specs.boards import FLOWS, PLACES, Chart, Window
from yba.specs.measures import DetailOf, Dimension, Semantics
from yba.warehouse import State
from yba.warehouse import boards as desks

from . import charts
from .spelling import spelling_order
from .words import FIRST
from .words import marked as _n

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from yba.specs.boards import Tile
    from yba.specs.measures import Measure
    from yba.specs.reading import Words
    from yba.warehouse import Cell

_TODAY: Final = _n("đến %(time)s hôm nay")
_UNTIL: Final = _n("đến %(time)s ngày %(day)s")
_HEARD: Final = _n("%(share)s %% đơn vị đã gửi (%(heard)s/%(expected)s)")
_NOBODY: Final = _n("chưa rõ đơn vị nào phải gửi")
_UNHEARD: Final = _n("chưa cơ sở nào gửi trong kỳ (0/%(expected)s)")
_UNTOLD: Final = _n("12 tháng qua chưa cơ sở nào kể về người ở đây")
_TARGET: Final = _n("chỉ tiêu %(value)s")
_REACHED: Final = _n("đạt")
_SHORT: Final = _n("chưa đạt")
_SO_FAR: Final = _n("%(period)s đến nay")
_BEFORE: Final = _n("kỳ trước %(value)s")
_UNKNOWN: Final = _n("không rõ")
_STATES: Final = {
    State.TOO_FEW: _n("quá ít người, được che"), State.NO_SOURCE: _n("chưa có nguồn"), State.NOT_HEARD: _n("chưa gửi gì trong kỳ"),
    State.FAILED: _n("chưa tính được"),
}  # fmt: skip
_BY: Final = {
    Dimension.FACILITY: _n("Cơ sở"), Dimension.COMMUNE: _n("Xã, phường"), Dimension.DETAIL: _n("Chi tiết"),
    Dimension.AGE_BAND: _n("Nhóm tuổi"), Dimension.SEX: _n("Giới tính"), Dimension.PAYER: _n("Nguồn chi trả"),
}  # fmt: skip
_COUNTING: Final = _n("đang tính")
_OUT: Final = _n("ngoài giới hạn kiểm soát")
_RUN: Final = _n("tám kỳ liền một phía")
_WEEK: Final = _n("T%(n)s/%(yy)s")
_STALE_HOURS: Final = 26
_OLD: Final = _n("số cũ: %(stamp)s")
_LIMITS: Final = {desks.Limit.WITHIN: 0, desks.Limit.WATCH: 1, desks.Limit.BEYOND: 2}


class Line(NamedTuple):
    """A row of a table: its name, what it leads to, the cell behind it, and in words its value, or why there is none, and the value before."""

    name: str
    href: str
    cell: Cell | None
    text: str
    before: str = ""
    limit: str = ""


class Seen(NamedTuple):
    """A tile as the page shows it; ``why`` stands in the place of a number that is not there."""

    number: int
    title: str
    period: str
    value: str
    why: str
    target: str
    reached: str
    before: str
    stamp: str
    heard: str
    course: Markup
    lines: tuple[Line, ...]
    href: str
    how: str
    is_open: bool


class Stood(NamedTuple):
    """A place that stands out, named."""

    name: str
    href: str
    tile: str
    how: str
    words: str
    beyond: bool


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called on this page: facilities by the directory, communes by their catalogue."""

    facilities: Mapping[str, str]
    communes: Mapping[str, str]
    say: Callable[[str], str]
    lang: str
    detail: Callable[[Measure, str], str] = lambda _, value: value

    def of(self, dimension: Dimension, code: str | None, spec: Measure | None = None) -> str:
        """Return what to call a code, of a measure's own dimension by that measure (``spec``); the code itself where nobody named it."""
        if code is None or code == "?":
            return self.say(_UNKNOWN)
        if dimension is Dimension.DETAIL and spec is not None:
            return self.facilities.get(code, code) if spec.detail_of is DetailOf.FACILITY else self.detail(spec, code)
        known = {Dimension.FACILITY: self.facilities, Dimension.COMMUNE: self.communes}.get(dimension, {})
        return known.get(code, code)

    def in_(self, words: Words) -> str:
        """Return words in the reader's language."""
        return words.vi if self.lang == FIRST else words.en


def codes(desk: desks.Desk, dimension: Dimension) -> set[str]:
    """Return the codes of places that a desk names, referrals' destinations among them."""
    cells = [cell for shown in desk.tiles for found in (*shown.places.values(), shown.flows) for cell in found]
    known = {code for cell in cells if (code := cell.dimensions.get(dimension))}
    if dimension is Dimension.FACILITY:
        known |= {code for shown in desk.tiles for cell in shown.flows if (code := cell.dimensions.get(Dimension.DETAIL)) and code != "?"}
    return known | ({desk.code} if desk.dimension is dimension else set())


def period_words(label: str, names: Names) -> str:
    """Say a period as people do: tháng 11/2026, week 47/2026."""
    return names.in_(desks.period_words(label))


def short(label: str, say: Callable[[str], str]) -> str:
    """Write a period by its label as it stands under a chart: 11/26, T47/26 (in English W47/26), Q4/26, 2026; any two days as they are."""
    if ".." in label:
        return label
    year, _, rest = label.partition("@")[0].partition("-")
    if rest.startswith("W"):
        return say(_WEEK) % {"n": rest[1:], "yy": year[2:]}
    return f"{rest}/{year[2:]}" if rest else year


def stamp(moment: datetime | None, say: Callable[[str], str]) -> str:
    """Say until when the numbers are: "đến 08:00 hôm nay"."""
    if moment is None:
        return ""
    here = moment.astimezone(clock.VIETNAM)
    time = f"{here:%H:%M}"
    return say(_TODAY) % {"time": time} if here.date() == clock.today() else say(_UNTIL) % {"time": time, "day": f"{here:%d/%m/%Y}"}


def heard(cell: Cell | None, names: Names) -> str:
    """Say which share of the facilities expected have sent."""
    if cell is None or not cell.expected:
        return names.say(_NOBODY)
    share = charts.number(100 * cell.heard / cell.expected, names.lang, digits=0)
    return names.say(_HEARD) % {"share": share, "heard": cell.heard, "expected": cell.expected}


def unheard(cell: Cell, say: Callable[[str], str]) -> str:
    """Say that nobody was heard who would tell of a commune; "" where somebody was, or there is no such number at all."""
    if cell.heard or cell.state in {State.NO_SOURCE, State.FAILED}:
        return ""
    return say(_UNHEARD) % {"expected": cell.expected} if cell.expected else say(_UNTOLD)


def figure(tile: Tile, cell: Cell | None, names: Names) -> str:
    """Write a cell's value with its unit; "" where there is none."""
    if cell is None or cell.value is None or cell.state is not State.SHOWN:
        return ""
    return charts.number(cell.value, names.lang, names.in_(tile.spec.unit))


def why(cell: Cell | None, names: Names) -> str:
    """Say why a cell has no value."""
    if cell is None:
        return names.say(_STATES[State.NOT_HEARD])
    if cell.words is not None:
        return names.in_(cell.words)
    return "" if cell.value is not None else names.say(_STATES.get(cell.state, _UNKNOWN))


def told(tile: Tile, cell: Cell | None, names: Names) -> str:
    """Say what a cell says: its value with its unit, or why there is none; nothing sent, too few, no source and zero are four things."""
    return figure(tile, cell, names) or why(cell, names)


def measured(tile: Tile, period: str, dimension: Dimension | None = None, code: str = "") -> str:
    """Return the address of the page that says how a tile's number is made, of its period and, where it can be, of one place."""
    only = {"area" if dimension is Dimension.COMMUNE else str(dimension): code} if dimension in tile.dimensions and code else {}
    given = {"period": period, **only, **({"value": tile.detail} if tile.detail else {})}
    return f"/measures/{tile.measure}?{urlencode({key: value for key, value in given.items() if value})}".rstrip("?")


def seen(shown: desks.Shown, number: int, names: Names, *, opened: int, href: str, place: tuple[Dimension | None, str] = (None, "")) -> Seen:
    """Put a tile into words; ``place``: the one it is narrowed to."""
    tile, cell = shown.tile, shown.now
    value = figure(tile, cell, names)
    reason = names.in_(shown.refused) if shown.refused else "" if value else names.say(_COUNTING) if shown.waiting else why(cell, names)
    target = names.say(_TARGET) % {"value": charts.number(tile.target.value, names.lang, names.in_(tile.spec.unit))} if tile.target else ""
    reached = names.say(_REACHED if shown.meets else _SHORT) if target and value else ""
    before = figure(tile, shown.before, names)
    return Seen(
        number,
        names.in_(tile.title),
        so_far(shown, names),
        value,
        reason,
        target,
        reached,
        names.say(_BEFORE) % {"value": before} if before else "",
        stamp(shown.until, names.say),
        heard(cell, names) if cell is not None and not shown.refused else "",
        small(shown, names) if any(one is not None for one in shown.values) else Markup(""),
        course_lines(shown, names),
        href,
        measured(tile, shown.periods[-1] if shown.periods else "", *place),
        number == opened,
    )


def so_far(shown: desks.Shown, names: Names) -> str:
    """Say which period a tile is about, and that it goes on where it does."""
    if not shown.periods:
        return ""
    words, tile = period_words(shown.periods[-1], names), shown.tile
    running = tile.window is Window.RUNNING and tile.spec.semantics is not Semantics.STOCK
    return names.say(_SO_FAR) % {"period": words} if running else words


def levels(tile: Tile, names: Names) -> list[charts.Level]:
    """The line of a tile's target."""
    return [charts.Level(tile.target.value, names.in_(tile.target.words))] if tile.target else []


def small(shown: desks.Shown, names: Names) -> Markup:
    """Draw the course of a tile with its target line."""
    title, unit = names.in_(shown.tile.title), names.in_(shown.tile.spec.unit)
    return charts.line(_points(shown, names), title=title, unit=unit, levels=levels(shown.tile, names), lang=names.lang, small=True)


def _points(shown: desks.Shown, names: Names) -> list[charts.Point]:
    return [
        charts.Point(short(label, names.say), value, why(cell, names))
        for label, value, cell in zip(shown.periods, shown.values, shown.course, strict=True)
    ]


def course_lines(shown: desks.Shown, names: Names) -> tuple[Line, ...]:
    """The table of a tile's course, newest first."""
    found = [
        Line(period_words(label, names), "", cell, told(shown.tile, cell, names)) for label, cell in zip(shown.periods, shown.course, strict=True)
    ]
    return tuple(reversed(found))


def stood(places: Iterable[desks.Place], names: Names, *, gains: bool, way: Callable[[Dimension, str], str]) -> list[Stood]:
    """Name the places that stand out."""
    return [
        Stood(
            names.of(one.dimension, one.code), way(one.dimension, one.code), names.in_(one.tile.title),
            measured(one.tile, one.cell.period, one.dimension, one.code),
            names.in_(one.gain if gains else one.reason), one.limit is desks.Limit.BEYOND,
        )
        for one in places
    ]  # fmt: skip


def opened_chart(shown: desks.Shown, names: Names, *, way: Callable[[Dimension, str], str], province: str) -> Markup:
    """Draw the chart a tile is opened with, as its board says."""
    tile = shown.tile
    title, unit = names.in_(tile.title), names.in_(tile.spec.unit)
    match tile.chart:
        case Chart.MAP if shown.places:
            return map_of(shown, names, way=way, province=province)
        case Chart.FUNNEL if shown.places:
            return _funnel(shown, names, way)
        case Chart.SANKEY if shown.flows:
            flows = [
                charts.Flow(
                    names.of(Dimension.FACILITY, cell.dimensions.get(Dimension.FACILITY)),
                    names.of(Dimension.DETAIL, cell.dimensions.get(Dimension.DETAIL), tile.spec),
                    cell.value or 0,
                )
                for cell in shown.flows
                if cell.state is State.SHOWN
            ]
            return charts.sankey(flows, title=title, unit=unit, lang=names.lang, why=why(shown.now, names))
        case Chart.BARS if shown.places:
            rows = sorted(shown.places.get(Dimension.DETAIL, ()), key=lambda cell: -(cell.value or 0))
            return charts.bars(
                [charts.Bar(names.of(Dimension.DETAIL, one.dimensions.get(Dimension.DETAIL), tile.spec), one.value, why(one, names)) for one in rows],
                title=title, unit=unit, lang=names.lang,
            )  # fmt: skip
        case Chart.CONTROL:
            return _control(shown, names)
    return charts.line(_points(shown, names), title=title, unit=unit, levels=levels(tile, names), lang=names.lang)


def _control(shown: desks.Shown, names: Names) -> Markup:
    points = [
        charts.Watched(
            short(one.period, names.say), one.value, one.limits.centre, one.limits.lower, one.limits.upper,
            why(one.cell, names) if one.value is None else "",
            "; ".join(names.say(_OUT if rule.endswith("-1") else _RUN) for rule in one.rules if not rule.endswith("-1")),
        )
        for one in desks.control_of(shown)
    ]  # fmt: skip
    return charts.control(points, title=names.in_(shown.tile.title), unit=names.in_(shown.tile.spec.unit), lang=names.lang)


def _funnel(shown: desks.Shown, names: Names, way: Callable[[Dimension, str], str]) -> Markup:
    dimension = next(one for one in PLACES if one in shown.tile.dimensions)
    found = desks.funnel_of(shown, dimension)
    tile, title = shown.tile, names.in_(shown.tile.title)
    if found is None:
        return charts.funnel([], centre=0, bands=(), title=title, lang=names.lang)
    dots = [charts.Dot(names.of(dimension, one.code), one.value, one.size, _LIMITS[one.limit], way(dimension, one.code)) for one in found.units]
    bands = (charts.Band("95 %", found.narrow), charts.Band("99,8 %" if names.lang == FIRST else "99.8 %", found.wide))
    size = names.in_(tile.spec.denominator) if tile.spec.denominator else ""
    return charts.funnel(dots, centre=found.centre, bands=bands, title=title, unit=names.in_(tile.spec.unit), size=size, lang=names.lang)


def map_of(shown: desks.Shown, names: Names, *, way: Callable[[Dimension, str], str], province: str) -> Markup:
    """Draw the communes of a tile; a number older than a day is hatched and says so, and so is a commune of which nobody was heard."""
    tile = shown.tile
    old = shown.until is not None and (clock.now() - shown.until).total_seconds() > _STALE_HOURS * 3600
    stale = names.say(_OLD) % {"stamp": stamp(shown.until, names.say)} if old else ""
    shades = {
        code: charts.Shade(
            cell.value if cell.state is State.SHOWN else None, "" if cell.state is State.TOO_FEW else why(cell, names) if cell.value is None else "",
            cell.state is State.TOO_FEW, stale, way(Dimension.COMMUNE, code), unheard(cell, names.say),
        )
        for cell in shown.places.get(Dimension.COMMUNE, ())
        if (code := cell.dimensions.get(Dimension.COMMUNE))
    }  # fmt: skip
    title = f"{names.in_(tile.title)}, {period_words(shown.periods[-1], names)}"
    return charts.area_map(province, shades, title=title, unit=names.in_(tile.spec.unit), levels=levels(tile, names), lang=names.lang)


def table_of(shown: desks.Shown, dimension: Dimension, names: Names, way: Callable[[Dimension, str], str]) -> list[Line]:
    """The table of a tile told apart: by place in the order of names, everything else greatest first."""
    earlier = {cell.dimensions.get(dimension): cell for cell in shown.earlier.get(dimension, ())}
    funnel = desks.funnel_of(shown, dimension) if dimension in PLACES else None
    limits = {one.code: names.in_(desks.limit_words(one.limit)) for one in funnel.units if one.limit is not desks.Limit.WITHIN} if funnel else {}
    found = [
        Line(
            names.of(dimension, code, shown.tile.spec),
            way(dimension, code) if code and dimension in PLACES else "",
            cell,
            told(shown.tile, cell, names),
            told(shown.tile, earlier[code], names) if code in earlier else "",
            limits.get(code or "", ""),
        )
        for cell in shown.places.get(dimension, ())
        for code in (cell.dimensions.get(dimension),)
    ]
    if dimension in PLACES:
        return sorted(found, key=lambda one: spelling_order(one.name))
    return sorted(found, key=lambda one: -((one.cell.value if one.cell else None) or 0))


def flow_lines(shown: desks.Shown, names: Names) -> list[Line]:
    """The table of a tile's flows, from where to where, the greatest first."""

    def name(cell: Cell, dimension: Dimension) -> str:
        return names.of(dimension, cell.dimensions.get(dimension), shown.tile.spec)

    found = [Line(" → ".join(name(cell, one) for one in FLOWS), "", cell, told(shown.tile, cell, names)) for cell in shown.flows]
    return sorted(found, key=lambda one: -((one.cell.value if one.cell else None) or 0))


def dimension_words(dimension: Dimension, say: Callable[[str], str]) -> str:
    """Say a dimension as the head of a column."""
    return say(_BY[dimension])


def open_by(tile: Tile) -> Sequence[Dimension]:
    """The dimensions a tile can be opened by, places first."""
    return tuple(sorted(tile.dimensions, key=lambda one: (one not in PLACES, one)))
