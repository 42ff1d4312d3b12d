"""A desk as it stands: everything a board asks, in one asking with one row in the trail, laid out by tile and judged."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from yba import access
from yba.access import Right
from yba.kit import clock
from yba.kit.errors import Invalid, NotFound
from yba.specs.boards import FLOWS, PLACES, Chart, Window, boards
from yba.specs.measures import Dimension
from yba.specs.reading import Words
from yba.warehouse.kept import Ask, ask_all, ask_soon
from yba.warehouse.measures import period

from .judging import improved, judged, worst
from .model import Desk, Shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.specs.boards import Board, Tile
    from yba.warehouse.kept import Kept
    from yba.warehouse.measures import Cell

    Found = Mapping[tuple[str, str, tuple[Dimension, ...]], Kept | None]

_NOT_BY: Final = {
    Dimension.FACILITY: Words("số liệu này không chia theo cơ sở", "this measure is not told apart by facility"),
    Dimension.COMMUNE: Words("số liệu này không chia theo xã", "this measure is not told apart by commune"),
}
_WHOLE: Final = Words("số liệu này chỉ tính cho cả tỉnh", "this measure is counted for the whole province only")


def desk(
    name: str,
    *,
    by: Actor,
    dimension: Dimension | None = None,
    code: str = "",
    on: date | None = None,
    over: bool = False,
    conn: Connection[Any] | None = None,
    soon: bool = False,
) -> Desk:
    """Give a board with its numbers of a day (today), of everything the asker may see or of one facility (MA_CSKCB) or commune (2025) of it.

    ``over``: the day is over, a period that ends with it has ended.
    What was kept is read as it is, however old (`Shown.until` says); what nobody kept is counted now, with ``soon`` for some seconds only (the rest
    is left to the queue: `Desk.waiting`). A number that fails is said on its tile. One row in the trail; ``conn``: a unit of work of the asker to
    write it in. Raises Denied, NotFound (no such board, no lake), Invalid.
    """
    board = boards().get(name)
    if board is None:
        raise NotFound(f"there is no board {name[:40]!r}.", advice=f"There are {', '.join(boards())}.")
    if dimension is not None and (dimension not in PLACES or not code):
        raise Invalid("a board is narrowed to one facility or one commune.")
    today, everywhere = on or clock.today(), access.places(by, Right.WAREHOUSE_MEASURE_READ) is None
    days = {tile: today + timedelta(days=over and tile.window is Window.ENDED) for tile in board.tiles}
    asked = {tile: _asked(tile, days[tile], dimension) if everywhere or Dimension.FACILITY in tile.spec.dimensions else () for tile in board.tiles}
    found = _found(list(dict.fromkeys((tile.measure, *one) for tile, ones in asked.items() for one in ones)), by, conn, soon=soon)
    whole = [_shown(tile, days[tile], found) if asked[tile] else Shown(tile, (), (), refused=_refused(tile, dimension)) for tile in board.tiles]
    return _laid_out(board, whole, found, days, dimension, code)


def _refused(tile: Tile, dimension: Dimension | None) -> Words:
    return _NOT_BY[dimension] if dimension is not None and dimension not in tile.dimensions else _WHOLE


def _laid_out(board: Board, whole: Sequence[Shown], found: Found, days: Mapping[Tile, date], dimension: Dimension | None, code: str) -> Desk:
    places = [one for one in judged(whole) if dimension is None or (one.dimension is dimension and one.code == code)]
    tiles = whole if dimension is None else [_narrowed(one, found, days[one.tile], dimension, code) for one in whole]
    until = min((one.until for one in tiles if one.until is not None), default=None)
    waiting = sum(one is None for one in found.values())
    return Desk(board, tuple(tiles), worst(places), improved(places), until, dimension, code, waiting, len(found))


def _asked(tile: Tile, today: date, dimension: Dimension | None) -> tuple[tuple[str, tuple[Dimension, ...]], ...]:
    """What is asked of a tile: all the board asks; narrowed its course by place and, to compare with, the whole now."""
    if dimension is None:
        course = tile.periods(today)
        places = [one for one in tile.asked(today) if one[0] in course[-2:] or one[1] == tile.whole]
        return tuple(places)
    if dimension not in tile.dimensions:
        return ()
    course = tile.periods(today)
    return (*((when, tile.by(dimension)) for when in course), (course[-1], tile.whole))


def _found(asked: Sequence[tuple[str, str, tuple[Dimension, ...]]], by: Actor, conn: Connection[Any] | None, *, soon: bool) -> Found:
    """Ask for all at once; what is not kept is counted in a second asking, or for some seconds within the first."""
    asks = {one: Ask(one[0], period(one[1]), one[2]) for one in asked}
    every = list(asks.values())
    told = ask_soon(every, by=by, conn=conn, old=True) if soon else ask_all(every, by=by, conn=conn, wait=False)
    found: dict[tuple[str, str, tuple[Dimension, ...]], Kept | None] = dict(zip(asks, told, strict=True))
    if not soon and (missing := [one for one, kept in found.items() if kept is None]):
        found.update(zip(missing, ask_all([asks[one] for one in missing], by=by, conn=conn), strict=True))
    return found


def _shown(tile: Tile, today: date, found: Found) -> Shown:
    periods = tile.periods(today)
    now = found.get((tile.measure, periods[-1], tile.whole))
    flows = found.get((tile.measure, periods[-1], FLOWS)) if tile.chart is Chart.SANKEY else None
    return Shown(
        tile,
        periods,
        tuple(_cell(tile, found.get((tile.measure, when, tile.whole))) for when in periods),
        {one: _apart(tile, found.get((tile.measure, periods[-1], tile.by(one)))) for one in tile.dimensions},
        {one: _apart(tile, found.get((tile.measure, periods[-2], tile.by(one)))) for one in tile.dimensions},
        flows.answer.cells if flows else (),
        now.answer.notes if now else (),
        now.until if now else None,
        waiting=now is None,
    )


def _narrowed(shown: Shown, found: Found, today: date, dimension: Dimension, code: str) -> Shown:
    """The same tile for one place: its cells out of those of all."""
    if shown.refused:
        return shown
    tile, periods = shown.tile, shown.tile.periods(today)
    asked = [found.get((tile.measure, when, tile.by(dimension))) for when in periods]
    course = tuple(next((cell for cell in _apart(tile, one) if cell.dimensions.get(dimension) == code), one.blank if one else None) for one in asked)
    return Shown(tile, periods, course, notes=shown.notes, until=asked[-1].until if asked[-1] else None, waiting=asked[-1] is None)


def _cell(tile: Tile, kept: Kept | None) -> Cell | None:
    """The one cell a tile is about; None where nothing was counted."""
    if kept is None or kept.blank:
        return kept.blank if kept else None
    return next((one for one in kept.answer.cells if not tile.detail or one.dimensions.get(Dimension.DETAIL) == tile.detail), None)


def _apart(tile: Tile, kept: Kept | None) -> tuple[Cell, ...]:
    """The cells of a tile told apart, those of its own detail alone; none where there is no source."""
    cells = kept.answer.cells if kept and not kept.blank else ()
    return tuple(one for one in cells if not tile.detail or one.dimensions.get(Dimension.DETAIL) == tile.detail)
