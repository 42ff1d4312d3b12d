"""The director's morning: the desk, a place that stands out, an alert, the wall, a digest; and a nurse's visit that changes a number."""

import json
import re
import subprocess
import sys
from uuid import UUID

import orjson
import pytest
from playwright.sync_api import expect

from tests.journeys import staff
from tests.journeys.browser import CHROMIUM, LONG, Desk, browsing, drawn
from tests.journeys.hand import Hand
from tests.warehouse.conftest import lake  # noqa: F401  # a fixture
from tests.web import measured_world as w
from yba import record
from yba.kit import clock, settings
from yba.kit.db import unit_of_work
from yba.operations.serving import serving
from yba.record import Put
from yba.warehouse import boards
from yba.warehouse.settings import LAKE

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")

GUIDE = "dieu-hanh"
VISITS = "Lượt khám, điều trị trong tháng"
MOST = 400 * 1024  # bytes of the first load, as they travel
THIS_MONTH = 7


@pytest.fixture
def province(database, lake):  # noqa: F811  # the fixture
    """Thirteen months of a small province, seven visits this month, a director, a nurse; the desk counted."""
    w.build()
    period = {"start": f"{clock.today()}T00:00:00+07:00", "end": f"{clock.today()}T00:05:00+07:00"}
    doc = {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, "period": period}
    with unit_of_work(by=w.OPERATOR) as conn:
        puts = [
            Put("Encounter", str(UUID(int=n)), UUID(int=0xA000 + n % 200), orjson.dumps({**doc, "id": str(UUID(int=n))}), [n], None, None, w.HOSPITAL,
                UUID(int=1), (), "test")
            for n in range(700_000, 700_000 + THIS_MONTH)
        ]  # fmt: skip
        record.put_many(conn, by=w.OPERATOR, puts=puts)
    staff.employ("gd.minh", "Lò Văn Minh", "provincial-manager", facility="")
    staff.employ("dd.hoa", "Lường Thị Hoa", "station-nurse", facility=w.CENTRES[0], area=w.communes()[0])
    env = {**database.env, "YBA_VAR": str(settings.VAR()), "YBA_LAKE": str(LAKE())}
    yba(env, "warehouse", "refresh")
    boards.desk("director", by=w.OPERATOR)
    yba(env, "warehouse", "judge")
    yba(env, "warehouse", "digest", "monthly")
    return env


def yba(env, *command):
    done = subprocess.run([sys.executable, "-m", "yba", *command], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def tile(page, title):
    return page.locator("section.tile", has=page.get_by_role("heading", name=title, exact=True))


def test_a_visit_closed_by_a_nurse_changes_the_directors_desk(province):
    with serving(province, "--no-process") as port, browsing() as browser:
        base = f"http://localhost:{port}"
        director = Desk(browser, base, "gd.minh")
        page = director.page
        travelled = weighed(page)
        page.goto(f"{base}/director")
        assert sum(travelled()) <= MOST
        expect(tile(page, VISITS).locator(".tilevalue")).to_have_text(f"{THIS_MONTH}\N{NO-BREAK SPACE}lượt")
        drawn(page, GUIDE, "1-ban-dieu-hanh")
        drawn(page, GUIDE, "2-o-mo-rong", at=page.locator("#open"))
        closes_a_visit(Desk(browser, base, "dd.hoa", script=True))
        assert json.loads(yba(province, "warehouse", "refresh", "--json"))["rows"].get("Encounter") == 1, "what the nurse wrote was not exported"
        assert json.loads(yba(province, "warehouse", "keep", "--json"))["counted"] > 0, "the export changed no number of the desk"
        page.reload()
        expect(tile(page, VISITS).locator(".tilevalue")).to_have_text(f"{THIS_MONTH + 1}\N{NO-BREAK SPACE}lượt")
        drills_down(director)
        answers_an_alert(director)
        takes_the_digest(director)
        fits_the_wall(director)
        director.looked_at("/director", f"/director?facility={w.HOSPITAL}", "/director/wall", "/director/wall?slide=1", "/alerts", "/digests")
        if LONG:
            director.looked_at("/director?board=epidemiology")
        assert director.no_fault()


def weighed(page):
    """Note the bytes of every answer as they travel."""
    answers = []
    page.on("response", lambda one: answers.append(one))  # noqa: PLW0108  # Playwright marks what it calls, a method of a list takes no mark
    return lambda: [one.request.sizes()["responseBodySize"] for one in answers]


def closes_a_visit(nurse):
    """Somebody new is registered, examined and sent home."""
    page, hand = nurse.page, Hand(nurse.page)
    page.goto(f"{nurse.base}/register")
    page.fill("#f-name", "Giàng Thị Mỷ")
    hand.presses("Enter")
    hand.types("1975")
    hand.presses("Tab")
    hand.presses("Space")
    page.keyboard.press("Control+s")
    page.wait_for_url("**/visit/**")
    page.get_by_role("button", name="Đóng lượt khám").click()
    page.wait_for_url(re.compile(r"/desk\?done=closed|/visit/.*missing="))


def drills_down(director):
    """From what stands out to the place, and to how the number is made."""
    page = director.page
    first = page.locator(".standing li a").first
    place = first.inner_text()
    first.click()
    expect(page.get_by_role("heading", level=1, name=place)).to_be_visible()
    expect(page.locator("form#search, .standing")).not_to_have_count(0)
    page.get_by_role("link", name="← Cả tỉnh").click()
    page.locator(".tileways a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Lượt khám")
    assert page.goto(f"{director.base}/record/{UUID(int=0xA000)}").status == 403, "never to people"


def answers_an_alert(director):
    page = director.page
    page.goto(f"{director.base}/alerts")
    drawn(page, GUIDE, "3-canh-bao")
    box = page.locator("section.card", has=page.get_by_role("button", name="Tiếp nhận")).first
    box.locator("input[name=note]").fill("Đã gọi cơ sở: mất mạng")
    box.get_by_role("button", name="Tiếp nhận").click()
    expect(page.get_by_text("Đã tiếp nhận cảnh báo.")).to_be_visible()
    expect(page.get_by_text("Đã gọi cơ sở: mất mạng")).to_be_visible()


def fits_the_wall(director):
    """A wall has nobody who scrolls: every picture is seen whole, the banner of a demonstration above it."""
    page = director.page
    page.set_viewport_size({"width": 1920, "height": 1080})
    for slide in (0, 1):
        page.goto(f"{director.base}/director/wall?hold=1&slide={slide}")
        page.evaluate("document.body.insertAdjacentHTML('afterbegin', '<p class=demo>Dữ liệu giả lập để chạy thử</p>')")
        assert page.evaluate("document.documentElement.scrollHeight") <= 1080, f"picture {slide}"
    page.set_viewport_size({"width": 1366, "height": 768})


def takes_the_digest(director):
    page = director.page
    page.goto(f"{director.base}/digests")
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("Tải PDF")).first.click()
    assert waiting.value.suggested_filename.startswith("yba-monthly-")
    if LONG:
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.goto(f"{director.base}/director/wall?hold=1")
        drawn(page, GUIDE, "4-man-hinh-lon")
