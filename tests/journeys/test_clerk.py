"""The clerk's desk in a real browser: queue, two records, merge, undo and a second person; by keyboard, without script, on a phone, light and dark."""

import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from tests.identity.people import CARD, CITIZEN, MAN, facts
from tests.journeys import staff
from tests.journeys.axe import judged_as_shown
from tests.journeys.browser import CHROMIUM, LONG, SHOTS, Desk, browsing
from yba import access, identity
from yba.access import Relation, RelationKind, UnitKind
from yba.identity import Doubt
from yba.kit import Actor, clock, new_id
from yba.kit.db import unit_of_work
from yba.operations.serving import serving

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")
OPERATOR = Actor.operator()
HOME = {"address": "Tổ 5, phường Mường Thanh", "phone": "0912 345 697"}


@pytest.fixture
def desk(database):
    """A likely duplicate at one hospital, one citizen number on two clearly different people of two facilities, a shared card, a contradiction."""
    staff.province(40)
    staff.employ("hs.lan", "Cà Thị Lan", "record-clerk", facility=staff.HERE)
    staff.employ("dd.hoa", "Phạm Quỳnh Hoa", "identity-officer", facility="")
    staff.employ("dd.nam", "Lường Văn Nam", "identity-officer", facility="")
    staff.employ("bs.mai", "Lê Thị Mai", "doctor", treats=True)
    said = [
        facts(staff.HERE, "A1", citizen_number=CITIZEN, **HOME), facts(staff.HERE, "A2", day=40, name="LÒ MAI", birth="1959", ethnicity="16"),
        facts(staff.THERE, "C3", day=8, citizen_number=CITIZEN, **MAN), facts(staff.HERE, "A4", day=9, card=CARD),
        facts(staff.THERE, "C5", day=11, card=CARD, name="Vàng A Páo", birth="1990-02-02", sex="male"),
    ]  # fmt: skip
    with unit_of_work(by=OPERATOR) as conn:
        people = [one.person_id for one in identity.resolve_many(conn, by=OPERATOR, facts=said)]
        told = {"contradicts": ["name", "birth"], "certain": True}
        identity.report(conn, by=OPERATOR, doubts=[Doubt("demographics-differ", people[4], staff.THERE, "C5", told)])
        _likely(conn, people[:2])
        access.relate_many(conn, by=OPERATOR, relations=[_visit(people[0], "1"), _visit(people[0], "2"), _visit(people[1], "3")])
        found = {one.kind: one.id for one in identity.reviews(conn, by=OPERATOR)}
    SHOTS.mkdir(parents=True, exist_ok=True)
    return database, found


def _likely(conn, pair):
    from yba.identity import store  # noqa: PLC0415  # as resolving opens them
    from yba.identity.state import Review  # noqa: PLC0415

    store.open_reviews(conn, [Review("likely-duplicate", tuple(sorted(pair)), staff.HERE, "A2", {"weight": 812})])


def _visit(person, ground):
    return Relation(person, UnitKind.FACILITY, staff.HERE, RelationKind.VISIT, clock.now(), clock.now(), "Claim", ground, new_id())


def followed(desk):
    """Collect the addresses a desk asks for: ids, kinds and codes only, never a word about a person."""
    asked = []
    desk.page.on("request", lambda request: asked.append(unquote(request.url)))
    return asked


def nothing_personal(asked):
    assert asked
    for address in asked:
        for word in (CITIZEN, CARD, "Mai", "MAI", "Quàng", "1959", "345697"):
            assert word not in address, address


def looked_at(desk, shown, *paths):
    """Screenshots in four ways under a name that says what is shown."""
    name, desk.name = desk.name, f"{desk.name}-{shown}"
    desk.looked_at(*paths)
    desk.name = name


def focused(page):
    return page.evaluate("document.activeElement.getAttribute('href') || document.activeElement.value || document.activeElement.textContent")


def test_from_the_queue_to_a_merge_and_back_by_keyboard_alone(desk):
    with serving(desk[0].env, "--no-process") as port, browsing() as browser:
        officer = Desk(browser, f"http://localhost:{port}", "dd.hoa", script=True)
        page, addresses = officer.page, followed(officer)
        page.goto(f"{officer.base}/clerk")
        looked_at(officer, "queue", "/clerk", "/clerk/figures", "/clerk/decided", "/clerk/proposals")
        looked_at(officer, "empty", "/clerk?kind=visit-after-death")
        review = desk[1]["likely-duplicate"]
        order = page.locator("[data-row]").evaluate_all("rows => rows.map(each => each.getAttribute('href'))")
        for _ in range(order.index(f"/clerk/{review}") + 1):
            page.keyboard.press("j")
        assert focused(page) == f"/clerk/{review}"
        page.keyboard.press("k")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Có thể trùng người")).to_be_visible()
        looked_at(officer, "item", f"/clerk/{review}")
        page.keyboard.press("2")
        assert focused(page) == "papers"
        page.keyboard.press("1")
        page.keyboard.press("ArrowDown")
        assert focused(page) == "typing"
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Đã gộp: cùng một người")
        expect(page.get_by_text("Chỉ khác do gõ sai hoặc viết tắt").first).to_be_visible()
        looked_at(officer, "merged", page.url.removeprefix(officer.base))
        page.keyboard.press("u")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Đã hoàn tác")
        expect(page.get_by_role("button", name="Gộp", exact=True)).to_be_visible()
        page.wait_for_load_state()
        page.keyboard.press("j")
        page.wait_for_url(re.compile(rf"/clerk/(?!{review})"))
        assert [fault for fault in officer.faults if "Content Security" in fault] == []
        nothing_personal(addresses)


