"""A book as a file: CSV for programs, Excel laid out to be printed across like the paper book; never a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.kit.later import later
from yba.kit.spreadsheets import on_paper, put, saved, to_csv

from .model import day_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import openpyxl.styles
    import openpyxl.utils
    from openpyxl.worksheet.worksheet import Worksheet

    from yba.specs.reading import Words

    from .model import Reading
else:
    openpyxl = later("openpyxl")

_DAY: Final = ("Ngày", "Day")
_NONE: Final = ("chưa có nguồn", "no source yet")
_WIDTH: Final = (6, 40)  # characters
_HEAD: Final = 4  # row of the workbook that names the columns


def as_csv(reading: Reading, *, english: bool = False) -> str:
    """Write a reading as CSV (UTF-8 with its mark): the day, then the columns; what a spreadsheet takes for a formula gets a quote in front."""
    return to_csv(_lines(reading, english=english))


def as_xlsx(reading: Reading, *, english: bool = False) -> bytes:
    """Write a reading as a workbook of one sheet, A4 across, the head repeated on every page, all cells texts."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = reading.book.code
    where = reading.facility or reading.commune
    put(sheet, 1, 1, f"{reading.book.code} · {_say(reading.book.title, english=english)}")
    put(sheet, 2, 1, f"{_say(reading.edition.title, english=english)} · {reading.period.label} · {where}")
    _table(sheet, list(_lines(reading, english=english)))
    on_paper(sheet, across=True, head=_HEAD)
    sheet.freeze_panes = f"A{_HEAD + 1}"
    return saved(book)


def _filled(reading: Reading, cells: tuple[str, ...], *, english: bool) -> list[str]:
    """Say in every cell of a column without a source that it has none: an empty one would read as if there were nothing."""
    return [cell if heading.has_source else _NONE[english] for heading, cell in zip(reading.headings, cells, strict=True)]


def _lines(reading: Reading, *, english: bool) -> Iterator[list[str]]:
    """Give the head and a line for each row."""
    yield [_DAY[english], *(_say(one.column.title, english=english) for one in reading.headings)]
    for row in reading.rows:
        yield [day_text(row.day), *_filled(reading, row.cells, english=english)]


def _table(sheet: Worksheet, lines: Sequence[Sequence[str]]) -> None:
    styles = openpyxl.styles
    thin = styles.Side(style="thin")
    box, wrapped = styles.Border(thin, thin, thin, thin), styles.Alignment(wrap_text=True, vertical="top")
    for row, line in enumerate(lines, _HEAD):
        for column, text in enumerate(line, 1):
            cell = put(sheet, row, column, text)
            cell.alignment, cell.border = wrapped, box
            if row == _HEAD:
                cell.font = styles.Font(bold=True)
    for column, texts in enumerate(zip(*lines, strict=True), 1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].width = min(max(_WIDTH[0], *map(len, texts)), _WIDTH[1])


def _say(words: Words, *, english: bool) -> str:
    return words.en if english else words.vi
