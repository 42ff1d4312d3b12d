"""Every claims table of every decision: complete, named alike, layered as the amendments say, compiled from the gathered files."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from yba.specs import claims, codes
from yba.specs.claims import Kind, Required, Table

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "spec" / "claims-xml"
TABLES = [
    pytest.param(edition.decision, table, id=f"{edition.decision}-{table.name}") for edition in claims.editions() for table in edition.tables.values()
]


def test_the_decisions_and_their_tables():
    assert {one.decision: len(one.tables) for one in claims.editions()} == {"917": 3, "4210": 5, "130": 13, "4750": 16, "3176": 16, "1931": 16}
    assert [one.decision for one in claims.editions()] == ["917", "4210", "130", "4750", "3176", "1931"]


def test_every_file_is_read_and_every_table_has_a_file():
    read = {(one.decision, f"{name.lower()}.csv") for one in claims.editions() for name in one.tables}
    files = {(path.parent.name, path.name) for path in claims.FOLDER.glob("*/*.csv")}
    assert read == files


@pytest.mark.parametrize(("decision", "table"), TABLES)
def test_table(decision: str, table: Table):
    assert table.title_vi
    assert table.title_en
    assert table.root
    assert table.record
    for column in table.columns:
        where = (decision, table.name, column.field)
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*", column.field), where
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name), where
        assert column.meaning_vi, where
        assert column.meaning_en, where
        assert column.origin, where
        assert column.codes is None or column.codes in codes.lists() or column.codes in codes.external_lists(), where
        assert (column.kind is Kind.DATETIME) == bool(column.digits), where
        assert (column.kind is Kind.NUMBER) == (column.decimals is not None), where
        assert not (column.unlimited and column.max_length is not None), where


def test_a_name_stands_once_in_a_table():
    for edition in claims.editions():
        for table in edition.tables.values():
            names = [column.name for column in table.columns]
            assert len(names) == len(set(names)), (edition.decision, table.name, sorted({name for name in names if names.count(name) > 1}))


def test_the_same_field_of_the_same_table_has_the_same_name_in_every_decision_of_a_family():
    for table in claims.edition("3176").tables.values():
        for other in ("130", "4750", "1931"):
            held = claims.edition(other).tables.get(table.name)
            for column in table.columns if held else ():
                old = held.by_field.get(column.field)
                assert old is None or old.name == column.name or column.field == "DU_PHONG", (other, table.name, column.field)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("MA_THE", "MA_THE_BHYT"),
        ("MA_BENH", "MA_BENH_CHINH"),
        ("T_TONGCHI", "T_TONGCHI_BV"),
        ("TINH_TRANG_RV", "MA_LOAI_RV"),
        ("MA_LYDO_VVIEN", "MA_DOITUONG_KCB"),
    ],
)
def test_a_concept_has_one_name_in_4210_and_3176(old: str, new: str):
    assert claims.edition("4210").tables["XML1"].by_field[old].name == claims.edition("3176").tables["XML1"].by_field[new].name


@pytest.mark.law("BHYT-DATA-R23")
@pytest.mark.parametrize(
    ("table", "field", "lengths"),
    [  # 130, 4750, 3176, 1931; "n" unlimited, None no such column
        ("XML1", "SO_CCCD", ("15", "15", "n", "n")),
        ("XML1", "MA_NGHE_NGHIEP", ("5", "5", "2", "2")),
        ("XML1", "MA_DOITUONG_KCB", ("3", "4", "4", "4")),
        ("XML0", "MA_DOITUONG_KCB", ("1", "4", "4", "4")),
        ("XML1", "NHOM_MAU", (None, "5", "5", "5")),
        ("XML1", "MA_BENH_YHCT", ("255", "255", "150", "150")),
        ("XML1", "MA_TTDV", ("10", "10", "255", "255")),
        ("XML2", "NGAY_TH_YL", (None, "12", "12", "12")),
        ("XML2", "MA_KHOA", ("15", "50", "50", "50")),
        ("XML2", "MUC_HUONG", ("3", "3", "3", "4")),
        ("XML3", "MUC_HUONG", ("3", "3", "3", "4")),
        ("XML4", "GIA_TRI", ("50", "50", "255", "255")),
        ("XML6", "MA_XU_TRI", ("1", "10", "10", "10")),
        ("XML7", "DU_PHONG", (None, "n", "n", "n")),
        ("XML7", "SO_NGAY_NGHI", ("2", "2", "3", "3")),
        ("XML12", "DANG_HUONG_CHE_DO", ("3", "10", "10", "10")),
        ("XML13", "MA_NOI_DI", (None, "5", None, None)),
        ("XML13", "MA_CSKCB_DI", (None, None, "100", "100")),
        ("XML13", "TEN_DICH_VU", (None, "1024", None, None)),
        ("XML13", "TINH_TRANG_CT", (None, None, "n", "n")),
        ("XML13", "NGAY_RA", (None, "12", "100", "100")),
        ("XML14", "NGAY_HEN_KL", (None, "12", "8", "8")),
    ],
)
def test_amendments(table: str, field: str, lengths: tuple[str | None, ...]):
    found = []
    for decision in ("130", "4750", "3176", "1931"):
        held = claims.edition(decision).tables.get(table)
        column = held.by_field.get(field) if held else None
        found.append(None if column is None else "n" if column.unlimited else str(column.max_length))
    assert tuple(found) == lengths


@pytest.mark.law("BHYT-DATA-R23")
@pytest.mark.parametrize(
    ("on", "decision"),
    [
        ("2017-08-31", "917"),
        ("2017-09-01", "4210"),
        ("2024-06-30", "130"),
        ("2024-07-01", "4750"),
        ("2024-12-31", "4750"),
        ("2025-01-01", "3176"),
        ("2026-06-30", "3176"),
        ("2026-07-01", "1931"),
    ],
)
def test_the_decision_of_a_day(on: str, decision: str):
    assert claims.in_force(date.fromisoformat(on)).decision == decision


def test_917_differs_from_4210_as_the_envelope_page_says():
    old, new = claims.edition("917").tables["XML1"].by_field, claims.edition("4210").tables["XML1"].by_field
    assert old.keys() - new.keys() == {"MUC_HUONG"}
    assert new.keys() - old.keys() == {"T_BNCCT"}
    assert all("not seen" in column.origin or "envelope" in column.origin for column in old.values())


@pytest.mark.parametrize(
    ("decision", "table", "elements"),
    [
        ("3176", "XML1", ("TONG_HOP", "", "TONG_HOP")),
        ("3176", "XML3", ("CHITIEU_CHITIET_DVKT_VTYT", "DSACH_CHI_TIET_DVKT", "CHI_TIET_DVKT")),
        ("4210", "XML3", ("DSACH_CHI_TIET_DVKT", "", "CHI_TIET_DVKT")),
        ("3176", "XML7", ("CHI_TIEU_DU_LIEU_GIAY_RA_VIEN", "", "CHI_TIEU_DU_LIEU_GIAY_RA_VIEN")),
        ("3176", "XML12", ("CHI_TIEU_GIAM_DINH_YKHOA", "DSACH_GIAM_DINH_YKHOA", "GIAM_DINH_YKHOA")),
    ],
)
def test_element_names(decision: str, table: str, elements: tuple[str, ...]):
    held = claims.edition(decision).tables[table]
    assert (held.root, held.list_element, held.record) == elements


def test_the_odd_root_of_xml12():
    assert claims.edition("3176").tables["XML12"].alternative_roots == ("GIAM_DINH_Y_KHOA",)


NOT_OF_EVERYBODY = {("XML3", "MA_BENH"), ("XML15", "PHANLOAI_LAO_KT"), ("XML15", "BDDT_ARV"), ("XML15", "NGAY_BAT_DAU_DT_CTX")}
"""Required by the portal's validator, empty for most people by their own meaning (tools/compile_claims_specs.py)."""


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
def test_3176_holds_exactly_the_gathered_columns():
    for name, table in claims.edition("3176").tables.items():
        path = SHARED / ("check_in.csv" if name == "XML0" else f"{name.lower()}.csv")
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        assert [column.field for column in table.columns] == [row["field"] for row in rows]
        for column, row in zip(table.columns, rows, strict=True):
            length = "n" if column.unlimited else "unknown" if column.max_length is None else str(column.max_length)
            required = (
                Required.NO if (name, column.field) in NOT_OF_EVERYBODY else Required(row["required"])
            )  # its note: empty means for MA_BENH_CHINH
            assert (length, column.required) == (row["max_length"], required), (name, column.field)


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
@pytest.mark.parametrize("tool", ["specs", "codes", "rules"])
def test_the_files_are_what_the_tool_makes(tool: str):
    before = {path: path.read_bytes() for path in (ROOT / "src/yba/specs").glob("*claims/**/*") if path.is_file()}
    subprocess.run([sys.executable, ROOT / "tools" / f"compile_claims_{tool}.py"], check=True)
    assert {path: path.read_bytes() for path in before} == before


def test_the_reference_pages_are_current():
    subprocess.run([sys.executable, ROOT / "tools" / "document_claims.py", "--check"], check=True)
