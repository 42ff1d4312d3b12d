"""JavaScript is off: a household, results, a follow-up, a visit cancelled; and a province's own form from a spreadsheet to an answer."""

import re

import pytest
from playwright.sync_api import expect

from tests.forms.test_designer import workbook
from tests.journeys import staff
from tests.journeys.axe import judged_as_shown
from tests.journeys.browser import CHROMIUM, LONG, SHOTS, Desk, browsing
from yba import directory
from yba.kit import clock
from yba.operations.serving import serving

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not LONG, reason="the long suite: the short one sends a station's day without script (test_station)"),
]


@pytest.fixture
def station(database):
    """A station with a nurse, the resident's doctor, and who administers the province's forms."""
    staff.province(60)
    home = directory.communes_of("11", clock.today())[0].code
    staff.employ("dd.hoa", "Lường Thị Hoa", "station-nurse", facility=staff.HERE, area=home)
    staff.employ("bs.mai", "Lê Thị Mai", "doctor", facility=staff.HERE, treats=True)
    staff.employ("qtht.son", "Vũ Hồng Sơn", "system-administrator", facility="")
    return database


def test_a_household_a_result_a_follow_up_and_a_cancelled_visit(station):
    with serving(station.env, "--no-process") as port, browsing() as browser:
        desk = Desk(browser, f"http://localhost:{port}", "dd.hoa", script=False)
        page = desk.page
        person = registered(desk, "Vàng A Páo", "1971", "Nam")
        page.fill("#v-systolic", "150")
        page.fill("#v-diastolic", "90")
        page.get_by_role("button", name="Lưu sinh hiệu").click()
        page.fill("#q-icd10", "tang huyet ap")
        page.locator("#diagnosis").get_by_role("button", name="Tìm").click()
        page.locator("#found-icd10 button").first.click()
        page.get_by_text("Ghi kết quả").click()
        page.fill("#k-name", "Test nhanh cúm")
        page.fill("#k-value", "âm tính")
        page.get_by_role("button", name="Lưu kết quả").click()
        expect(page.locator("#result .chosen")).to_contain_text("âm tính")
        judged_as_shown(desk, "visit without script")
        page.get_by_role("button", name="Đóng lượt khám").click()
        registered(desk, "Giàng Thị Mỷ", "1975", "Nữ")
        page.locator("summary", has_text="Hủy lượt khám").click()
        page.get_by_label("Vì sao hủy").fill("nhầm người")
        page.get_by_role("button", name="Hủy", exact=True).click()
        page.wait_for_url("**/desk")
        lives_together(desk, person)
        page.goto(f"{desk.base}/follow/{person}/hypertension")
        page.fill("#v-systolic", "136")
        page.fill("#v-diastolic", "84")
        page.get_by_role("button", name=re.compile("Lưu và về danh sách")).click()
        page.wait_for_url("**/desk?done=saved")


def registered(desk, name, birth, sex):
    """By plain boxes; returns the person whose visit has begun."""
    page = desk.page
    page.goto(f"{desk.base}/register")
    page.fill("#f-name", name)
    page.fill("#f-birth", birth)
    page.get_by_label(sex, exact=True).check()
    page.get_by_role("button", name="Đăng ký và khám").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    return page.locator("a[href^='/record/']").first.get_attribute("href").split("/")[2]


def lives_together(desk, person):
    """Made, joined, taken back, by buttons alone."""
    page = desk.page
    page.goto(f"{desk.base}/record/{person}")
    page.get_by_role("link", name="Hộ gia đình").click()
    page.fill("#f-book", "HS-7")
    page.get_by_role("button", name="Lập hộ").click()
    page.fill("main input[name=number]", "giang my")
    page.locator("main form[role=search]").get_by_role("button", name="Tìm").click()
    page.select_option("select[name=relation]", "spouse")
    page.get_by_role("button", name="Thêm", exact=True).click()
    expect(page.get_by_text("2 người")).to_be_visible()
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.get_by_text("1 người")).to_be_visible()


def test_a_form_of_the_provinces_own_from_the_spreadsheet_to_the_answer(station):
    with serving(station.env, "--no-process") as port, browsing() as browser:
        base = f"http://localhost:{port}"
        designer = Desk(browser, base, "qtht.son", script=False)
        page = designer.page
        page.goto(f"{base}/forms")
        page.get_by_role("link", name="Thêm từ XLSForm").click()
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        page.set_input_files("#f-file", {"name": "ve-sinh-ho.xlsx", "mimeType": kind, "buffer": workbook()})
        page.get_by_role("button", name="Đọc tệp thành bản thảo").click()
        expect(page.get_by_role("heading", name="Vệ sinh hộ gia đình")).to_be_visible()
        expect(page.get_by_text("Xem trước: không có gì được lưu.")).to_be_visible()
        page.screenshot(path=SHOTS / "designer-preview.png", full_page=True)
        judged_as_shown(designer, "designer")
        page.get_by_role("button", name="Ban hành phiên bản này").click()
        expect(page.get_by_role("button", name="Thu hồi phiên bản này")).to_be_visible()
        designer.context.close()
        doctor = Desk(browser, base, "bs.mai", script=False)
        page = doctor.page
        page.goto(f"{base}/record/{staff.WHO}/forms")
        page.get_by_role("button", name="Vệ sinh hộ gia đình").click()
        page.fill('[name="a:members"]', "3")
        page.get_by_role("button", name="Lưu nháp").last.click()
        expect(page.get_by_text("Đã lưu nháp.")).to_be_visible()
        assert page.input_value('[name="a:members"]') == "3"
        doctor.looked_at(page.url.removeprefix(base).partition("?")[0])
