"""Each desk behind sign-in, in a real browser: doctor, citizen, privacy officer, administrator; phone and station, light and dark."""

import pytest
from playwright.sync_api import expect

from tests.journeys import staff
from tests.journeys.browser import CHROMIUM, SHOTS, Desk, browsing, drawn
from yba import accounts
from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.operations.sample_record import PERSON
from yba.operations.serving import serving

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")


@pytest.fixture
def desks(database):
    """The resident is on a visit at the hospital; the doctor of the station has no relation."""
    staff.province()
    staff.employ("bs.mai", "Lê Thị Mai", "doctor", treats=True)
    staff.employ("bs.tuan", "Trần Văn Tuấn", "doctor", facility=staff.HERE)
    staff.employ("dan.mai", "Nguyễn Thị Mai", "citizen", person=staff.WHO)
    staff.employ("bvdl.ha", "Phạm Thu Hà", "privacy-officer", facility="")
    staff.employ("qt.ba", "Hoàng Văn Ba", "facility-administrator")
    staff.employ("qtht.son", "Vũ Hồng Sơn", "system-administrator", facility="")
    by = Actor.operator()
    with unit_of_work(by=by) as conn:
        accounts.open_review(conn, by=by, facility=staff.THERE)
        accounts.add_client(conn, by=by, facility=staff.THERE)
    return database


def test_from_no_relation_to_emergency_access_to_its_review(desks):
    with serving(desks.env, "--no-process") as port, browsing() as browser:
        base = f"http://localhost:{port}"
        doctor = Desk(browser, base, "bs.tuan")
        breaks_the_glass(doctor)
        citizen = Desk(browser, base, "dan.mai")
        reports_it(citizen)
        officer = Desk(browser, base, "bvdl.ha")
        answers_and_closes(officer)
        doctor.page.goto(f"{base}/record/{PERSON}")
        expect(doctor.page.get_by_role("heading", name="Chưa có quan hệ chăm sóc")).to_be_visible()
        citizen.page.goto(f"{base}/me/looks")
        expect(citizen.page.get_by_text("đã nhắc nhở")).to_be_visible()
        assert [fault for desk in (doctor, citizen, officer) for fault in desk.faults if "Content Security" in fault] == []


def breaks_the_glass(doctor):
    page = doctor.page
    page.fill("main input[name=number]", "0111 5900 1234")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Chưa có quan hệ chăm sóc")).to_be_visible()
    assert "NGUYỄN THỊ MAI" not in page.content()
    page.get_by_role("link", name="Mở khẩn cấp").click()
    expect(page.get_by_role("heading", name="Mở hồ sơ khẩn cấp")).to_be_visible()  # no second factor: an emergency does not wait for a telephone
    doctor.looked_at("/", f"/record/{staff.WHO.int + 1:032x}", f"/record/{PERSON}/emergency")
    page.check("input[value=unconscious]")
    page.fill("textarea[name=reason]", "tai nạn giao thông, hôn mê, cần biết dị ứng và thuốc")
    page.get_by_role("button", name="Mở hồ sơ").click()
    expect(page.get_by_role("heading", name="NGUYỄN THỊ MAI")).to_be_visible()
    expect(page.get_by_text("mở khẩn cấp, đến")).to_be_visible()
    doctor.looked_at(f"/record/{PERSON}")


def reports_it(citizen):
    page = citizen.page
    expect(page.get_by_text("được mở khẩn cấp lúc")).to_be_visible()
    page.get_by_role("link", name="Ai đã xem").first.click()
    expect(page.get_by_text("Trần Văn Tuấn (Bác sĩ)").first).to_be_visible()
    citizen.looked_at("/", "/me/looks", "/me/notices", f"/record/{PERSON}")
    page.get_by_role("link", name="Điều này không đúng?").first.click()
    page.screenshot(path=SHOTS / "dan.mai-report-light-1366.png")
    page.fill("textarea", "hôm đó tôi ở nhà, không bị tai nạn")
    page.get_by_role("button", name="Gửi").click()
    expect(page.get_by_text("Đã gửi cho cán bộ bảo vệ dữ liệu")).to_be_visible()


