"""A measure as a file: CSV, and a workbook, of the same lines as the page's table, with the codes beside their names."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

import openpyxl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yba.specs.measures import Dimension
    from yba.warehouse import Cell

    from .measure_words import Named

WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TAIL: Final = ("numerator", "denominator", "value", "unit", "state", "heard", "expected", "words")
_FORMULA: Final = "=+-@\t\r"
_LONGEST: Final = 31  # letters of a sheet's name


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


def to_csv(found: Sequence[Sequence[str | float | None]]) -> str:
    """Write lines as CSV (UTF-8 with its mark, for spreadsheets); a text that a spreadsheet would take for a formula gets a quote in front."""
    out = io.StringIO()
    csv.writer(out).writerows([[_safe(cell) for cell in line] for line in found])
    return "\ufeff" + out.getvalue()


def to_workbook(found: Sequence[Sequence[str | float | None]], title: str) -> bytes:
    """Write lines as a workbook of one sheet; texts stay texts."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title[:_LONGEST])
    sheet.freeze_panes = "A2"
    for line in found:
        sheet.append([_safe(cell) for cell in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _safe(cell: str | float | None) -> str | float | None:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in _FORMULA and cell else cell
