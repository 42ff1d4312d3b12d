"""The books in a real browser: a nurse reads her station's month, turns to another book, sees it on paper across; looked at on a phone and at a desk."""

import pytest
from playwright.sync_api import expect

from tests.journeys import staff
from tests.journeys.browser import CHROMIUM, PHONE, SHOTS, STATION, Desk, browsing
from tests.warehouse.books.library import AN, HOME, dispensed, exported, month, put, visit
from tests.warehouse.conftest import lake  # noqa: F401  # a fixture
from yba.kit import settings
from yba.operations.serving import serving
from yba.warehouse.settings import LAKE

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")

OCTOBER = "?period=2026-10&at=facility:11001"
ACROSS = {"width": 1060, "height": 720}  # what A4 across leaves within its margins, in CSS pixels
OUT = """() => [...document.querySelectorAll("main *")].filter(one => one.getClientRects().length
  && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && getComputedStyle(one).position !== "absolute")
  .map(one => one.tagName + " " + one.textContent.trim().slice(0, 30)).slice(0, 5)"""


@pytest.fixture
def station(database, lake):  # noqa: F811
    """A station with a nurse of its commune and an October."""
    staff.province(60)
    staff.employ("dd.hoa", "Lường Thị Hoa", "station-nurse", facility=staff.HERE, area=HOME)
    month()
    put(visit(AN, 60, "2026-10-09", codes=("I10",), more=[dispensed(AN, 69, 60, "Amlodipin 5mg; ngày 1 viên")]))
    put(visit(AN, 80, "2026-10-09", codes=("Z34.0",)))
    for number in range(12):
        put(visit(AN, 100 + 10 * number, f"2026-10-{10 + number}"))
    exported()
    return {**database.env, "YBA_VAR": settings.VAR(), "YBA_LAKE": LAKE()}


def test_a_nurse_reads_her_stations_books(station):
    env = {name: str(value) for name, value in station.items()}
    with serving(env, "--no-process") as port, browsing() as browser:
        desk = Desk(browser, f"http://localhost:{port}", "dd.hoa", script=True)
        page = desk.page
        page.goto(f"{desk.base}/books")
        if "/accounts/" in page.url:
            staff.set_up_app(page)
            page.goto(f"{desk.base}/books")
        page.get_by_role("link", name="A1 Sổ khám bệnh").click()
        page.get_by_label("Tháng").select_option("2026-10")
        page.get_by_role("button", name="Xem sổ").click()
        expect(page.locator("table.book tbody tr").nth(1)).to_be_visible()
        assert page.locator("table.book thead th").count() == 14
        desk.looked_at(
            "/books", f"/books/a1{OCTOBER}", f"/books/a12{OCTOBER}", f"/books/a11{OCTOBER}", f"/books/a3{OCTOBER}", looks=((*PHONE, "light"), (*STATION, "light"), (*STATION, "dark"))
        )  # fmt: skip
        on_paper(desk)
        assert desk.no_fault()


def on_paper(desk):
    """Across, nothing hanging out, nothing of the frame."""
    page = desk.page
    for name in ("a1", "a12", "a3"):
        page.goto(f"{desk.base}/books/{name}/print{OCTOBER}")
        page.set_viewport_size(ACROSS)
        page.emulate_media(media="print")
        assert page.evaluate(OUT) == [], name
        assert page.locator("nav.menu").is_hidden()
        page.screenshot(path=SHOTS / f"dd.hoa-books-{name}-print.png", full_page=True)
        pdf = page.pdf(path=SHOTS / f"dd.hoa-books-{name}.pdf", prefer_css_page_size=True)
        assert b"/MediaBox [0 0 841" in pdf or b"841.9" in pdf, "A4 across"
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": STATION[0], "height": STATION[1]})
