"""A report as a workbook in the layout of a form: head of the unit, title, period, rows, signatures; then every place, and what was corrected."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from yba.kit import clock, spreadsheets
from yba.kit.later import later

from .model import STATES, WHOLE, Step

if TYPE_CHECKING:
    import openpyxl.styles
    import openpyxl.utils
    from openpyxl.cell.cell import Cell
    from openpyxl.styles import Border
    from openpyxl.worksheet.worksheet import Worksheet

    from .model import Number
    from .paper import Paper
else:
    openpyxl = later("openpyxl")

_FONT: Final = "Times New Roman"  # the font of official papers (NĐ 30/2020)
_FIXED: Final = 3  # columns before the numbers
_WIDTHS: Final = (7, 52, 12)
_UPRIGHT: Final = 6  # columns that A4 holds upright
_NAMES: Final = {Step.MADE: "Lập", Step.APPROVED: "Duyệt", Step.LOCKED: "Khóa"}


def as_excel(paper: Paper) -> bytes:
    """Write a workbook."""
    book = openpyxl.Workbook()
    form = book.worksheets[0]
    form.title = "Biểu"
    _form(form, paper)
    if len(paper.figures.places) > 1:
        _places(book.create_sheet("Theo nơi"), paper)
    if paper.number:
        _changes(book.create_sheet("Đính chính"), paper)
    return spreadsheets.saved(book)


def _put(sheet: Worksheet, row: int, column: int, value: str | float | None, *, bold: bool = False, italic: bool = False, box: bool = False) -> Cell:
    """Write a cell as it looks on official paper; none of ours is merged before it is written."""
    cell = spreadsheets.put(sheet, row, column, value)
    styles = openpyxl.styles
    cell.font = styles.Font(name=_FONT, size=11, bold=bold, italic=italic)
    if box:
        cell.border = _box()
        cell.alignment = styles.Alignment(wrap_text=True, vertical="center", horizontal=None if isinstance(value, str) and not bold else "center")
    return cell


@cache
def _box() -> Border:
    line = openpyxl.styles.Side(style="thin")
    return openpyxl.styles.Border(left=line, right=line, top=line, bottom=line)


def _form(sheet: Worksheet, paper: Paper) -> None:
    width = _FIXED + len(paper.sheet.columns)
    for at, wide in enumerate((*_WIDTHS, *(14 for _ in paper.sheet.columns)), start=1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(at)].width = wide
    row = _head(sheet, paper, width)
    top = row
    for at, text in enumerate(("TT", "Chỉ tiêu", "Đơn vị", *(words.vi for _, words in paper.sheet.columns)), start=1):
        _put(sheet, row, at, text, bold=True, box=True)
    cells = paper.figures.cells[WHOLE]
    for line in paper.sheet.lines:
        row += 1
        _put(sheet, row, 1, line.number, box=True)
        label = _put(sheet, row, 2, line.words.vi, box=True)
        label.alignment = openpyxl.styles.Alignment(wrap_text=True, vertical="center", indent=2 if line.parent else 0)
        _put(sheet, row, 3, line.unit.vi if line.unit else "", box=True)
        for at, number in enumerate(cells[line.id], start=_FIXED + 1):
            _number(sheet, row, at, number)
    _foot(sheet, paper, row + 1, width)
    spreadsheets.on_paper(sheet, across=width > _UPRIGHT, head=top)


def _number(sheet: Worksheet, row: int, at: int, number: Number) -> None:
    """Write a number, or why there is none: a blank cell would be read as nothing to report."""
    if number.value is None:
        _put(sheet, row, at, STATES[number.state].vi, italic=True, box=True)
    else:
        _put(sheet, row, at, number.value, box=True)


def _head(sheet: Worksheet, paper: Paper, width: int) -> int:
    _put(sheet, 1, 1, paper.name, bold=True)
    _put(sheet, 1, width, paper.sheet.number, bold=True).alignment = openpyxl.styles.Alignment(horizontal="right")
    _put(sheet, 2, width, paper.sheet.law, italic=True).alignment = openpyxl.styles.Alignment(horizontal="right")
    lines = [(paper.sheet.title.vi.upper(), True), (paper.words.vi, False)]
    if paper.number:
        lines.append((f"BÁO CÁO ĐÍNH CHÍNH LẦN {paper.number}", True))
    if paper.state not in {Step.LOCKED, Step.APPROVED}:
        lines.append(("BẢN NHÁP, CHƯA KÝ" if paper.state is None else "CHƯA DUYỆT" if paper.state is Step.MADE else "ĐÃ TRẢ LẠI", True))
    if paper.sheet.without_successor:
        lines.append((paper.sheet.without_successor.vi, False))
    row = 3
    for text, bold in lines:
        row += 1
        cell = _put(sheet, row, 1, text, bold=bold, italic=not bold)
        cell.alignment = openpyxl.styles.Alignment(horizontal="center", wrap_text=True)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
    return row + 2


def _foot(sheet: Worksheet, paper: Paper, row: int, width: int) -> None:
    told = [f"Cơ sở đã gửi trong kỳ: {paper.figures.heard}/{paper.figures.expected}."]
    if paper.sheet.notes:
        told.append(f"Ghi chú: {paper.sheet.notes.vi}")
    told.append(f"Đếm từ lần xuất kho số {paper.seq}; mã số liệu {paper.digest}" + (f"; SHA-256 {paper.sha256}" if paper.sha256 else ""))
    for text in told:
        row += 1
        _put(sheet, row, 1, text, italic=True).alignment = openpyxl.styles.Alignment(wrap_text=True, vertical="top")
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
        sheet.row_dimensions[row].height = 15 * (1 + len(text) // (26 * width))
    row += 2
    made, approved = (next((one for one in paper.steps if one.step is step), None) for step in (Step.MADE, Step.APPROVED))
    for at, words, step in ((2, paper.sheet.maker, made), (width, paper.sheet.signer, approved)):
        _put(sheet, row, at, words.vi, bold=True).alignment = openpyxl.styles.Alignment(horizontal="center")
        _put(sheet, row + 1, at, "(Ký, ghi rõ họ tên)", italic=True).alignment = openpyxl.styles.Alignment(horizontal="center")
        if step is not None:
            _put(sheet, row + 4, at, step.name, bold=True).alignment = openpyxl.styles.Alignment(horizontal="center")
            when = f"{_NAMES[step.step]} {step.at.astimezone(clock.VIETNAM):%d/%m/%Y %H:%M}"
            _put(sheet, row + 5, at, when, italic=True).alignment = openpyxl.styles.Alignment(horizontal="center")


def _places(sheet: Worksheet, paper: Paper) -> None:
    """Every place and row, for who adds up or compares."""
    for at, text in enumerate(("Nơi", "TT", "Chỉ tiêu", *(words.vi for _, words in paper.sheet.columns)), start=1):
        _put(sheet, 1, at, text, bold=True, box=True)
    row = 1
    for place in paper.figures.places:
        for line in paper.sheet.lines:
            row += 1
            for at, text in enumerate((place or str(paper.unit), line.number, line.words.vi), start=1):
                _put(sheet, row, at, text)
            for at, number in enumerate(paper.figures.cells[place][line.id], start=4):
                _number(sheet, row, at, number)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["C"].width = 18, 52


def _changes(sheet: Worksheet, paper: Paper) -> None:
    """What a correction changes, and which facilities sent late as far as it is known."""
    words = {line.id: line.words.vi for line in paper.sheet.lines}
    for at, text in enumerate(("Nơi", "Chỉ tiêu", "Cột", "Đã khóa", "Nay", "Chênh lệch"), start=1):
        _put(sheet, 1, at, text, bold=True, box=True)
    row = 1
    for one in paper.differences:
        row += 1
        change = None if one.old is None or one.new is None else one.new - one.old
        values = (one.place or str(paper.unit), words.get(one.row, one.row), paper.sheet.columns[int(one.column)][1].vi, one.old, one.new, change)
        for at, value in enumerate(values, start=1):
            _put(sheet, row, at, "trống" if value is None else value)
    row += 2
    for late in paper.late:
        _put(sheet, row, 1, late.facility)
        _put(sheet, row, 2, f"{late.new} hồ sơ gửi sau khi khóa, {late.again} hồ sơ gửi lại")
        row += 1
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 52
