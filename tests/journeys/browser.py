"""What every journey needs: Debian's Chromium led by Playwright, screens to look at, contrast as it is painted, pictures for the guides, somebody at a desk."""

import base64
import os
import re
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.journeys import staff
from tests.journeys.axe import judged
from yba.operations.chromium import ARGUMENTS, PATH

CHROMIUM = PATH
LONG = bool(os.environ.get("YBA_LONG"))  # the long suite looks at every size, light and dark; the short one at a phone and a dark screen
ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "var" / "shots"
PHONE, STATION, WALL = (360, 740), (1366, 768), (1920, 1080)
LOOKS = ((*PHONE, "light"), (*STATION, "dark"), *(((*STATION, "light"), (*PHONE, "dark"), (*WALL, "light"), (*WALL, "dark")) if LONG else ()))
PATIENCE = 120_000  # milliseconds: a busy machine is no fault of the page
HEAVIEST = 60_000  # bytes of a picture in a guide

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
    expect.set_options(timeout=30_000)  # Playwright itself waits 5 s only
    SHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*ARGUMENTS])
        yield opened
        opened.close()


class Desk:
    """One person at one browser: walks, and has every page looked at in several ways."""

    def __init__(self, browser, base, username, *, script=False):
        self.browser, self.base, self.name = browser, base, username
        self.context = browser.new_context(viewport={"width": STATION[0], "height": STATION[1]}, java_script_enabled=script)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.faults = []
        self.page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        staff.sign_in(self.page, base, username)

    def looked_at(self, *paths, looks=LOOKS):
        """Screenshots, contrast and no sideways scrolling of pages; the first way is judged by axe, each is printed in the long suite."""
        for width, height, scheme in looks:
            context = self.browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, storage_state=self.context.storage_state()
            )
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            for path in paths:
                page.goto(f"{self.base}{path}")
                shown = shot_name(path)
                page.screenshot(path=SHOTS / f"{self.name}{shown or '-home'}-{scheme}-{width}.png", full_page=True)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} scrolls sideways at {width}"
                assert page.evaluate(CONTRAST) == [], f"{path} {scheme}"
                if (width, height, scheme) == looks[0]:
                    judged(page, path)
                if LONG:
                    assert len(page.pdf(format="A4")) > 5_000, f"{path} prints"
            context.close()

    def no_fault(self):
        """Whether the pages kept to their own policy of contents."""
        return [fault for fault in self.faults if "Content Security" in fault] == []


def shot_name(path):
    """What a page's picture is called: its address without ids."""
    return re.sub(r"/[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", "", path.partition("?")[0]).rstrip("/").replace("/", "-")


def drawn(page, guide, name, *, at=None):
    """A picture for a guide (docs/guide/<guide>), where the guides are being made anew (the long suite), and as an artefact always.

    ``at``: what to begin the picture with further down the page.
    """
    page.screenshot(path=SHOTS / f"{guide}-{name}.png")
    if LONG:
        folder = ROOT / "docs" / "guide" / guide
        folder.mkdir(parents=True, exist_ok=True)
        before = page.viewport_size
        page.set_viewport_size({"width": 1000, "height": 640})
        if at is not None:
            at.evaluate("one => one.scrollIntoView()")
        light = webp(page, page.screenshot(scale="css"))
        page.set_viewport_size(before)
        assert len(light) < HEAVIEST, name
        (folder / f"{name}.webp").write_bytes(light)


def webp(page, png):
    """The picture as WebP, made by the browser itself."""
    blank = page.context.browser.new_page()
    source = "data:image/png;base64," + base64.b64encode(png).decode()
    made = blank.evaluate(
        """async source => {
          const image = new Image(); image.src = source; await image.decode();
          const canvas = document.createElement("canvas"); canvas.width = image.width; canvas.height = image.height;
          canvas.getContext("2d").drawImage(image, 0, 0);
          return canvas.toDataURL("image/webp", 0.72);
        }""",
        source,
    )
    blank.close()
    return base64.b64decode(made.partition(",")[2])
