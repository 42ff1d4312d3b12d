"""Unknown patients, labels and checks in a real browser: nurse, record clerk, identity officer; by keyboard, on a phone, in print."""

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import pytest
from django.db import connections
from playwright.sync_api import expect

from tests.identity.people import facts
from tests.journeys import staff
from tests.journeys.axe import judged_as_shown
from tests.journeys.browser import CHROMIUM, LONG, SHOTS, Desk, browsing
from tests.registers.world import KEYS, secrets_file
from yba import identity
from yba.identity.jobs import remind
from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.operations import simulate
from yba.operations.serving import serving

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")
OPERATOR = Actor.operator()
NUMBER, OLD, CARD = "011159000001", "040123456", "HT2110123456789"
QR = f"{NUMBER}|{OLD}|Lò Thị Mai|12031959|Nữ|Tổ 5, phường Mường Thanh, Điện Biên|01052021"
RESIDENTS = (
    simulate.Resident(NUMBER, "Lò Thị Mai", "19590312", "2", "03127"),
    simulate.Resident("011185000002", "Quàng Văn Hặc", "19850731", "1", "03127"),
)


@pytest.fixture
def ward(database):
    """Two residents the hospital knows by claims, one with a wrong day of birth; a station nurse, a record clerk, the officer of the province."""
    staff.province(40)
    said = [
        facts(staff.THERE, "A1", citizen_number=NUMBER, name="Lò Thị Mai", birth="1959-03-12", card=CARD, address="Tổ 5, phường Mường Thanh"),
        facts(staff.THERE, "A2", citizen_number="011185000002", name="Quàng Văn Hặc", birth="1985-07-30", sex="male"),
    ]
    with unit_of_work(by=OPERATOR) as conn:
        people = [one.person_id for one in identity.resolve_many(conn, by=OPERATOR, facts=said)]
    staff.employ("hs.lan", "Cà Thị Lan", "record-clerk")
    staff.employ("bs.mai", "Lê Thị Mai", "doctor")
    staff.employ("dd.hoa", "Phạm Quỳnh Hoa", "identity-officer", facility="")
    SHOTS.mkdir(parents=True, exist_ok=True)
    return database, people


def followed(desk):
    """Collect the addresses a desk asks for: codes and ids only, never a word about a person."""
    asked = []
    desk.page.on("request", lambda request: asked.append(unquote(request.url)))
    return asked


def nothing_personal(asked):
    assert asked
    for address in asked:
        assert not re.search(f"{NUMBER}|{OLD}|{CARD}|Mai|1959|sẹo", address), address


def looked_at(desk, shown, *paths):
    name, desk.name = desk.name, f"{desk.name}-{shown}"
    desk.looked_at(*paths)
    desk.name = name


def _reminded():
    try:
        remind(by=Actor.system("identity:unknown:remind"))
    finally:
        connections.close_all()


def told_by_the_clerk(clerk, code):
    """The clerk finds the patient from home and notes that the commune was told, by keyboard."""
    own = clerk.page
    looked_at(clerk, "home", "/")
    own.get_by_role("link", name="người bệnh không rõ danh tính phải báo UBND xã").click()
    own.keyboard.press("j")
    own.keyboard.press("Enter")
    expect(own.get_by_role("heading", name=code)).to_be_visible()
    looked_at(clerk, "list", "/unknown", f"/unknown/{code}", "/temporary")
    own.keyboard.press("2")
    own.keyboard.type("Công văn số 12/BV gửi UBND phường")
    own.keyboard.press("Enter")
    expect(own.get_by_role("status")).to_have_text("Đã ghi nhận báo UBND xã.")


def known_and_taken_back(clerk, code):
    """The clerk scans a card, compares, confirms, and takes it back."""
    own = clerk.page
    own.keyboard.press("1")
    own.keyboard.type(QR)
    own.keyboard.press("Enter")
    own.wait_for_url(re.compile("reauthenticate"))
    own.wait_for_load_state()
    staff.set_up_app(own)  # a merge asks for the second factor of the session
    own.goto(f"{clerk.base}/unknown/{code}")
    own.keyboard.press("1")
    own.keyboard.type(QR)
    own.keyboard.press("Enter")
    expect(own.get_by_role("heading", name="Có phải một người?")).to_be_visible()
    looked_at(clerk, "compare", own.url.removeprefix(clerk.base))
    own.locator("input[name=reason]").fill("Người nhà nhận dạng, có thẻ căn cước")
    own.keyboard.press("Enter")
    expect(own.get_by_role("status")).to_contain_text("Đã ghi nhận danh tính")
    looked_at(clerk, "known", f"/unknown/{code}", "/unknown?show=all")
    own.keyboard.press("u")
    own.keyboard.press("Tab")
    own.keyboard.type("Nhận nhầm người")
    own.keyboard.press("Enter")
    expect(own.get_by_role("status")).to_contain_text("Đã hoàn tác")


