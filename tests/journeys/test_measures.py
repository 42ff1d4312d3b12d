"""The pages of measures in a real browser: list, chart, map walked by keyboard to a commune, the table and the words, without script, light and dark."""

import pytest
from playwright.sync_api import expect

from tests.journeys import staff
from tests.journeys.browser import CHROMIUM, LONG, Desk, browsing
from tests.web import measured_world as w
from yba.operations.serving import serving
from yba.warehouse.settings import LAKE

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")


@pytest.fixture
def served(database, tmp_path):
    """A lake filled from the made-up province, and the platform over it."""
    with LAKE.set_to(str(tmp_path / "lake")):
        w.build()
        staff.employ("gd.binh", "Lò Thị Bình", "provincial-manager", facility="")
        with serving({**database.env, "YBA_LAKE": str(tmp_path / "lake")}, "--no-process") as port:
            yield f"http://localhost:{port}"


def test_from_the_list_to_a_commune_by_keyboard_and_how_it_is_made(served):
    with browsing() as browser:
        desk = Desk(browser, served, "gd.binh")
        page, month = desk.page, w.last_month()
        page.get_by_role("link", name="Số liệu", exact=True).click()
        page.get_by_role("link", name="Hồ sơ có thông tin mới trong 12 tháng").click()
        page.get_by_label("Chia theo").select_option("commune")
        page.get_by_role("button", name="Xem").click()
        drawing = page.locator("figure.chart-map svg").first
        expect(drawing).to_be_visible()
        way = drawing.get_by_role("link").first
        way.focus()
        name = way.get_attribute("aria-label").partition(":")[0]
        page.keyboard.press("Enter")
        expect(page.get_by_text("Phần đã chọn")).to_be_visible()
        expect(page.locator("main > p.soft")).to_contain_text(name)
        page.get_by_role("link", name="bỏ lọc").click()
        page.get_by_text("Câu SQL").click()
        expect(page.locator("pre").first).to_be_visible()
        desk.looked_at("/measures")
        shown_too = {
            "steps": f"/measures/hypertension-cascade?period={month}", "bars": f"/measures/visits?period={month}&by=age_band&and=sex",
            "none": "/measures/doses-given",
        }  # fmt: skip
        for shown, path in {
            "map": f"/measures/record-freshness?period={month}&by=commune", "funnel": f"/measures/readmission-30?period={w.month_before()}&by=facility&limits=1",
            "flows": f"/measures/referrals?period={month}&by=facility&and=detail", **(shown_too if LONG else {}),
        }.items():  # fmt: skip
            desk.name = f"gd.binh-{shown}"
            desk.looked_at(path)
        assert desk.no_fault()
