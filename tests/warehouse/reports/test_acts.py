"""The life of a report over a real lake and database: made, approved by another, locked, corrected; who may, who may not, what late data do."""

import hashlib
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import orjson
import psycopg
import pytest
from lxml import etree

from tests.warehouse.lake_world import OPERATOR, SYSTEM, bury, write
from yba import access, specs, warehouse
from yba.access import Denied
from yba.kit import Actor, Conflict, Grant, Invalid, NotFound, clock
from yba.kit.db import reading, unit_of_work
from yba.kit.errors import Internal
from yba.record import Put
from yba.specs import exports
from yba.warehouse import reports
from yba.warehouse.reports import Format, Step, store

HERE, THERE = "11001", "11002"
ON = "2026-11-03T09:00:00"  # October's reports are due on the 5th
FORM = "facility-activity"
UNIT, PROVINCE = reports.unit(f"facility:{HERE}"), reports.unit("province")
SCHEMA = Path(specs.__file__).parent / "exports" / "report.xsd"


def user(number: int, role: str, purpose: str, *facilities: str) -> Actor:
    return Actor.user(UUID(int=number), [Grant(role, frozenset(facilities))], purpose=purpose)


CLERK = user(1, "record-clerk", "administration", HERE)
HEAD = user(2, "facility-administrator", "administration", HERE)
OTHER = user(3, "record-clerk", "administration", THERE)
MANAGER = user(4, "provincial-manager", "administration")
MANAGER_TOO = user(5, "provincial-manager", "administration")
CDC = user(6, "epidemiologist", "public-health")
NURSE = user(7, "station-nurse", "treatment", HERE)
PROGRAMME = user(8, "programme-officer", "public-health", HERE)


def visit(number: int, at: str = HERE, day: str = "2026-10-05", *, person: int = 0, labels: tuple[str, ...] = ()) -> Put:
    ident, who = str(UUID(int=number)), UUID(int=0xA000 + (person or number))
    doc: dict[str, Any] = {"resourceType": "Encounter", "id": ident, "status": "finished", "class": {"code": "AMB"}}
    doc["period"] = {"start": f"{day}T08:00:00+07:00", "end": f"{day}T09:00:00+07:00"}
    return Put("Encounter", ident, who, orjson.dumps(doc), [number], None, None, at, UUID(int=1), labels, "test")


def condition(number: int, code: str, *, person: int, day: str = "2026-10-05", labels: tuple[str, ...] = ()) -> Put:
    ident = str(UUID(int=number))
    doc: dict[str, Any] = {"resourceType": "Condition", "id": ident, "recordedDate": day}
    doc["code"] = {"coding": [{"system": "https://yba.vn/CodeSystem/icd10", "code": code}]}
    return Put("Condition", ident, UUID(int=0xA000 + person), orjson.dumps(doc), [number], None, None, HERE, UUID(int=1), labels, "test")


@pytest.fixture
def october(lake):
    """Three visits here (one restricted), two there, counted on 3 November."""
    with clock.frozen(ON):
        write(visit(1), visit(2), visit(3, labels=("hiv",)), visit(4, THERE), visit(5, THERE))
        warehouse.refresh(by=SYSTEM)
        yield lake


def visits(found: Any, place: str = "") -> Any:
    return found.figures.cells[place]["visits"][0].value


def lock(unit=UNIT, report=FORM, period="2026-10", maker=CLERK, signer=HEAD):
    made = reports.make(report, by=maker, unit=unit, period=period)
    reports.approve(made.id, by=signer)
    return reports.lock(made.id, by=signer)