@pytest.mark.skipif(not LONG, reason="the long suite: the acts are proved over HTTP, a journey of this desk is walked in the short one")
def test_without_script_and_with_a_second_person(desk):
    with serving(desk[0].env, "--no-process") as port, browsing() as browser:
        base = f"http://localhost:{port}"
        first, second = Desk(browser, base, "dd.hoa"), Desk(browser, base, "dd.nam")
        review = desk[1]["number-shared"]
        page, addresses = first.page, followed(first)
        page.get_by_role("link", name="Đối soát").first.click()
        page.locator(f"a[data-row][href='/clerk/{review}']").click()
        expect(page.get_by_text("KHÁC").first).to_be_visible()
        looked_at(first, "guarded", f"/clerk/{review}")
        form = page.locator(f"form[action='/clerk/{review}/merge']")
        form.get_by_label("Người bệnh hoặc người nhà đã xác nhận").check()
        form.get_by_role("button", name="Đề nghị gộp").click()
        expect(page.get_by_role("status")).to_have_text("Chờ người thứ hai")
        looked_at(first, "proposed", f"/clerk/{review}", "/clerk/proposals")
        page.goto(f"{base}/clerk/proposals")
        expect(page.get_by_text("Bạn đề nghị: người khác duyệt.")).to_be_visible()
        assert page.get_by_role("button", name="Duyệt và gộp").count() == 0
        other = second.page
        other.goto(f"{base}/clerk")
        looked_at(second, "waits", "/clerk", "/clerk/proposals")
        other.get_by_role("link", name="1 đề nghị gộp chờ người thứ hai duyệt").click()
        other.get_by_role("button", name="Duyệt và gộp").click()
        expect(other.get_by_role("status")).to_have_text("Đã duyệt và gộp.")
        looked_at(second, "approved", "/clerk/decided", "/clerk/figures")
        nothing_personal(addresses)


@pytest.mark.skipif(not LONG, reason="the long suite: the acts are proved over HTTP, a journey of this desk is walked in the short one")
def test_two_clerks_at_once_and_a_facilitys_own_clerk(desk):
    with serving(desk[0].env, "--no-process") as port, browsing() as browser:
        base = f"http://localhost:{port}"
        officer, clerk = Desk(browser, base, "dd.hoa"), Desk(browser, base, "hs.lan")
        review, across = desk[1]["likely-duplicate"], desk[1]["card-shared"]
        for each in (officer, clerk):
            each.page.goto(f"{base}/clerk/{review}")
        for each in (officer, clerk):
            form = each.page.locator(f"form[action='/clerk/{review}/different']")
            form.get_by_label("Người cùng nhà hoặc sinh đôi").check()
            form.get_by_role("button", name="Giữ hai hồ sơ").click()
        expect(officer.page.get_by_role("status")).to_contain_text("Hai người khác nhau")
        expect(clerk.page.get_by_role("alert")).to_contain_text("đã có người quyết định trước bạn")
        expect(clerk.page.get_by_text("Phạm Quỳnh Hoa").first).to_be_visible()
        clerk.page.screenshot(path=SHOTS / "hs.lan-second-light-1366.png", full_page=True)
        judged_as_shown(clerk, "the second of two clerks")
        clerk.page.goto(f"{base}/clerk/{across}")
        expect(clerk.page.get_by_role("heading", name="Không có trang này")).to_be_visible()
        looked_at(clerk, "facility", "/", "/clerk")


def test_a_doctor_may_not(desk):
    with serving(desk[0].env, "--no-process") as port, browsing() as browser:
        doctor = Desk(browser, f"http://localhost:{port}", "bs.mai")
        assert doctor.page.get_by_role("link", name="Đối soát").count() == 0
        for path in ("/clerk", f"/clerk/{desk[1]['likely-duplicate']}"):
            answer = doctor.page.goto(f"{doctor.base}{path}")
            assert answer.status == 403
            assert "LÒ MAI" not in doctor.page.content()