def answers_and_closes(officer):
    page = officer.page
    officer.looked_at("/", "/emergencies", "/reports", f"/trail?person={PERSON}", "/admin/review", "/admin/clients")
    page.get_by_role("link", name="phản ánh của người dân").click()
    page.get_by_text("Trả lời", exact=True).first.click()
    page.fill("textarea", "Đã kiểm tra: bác sĩ mở nhầm người, đã nhắc nhở và đóng quyền xem.")
    page.get_by_role("button", name="Gửi").click()
    expect(page.get_by_text("Không có phản ánh nào")).to_be_visible()
    page.goto(f"{officer.base}/emergencies")
    page.get_by_text("Kết luận", exact=True).click()
    page.check("input[value=unjustified]")
    page.fill("textarea", "mở nhầm người, không có ca cấp cứu")
    page.get_by_role("button", name="Ghi kết luận").click()
    expect(page.get_by_text("Không có lần mở khẩn cấp nào")).to_be_visible()


def test_an_administrators_day(desks):
    with serving(desks.env, "--no-process") as port, browsing() as browser:
        base = f"http://localhost:{port}"
        admin = Desk(browser, base, "qt.ba")
        page = admin.page
        page.get_by_role("link", name="Tài khoản", exact=True).click()
        page.get_by_role("link", name="Mở tài khoản").click()
        page.fill("input[name=display_name]", "Lò Thị Lan")
        page.fill("input[name=username]", "Lò Lan")
        page.select_option("select[name=role]", "doctor")
        page.fill("input[name=reason]", "QĐ 15/2026")
        page.get_by_role("button", name="Mở tài khoản").click()
        expect(page.get_by_role("alert")).to_contain_text("Tên đăng nhập")
        drawn(page, "quan-tri", "1-mo-tai-khoan")
        assert page.input_value("input[name=display_name]") == "Lò Thị Lan", "nothing is typed twice"
        page.fill("input[name=username]", "bs.lan")
        page.get_by_role("button", name="Mở tài khoản").click()
        expect(page.get_by_role("heading", name="Mã dùng một lần")).to_be_visible()
        drawn(page, "quan-tri", "2-ma-mot-lan")
        page.get_by_role("link", name="Đã trao").click()
        account = page.url.removeprefix(base)
        page.get_by_text("Kết thúc", exact=True).first.click()
        drawn(page, "quan-tri", "3-mot-tai-khoan")
        admin.looked_at("/", "/admin/accounts", "/admin/accounts/add", account, "/admin/roles", "/admin/review", "/trail")
        page.goto(f"{base}/admin/review")
        page.get_by_role("link", name="Bệnh viện Đa khoa tỉnh").click()
        admin.looked_at(page.url.removeprefix(base))
        drawn(page, "quan-tri", "4-ra-soat")
        page.locator("input[value=keep]").first.check()
        page.get_by_role("button", name="Ghi quyết định").click()
        expect(page.get_by_text("Đã ghi quyết định")).to_be_visible()
        page.get_by_role("button", name="Ký đợt rà soát").click()
        expect(page.get_by_role("alert")).to_be_visible()
        system = Desk(browser, base, "qtht.son", script=True)
        system.looked_at("/admin/clients")
        system.page.goto(f"{base}/admin/clients")
        system.page.get_by_role("button", name="Cấp mật khẩu mới").click()
        expect(system.page.get_by_role("heading", name="Mật khẩu của phần mềm")).to_be_visible()
        assert [fault for desk in (admin, system) for fault in desk.faults if "Content Security" in fault] == []


def test_a_doctor_without_a_mouse(desks):
    with serving(desks.env, "--no-process") as port, browsing() as browser:
        desk = Desk(browser, f"http://localhost:{port}", "bs.mai", script=True)
        page = desk.page
        page.keyboard.press("Tab")
        page.locator("body").click()
        page.goto(f"{desk.base}/record/{PERSON}")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip", "the first stop leads past the frame"
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "search"
        page.keyboard.type("011159001234")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{desk.base}/record/{PERSON}")
        expect(page.get_by_text("đang khám, điều trị tại Bệnh viện Đa khoa tỉnh (Bác sĩ)")).to_be_visible()
        assert desk.faults == []