def test_a_report_is_made_by_one_and_signed_by_another_and_kept_whole(october):
    draft = reports.draft(FORM, by=CLERK, unit=UNIT, period="2026-10")
    assert visits(draft) == 3, "restricted visits count: the form wants every visit"
    made = reports.make(FORM, by=CLERK, unit=UNIT, period="2026-10")
    assert (made.state, made.digest, made.number) == (Step.MADE, draft.digest, 0)
    with pytest.raises(Conflict, match="chờ duyệt"):
        reports.make(FORM, by=CLERK, unit=UNIT, period="2026-10")
    with pytest.raises(Conflict, match="đã duyệt"):
        reports.lock(made.id, by=HEAD)
    reports.approve(made.id, by=HEAD)
    kept = reports.lock(made.id, by=HEAD)
    assert [one.step for one in kept.steps] == [Step.MADE, Step.APPROVED, Step.LOCKED]
    assert kept.figures == draft.figures
    assert kept.origin["seq"] == 1
    assert kept.origin["definition"] == draft.edition.digest
    with pytest.raises(Conflict, match="đã khóa"):
        reports.make(FORM, by=CLERK, unit=UNIT, period="2026-10")
    with pytest.raises(Conflict, match="trả lại"):
        reports.give_back(made.id, by=HEAD, words="số chưa đúng, xem lại")
    with reading(by=SYSTEM) as conn:
        rows = conn.execute("SELECT tag, who FROM audit_event WHERE tag LIKE 'warehouse:report:%' ORDER BY id").fetchall()
    assert rows == [
        ("warehouse:report:read", CLERK.name), ("warehouse:report:make", CLERK.name), ("warehouse:report:sign", HEAD.name),
        ("warehouse:report:lock", HEAD.name),
    ]  # fmt: skip


def test_who_made_it_does_not_approve_it(october):
    made = reports.make(FORM, by=MANAGER, unit=PROVINCE, period="2026-10")
    with pytest.raises(Conflict, match="người khác"):
        reports.approve(made.id, by=MANAGER)
    assert reports.approve(made.id, by=MANAGER_TOO).state is Step.APPROVED
    both = reports.make(FORM, by=OPERATOR, unit=UNIT, period="2026-10")
    with pytest.raises(Conflict, match="người khác"):
        reports.approve(both.id, by=OPERATOR)


def test_a_unit_is_seen_by_its_own_and_by_the_province(october):
    made = reports.make(FORM, by=CLERK, unit=UNIT, period="2026-10")
    assert reports.report(made.id, by=MANAGER).id == made.id
    assert reports.report(made.id, by=CDC).id == made.id
    assert reports.report(made.id, by=NURSE).id == made.id
    with pytest.raises(NotFound):
        reports.report(made.id, by=OTHER)
    assert reports.reports_of(FORM, by=OTHER, unit=UNIT, period="2026-10") == []
    for act in (reports.draft, reports.make):
        with pytest.raises(Denied):
            act(FORM, by=OTHER, unit=UNIT, period="2026-10")
        with pytest.raises(Denied):
            act(FORM, by=CLERK, unit=PROVINCE, period="2026-10")
    with pytest.raises(Denied):
        reports.approve(made.id, by=CLERK)
    with pytest.raises(NotFound):
        reports.approve(made.id, by=user(9, "facility-administrator", "administration", THERE))
    with pytest.raises(Denied):
        reports.draft(FORM, by=user(10, "doctor", "treatment", HERE), unit=UNIT, period="2026-10")


def test_row_security_holds_where_a_statement_forgets_the_predicate(october):
    reports.make(FORM, by=CLERK, unit=UNIT, period="2026-10")
    count = "SELECT count(*) FROM warehouse_report JOIN warehouse_report_step AS s ON s.report = warehouse_report.id"

    def seen(by):
        with reading(by=by) as conn:
            access.predicate(conn, by=by, right=access.Right.WAREHOUSE_REPORT_READ, columns=store.COLUMNS)
            people = conn.execute("SELECT count(*) FROM resource").fetchone()[0]
            return conn.execute("SELECT count(*) FROM warehouse_report").fetchone()[0], people

    assert seen(CLERK) == (1, 0), "a right to reports opens nothing of the record"
    assert seen(OTHER) == (0, 0)
    assert seen(MANAGER) == (1, 0)
    with reading(by=CLERK) as conn:
        assert conn.execute(count).fetchone() == (0,), "nothing without a right asked for"


