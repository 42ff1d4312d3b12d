"""Texts stay texts in what spreadsheets open, whatever they begin with or hold."""

import csv
import io

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from yba.kit import spreadsheets

CELLS = st.one_of(st.none(), st.integers(-9, 9), st.text("=+-@\t\r'\",;\n\x00\x08aĐ1", max_size=6))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=4))
def test_no_cell_is_a_formula_and_numbers_stay(rows):
    text = spreadsheets.to_csv(rows)
    assert text.startswith("\ufeff")
    read = list(csv.reader(io.StringIO(text[1:], newline="")))
    assert [cell for row in read for cell in row] == [
        "" if one is None else str(one) if not isinstance(one, str) or one[:1] not in "=+-@\t\r" or not one else f"'{one}"
        for row in rows
        for one in row
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(spreadsheets.to_workbook(rows, "a" * 40))).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert len(sheet.title) == 31


def test_a_workbook_says_what_was_put_into_it():
    sheet = openpyxl.load_workbook(io.BytesIO(spreadsheets.to_workbook([["=1+1", -5, None], ["a\x08b", 0.5, "-"]], "x"))).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["=1+1", -5, None], ["ab", 0.5, "-"]]