def test_from_the_ambulance_to_a_name_and_back_by_keyboard(ward):
    with serving(ward[0].env, "--no-process") as port, browsing() as browser:
        base = f"http://localhost:{port}"
        doctor = Desk(browser, base, "bs.mai", script=True)
        page, addresses = doctor.page, followed(doctor)
        page.get_by_role("link", name="Không rõ danh tính").click()
        page.wait_for_load_state()  # the keys are read by a script
        page.keyboard.press("n")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Tiếp nhận người không rõ danh tính")).to_be_visible()
        looked_at(doctor, "add", "/unknown", "/unknown/new")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
        for text in ("60", "70", "sẹo dài ở má trái", "bến xe khách"):
            page.keyboard.press("Tab")
            page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Đã tiếp nhận")
        code = re.search(r"VD-[0-9-]+", page.url)[0]
        assert page.locator("svg.label").get_attribute("aria-label") == code
        expect(page.get_by_role("button", name="In nhãn")).to_be_visible()
        assert max(page.locator("svg.label text").evaluate_all("lines => lines.map(each => each.getBBox().x + each.getBBox().width)")) <= 74
        looked_at(doctor, "label", f"/temporary/{code}")
        page.pdf(path=SHOTS / "label.pdf", prefer_css_page_size=True)
        page.emulate_media(media="print")
        page.screenshot(path=SHOTS / "label-print.png")
        clerk = Desk(browser, base, "hs.lan", script=True)
        more = followed(clerk)
        told_by_the_clerk(clerk, code)
        known_and_taken_back(clerk, code)
        assert [fault for fault in (*doctor.faults, *clerk.faults) if "Content Security" in fault] == []
        nothing_personal([*addresses, *more])


def test_an_overdue_patient_and_papers_without_script(ward):
    with serving(ward[0].env, "--no-process") as port, browsing() as browser:
        clerk = Desk(browser, f"http://localhost:{port}", "hs.lan")
        page = clerk.page
        page.goto(f"{clerk.base}/unknown/new")
        page.get_by_label("Nam", exact=True).check()
        page.locator("input[name=arrived_on]").fill("01/11/2026")
        page.get_by_role("button", name="Tiếp nhận và in nhãn").click()
        code = re.search(r"VD-[0-9-]+", page.url)[0]
        with ThreadPoolExecutor(1) as beside:  # Playwright has this thread
            beside.submit(_reminded).result()
        page.goto(f"{clerk.base}/clerk")
        looked_at(clerk, "overdue", "/clerk", "/unknown", f"/unknown/{code}")
        page.locator("a[data-row]").first.click()
        page.get_by_role("link", name="Mở người bệnh này").click()
        page.locator("#f-number").fill("011190000003")
        page.locator("#main").get_by_role("button", name="Tìm").click()
        expect(page.get_by_role("heading", name="Chưa ai mang số này")).to_be_visible()
        page.screenshot(path=SHOTS / "hs.lan-papers-light-1366.png", full_page=True)
        judged_as_shown(clerk, "papers of nobody known")
        page.locator("input[name=name]").fill("Vàng A Páo")
        page.locator("input[name=birth]").fill("1990")
        page.locator("input[name=reason]").fill("Tỉnh lại, xuất trình thẻ")
        page.get_by_role("button", name="Ghi nhận danh tính").click()
        expect(page.get_by_role("status")).to_contain_text("Đã ghi nhận danh tính")


@pytest.mark.law("SKDT-R08")
@pytest.mark.skipif(not LONG, reason="the long suite: the acts are proved over HTTP, a journey of this desk is walked in the short one")
def test_one_person_and_a_batch_against_the_population_database(ward, tmp_path):
    database, people = ward
    keys = secrets_file(tmp_path, KEYS["direct"])
    with simulate.Simulated(simulate.Direct(RESIDENTS)) as register:
        told = {"YBA_POPULATION": register.address, "YBA_POPULATION_MODE": "direct", "YBA_POPULATION_CREDENTIALS": keys}
        with serving(database.env | told) as port, browsing() as browser:
            clerk = Desk(browser, f"http://localhost:{port}", "hs.lan")
            page, addresses = clerk.page, followed(clerk)
            page.goto(f"{clerk.base}/person/{people[1]}")
            page.get_by_role("main").get_by_role("link", name="Xác minh").click()
            looked_at(clerk, "unasked", f"/person/{people[1]}", f"/person/{people[1]}/registers", "/registers")
            form = page.locator("form[action$='/registers/population']")
            form.get_by_label("Mục đích").select_option("registration")
            form.get_by_role("button", name="Hỏi", exact=True).click()
            expect(page.get_by_role("status")).to_contain_text("Đã hỏi")
            expect(page.get_by_text("KHÔNG KHỚP", exact=True)).to_be_visible()
            assert "31/07/1985" not in page.content(), "the register's own value is never shown"
            looked_at(clerk, "asked", f"/person/{people[1]}/registers")
            page.goto(f"{clerk.base}/registers")
            page.get_by_label("Mục đích").select_option("reconciliation")
            page.get_by_role("button", name="Bắt đầu").click()
            expect(page.get_by_text(re.compile(r"1 / 1 người"))).to_be_visible(timeout=60_000)
            looked_at(clerk, "batch", page.url.removeprefix(clerk.base), "/registers")
            officer = Desk(browser, clerk.base, "dd.hoa")
            assert officer.page.goto(f"{clerk.base}/person/{people[1]}/registers").status == 403
            looked_at(officer, "queue", "/", "/clerk")
            nothing_personal(addresses)