@pytest.mark.parametrize("report", ["mental-health", "hiv-care"])
def test_a_report_about_a_restricted_category_is_for_its_own_people(october, report):
    with clock.frozen("2026-12-20T09:00:00"):
        write(condition(20, "F20.0", person=1, labels=("psychiatry",)), condition(21, "B20", person=2, day="2026-09-01", labels=("hiv",)))
        warehouse.refresh(by=SYSTEM)
        period = "2026-10" if report == "mental-health" else "2026-Q3"
        draft = reports.draft(report, by=PROGRAMME, unit=UNIT, period=period)
        assert draft.figures.cells[""]["schizophrenia.found" if report == "mental-health" else "seen"][0].value == 1
        made = reports.make(report, by=PROGRAMME, unit=UNIT, period=period)
        assert reports.report(made.id, by=MANAGER).labels == draft.edition.labels
        for by in (CLERK, NURSE, CDC, HEAD, OPERATOR):
            with pytest.raises(Denied):
                reports.draft(report, by=by, unit=UNIT, period=period)
            with pytest.raises(NotFound):
                reports.report(made.id, by=by)
            assert report not in {one.report for one in reports.standing(by=by, unit=UNIT)}
        assert report in {one.report for one in reports.standing(by=PROGRAMME, unit=UNIT)}


def test_late_data_make_a_correction_beside_the_locked_report(october):
    kept = lock()
    with clock.frozen("2026-11-20T09:00:00"):
        with pytest.raises(Conflict, match="không khác"):
            reports.correct(FORM, by=CLERK, unit=UNIT, period="2026-10", words="gửi muộn, kiểm tra lại")
        write(visit(30), visit(31, day="2026-11-02"))
        bury(1, "Encounter")
        warehouse.refresh(by=SYSTEM)
        write(visit(32))
        warehouse.refresh(by=SYSTEM)
        assert visits(reports.draft(FORM, by=CLERK, unit=UNIT, period="2026-10")) == 4
        fixed = reports.correct(FORM, by=CLERK, unit=UNIT, period="2026-10", words="trạm gửi muộn hai lượt")
        assert (fixed.number, fixed.corrects, fixed.state) == (1, kept.id, Step.MADE)
        assert [(one.row, one.old, one.new) for one in fixed.differences] == [("visits", 3, 4), ("visits.insured", 3, 4), ("visits-year", 3, 4)]
        with pytest.raises(Conflict, match="chờ duyệt"):
            reports.correct(FORM, by=CLERK, unit=UNIT, period="2026-10", words="một lần nữa, thử lại")
        assert reports.report(kept.id, by=CLERK).figures == kept.figures, "what is locked stays"
        reports.approve(fixed.id, by=HEAD)
        reports.lock(fixed.id, by=HEAD)
        write(visit(33))
        warehouse.refresh(by=SYSTEM)
        again = reports.correct(FORM, by=CLERK, unit=UNIT, period="2026-10", words="thêm một lượt gửi muộn")
        assert (again.number, again.corrects) == (2, fixed.id)
        assert [one.old for one in again.differences] == [4, 4, 4]


def test_counting_again_from_the_same_export_gives_the_same(october):
    kept = lock()
    write(visit(40))
    warehouse.refresh(by=SYSTEM)
    assert visits(reports.draft(FORM, by=CLERK, unit=UNIT, period="2026-10")) == 4
    assert reports.recount(kept.id, by=CLERK) is True
    province = lock(PROVINCE, maker=CDC, signer=MANAGER)
    assert visits(province) == 6
    assert visits(province, f"facility:{THERE}") == 2


def test_counting_again_begins_where_the_reports_own_year_begins(october, monkeypatch):
    own = {**exports.reports(), FORM: tuple(replace(one, year_begins=10) for one in exports.reports()[FORM])}
    monkeypatch.setattr(exports, "reports", lambda: own)
    write(visit(41, day="2026-09-05"))
    warehouse.refresh(by=SYSTEM)
    kept = lock()
    assert kept.figures.cells[""]["visits-year"][0].value == 3, "September was another year of the report"
    assert reports.recount(kept.id, by=CLERK) is True


