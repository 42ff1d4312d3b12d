"""The record's page in a real browser: phone, station and wide screens, light and dark, without JavaScript; screenshots in var/shots."""

import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.journeys import staff
from tests.journeys.server import serving
from yba.operations.sample_record import PERSON

CHROMIUM = Path("/usr/bin/chromium")
LONG = bool(os.environ.get("YBA_LONG"))  # the long suite looks at every size, light and dark; the short one at a phone and a dark screen
SHOTS = Path(__file__).parents[2] / "var" / "shots"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")

# Contrast of every piece of text against the first background behind it that is not transparent (WCAG 2: 4.5 : 1).
CONTRAST = """() => {
  const rgb = text => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const low = [];
  for (const element of document.querySelectorAll("main *, header *")) {
    if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) continue;
    let behind = element;
    while (behind && (rgb(getComputedStyle(behind).backgroundColor)[3] === 0)) behind = behind.parentElement;
    const one = light(rgb(getComputedStyle(element).color)), two = light(behind ? rgb(getComputedStyle(behind).backgroundColor) : [255, 255, 255]);
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) low.push(element.tagName + " " + element.className + " " + ratio.toFixed(2) + " " + element.textContent.slice(0, 30));
  }
  return low;
}"""


@contextmanager
def browsing():
    """A browser for a part of a test: while Playwright's loop runs, this thread may not speak to the database."""
    expect.set_options(timeout=20_000)  # a busy machine is no fault of the page: Playwright waits 5 s only
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield opened
        opened.close()


def test_the_page_at_every_size_light_and_dark(database):
    staff.province(400)
    staff.employ("bs.mai", "Lê Thị Mai", "doctor", treats=True)
    SHOTS.mkdir(parents=True, exist_ok=True)
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
