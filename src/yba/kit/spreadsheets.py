"""Tables as spreadsheets take them: CSV with its mark, workbooks laid out for A4; a text stays a text, whatever it begins with."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from .later import later

if TYPE_CHECKING:
    from collections.abc import Iterable

    import openpyxl.cell.cell
    import openpyxl.worksheet.properties
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet
else:
    openpyxl = later("openpyxl")  # with numpy half a second of processor time; workbooks are rare

CSV: Final = "text/csv; charset=utf-8"
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MARK: Final = "\ufeff"  # without it Excel does not read UTF-8
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # what OWASP names under CSV injection
_TITLE: Final = 31  # letters of a sheet's name
_A4: Final = 9


def to_csv(rows: Iterable[Iterable[object]]) -> str:
    """Write rows as CSV, None as an empty cell; a text that a spreadsheet would take for a formula gets a quote in front, numbers stay numbers."""
    out = io.StringIO()
    csv.writer(out).writerows([f"'{one}" if isinstance(one, str) and one.startswith(_FORMULA) else one for one in row] for row in rows)
    return _MARK + out.getvalue()


def to_workbook(rows: Iterable[Iterable[str | float | None]], title: str) -> bytes:
    """Write rows as a workbook of one sheet whose first row stays in sight."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title[:_TITLE])
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([_kept(openpyxl.cell.cell.WriteOnlyCell(sheet), one) for one in row])
    return saved(book)


def put(sheet: Worksheet, row: int, column: int, value: str | float | None) -> Cell:
    """Write one cell (from 1 on) and give it for its style."""
    cell: Cell = _kept(sheet.cell(row=row, column=column), value)
    return cell


def on_paper(sheet: Worksheet, *, across: bool, head: int) -> None:
    """Lay a sheet out for A4: as wide as the paper, as many pages as it needs, row ``head`` repeated on each."""
    sheet.page_setup.orientation = "landscape" if across else "portrait"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{head}:{head}"


def saved(book: Workbook) -> bytes:
    """Give the bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _kept(cell: Any, value: str | float | None) -> Any:  # noqa: ANN401  openpyxl's cells of either kind
    """Set a value: what XML cannot hold goes, and no text becomes a formula."""
    cell.value = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
    return cell
