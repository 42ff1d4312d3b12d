"""A book as a file: CSV for programs, Excel laid out to be printed across like the paper book; never a formula."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from .model import day_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from yba.specs.measures import Words

    from .model import Heading, Reading

_DAY: Final = ("Ngày", "Day")
_NONE: Final = ("chưa có nguồn", "no source yet")
_WIDTH: Final = (6, 40)  # characters
_FORMULA: Final = "=+-@\t\r"


def as_csv(reading: Reading, *, english: bool = False) -> str:
    """Write a reading as CSV (UTF-8 with its mark): the day, then the columns; what a spreadsheet takes for a formula gets a quote in front."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_DAY[english], *(_say(one.column.title, english=english) for one in reading.headings)])
    for row in reading.rows:
        cells = (day_text(row.day), *filled(reading, row.cells, english=english))
        writer.writerow([f"'{cell}" if cell[:1] in _FORMULA and cell else cell for cell in cells])
    return "\ufeff" + out.getvalue()


def filled(reading: Reading, cells: tuple[str, ...], *, english: bool) -> list[str]:
    """Say in every cell of a column without a source that it has none: an empty one would read as if there were nothing."""
    return [cell if heading.has_source else _NONE[english] for heading, cell in zip(reading.headings, cells, strict=True)]


def as_xlsx(reading: Reading, *, english: bool = False) -> bytes:
    """Write a reading as a workbook of one sheet, A4 across, the head repeated on every page, all cells texts."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = reading.book.code
    _head(sheet, reading, english=english)
    for row in reading.rows:
        sheet.append([_clean(cell) for cell in (day_text(row.day), *filled(reading, row.cells, english=english))])
    _look(sheet, reading.headings)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(sheet: Worksheet, reading: Reading, *, english: bool) -> None:
    sheet.append([f"{reading.book.code} · {_say(reading.book.title, english=english)}"])
    where = reading.facility or reading.commune
    sheet.append([f"{_say(reading.edition.title, english=english)} · {reading.period.label} · {where}"])
    sheet.append([])
    sheet.append([_DAY[english], *(_say(one.column.title, english=english) for one in reading.headings)])


def _look(sheet: Worksheet, headings: tuple[Heading, ...]) -> None:
    thin = Side(style="thin")
    for cells in sheet.iter_rows(min_row=4):
        for cell in cells:
            cell.data_type = "s"  # a name that begins with = is a name
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border = Border(thin, thin, thin, thin)
            if cell.row == 4:  # noqa: PLR2004  the head
                cell.font = Font(bold=True)
    for place in range(len(headings) + 1):
        letter = get_column_letter(place + 1)
        longest = max(len(str(sheet.cell(row=line, column=place + 1).value or "")) for line in range(4, sheet.max_row + 1))
        sheet.column_dimensions[letter].width = min(max(longest, _WIDTH[0]), _WIDTH[1])
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "4:4"
    sheet.freeze_panes = "A5"


def _clean(text: str) -> str:
    return ILLEGAL_CHARACTERS_RE.sub("", text)


def _say(words: Words, *, english: bool) -> str:
    return words.en if english else words.vi
