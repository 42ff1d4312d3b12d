"""The pages of periodic reports over HTTP: a clerk makes, the head approves and locks, late data are corrected, files are handed out."""

import re
from io import BytesIO

import openpyxl
import pytest
from lxml import etree

from tests.journeys import staff
from tests.warehouse.lake_world import SYSTEM, write
from tests.warehouse.reports.test_acts import THERE, visit
from tests.web.test_registers import browser_of
from yba import warehouse
from yba.kit import clock, settings
from yba.warehouse import reports
from yba.warehouse.settings import LAKE

HERE = staff.HERE
FORM = "/reports-period/facility-activity"
AT = {"unit": f"facility:{HERE}", "period": "2026-10"}
PAGE = f"{FORM}?unit=facility%3A{HERE}&period=2026-10"


@pytest.fixture
def desk(database, tmp_path):
    with settings.VAR.set_to(tmp_path), LAKE.set_to(str(tmp_path / "lake")), clock.frozen("2026-11-03T09:00:00"):
        staff.province(10)
        write(visit(1), visit(2), visit(3, labels=("hiv",)), visit(4, THERE))
        warehouse.refresh(by=SYSTEM)
        people = {
            "clerk": staff.employ("hs.la", "Lò Thị Lả", "record-clerk", facility=HERE),
            "head": staff.employ("qt.ha", "Quàng Văn Hà", "facility-administrator", facility=HERE),
            "other": staff.employ("hs.an", "Cà Văn An", "record-clerk", facility=THERE),
            "manager": staff.employ("ld.so", "Nguyễn Thị Sở", "provincial-manager", facility=""),
        }
        yield {name: browser_of(account) for name, account in people.items()}


def report_of(page):
    return re.search(r'name="report" value="([0-9a-f-]{36})"', page)[1]


def test_a_report_goes_from_draft_to_lock_and_is_corrected(desk):
    clerk, head = desk["clerk"], desk["head"]
    listed = clerk.get("/reports-period").text
    assert "Trạm Y tế Mường Thanh" in listed
    assert "trễ hạn" in listed
    assert "Mười biểu chưa tìm thấy" in listed
    assert "Sức khỏe tâm thần" not in listed
    draft = clerk.get(PAGE).text
    assert "Bản nháp, chưa ký" in draft
    assert "chưa có nguồn" in draft
    assert "Lập báo cáo" in draft
    assert clerk.post(f"{FORM}/make", AT)["Location"] == f"{PAGE}&done=made"
    assert clerk.post(f"{FORM}/make", AT).status_code == 409
    made = head.get(PAGE).text
    assert "Lò Thị Lả" in made
    told = {**AT, "report": report_of(made)}
    assert clerk.post(f"{FORM}/sign", told).status_code == 403
    assert head.post(f"{FORM}/sign", told)["Location"].endswith("done=approved")
    assert head.post(f"{FORM}/lock", told)["Location"].endswith("done=locked")
    locked = clerk.get(PAGE).text
    assert "Quàng Văn Hà" in locked
    assert "Không có số nào khác" in clerk.get(f"{PAGE}&late=1").text
    write(visit(30))
    warehouse.refresh(by=SYSTEM)
    late = clerk.get(f"{PAGE}&late=1").text
    assert "Lập báo cáo đính chính" in late
    assert clerk.post(f"{FORM}/correct", {**AT, "words": "muộn"}).status_code == 400
    assert clerk.post(f"{FORM}/correct", {**AT, "words": "trạm gửi muộn một lượt"})["Location"].endswith("done=corrected")
    fixed = clerk.get(PAGE).text
    for words in ("Đính chính lần 1", "Đính chính gì", "Các bản của kỳ này", "chờ duyệt"):
        assert words in fixed
    returned = head.post(f"{FORM}/return", {**AT, "report": report_of(head.get(PAGE).text), "words": "ghi rõ tên người gửi muộn"})
    assert returned["Location"].endswith("done=returned")


