"""Every page of the desks, looked at: phone, station and wall, light and dark, judged by axe, printed on A4 with nothing cut; the long suite opens all of them."""

import re

import pytest

from tests.journeys import staff
from tests.journeys.axe import judged
from tests.journeys.browser import CHROMIUM, CONTRAST, LONG, PHONE, SHOTS, STATION, WALL, Desk, browsing, shot_name
from tests.web.test_english import addresses
from yba import accounts, directory
from yba.kit import Actor, clock
from yba.kit.db import unit_of_work
from yba.operations.bench_desks import desk_pages
from yba.operations.serving import serving

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")

BY = Actor.operator()
PAPER = {"width": 703, "height": 1000}  # what A4 leaves within its margins, in CSS pixels
LOOKS = ((*PHONE, "light"), (*STATION, "dark"), (*WALL, "dark"), (*WALL, "light")) if LONG else ((*WALL, "light"),)
JUDGED = {(STATION[0], "dark"), (WALL[0], "light")}
PEOPLE = {
    "bs.mai": ("Lê Thị Mai", "doctor", staff.HERE),
    "dd.hoa": ("Lường Thị Hoa", "station-nurse", staff.HERE),
    "qt.ba": ("Hoàng Văn Ba", "facility-administrator", staff.HERE),
    "qtht.son": ("Vũ Hồng Sơn", "system-administrator", ""),
    "bvdl.ha": ("Phạm Thu Hà", "privacy-officer", ""),
    "dd.nga": ("Lò Thị Nga", "identity-officer", ""),
}
SHORT = {"bs.mai": ("desk", "visit", "household", "form", "search")}  # pages the short suite looks at, on a wall
# What hangs out of the paper to the right, what of the frame is still there, and whether the page says who printed it, where and when.
PRINTED = """() => {
  const wide = document.documentElement.clientWidth;
  const out = [...document.querySelectorAll("main *")].filter(one => one.getClientRects().length && one.getBoundingClientRect().right > wide + 1
    && getComputedStyle(one).position !== "absolute").map(one => one.tagName + "." + one.className + ": " + one.textContent.trim().slice(0, 40));
  const shown = selector => [...document.querySelectorAll(selector)].filter(one => one.getClientRects().length).length;
  const foot = document.querySelector(".printed");
  return {out: out.slice(0, 5), frame: shown("header.top, nav.menu, button, .button"), foot: foot && foot.getClientRects().length ? foot.textContent : ""};
}"""


@pytest.fixture
def province(database):
    """A station's morning, an official of every kind with a page; returns the addresses by account."""
    staff.province(120)
    home = directory.communes_of("11", clock.today())[0].code
    for username, (name, role, facility) in PEOPLE.items():
        staff.employ(username, name, role, facility=facility, area=home if role == "station-nurse" else "", treats=username == "bs.mai")
    with unit_of_work(by=BY) as conn:
        accounts.open_review(conn, by=BY, facility=staff.HERE)
        accounts.add_client(conn, by=BY, facility=staff.HERE)
        pages = desk_pages(conn, by=BY, username="bs.mai", resources=200)
    person = pages["record"].path.rpartition("/")[2]
    values = {
        "person": person, "number": "1", "programme": "hypertension", "name": "ehr-831-visit", "code": "0", "id_": pages["visit"].path.rpartition("/")[2],
        "household": pages["household"].path.rpartition("/")[2], "draft": pages["form"].path.rpartition("/")[2],
    }  # fmt: skip
    return database, pages, values


def opened(page, base, asked):
    """Open a page, by its form where it has one; False for what is no page of ours to look at (a file, a way elsewhere, nothing there)."""
    if asked.form:
        page.goto(f"{base}/desk")
        page.fill("main input[name=number]", asked.form["number"])
        page.keyboard.press("Enter")
        page.wait_for_url("**/search")
        return True
    answer = page.context.request.get(f"{base}{asked.path}", max_redirects=0)
    if answer.status != 200 or not answer.headers["content-type"].startswith("text/html"):
        return False
    page.goto(f"{base}{asked.path}")
    return True


def looked_at(desk, mine, faults):
    """Pages in every way, by their addresses; what is wrong is written down, so that one run tells of all. Returns how many there are."""
    left = {asked.path: asked for asked in mine}
    for width, height, scheme in LOOKS:
        size = {"width": width, "height": height}
        context = desk.browser.new_context(viewport=size, color_scheme=scheme, storage_state=desk.context.storage_state())
        context.set_default_timeout(120_000)
        page = context.new_page()
        for path, asked in list(left.items()):
            if not opened(page, desk.base, asked):
                del left[path]
                continue
            name = f"{desk.name}{shot_name(asked.path) or '-home'}"
            page.screenshot(path=SHOTS / f"{name}-{scheme}-{width}.png", full_page=True)
            told(faults, asked.path, f"sideways at {width}", page.evaluate("document.documentElement.scrollWidth") > width)
            told(faults, asked.path, f"contrast {scheme}", page.evaluate(CONTRAST))
            if (width, scheme) in JUDGED:
                judged_softly(page, asked.path, faults)
            if (width, scheme) == (WALL[0], "light"):
                printed(page, name, asked.path, faults)
                page.emulate_media(media="screen")
                page.set_viewport_size(size)
        context.close()
    return len(left)


def judged_softly(page, path, faults):
    """By axe, the verdict written down."""
    try:
        judged(page, path)
    except AssertionError as wrong:
        told(faults, path, "axe", str(wrong).partition("\n")[0][:600])


def printed(page, name, path, faults):
    """On paper: no frame, nothing hanging out, who printed it, where and when at its end."""
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    seen = page.evaluate(PRINTED)
    told(faults, path, "printed: hangs out", seen["out"])
    told(faults, path, "printed: frame", seen["frame"])
    told(faults, path, "printed: who and when", not re.search(r"In bởi .+ · \d\d/\d\d/\d{4} \d\d:\d\d", seen["foot"]))
    page.pdf(path=SHOTS / f"{name}.pdf", format="A4")
    page.screenshot(path=SHOTS / f"{name}-print.png", full_page=True)


def told(faults, path, what, wrong):
    """Write a fault down."""
    if wrong:
        faults.append((path, what, wrong))


def test_every_page_is_looked_at_and_printed(province):
    database, pages, values = province
    faults, count = [], 0
    with serving(database.env, "--no-process") as port, browsing() as browser:
        for username, (_, role, _) in PEOPLE.items():
            if not LONG and username not in SHORT:
                continue
            desk = Desk(browser, f"http://localhost:{port}", username, script=True)
            mine = dict(pages) if username == "bs.mai" else {}
            if LONG:
                mine |= {address: type(pages["home"])(address) for address in addresses(values, role) if address != "/again"}
            chosen = [asked for name, asked in mine.items() if LONG or name in SHORT[username]]
            count += looked_at(desk, chosen, faults)
            desk.context.close()
    assert faults == [], "\n".join(f"{path}: {what}: {wrong}" for path, what, wrong in faults)
    assert count >= (60 if LONG else 5)