def test_a_merge_across_months_changes_people_and_says_so(october):
    write(condition(50, "I10", person=1), condition(51, "I10", person=2))
    warehouse.refresh(by=SYSTEM)
    kept = lock(report="ncd")
    assert kept.figures.cells[""]["htn.found"][0].value == 2
    write(condition(51, "I10", person=1))  # as a merge leaves it: the row stands in the other's record
    warehouse.refresh(by=SYSTEM)
    fixed = reports.correct("ncd", by=CLERK, unit=UNIT, period="2026-10", words="hai hồ sơ của một người đã gộp")
    assert [(one.row, one.old, one.new) for one in fixed.differences] == [("htn.found", 2, 1), ("htn.managed", 2, 1)]


def test_what_cannot_be_signed_is_said(october):
    with pytest.raises(Invalid, match="chưa kết thúc"):
        reports.make(FORM, by=CLERK, unit=UNIT, period="2026-11")
    with clock.frozen("2099-02-05T09:00:00"), pytest.raises(Conflict, match="Kho mới chép đến"):
        reports.make(FORM, by=CLERK, unit=UNIT, period="2099-01")
    with pytest.raises(Invalid, match="không phải kỳ"):
        reports.make(FORM, by=CLERK, unit=UNIT, period="2026-Q3")
    with pytest.raises(NotFound, match="Không có báo cáo"):
        reports.draft("form-7", by=CLERK, unit=UNIT, period="2026-10")
    with pytest.raises(Invalid, match="không do cấp này"):
        reports.draft("population", by=CLERK, unit=UNIT, period="2025")
    with pytest.raises(Invalid, match="Chưa biết mẫu"):
        reports.draft(FORM, by=CLERK, unit=UNIT, period="2025-06")
    with pytest.raises(Conflict, match="chưa khóa"):
        reports.correct(FORM, by=CLERK, unit=UNIT, period="2026-10", words="chưa có gì để sửa cả")
    made = reports.make(FORM, by=CLERK, unit=UNIT, period="2026-10")
    with pytest.raises(Invalid, match="lý do"):
        reports.give_back(made.id, by=HEAD, words="sai")
    with clock.frozen("2026-11-01T09:00:00"), pytest.raises(Conflict, match="Đồng hồ"):
        reports.approve(made.id, by=HEAD)
    returned = reports.give_back(made.id, by=HEAD, words="thiếu lượt khám ngày 5")
    assert returned.state is Step.RETURNED
    assert reports.make(FORM, by=CLERK, unit=UNIT, period="2026-10").attempt == 2


