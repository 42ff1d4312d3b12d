"""The director's desk: where is it going wrong? A map, what stands out with the reason, every tile with its course; all, or one place of it."""

from __future__ import annotations

import csv as writer
import io
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse

from yba import directory
from yba.access import Right, needs
from yba.kit import clock
from yba.kit.errors import NotFound
from yba.specs.boards import PLACES, Chart, boards
from yba.specs.measures import Dimension
from yba.warehouse import alerts
from yba.warehouse import boards as desks
from yba.web import board as view
from yba.web import charts, shell
from yba.web.facilities import commune_name, places
from yba.web.words import FIRST
from yba.web.words import marked as _n

from .measure_words import named

if TYPE_CHECKING:
    from collections.abc import Callable

    from yba.specs.boards import Board
    from yba.web.edge import Visit

FIRST_BOARD: Final = "director"
_NO_BOARD: Final = _n("Không có bàn này.")
_NO_TILE: Final = _n("Không có ô số liệu này.")
_HEADS: Final = ("period", "numerator", "denominator", "value", "unit", "state", "heard", "expected", "words")


@needs(Right.WAREHOUSE_MEASURE_READ)
def director(visit: Visit) -> HttpResponse:
    """Show a board (``board``), whole or of one ``commune`` or ``facility``; ``open`` is the tile drawn large, ``map`` the tile on the map."""
    chosen, dimension, code = asked(visit)
    try:
        desk = read(visit, chosen, dimension, code)
    except NotFound:
        return shell.answer(visit, "director_empty", board=chosen, boards=_boards(visit, chosen))
    names = called(visit, desk)
    way = ways(chosen)
    opened = _number(visit.asked("open", 3), len(desk.tiles)) or _first(desk)
    mapped = next((one for one in desk.tiles if one.tile.measure == visit.asked("map", 60) and _is_mapped(one)), None) or mapped_first(desk)
    shown = desk.tiles[opened - 1]
    lines = [(one, view.table_of(shown, one, names, way)) for one in view.open_by(shown.tile) if shown.places.get(one)]
    return shell.answer(
        visit,
        "director",
        board=chosen,
        boards=_boards(visit, chosen),
        place=names.of(dimension, code) if dimension else "",
        base=_address(chosen, dimension, code),
        until=view.stamp(desk.until, visit.say),
        tiles=[_tile(one, number, names, chosen, dimension, code, opened) for number, one in enumerate(desk.tiles, 1) if not one.refused],
        refused=_refused(desk, names),
        map=view.map_of(mapped, names, way=way, province=province_of(desk)) if mapped else None,
        mapped=mapped.tile.measure if mapped else "",
        mapped_words=_heading(mapped, names) if mapped else None,
        maps=[(one.tile.measure, names.in_(one.tile.title)) for one in desk.tiles if _is_mapped(one)],
        **open_alerts(visit),
        worst=view.stood(desk.worst, names, gains=False, way=way),
        improved=view.stood(desk.improved, names, gains=True, way=way),
        opened=opened,
        opened_title=names.in_(shown.tile.title),
        opened_period=view.period_words(shown.periods[-1], names) if shown.periods else "",
        opened_how=view.measured(shown.tile, shown.periods[-1] if shown.periods else "", dimension, code),
        chart=view.opened_chart(shown, names, way=way, province=province_of(desk)) if not shown.refused else None,
        is_funnel=shown.tile.chart is Chart.FUNNEL,
        lines=[(view.dimension_words(one, visit.say), one, rows) for one, rows in lines],
        figure=lambda cell: view.figure(shown.tile, cell, names) or view.why(cell, names),
        notes=list(dict.fromkeys(names.in_(note) for one in desk.tiles for note in one.notes)),
        number=lambda value: charts.number(value, visit.lang) if value is not None else "–",
    )


@needs(Right.WAREHOUSE_MEASURE_READ)
def csv(visit: Visit) -> HttpResponse:
    """Give a tile (``tile``: its number) as CSV: its course, or now by one dimension (``by``); the codes as they are, hidden numbers hidden."""
    chosen, dimension, code = asked(visit)
    desk = read(visit, chosen, dimension, code)
    number = _number(visit.asked("tile", 3), len(desk.tiles))
    if not number:
        raise NotFound(visit.say(_NO_TILE))
    shown, by = desk.tiles[number - 1], visit.asked("by", 20)
    apart = next((one for one in shown.places if one == by), None)
    cells = shown.places[apart] if apart else [one for one in shown.course if one is not None]
    names = called(visit, desk)
    out = io.StringIO()
    lines = writer.writer(out)
    lines.writerow(["measure", *([apart, "name"] if apart else []), *_HEADS])
    for cell in cells:
        where = cell.dimensions.get(apart) if apart else None
        lines.writerow(
            [shown.tile.measure, *([where, names.of(apart, where)] if apart else []), cell.period, cell.numerator, cell.denominator, cell.value,
             names.in_(shown.tile.spec.unit), cell.state, cell.heard, cell.expected, names.in_(cell.words) if cell.words else ""]
        )  # fmt: skip
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")  # the mark lets Excel read Vietnamese
    answer["Content-Disposition"] = f'attachment; filename="{chosen.name}-{shown.tile.measure}{f"-{apart}" if apart else ""}.csv"'
    return shell.harden(answer)


