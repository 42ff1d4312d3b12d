"""The record's page in a real browser: phone, station and wide screens, light and dark, without JavaScript; screenshots in var/shots."""

import pytest

from tests.journeys import staff
from tests.journeys.browser import CHROMIUM, CONTRAST, LONG, SHOTS, browsing
from yba.operations.sample_record import PERSON
from yba.operations.serving import serving

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")


def test_the_page_at_every_size_light_and_dark(database):
    staff.province(400)
    staff.employ("bs.mai", "Lê Thị Mai", "doctor", treats=True)
    with serving(database.env, "--no-process") as port, browsing() as browser:
        base = f"http://localhost:{port}"
        signed = browser.new_context(java_script_enabled=False)
        staff.sign_in(signed.new_page(), base, "bs.mai")
        state = signed.storage_state()
        for scheme in ("light", "dark"):
            for width, height in ((360, 740), (1366, 768), (1920, 1080))[:: 1 if LONG else 2]:
                size = {"width": width, "height": height}
                context = browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=False, storage_state=state)
                page = context.new_page()
                asked = []
                page.on("request", lambda request, asked=asked: asked.append(request.url))
                page.goto(base)
                page.fill("main input[name=number]", "0111 5900 1234")
                page.keyboard.press("Enter")
                page.wait_for_url(f"{base}/record/{PERSON}")
                page.screenshot(path=SHOTS / f"record-{scheme}-{width}.png")
                assert page.title().startswith("NGUYỄN THỊ MAI")
                assert all(url.startswith(base) for url in asked), "nothing is loaded from elsewhere"
                if width == 1366:
                    _answers_without_scrolling(page, height)
                page.locator("details.visit summary").first.click()
                assert page.locator("details.visit dl").first.is_visible(), "opens without JavaScript"
                context.close()
            _measured(browser, base, scheme, state)
        pages = browser.new_context(storage_state=state).new_page()
        pages.goto(f"{base}/record/{PERSON}")
        assert len(pages.pdf(format="A4")) > 10_000


def _answers_without_scrolling(page, height):
    for heading in ("Cảnh báo", "Hôm nay cần làm", "Giá trị gần nhất", "Vấn đề", "Thuốc đang dùng", "Dòng thời gian"):
        box = page.locator("h2", has_text=heading).first.bounding_box()
        assert box is not None, heading
        assert box["y"] + 60 < height, heading


def _measured(browser, base, scheme, state):
    for width in (360, 1366):
        page = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, storage_state=state).new_page()
        page.goto(f"{base}/record/{PERSON}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scrolling"
        assert page.evaluate(CONTRAST) == []
        page.close()