def test_late_data_are_told_to_who_signs_and_to_nobody_else(desk):
    clerk, head = desk["clerk"], desk["head"]
    clerk.post(f"{FORM}/make", AT)
    told = {**AT, "report": report_of(head.get(PAGE).text)}
    head.post(f"{FORM}/sign", told)
    head.post(f"{FORM}/lock", told)
    write(visit(30))
    warehouse.refresh(by=SYSTEM)
    assert "số nay đã khác" not in head.get("/reports-period").text + head.get("/home").text
    assert reports.watch(by=SYSTEM).changed == 1
    for who, is_told in (("head", True), ("manager", True), ("other", False)):
        assert ("báo cáo đã khóa có số nay đã khác" in desk[who].get("/home").text) is is_told, who
        assert ("số nay đã khác" in desk[who].get("/reports-period").text) is is_told, who
    listed = head.get("/reports-period").text
    assert "đã khóa; 3 số nay đã khác" in listed
    there = re.search(r'(?s)id="differing".*?</section>', listed)[0]
    assert "Trạm Y tế Mường Thanh" in there
    assert "3 số khác, biết từ" in there
    way = re.search(r'href="([^"]+)"', there)[1].replace("&amp;", "&")
    assert "Lập báo cáo đính chính" in clerk.get(way).text
    clerk.post(f"{FORM}/correct", {**AT, "words": "trạm gửi muộn một lượt"})
    assert "số nay đã khác" not in head.get("/reports-period").text, "it is being corrected"


def test_files_are_what_the_page_shows(desk):
    clerk = desk["clerk"]
    book = openpyxl.load_workbook(BytesIO(clerk.get(f"{PAGE}&as=xlsx").content))
    assert "BẢN NHÁP, CHƯA KÝ" in [cell.value for row in book["Biểu"].iter_rows() for cell in row]
    clerk.post(f"{FORM}/make", AT)
    answer = clerk.get(f"{PAGE}&as=xml")
    tree = etree.fromstring(answer.content)
    assert tree.get("state") == "made"
    assert tree.find("{*}place/{*}row[@line='visits']/{*}cell").get("value") == "3"
    assert clerk.get(f"{PAGE}&as=doc").status_code == 404


def test_who_is_not_of_the_unit_learns_nothing(desk):
    desk["clerk"].post(f"{FORM}/make", AT)
    other = desk["other"]
    assert other.get(PAGE).status_code == 403
    assert other.get(f"{PAGE}&as=xlsx").status_code == 403
    assert other.post(f"{FORM}/make", AT).status_code == 403
    assert other.get(f"{FORM}?unit=province&period=2026-10").status_code == 403
    assert desk["clerk"].get("/reports-period/mental-health?unit=facility:11001&period=2026-10").status_code == 403
    assert desk["manager"].get(PAGE).status_code == 200


def test_the_province_sees_places_who_locked_and_english(desk):
    manager = desk["manager"]
    assert "Toàn tỉnh" in manager.get("/reports-period").text
    page = manager.get(f"{FORM}?unit=province&period=2026-10&row=visits&compare=1&lang=en").text
    for words in ("Facilities, beds and activity", "no source", "By place", "Trạm Y tế Mường Thanh", "Draft, not signed"):
        assert words in page
    assert HERE in manager.get(f"/reports-period?unit={HERE}&lang=vi").text


@pytest.mark.parametrize(
    ("query", "words"),
    [("unit=facility:11001&period=2026-Q4", "không phải kỳ"), ("unit=facility:11001&period=2026-13", "không phải một tháng"),
     ("unit=%27&period=2026-10", "không phải đơn vị"), ("unit=facility:11001&period=2020-10", "Chưa biết mẫu"), ("unit=commune:03127&period=2026-10", "đơn vị")],
)  # fmt: skip
def test_bad_questions_are_answered_in_words(desk, query, words):
    answer = desk["clerk"].get(f"{FORM}?{query}")
    assert answer.status_code == 400
    assert words in answer.text
