"""A form in a real browser: questions come and go, what is typed keeps itself, codes are found by words; without script nothing is missing."""

import pytest
from playwright.sync_api import expect

from tests.journeys import staff
from tests.journeys.axe import judged
from tests.journeys.browser import CHROMIUM, SHOTS, browsing
from yba.operations.serving import serving

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")
LOOKS = ((360, 740, "light"), (1366, 768, "dark"))


@pytest.fixture
def hospital(database):
    """The resident is on a visit here with the doctor."""
    staff.province()
    staff.employ("bs.mai", "Lê Thị Mai", "doctor", treats=True)
    SHOTS.mkdir(parents=True, exist_ok=True)
    return database


def begun(page, base, title):
    page.goto(f"{base}/record/{staff.WHO}/forms")
    page.get_by_role("button", name=title).click()
    return page


def looked_at(browser, context, base, page, name):
    """Screenshots at a phone's and a station's width, and no sideways scrolling."""
    for width, height, scheme in LOOKS:
        other = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, storage_state=context.storage_state())
        shown = other.new_page()
        shown.goto(page.url)
        judged(shown, name)
        shown.screenshot(path=SHOTS / f"form-{name}-{scheme}-{width}.png", full_page=True)
        assert shown.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways at {width}"
        other.close()


def test_a_doctor_fills_in_the_forms_of_qd_831(hospital):
    with serving(hospital.env) as port, browsing() as browser:
        base = f"http://localhost:{port}"
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page = context.new_page()
        faults = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        staff.sign_in(page, base, "bs.mai")
        begun(page, base, "B. Tiền sử")
        words = page.locator('[name="a:B3.BENHTAT.LOAIBENH=2.MOTA"]')
        expect(words).to_be_hidden()
        page.locator('[name="a:B3.BENHTAT.LOAIBENH=2.TRANGTHAI"][value=true]').check()
        expect(words).to_be_visible()
        page.fill('[name="a:B1.CANNANG"]', "9000")
        page.locator('[name="a:B1.CANNANG"]').press("Enter")
        expect(page.locator('[name="a:B1.CHIEUDAI"]')).to_be_focused()
        expect(page.locator("#q-B1-2e-CANNANG >> xpath=ancestor::div[contains(@class,'q')]").get_by_text("8000")).to_be_visible()
        page.fill('[name="a:B1.CANNANG"]', "2900")
        page.keyboard.press("Control+s")
        expect(page.get_by_text("Đã lưu nháp.")).to_be_visible()
        assert page.input_value('[name="a:B1.CANNANG"]') == "2900"
        looked_at(browser, context, base, page, "history")
        visit_with_codes(page, base)
        looked_at(browser, context, base, page, "visit")
        page.get_by_role("button", name="Hoàn tất").click()
        expect(page.get_by_text("Đã hoàn tất và ghi vào hồ sơ")).to_be_visible()
        assert not faults
        context.close()
        without_script(browser, base)


def visit_with_codes(page, base):
    begun(page, base, "D. Khám lâm sàng")
    page.fill('[name="a:D1.CANNANG"]', "60")
    page.fill('[name="a:D1.CHIEUCAO"]', "165")
    page.locator('[name="a:D1.CHIEUCAO"]').press("Tab")
    expect(page.locator("output").first).to_have_text("22,0 kg/m²")  # calculated by the server, without a reload
    page.locator('[name="a:D5.CHANDOANBENH.MABENH~0"]').press_sequentially("tang huyet ap vo can")
    expect(page.locator('datalist option[value^="I10"]')).to_have_count(1)
    page.fill('[name="a:D5.CHANDOANBENH.MABENH~0"]', "I10")


def without_script(browser, base):
    """The same by plain submits: a row more, a refusal, an answer."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    staff.sign_in(page, base, "bs.mai")
    begun(page, base, "A. Thông tin hành chính")
    page.fill('[name="a:A.QH.HOTEN~0"]', "Trần <b>Nam</b>")
    page.get_by_role("button", name="+ thêm dòng").click()
    page.fill('[name="a:A.QH.HOTEN~1"]', "Trần Thị Hoa")
    page.get_by_role("button", name="Hoàn tất").click()
    expect(page.get_by_text("Đã hoàn tất và ghi vào hồ sơ")).to_be_visible()
    expect(page.get_by_text("Trần <b>Nam</b>")).to_be_visible()
    context.close()
