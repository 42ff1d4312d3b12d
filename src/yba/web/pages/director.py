"""The director's desk: where is it going wrong? A map, what stands out with the reason, every tile with its course; all, or one place of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.http import HttpResponseRedirect

from yba import access
from yba.access import Right, needs
from yba.kit import spreadsheets
from yba.kit.errors import NotFound
from yba.specs.boards import FLOWS, PLACES, Chart, boards
from yba.specs.measures import Dimension
from yba.warehouse import ManifestDamaged, alerts
from yba.warehouse import boards as desks
from yba.web import board as view
from yba.web import charts, files, shell
from yba.web.edge import words
from yba.web.facilities import commune_name, places, province_of
from yba.web.words import FIRST
from yba.web.words import marked as _n

from .measure_words import named
from .under_way import again, counting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpResponse

    from yba.specs.boards import Board
    from yba.warehouse import Cell
    from yba.web.edge import Visit

FIRST_BOARD: Final = "director"
_NO_BOARD: Final = _n("Không có bàn này.")
_NO_TILE: Final = _n("Không có ô số liệu này.")
_ALL: Final = 100  # per cent
_BY_FLOWS: Final = "flows"  # in the place of a dimension: from where to where
_FLOWS: Final = _n("Từ nơi → đến nơi")
_HEADS: Final = ("period", "numerator", "denominator", "value", "unit", "state", "heard", "expected", "words")


@needs(Right.WAREHOUSE_MEASURE_READ)
def director(visit: Visit) -> HttpResponse:
    """Show a board (``board``), whole or of one ``commune`` or ``facility``; ``open`` is the tile drawn large, ``map`` the tile on the map."""
    return _page(visit, *asked(visit))


def first(visit: Visit, board: str) -> HttpResponse:
    """Show the board its reader begins the day with (`shell.first_board`)."""
    return _page(visit, boards()[board], None, "")


def _page(visit: Visit, chosen: Board, dimension: Dimension | None, code: str) -> HttpResponse:
    try:
        desk = read(visit, chosen, dimension, code)
    except (NotFound, ManifestDamaged) as error:
        damaged = words(error, visit.lang) if isinstance(error, ManifestDamaged) else ""
        return shell.answer(visit, "director_empty", board=chosen, boards=_boards(visit, chosen), damaged=damaged, **open_alerts(visit))
    names = called(visit, desk)
    way = ways(chosen)
    opened = _number(visit.asked("open", 3), len(desk.tiles)) or _first(desk)
    mapped = next((one for one in desk.tiles if one.tile.measure == visit.asked("map", 60) and _is_mapped(one)), None) or mapped_first(desk)
    shown = desk.tiles[opened - 1]
    answer = shell.answer(
        visit,
        "director",
        counting=counting(visit, desk.asked - desk.waiting, desk.asked) if desk.waiting else None,
        board=chosen,
        boards=_boards(visit, chosen),
        place=names.of(dimension, code) if dimension else "",
        within=within(visit),
        base=_address(chosen, dimension, code),
        until=view.stamp(desk.until, visit.say),
        tiles=[_tile(one, number, names, chosen, dimension, code, opened) for number, one in enumerate(desk.tiles, 1) if not one.refused],
        refused=_refused(desk, names),
        map=view.map_of(mapped, names, way=way, province=province_of(view.codes(desk, Dimension.COMMUNE))) if mapped else None,
        mapped=mapped.tile.measure if mapped else "",
        mapped_words=_heading(mapped, names) if mapped else None,
        mapped_number=desk.tiles.index(mapped) + 1 if mapped else 0,
        maps=[(one.tile.measure, names.in_(one.tile.title)) for one in desk.tiles if _is_mapped(one)],
        **open_alerts(visit),
        worst=view.stood(desk.worst, names, gains=False, way=way),
        improved=view.stood(desk.improved, names, gains=True, way=way),
        opened=opened,
        opened_title=names.in_(shown.tile.title),
        opened_period=view.period_words(shown.periods[-1], names) if shown.periods else "",
        opened_how=view.measured(shown.tile, shown.periods[-1] if shown.periods else "", dimension, code),
        chart=view.opened_chart(shown, names, way=way, province=province_of(view.codes(desk, Dimension.COMMUNE))) if not shown.refused else None,
        is_funnel=shown.tile.chart is Chart.FUNNEL,
        lines=_tables(visit, shown, names, way),
        notes=list(dict.fromkeys(names.in_(note) for one in desk.tiles for note in one.notes)),
        number=lambda value: charts.number(value, visit.lang) if value is not None else "–",
    )
    if desk.waiting:
        again(visit, answer)
    return answer


def _tables(visit: Visit, shown: desks.Shown, names: view.Names, way: Callable[[Dimension, str], str]) -> list[tuple[str, str, list[view.Line]]]:
    """Return the tables of an opened tile as (head, what its CSV is asked by, rows)."""
    apart = [one for one in view.open_by(shown.tile) if shown.places.get(one)]
    lines = [(view.dimension_words(one, visit.say), str(one), view.table_of(shown, one, names, way)) for one in apart]
    return [*lines, (visit.say(_FLOWS), _BY_FLOWS, view.flow_lines(shown, names))] if shown.flows else lines


@needs(Right.WAREHOUSE_MEASURE_READ)
def csv(visit: Visit) -> HttpResponse:
    """Give a tile (``tile``: its number) as CSV: its course, or now by a dimension or ``flows`` (``by``); codes as they are, hidden stay hidden."""
    chosen, dimension, code = asked(visit)
    try:
        desk = read(visit, chosen, dimension, code)
    except ManifestDamaged:
        return HttpResponseRedirect(_address(chosen, dimension, code))  # the desk says what is wrong
    number = _number(visit.asked("tile", 3), len(desk.tiles))
    if not number:
        raise NotFound(visit.say(_NO_TILE))
    shown, by = desk.tiles[number - 1], visit.asked("by", 20)
    if shown.waiting:
        return HttpResponseRedirect(_address(chosen, dimension, code))  # the desk says how far the count is
    apart = FLOWS if by == _BY_FLOWS and shown.flows else tuple(one for one in shown.places if one == by)
    names = called(visit, desk)
    lines: list[list[object]] = [["measure", *(head for one in apart for head in (one, "name" if one is apart[0] else f"{one}_name")), *_HEADS]]
    for cell in _cells(shown, apart):
        where = [word for one in apart for code in (cell.dimensions.get(one),) for word in (code, names.of(one, code, shown.tile.spec))]
        lines.append(
            [shown.tile.measure, *where, cell.period, cell.numerator, cell.denominator, cell.value, names.in_(shown.tile.spec.unit), cell.state,
             cell.heard, cell.expected, names.in_(cell.words) if cell.words else ""]
        )  # fmt: skip
    name = f"{chosen.name}-{shown.tile.measure}{f'-{by}' if apart else ''}.csv"
    return files.file(spreadsheets.to_csv(lines), name=name, media=spreadsheets.CSV)


def _cells(shown: desks.Shown, apart: Sequence[Dimension]) -> Sequence[Cell]:
    """Return the cells of a file: from where to where, now by a dimension, or the course."""
    if apart == FLOWS:
        return shown.flows
    return shown.places[apart[0]] if apart else [one for one in shown.course if one is not None]


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
    return desks.desk(chosen.name, by=visit.by, dimension=dimension, code=code, conn=visit.conn, soon=True)


def called(visit: Visit, desk: desks.Desk) -> view.Names:
    """Return what the places of a desk are called, asked of the directory once."""
    communes = {code: commune_name(visit, code) for code in view.codes(desk, Dimension.COMMUNE)}
    known = places(visit, view.codes(desk, Dimension.FACILITY))
    return view.Names(known, communes, visit.say, visit.lang, lambda spec, value: named(visit, spec, ())(Dimension.DETAIL, value))


def within(visit: Visit) -> list[str]:
    """Return what the facilities are called at which the reader's right to numbers ends; none where it reaches everywhere."""
    reach = access.places(visit.by, Right.WAREHOUSE_MEASURE_READ)
    return sorted(places(visit, reach).values()) if reach else []


def ways(chosen: Board) -> Callable[[Dimension, str], str]:
    """Return what makes the address a place leads to: the same board for it alone."""
    return lambda dimension, code: _address(chosen, dimension, code)


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
    """The tile opened first: that of the worst place, its funnel before others, else the first funnel that tells places apart, else any numbers."""
    told = [number for number, one in enumerate(desk.tiles, 1) if any(value is not None for value in one.values)]
    funnels = [number for number in told if desk.tiles[number - 1].tile.chart is Chart.FUNNEL and desk.tiles[number - 1].places]
    worst = [number for one in desk.worst for number in told if desk.tiles[number - 1].tile is one.tile]
    apart = [number for number in funnels if (whole := desk.tiles[number - 1].now) is not None and 0 < (whole.value or 0) < _ALL]
    return next(iter((*(one for one in worst if one in funnels), *worst, *apart, *told)), 1)
