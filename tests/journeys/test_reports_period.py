"""A month's report in a real browser: a clerk makes it without script, the head approves and locks it, what comes late is corrected; light, dark, phone."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys import staff
from tests.journeys.browser import CHROMIUM, Desk, browsing
from tests.warehouse.lake_world import SYSTEM, write
from tests.warehouse.reports.test_acts import visit
from yba import warehouse
from yba.kit import clock
from yba.operations.serving import serving
from yba.warehouse.settings import LAKE

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")


@pytest.fixture
def month():
    return f"{clock.today().replace(day=1) - timedelta(days=1):%Y-%m}"


@pytest.fixture
def served(database, tmp_path, month):
    """A station and a hospital with visits of last month in the lake, and the platform over it."""
    with LAKE.set_to(str(tmp_path / "lake")):
        staff.province(10)
        write(*(visit(number, staff.HERE if number % 3 else staff.THERE, f"{month}-{number:02d}") for number in range(1, 25)))
        warehouse.refresh(by=SYSTEM)
        staff.employ("hs.la", "Lò Thị Lả", "record-clerk", facility=staff.HERE)
        staff.employ("qt.ha", "Quàng Văn Hà", "facility-administrator", facility=staff.HERE)
        with serving({**database.env, "YBA_LAKE": str(tmp_path / "lake")}, "--no-process") as port:
            yield f"http://localhost:{port}"


def test_a_month_is_made_approved_and_locked(served, month):
    page_of = f"/reports-period/facility-activity?unit=facility%3A{staff.HERE}&period={month}"
    with browsing() as browser:
        clerk = Desk(browser, served, "hs.la")
        clerk.page.get_by_role("link", name="Báo cáo định kỳ").click()
        clerk.looked_at("/reports-period")
        clerk.page.get_by_role("row").filter(has_text=f"Tháng {int(month[-2:])} năm").get_by_role("link", name="Biểu 9/BCT").click()
        expect(clerk.page.get_by_text("Bản nháp, chưa ký")).to_be_visible()
        clerk.name = "hs.la-draft"
        clerk.looked_at(f"{page_of}&compare=1")
        clerk.page.get_by_role("button", name="Lập báo cáo").click()
        expect(clerk.page.get_by_role("status")).to_contain_text("chờ người khác duyệt")
        head = Desk(browser, served, "qt.ha")
        head.page.goto(f"{served}{page_of}")
        head.page.get_by_role("button", name="Duyệt").click()
        head.page.get_by_role("button", name="Khóa").click()
        expect(head.page.get_by_role("status")).to_contain_text("Đã khóa")
        head.looked_at(page_of)
        head.name = "qt.ha-form14"
        head.looked_at(f"/reports-period/morbidity?unit=facility%3A{staff.HERE}&period={month}")
        assert clerk.no_fault()
        assert head.no_fault()
