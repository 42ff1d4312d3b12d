"""What of a count may be shown to who asks: few people hidden, what is asked freely rounded, one place read out of the table of all places."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from yba.specs.measures import Dimension, Kind, Semantics, measures
from yba.warehouse.measures.asking import noted
from yba.warehouse.measures.disclosing import coarse
from yba.warehouse.measures.model import NOBODY, UNHEARD, Answer, Cell, State
from yba.warehouse.measures.rounding import is_free
from yba.warehouse.measures.running import shown

from .shelf import Ask

if TYPE_CHECKING:
    from collections.abc import Collection

    from yba.warehouse.measures.model import Counted


class Way(NamedTuple):
    """A question within the asker's reach, what is counted and kept for it, and where his grants end (facilities; None = nowhere)."""

    asked: Ask
    counted: Ask
    reach: Collection[str] | None


def way(asked: Ask, reach: Collection[str] | None) -> Way:
    """Say what is counted for a question.

    Who may see all and asks of one place is given its line of the table by place: a line that is hidden there beside a smaller one would give that
    one away if it were told by itself.
    """
    place = _place(asked)
    if place is None or reach is not None:
        return Way(asked, asked, reach)
    table = Ask(asked.name, asked.period, (place[0], *asked.by))
    return Way(asked, asked if is_free(measures()[asked.name], table.period, table.by, narrowed=False) else table, reach)


def told(one: Way, counted: Counted, smallest: int) -> Answer:
    """Give what was counted for a question as it may be shown, with its notes."""
    asked, place = one.asked, _place(one.asked)
    if place is not None and one.counted != asked:
        return noted(_line(shown(counted, smallest), *place), restricted=False)
    how = coarse(counted.measure, asked.period, asked.by, reach=one.reach, facilities=asked.facilities, areas=asked.areas)
    return noted(shown(counted, smallest, how), restricted=False, rounded=how is not None)


def _place(asked: Ask) -> tuple[Dimension, str] | None:
    """Give the one place a question is narrowed to and not told apart by."""
    given = [(name, codes) for name, codes in ((Dimension.FACILITY, asked.facilities), (Dimension.COMMUNE, asked.areas)) if codes is not None]
    if len(given) != 1 or len(given[0][1]) != 1 or given[0][0] in asked.by:
        return None
    return given[0][0], next(iter(given[0][1]))


def _line(table: Answer, place: Dimension, code: str) -> Answer:
    """Give the cells of one place out of the table by place."""
    by = tuple(one for one in table.by if one is not place)
    cells = tuple(
        replace(cell, dimensions={name: value for name, value in cell.dimensions.items() if name is not place})
        for cell in table.cells
        if not cell.dimensions or cell.dimensions.get(place) == code
    )
    return replace(table, by=by, cells=cells or (_nothing(table, place),) if not by else cells)


def _nothing(table: Answer, place: Dimension) -> Cell:
    """Say that a place has no line: a facility that nobody heard from for a year, a commune of which nothing was told."""
    label, measure = table.period.label, table.measure
    heard = (0, 0) if place is Dimension.FACILITY else next(((cell.heard, cell.expected) for cell in table.cells), (0, 0))
    if not heard[0] and measure.semantics is not Semantics.STOCK:
        return Cell(label, {}, None, None, None, State.NOT_HEARD, *heard, UNHEARD)
    if measure.kind is Kind.COUNT:
        return Cell(label, {}, 0.0, None, 0.0, State.SHOWN, *heard)
    return Cell(label, {}, 0.0, 0.0, None, State.SHOWN, *heard, NOBODY)
