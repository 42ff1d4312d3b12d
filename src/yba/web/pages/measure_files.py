"""A measure as a file: the lines of the page's table with the codes beside their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yba.specs.measures import Dimension
    from yba.warehouse import Cell

    from .measure_words import Named

_TAIL: Final = ("numerator", "denominator", "value", "unit", "state", "heard", "expected", "words")


def table(lines: Iterable[tuple[str, Cell]], by: Sequence[Dimension], name: Named, unit: str, lang: str) -> list[list[str | float | None]]:
    """Return the head and a line a cell: period, each dimension as code and name, the numbers, the state in words."""
    head: list[str | float | None] = ["period", *(field for one in by for field in (str(one), f"{one}_name")), *_TAIL]
    found = [head]
    for period, cell in lines:
        told: list[str | float | None] = [period]
        for one in by:
            code = cell.dimensions.get(one)
            told += [code or "", name(one, code)]
        words = getattr(cell.words, lang) if cell.words else ""
        found.append([*told, cell.numerator, cell.denominator, cell.value, unit, cell.state.value, cell.heard, cell.expected, words])
    return found
