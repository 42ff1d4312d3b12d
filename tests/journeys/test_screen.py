"""A screen on a wall: made by an administrator at one browser, opened by its code at another where nobody signs in, dark once it is ended."""

import pytest
from playwright.sync_api import expect

from tests.journeys import staff
from tests.journeys.browser import CHROMIUM, PATIENCE, WALL, Desk, browsing
from yba.operations.serving import serving

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")


def test_a_screen_is_opened_by_its_code_leads_nowhere_and_goes_dark(database):
    staff.province(resources=20)
    staff.employ("qt.lan", "Quàng Thị Lan", "system-administrator", facility="")
    with serving(database.env, "--no-process") as port, browsing() as browser:
        base = f"http://localhost:{port}"
        desk = Desk(browser, base, "qt.lan")
        desk.page.goto(f"{base}/admin/screens")
        desk.page.fill("input[name=name]", "phòng trực tầng 2")
        desk.page.get_by_role("button", name="Tạo và hiện mã một lần").click()
        code = desk.page.locator("#code").inner_text()
        wall = browser.new_context(viewport={"width": WALL[0], "height": WALL[1]}, java_script_enabled=False)
        wall.set_default_timeout(PATIENCE)
        page = wall.new_page()
        page.goto(f"{base}/screen")
        page.fill("input[name=code]", "sai-mã")
        page.get_by_role("button", name="Mở màn hình").click()
        expect(page.get_by_role("alert")).to_contain_text("Mã không đúng")
        page.fill("input[name=code]", code.upper())
        page.get_by_role("button", name="Mở màn hình").click()
        expect(page).to_have_url(f"{base}/screen/wall")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        (kept,) = [one for one in wall.cookies() if one["name"] == "__Host-yba-screen"]
        assert (kept["httpOnly"], kept["secure"], kept["sameSite"]) == (True, True, "Strict")
        page.goto(f"{base}/director")
        expect(page.locator("input[name=login]")).to_be_visible()  # nobody is signed in there
        page.goto(f"{base}/screen/wall")
        expect(page).to_have_url(f"{base}/screen/wall")
        desk.page.goto(f"{base}/admin/screens")
        row = desk.page.locator("tr", has_text="phòng trực tầng 2")
        expect(row).to_contain_text("đang mở")
        row.get_by_role("button", name="Kết thúc").click()
        expect(desk.page.locator("tr", has_text="phòng trực tầng 2")).not_to_contain_text("đang mở")
        page.reload()
        expect(page).to_have_url(f"{base}/screen")
        assert [one for one in wall.cookies() if one["name"] == "__Host-yba-screen"] == [], "a token that opens nothing is forgotten"
        assert desk.no_fault()
