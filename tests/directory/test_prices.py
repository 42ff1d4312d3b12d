"""Price lists: read strictly, loaded with their document, in force by the day, corrected in the open."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from click.testing import CliRunner

from yba import directory
from yba.audit import Tag, trail
from yba.cli.directory import directory as command
from yba.directory import Basis, PriceLine, PriceList
from yba.kit import Actor, Forbidden, Grant, Invalid

BY = Actor.operator()
PLACE, OTHER = "11007", "11008"
HEAD = "list,code,name,unit,price,basis,tender\n"
EXAM = (PriceList.EXAM, "02.1900")


def load(conn, text, since, document="NQ 12/2026/NQ-HĐND", facilities=(PLACE,)):
    lines = directory.read_prices((HEAD + text).encode())
    return directory.load_prices(conn, by=BY, facilities=facilities, document=document, since=since, lines=lines)


def at(conn, on, *asked, facility=PLACE, whole=()):
    found = directory.prices_at(conn, by=BY, facility=facility, on=on, asked=asked, whole=whole)
    return {(one.code, one.basis.value): (one.amount, one.document) for one in found}


@pytest.mark.law("TC-MS-R17")
def test_a_price_has_its_kind_its_document_and_its_day(conn):
    kinds = "".join(f"exam,02.1900,Khám Nội,Lần,{n}0000,{basis.value},\n" for n, basis in enumerate(Basis, 1))
    assert load(conn, kinds, date(2026, 1, 1)) == (4, 0, 0)
    assert load(conn, "exam,02.1900,Khám Nội,Lần,36500,,\n", date(2026, 7, 1), "QĐ 9/QĐ-UBND") == (1, 0, 0)
    assert at(conn, date(2025, 12, 31), EXAM) == {}, "nothing is built in"
    before, after = at(conn, date(2026, 6, 30), EXAM), at(conn, date(2026, 7, 1), EXAM)
    assert before == {("02.1900", basis.value): (Decimal(n * 10000), "NQ 12/2026/NQ-HĐND") for n, basis in enumerate(Basis, 1)}
    assert after == before | {("02.1900", "insurance"): (Decimal(36500), "QĐ 9/QĐ-UBND")}
    assert at(conn, date(2026, 7, 1), EXAM, facility=OTHER) == {}, "of this facility alone"
    assert at(conn, date(2026, 7, 1), whole=[PriceList.EXAM]) == after


def test_a_list_loaded_again_corrects_that_day_and_what_is_dropped_is_not_offered(conn):
    load(conn, "drug,VD-1,Amlodipin,viên,400,,\ndrug,VD-2,Enalapril,viên,250.5,,G1\n", date(2026, 1, 1), facilities=(PLACE, OTHER))
    assert load(conn, "drug,VD-1,Amlodipin,viên,420,,\ndrug,VD-2,Enalapril,viên,250.5,,G1\n", date(2026, 1, 1)) == (0, 1, 1)
    load(conn, "drug,VD-2,Enalapril,viên,,,\n", date(2026, 5, 1))
    both = ((PriceList.DRUG, "VD-1"), (PriceList.DRUG, "VD-2"))
    assert {code for code, _ in at(conn, date(2026, 5, 1), *both)} == {"VD-1"}
    assert {code: amount for (code, _), (amount, _) in at(conn, date(2026, 4, 30), *both).items()} == {"VD-1": 420, "VD-2": Decimal("250.5")}
    assert at(conn, date(2026, 5, 1), *both, facility=OTHER)["VD-1", "insurance"][0] == 400
    told = [json.loads(one.detail) if isinstance(one.detail, str) else one.detail for one in trail(conn, by=BY, tag=Tag.PRICE_LOAD)]
    assert [one["changed"] for one in told] == [0, 1, 0, 0]
    assert all(one["document"] and len(one["digest"]) == 64 for one in told)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("exam,02.1900,Khám,Lần,36.500.000,,\n", "Dòng 2"), ("exam,02.1900,Khám,Lần,-1,,\n", "Dòng 2"), ("exam,02.1900,Khám,Lần,NaN,,\n", "Dòng 2"),
        ('exam,02.1900,Khám,Lần,"36,500",,\n', "Dòng 2"), ("bed,K01,Giường,Ngày,1,,\n", "Dòng 2"), ("exam,,Khám,Lần,1,,\n", "Dòng 2"),
        ("exam,1,Khám,Lần,1,free,\n", "Dòng 2"), ("exam,1,Khám,Lần,1,,,x\n", "Dòng 2"), ("exam,1,A,Lần,1,,\nexam,1,B,Lần,2,,\n", "Dòng 3"),
        ("", "ít nhất một dòng"), ("exam,1,Khám,Lần,1e9,,\n", "Dòng 2"), (f"exam,1,{'x' * 2000},Lần,1,,\n", "Dòng 2"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_refused_whole(conn, text, why):
    with pytest.raises(Invalid, match=why):
        load(conn, text, date(2026, 1, 1))
    assert conn.execute("SELECT count(*) FROM facility_price").fetchone() == (0,)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"", b"ma,gia\n1,2\n"])
def test_what_is_no_price_list_is_said(data):
    with pytest.raises(Invalid):
        directory.read_prices(data)


def test_who_may_load(conn):
    line = [PriceLine(PriceList.EXAM, "1", Basis.INSURANCE, Decimal(1), "Khám")]
    nurse = Actor.user(UUID(int=1), [Grant("station-nurse", frozenset({PLACE}))], purpose="treatment")
    with pytest.raises(Forbidden):
        directory.load_prices(conn, by=nurse, facilities=[PLACE], document="x", since=date(2026, 1, 1), lines=line)
    with pytest.raises(Invalid):
        directory.load_prices(conn, by=BY, facilities=["không"], document="x", since=date(2026, 1, 1), lines=line)


def test_an_operator_loads_and_looks(database, tmp_path):
    file = tmp_path / "prices.csv"
    file.write_text(f"\ufeff{HEAD}exam,02.1900,Khám Nội,Lần,36500,,\n", "utf-8")
    run = CliRunner().invoke
    done = run(command, ["prices", "load", str(file), "--facility", PLACE, "--document", "NQ 1", "--since", "2026-01-01"])
    assert done.exit_code == 0, done.output
    shown = run(command, ["prices", "show", PLACE, "02.1900", "--on", "2026-02-01"])
    assert "36500/Lần" in shown.output
    assert run(command, ["prices", "show", PLACE, "02.1900", "--on", "2025-02-01"]).exit_code == 3
