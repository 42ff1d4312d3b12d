"""Signing in with a real browser: a joiner's first day, an administrator's app, a passkey, a phone, no script, both languages."""

import pytest
from playwright.sync_api import expect

from tests.accounts.conftest import code_of
from tests.journeys.browser import CHROMIUM, CONTRAST, SHOTS, browsing
from yba import accounts, directory
from yba.kit import Actor, clock
from yba.kit.db import unit_of_work
from yba.operations.serving import serving

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")
PASSWORD = "con trâu xanh đi cày ruộng"


@pytest.fixture
def people(database):
    """A doctor and an administrator with their one-time codes; this machine is the facility's network."""
    by = Actor.operator()
    with unit_of_work(by=by) as conn:
        directory.ensure_many(conn, by=by, seen_at=clock.now(), facilities=["01013"])
        for place in ("01013", ""):
            accounts.set_networks(conn, by=by, facility=place, networks=["127.0.0.0/8"])
        posts = {"bs.mai": accounts.Post("doctor", facility="01013"), "qt.ba": accounts.Post("system-administrator")}
        return {
            name: accounts.join(conn, by=by, username=name, display_name="Nguyễn An", post=post, reason="vào làm") for name, post in posts.items()
        }


def use_code(page, base, made):
    page.goto(f"{base}/accounts/login/")
    page.get_by_role("link", name="Đăng nhập lần đầu").click()
    page.fill("input[name=username]", made.username)
    page.fill("input[name=code]", made.code)
    page.fill("input[name=password1]", PASSWORD)
    page.fill("input[name=password2]", PASSWORD)
    page.get_by_role("button", name="Đặt mật khẩu").click()


def looked_at(page, name, width):
    page.screenshot(path=SHOTS / f"sign-in-{name}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scrolling"
    assert page.evaluate(CONTRAST) == []


def test_a_doctors_first_day_without_javascript_on_a_phone(people, database):
    SHOTS.mkdir(parents=True, exist_ok=True)
    with serving(database.env, "--no-process") as port, browsing() as browser:
        base = f"http://localhost:{port}"
        for width, scheme in ((360, "light"), (1366, "dark")):
            context = browser.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme, java_script_enabled=True)
            page = context.new_page()
            asked = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(f"{base}/accounts/login/")
            looked_at(page, f"login-{scheme}", width)
            page.goto(f"{base}/accounts/recover/")
            looked_at(page, f"recover-{scheme}", width)
            assert all(url.startswith(base) for url in asked), "nothing is loaded from elsewhere"
            context.close()
        context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
        page = context.new_page()
        use_code(page, base, people["bs.mai"])
        page.goto(f"{base}/accounts/second-factor/")
        expect(page.get_by_role("heading", name="Bảo mật tài khoản")).to_be_visible()
        looked = page.get_by_role("button", name="Đăng xuất")
        looked.click()
        page.goto(f"{base}/accounts/second-factor/")
        assert "/accounts/login/" in page.url, "signed out"
        page.fill("input[name=login]", "bs.mai")
        page.fill("input[name=password]", "sai rồi nhé, sai rồi")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").first).to_contain_text("không đúng")
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        context.close()


def test_an_administrator_sets_up_an_app_and_then_a_passkey(people, database):
    with serving(database.env, "--no-process") as port, browsing() as browser:
        base = f"http://localhost:{port}"
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page = context.new_page()
        faults = []
        page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"automaticPresenceSimulation": True}})
        use_code(page, base, people["qt.ba"])
        expect(page.get_by_role("heading", name="Thiết lập xác thực hai lớp")).to_be_visible()
        looked_at(page, "app", 1366)
        page.goto(base)
        assert page.url.endswith("/accounts/second-factor/app/"), "before any page"
        secret = page.locator("#totp_secret").inner_text()
        page.fill("input[name=code]", code_of(secret))
        page.get_by_role("button", name="Xong").click()
        expect(page.get_by_role("heading", name="Mã dự phòng")).to_be_visible()
        assert page.locator("ul.codes li").count() == 10
        page.goto(f"{base}/accounts/second-factor/passkeys/add/")
        page.check("input[name=passwordless]")
        page.click("#mfa_webauthn_add")
        page.wait_for_url(f"{base}/accounts/second-factor/")
        expect(page.get_by_text("Đã thêm khóa truy cập.")).to_be_visible()
        looked_at(page, "security", 1366)
        page.get_by_role("button", name="Đăng xuất").click()
        page.goto(f"{base}/accounts/login/")
        page.click("#passkey_login")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        page.goto(f"{base}/accounts/second-factor/")
        expect(page.get_by_role("heading", name="Bảo mật tài khoản")).to_be_visible()
        assert faults == []
        context.close()