def open_alerts(visit: Visit) -> dict[str, Any]:
    """Count the open alerts, for who may see them."""
    if not visit.may(Right.WAREHOUSE_ALERT_READ):
        return {"open_alerts": None, "urgent": 0, "unanswered": 0}
    with visit.under(Right.WAREHOUSE_ALERT_READ) as (conn, by):
        found = alerts.counts(conn, by=by)
    urgent = sum(one.open for one in found if one.severity == "urgent")
    return {"open_alerts": sum(one.open for one in found), "urgent": urgent, "unanswered": sum(one.unanswered for one in found)}


def asked(visit: Visit) -> tuple[Board, Dimension | None, str]:
    """Read which board is asked for, and the one place it is narrowed to."""
    chosen = boards().get(visit.asked("board", 40) or FIRST_BOARD)
    if chosen is None:
        raise NotFound(visit.say(_NO_BOARD))
    for dimension in PLACES:
        if code := visit.asked(str(dimension), 10):
            return chosen, dimension, code
    return chosen, None, ""


def read(visit: Visit, chosen: Board, dimension: Dimension | None, code: str) -> desks.Desk:
    """Read the numbers of a board in the page's unit of work. Raises NotFound where there is no lake."""
    return desks.desk(chosen.name, by=visit.by, dimension=dimension, code=code, conn=visit.conn)


def called(visit: Visit, desk: desks.Desk) -> view.Names:
    """Return what the places of a desk are called, asked of the directory once."""
    communes = {code: commune_name(visit, code) for code in view.codes(desk, Dimension.COMMUNE)}
    known = places(visit, view.codes(desk, Dimension.FACILITY))
    return view.Names(known, communes, visit.say, visit.lang, lambda spec, value: named(visit, spec, ())(Dimension.DETAIL, value))


def ways(chosen: Board) -> Callable[[Dimension, str], str]:
    """Return what makes the address a place leads to: the same board for it alone."""
    return lambda dimension, code: _address(chosen, dimension, code)


def province_of(desk: desks.Desk) -> str:
    """Return the province whose communes the desk tells of most; "" where it tells of none."""
    today = clock.today()
    found = (directory.commune(code, today) for code in view.codes(desk, Dimension.COMMUNE))
    counted = Counter(one.province for one in found if one)
    return max(sorted(counted), key=lambda code: counted[code]) if counted else ""


def _address(chosen: Board, dimension: Dimension | None, code: str, **more: object) -> str:
    told = {**({"board": chosen.name} if chosen.name != FIRST_BOARD else {}), **({str(dimension): code} if dimension else {}), **more}
    return f"/director?{urlencode(told)}" if told else "/director"


def _tile(shown: desks.Shown, number: int, names: view.Names, chosen: Board, dimension: Dimension | None, code: str, opened: int) -> view.Seen:
    return view.seen(shown, number, names, opened=opened, href=f"{_address(chosen, dimension, code, open=number)}#open", place=(dimension, code))


def _refused(desk: desks.Desk, names: view.Names) -> dict[str, list[str]]:
    """Return the titles of tiles that cannot be shown here, by the reason."""
    found: dict[str, list[str]] = {}
    for one in desk.tiles:
        if one.refused:
            found.setdefault(names.in_(one.refused), []).append(names.in_(one.tile.title))
    return found


def _boards(visit: Visit, chosen: Board) -> list[tuple[str, str, bool]]:
    return [
        (_address(one, None, ""), one.title.vi if visit.lang == FIRST else one.title.en, one is chosen)
        for one in sorted(boards().values(), key=lambda one: (one.name != FIRST_BOARD, one.name))
    ]


def _number(text: str, most: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= most else 0


def _is_mapped(shown: desks.Shown) -> bool:
    return bool(shown.places.get(Dimension.COMMUNE))


def mapped_first(desk: desks.Desk) -> desks.Shown | None:
    """Return the tile the map stands on first: the board's own, else the first that tells of communes."""
    told = [one for one in desk.tiles if _is_mapped(one)]
    return next((one for one in told if one.tile.measure == desk.board.map), next(iter(told), None))


def _heading(mapped: desks.Shown, names: view.Names) -> tuple[str, str, str, str]:
    """What stands above the map: title, value, target, until when and who has sent."""
    one = view.seen(mapped, 0, names, opened=0, href="")
    return one.title, one.value or one.why, " · ".join(filter(None, (one.target, one.reached))), " · ".join(filter(None, (one.stamp, one.heard)))


def _first(desk: desks.Desk) -> int:
    """The tile opened first: the funnel of the worst place, else the first funnel with numbers, else the first tile with any."""
    told = [number for number, one in enumerate(desk.tiles, 1) if any(value is not None for value in one.values)]
    funnels = [number for number in told if desk.tiles[number - 1].tile.chart is Chart.FUNNEL and desk.tiles[number - 1].places]
    worst = [number for one in desk.worst for number in funnels if desk.tiles[number - 1].tile is one.tile]
    return next(iter((*worst, *funnels, *told)), 1)