def test_what_was_kept_cannot_be_changed_and_a_changed_text_is_noticed(october, database):
    kept = lock()
    with pytest.raises(psycopg.errors.InsufficientPrivilege), unit_of_work(by=OPERATOR) as conn:
        conn.execute("UPDATE warehouse_report SET content = '{}'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), unit_of_work(by=OPERATOR) as conn:
        conn.execute("DELETE FROM warehouse_report_step")
    with database.as_owner() as conn:
        text = conn.execute("SELECT content FROM warehouse_report").fetchone()[0].replace('"visits":[[3,', '"visits":[[2,')
        with pytest.raises(psycopg.errors.CheckViolation), conn.transaction():
            conn.execute("UPDATE warehouse_report SET content = %s", (text,))
        conn.execute("UPDATE warehouse_report SET content = %s, sha256 = %s", (text, hashlib.sha256(text.encode()).digest()))
    with pytest.raises(Internal, match="not what was signed"):
        reports.report(kept.id, by=CLERK)


@pytest.mark.law("HTTT-BC-R25")
def test_after_the_end_of_the_circular_the_last_form_goes_on_and_says_so(october):
    february = reports.draft(FORM, by=CLERK, unit=UNIT, period="2027-02")
    march = reports.draft(FORM, by=CLERK, unit=UNIT, period="2027-03")
    assert (february.edition.edition, march.edition.edition) == ("tt23-2025", "after-tt23")
    assert february.sheet.without_successor is None
    assert "Chưa có mẫu thay thế" in march.sheet.without_successor.vi
    assert [one.id for one in march.sheet.lines] == [one.id for one in february.sheet.lines]
    with clock.frozen("2027-03-20T09:00:00"):
        found = {(one.period.label, one.edition.edition): one.due for one in reports.standing(by=CLERK, unit=UNIT) if one.report == FORM}
    assert found["2027-02", "tt23-2025"] == date(2027, 3, 5), "due after the circular has ended"


def test_how_everything_stands(october):
    before = {one.period.label: one for one in reports.standing(by=CLERK, unit=UNIT) if one.report == FORM}
    assert list(before) == ["2026-10", "2026-09", "2026-08", "2026-11"]
    assert [one.late for one in before.values()] == [False, True, True, False]
    assert before["2026-11"].running
    lock()
    after = {one.period.label: one for one in reports.standing(by=CLERK, unit=UNIT) if one.report == FORM}
    assert after["2026-10"].state is Step.LOCKED
    with clock.frozen("2026-12-20T09:00:00"):
        late = {one.period.label: one.late for one in reports.standing(by=CLERK, unit=UNIT) if one.report == FORM}
    assert late == {"2026-11": True, "2026-09": True, "2026-10": False, "2026-12": False}
    assert reports.locked_units(FORM, by=MANAGER, period="2026-10") == {str(UNIT)}
    assert reports.locked_units(FORM, by=OTHER, period="2026-10") == set()


def test_written_as_excel_and_as_xml_by_the_schema(october):
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    draft = reports.write(reports.draft(FORM, by=CLERK, unit=UNIT, period="2026-10"), by=CLERK, form=Format.EXCEL)
    assert draft.name == f"{FORM}-facility-{HERE}-2026-10-nhap.xlsx"
    kept = lock(PROVINCE, maker=CDC, signer=MANAGER)
    with clock.frozen("2026-11-20T09:00:00"):
        write(visit(60, THERE))
        warehouse.refresh(by=SYSTEM)
        fixed = reports.correct(FORM, by=CDC, unit=PROVINCE, period="2026-10", words="bệnh viện gửi muộn một lượt")
    for one in (kept, fixed):
        tree = etree.fromstring(reports.write(one, by=CDC, form=Format.XML).data)
        assert schema.validate(tree), schema.error_log
    changes = tree.findall("{*}change")
    assert {(one.get("place"), one.get("line"), one.get("old"), one.get("new")) for one in changes} >= {
        ("province", "visits", "5", "6"), (f"facility:{THERE}", "visits", "2", "3"),
    }  # fmt: skip
    book = openpyxl.load_workbook(BytesIO(reports.write(fixed, by=CDC, form=Format.EXCEL).data))
    assert book.sheetnames == ["Biểu", "Theo nơi", "Đính chính"]
    texts = [cell.value for row in book["Biểu"].iter_rows() for cell in row if cell.value is not None]
    for text in ("Biểu 9/BCT", "BÁO CÁO ĐÍNH CHÍNH LẦN 1", "CHƯA DUYỆT", "chưa có nguồn", "Người lập biểu", 6):
        assert text in texts
    with pytest.raises(Denied):
        reports.write(kept, by=CLERK, form=Format.XML)


def test_a_year_sent_again_changes_only_what_differs(october):
    kept = lock()
    with clock.frozen("2026-11-20T09:00:00"):
        write(visit(1), visit(2), visit(3, labels=("hiv",)), *(visit(70 + month, day=f"2026-{month:02d}-11") for month in range(1, 10)))
        warehouse.refresh(by=SYSTEM)
        found = reports.differences(kept.figures, reports.draft(FORM, by=CLERK, unit=UNIT, period="2026-10").figures)
        september = reports.draft(FORM, by=CLERK, unit=UNIT, period="2026-09")
    assert [(one.row, one.old, one.new) for one in found] == [("visits-year", 3, 12)], "the month itself is the same"
    assert visits(september) == 1
    assert reports.to_last(september, by=CLERK).period.label == "2026-08"
