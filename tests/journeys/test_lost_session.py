"""Nothing typed is lost: a session that ends under a half-filled form, the back button, two clicks at once, text pasted from Word; without and with script."""

import pytest
from playwright.sync_api import expect

from tests.journeys import staff
from tests.journeys.axe import judged, judged_as_shown
from tests.journeys.browser import CHROMIUM, LONG, SHOTS, Desk, browsing
from yba import directory
from yba.kit import clock
from yba.operations.serving import serving

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")

SESSION = "__Host-yba"
WORD = "\u201cĐau đầu\u201d \u2013 ba ngày\u00a0nay\u2026 kèm theo\u200b <b>nôn</b>"  # what Word makes of quotes, dashes and blanks


@pytest.fixture
def station(database):
    """A station with a nurse, and the resident on a visit with the doctor."""
    staff.province(60)
    home = directory.communes_of("11", clock.today())[0].code
    staff.employ("dd.hoa", "Lường Thị Hoa", "station-nurse", facility=staff.HERE, area=home)
    staff.employ("bs.mai", "Lê Thị Mai", "doctor", facility=staff.HERE, treats=True)
    return database


def signed_out(desk):
    """The session ends: as after half an hour, or when an administrator ends it."""
    desk.context.clear_cookies(name=SESSION)


def signs_in_again(desk, username):
    """In the same browser, on the page one was led to."""
    page = desk.page
    expect(page.get_by_text("Điều bạn vừa gõ được giữ lại")).to_be_visible()
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", staff.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Điều bạn vừa gõ còn nguyên")).to_be_visible()


def test_a_form_sent_after_the_session_ended_is_sent_with_one_more_click(station):
    with serving(station.env, "--no-process") as port, browsing() as browser:
        base = f"http://localhost:{port}"
        for script in (False, True) if LONG else (False,):
            desk = Desk(browser, base, "dd.hoa", script=script)
            page = desk.page
            page.goto(f"{base}/register")
            name = f"Hồ Thị O'Hara <i>{'B' if script else 'A'}</i>"
            page.fill("#f-name", name)
            page.fill("#f-birth", "1988")
            page.get_by_label("Nữ").check()
            page.fill("#f-reason", WORD)
            signed_out(desk)
            page.get_by_role("button", name="Đăng ký và khám").click()
            signs_in_again(desk, "dd.hoa")
            expect(page.get_by_text(name)).to_be_visible()
            page.screenshot(path=SHOTS / f"again-{'script' if script else 'plain'}.png")
            if script:
                judged(page, "again")
            else:
                judged_as_shown(desk, "again")
            page.get_by_role("button", name="Gửi lại").click()
            expect(page.get_by_role("heading", name=name)).to_be_visible()
            expect(page.get_by_text("kèm theo")).to_be_visible()
            small_form_of_the_visit(desk)
            desk.context.close()
        drafts_of_forms(Desk(browser, base, "bs.mai", script=False))


def small_form_of_the_visit(desk):
    """Vital signs typed into a page whose session is over; then the back button, and a page of before the sign-in."""
    page = desk.page
    page.fill("#v-pulse", "72")
    signed_out(desk)
    page.get_by_role("button", name="Lưu sinh hiệu").click()
    signs_in_again(desk, "dd.hoa")
    page.get_by_role("button", name="Gửi lại").click()
    expect(page.get_by_text("Mạch: 72")).to_be_visible()
    page.go_back()
    page.go_forward()
    expect(page.get_by_text("Mạch: 72")).to_be_visible()
    assert page.locator(".chosen", has_text="Mạch: 72").count() == 1, "going back writes nothing twice"


def drafts_of_forms(desk):
    """A long form without script: what was typed comes back and is finished."""
    page = desk.page
    page.goto(f"{desk.base}/record/{staff.WHO}/forms")
    page.get_by_role("button", name="B. Tiền sử").click()
    page.fill('[name="a:B1.CANNANG"]', "2900")
    signed_out(desk)
    page.get_by_role("button", name="Hoàn tất").click()
    signs_in_again(desk, "bs.mai")
    page.get_by_role("button", name="Gửi lại").click()
    expect(page.get_by_text("Đã hoàn tất và ghi vào hồ sơ")).to_be_visible()
    expect(page.get_by_text("2900")).to_be_visible()


def test_two_clicks_are_one_act_and_a_closed_visit_stays_closed_when_one_goes_back(station):
    with serving(station.env, "--no-process") as port, browsing() as browser:
        desk = Desk(browser, f"http://localhost:{port}", "dd.hoa", script=True)
        page = desk.page
        page.goto(f"{desk.base}/register")
        page.fill("#f-name", "Lò Văn Hai Lần")
        page.fill("#f-birth", "01/01/2090")
        page.get_by_label("Nam", exact=True).check()
        page.get_by_role("button", name="Đăng ký và khám").click()
        expect(page.get_by_role("alert")).to_contain_text("tương lai")
        assert page.input_value("#f-name") == "Lò Văn Hai Lần"
        page.fill("#f-birth", "1990")
        page.get_by_role("button", name="Đăng ký và khám").dblclick()
        page.wait_for_url("**/visit/**")
        page.fill("#v-weight", "180")
        page.get_by_role("button", name="Lưu sinh hiệu").click()
        expect(page.get_by_text("có đúng không?")).to_be_visible()
        page.get_by_label("Đúng như vậy").check()
        page.get_by_role("button", name="Lưu sinh hiệu").dblclick()
        expect(page.locator(".chosen", has_text="Cân nặng: 180")).to_have_count(1)
        page.get_by_role("link", name="Ghi nhầm? Rút lại điều vừa ghi").click()
        page.get_by_label("Cân nặng · 180").check()
        page.get_by_label("Vì sao rút lại").fill("gõ nhầm")
        judged(page, "take back")
        page.screenshot(path=SHOTS / "take-back.png", full_page=True)
        page.get_by_role("button", name="Rút lại", exact=True).click()
        expect(page.get_by_text("Cân nặng: 180")).to_have_count(0)
        page.get_by_role("button", name="Đóng lượt khám").click()
        page.wait_for_url("**missing=**")
        expect(page.get_by_role("heading", name="Lượt khám đã đóng")).to_be_visible()
        page.go_back()
        page.reload()
        expect(page.get_by_role("heading", name="Lượt khám đã đóng")).to_be_visible()
        assert desk.no_fault()
