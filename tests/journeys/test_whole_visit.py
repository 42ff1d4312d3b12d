"""A household and its first visit, from the station's door to the claim our own gateway accepts and the hospital doctor who reads what is new."""

import json
import re
import time

import pytest
from playwright.sync_api import expect

from tests.ingest.builder import file_of, tables
from tests.journeys import staff
from tests.journeys.axe import judged
from tests.journeys.browser import CHROMIUM, LONG, SHOTS, Desk, browsing, drawn
from tests.journeys.hand import Hand
from tests.journeys.test_hospital_day import HospitalSystem
from yba import accounts, directory, ingest
from yba.kit import Actor, clock
from yba.kit.db import unit_of_work
from yba.operations.serving import serving

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")

STATION, HOSPITAL = "tram-y-te", "bac-si-benh-vien"  # guides
HUSBAND, WIFE = "Vàng A Páo", "Giàng Thị Mỷ"
CARD = f"011071009999||{HUSBAND}|01021971|Nam|Bản Noong Bua, Phường Mường Thanh, Điện Biên|01012022"
OPERATOR = Actor.operator()


def stay(home):
    """The husband's stay at the hospital in March, as its claim told of it."""
    made = tables(
        "26.000777", MA_CSKCB=staff.THERE, MA_BN="BV-777", HO_TEN=HUSBAND, SO_CCCD="011071009999", NGAY_SINH="197102010000", GIOI_TINH="1",
        MAXA_CU_TRU=home, DIA_CHI="Bản Noong Bua", DIEN_THOAI="0912345697", MA_THE_BHYT="DT2111122233344", MA_DKBD=staff.HERE,
    )  # fmt: skip
    return file_of(made).replace(b"<MACSKCB>11001</MACSKCB>", f"<MACSKCB>{staff.THERE}</MACSKCB>".encode())


@pytest.fixture
def commune(database):
    """A station with a nurse, the provincial hospital with a doctor, the station's software, one man known at the hospital."""
    staff.province(40)
    home = directory.communes_of("11", clock.today())[0].code
    staff.employ("dd.hoa", "Lường Thị Hoa", "station-nurse", facility=staff.HERE, area=home)
    staff.employ("bs.tuan", "Trần Văn Tuấn", "doctor")
    with unit_of_work(by=OPERATOR) as conn:
        client = accounts.add_client(conn, by=OPERATOR, facility=staff.HERE)
    elsewhere = directory.communes_of("11", clock.today())[1].code  # a resident's record would be open to the nurse at once
    ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=stay(elsewhere))
    assert ingest.process(by=OPERATOR).claims_accepted == 1
    return database, client


def test_from_the_household_to_the_claim_and_to_the_hospital(commune):
    database, client = commune
    with serving(database.env) as port, browsing() as browser:
        base = f"http://localhost:{port}"
        nurse = Desk(browser, base, "dd.hoa", script=True)
        person = known_at_the_hospital_begins_a_visit(nurse)
        visit = nurse.page.url.removeprefix(base).partition("?")[0]
        whole_visit(nurse)
        stands_in_the_timeline(nurse, person)
        wife = registers_by_keyboard(nurse)
        lives_together(nurse, person)
        follows_up(nurse, person)
        claim = nurse.context.request.get(f"{base}{visit}/claim").body()
        accepted_by_our_gateway(port, client, claim)
        doctor = Desk(browser, base, "bs.tuan", script=True)
        reads_what_is_new(doctor, person)
        nurse.looked_at(f"/person/{person}/household", *((visit, wife, f"/record/{person}", f"/record/{person}/summary") if LONG else ()))
        doctor.looked_at(f"/record/{person}/summary", *(("/desk", f"/record/{person}", f"/record/{person}/forms") if LONG else ()))
        assert nurse.no_fault()
        assert doctor.no_fault()


def known_at_the_hospital_begins_a_visit(nurse):
    """A card at the station: the record is not open yet, the visit opens it."""
    page, hand = nurse.page, Hand(nurse.page)
    hand.presses("/")
    hand.scans(CARD)
    expect(page.get_by_role("heading", name="Chưa có quan hệ chăm sóc với người này")).to_be_visible()
    drawn(page, STATION, "9-chua-mo")
    judged(page, "refused")
    page.keyboard.press("n")
    page.wait_for_url("**/visit/**")
    expect(page.get_by_role("heading", name=HUSBAND)).to_be_visible()
    return page.locator("a[href^='/record/']").first.get_attribute("href").split("/")[2]


def whole_visit(nurse):
    """Vital signs, diagnosis, order, its result, prescription, referral by name, appointment, close."""
    page = nurse.page
    for name, value in (("systolic", "152"), ("diastolic", "94"), ("pulse", "78"), ("weight", "61,5")):
        page.fill(f"#v-{name}", value)
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Huyết áp: 152/94 mmHg")).to_be_visible()
    for list_, words, part, told in (
        ("icd10", "tang huyet ap vo can", "diagnosis", "I10"),
        ("service", "glucose mau", "order", re.compile("glucose", re.IGNORECASE)),
        ("drug", "amlodipin", "prescription", re.compile("amlodipin", re.IGNORECASE)),
    ):
        page.fill(f"#q-{list_}", words)
        page.locator(f"#found-{list_} button").first.click()
        expect(page.locator(f"#{part} .chosen")).to_contain_text(told)
    page.fill("#k-value", "7,8")
    page.fill("#k-unit", "mmol/L")
    page.get_by_role("button", name="Lưu kết quả").click()
    expect(page.locator("#result .chosen")).to_contain_text("7,8")
    page.get_by_text("Viết giấy chuyển").click()
    page.fill("#r-to", "benh vien da khoa")
    page.fill("#r-why", "Tăng huyết áp khó kiểm soát, cần khám chuyên khoa")
    page.locator("#referral").get_by_role("button", name="Lưu giấy chuyển").click()
    expect(page.locator("#referral .chosen")).to_contain_text("khó kiểm soát")
    page.get_by_role("button", name="sau 14 ngày").click()
    expect(page.locator("#appointment .chosen")).to_be_visible()
    page.screenshot(path=SHOTS / "visit-full.png", full_page=True)
    page.get_by_role("button", name="Đóng lượt khám").click()
    page.wait_for_url(re.compile(r"/desk\?done=closed|/visit/.*missing="))


def stands_in_the_timeline(nurse, person):
    """What was written is the newest line of the record, beside the stay the hospital sent."""
    page = nurse.page
    page.goto(f"{nurse.base}/record/{person}")
    expect(page.locator("#line details").first).to_contain_text("I10")
    expect(page.locator("#line")).to_contain_text(staff.NAMES[staff.THERE])
    expect(page.locator("#results")).to_contain_text("152/94")


def registers_by_keyboard(nurse):
    """The wife, typed without a mouse; returns the address of her visit."""
    page, hand = nurse.page, Hand(nurse.page)
    page.goto(f"{nurse.base}/desk")
    hand.presses("r")
    page.wait_for_url("**/register")
    page.wait_for_function("document.activeElement.id === 'f-scan'")
    for _ in range(2):
        hand.presses("Tab")
    assert page.evaluate("document.activeElement.id") == "f-name", "two jumps from the scanner's box"
    hand.types(WIFE)
    hand.presses("Enter")
    hand.types("1975")
    hand.presses("Tab")
    hand.presses("Space")  # the first of the sexes
    page.keyboard.press("Control+s")
    page.wait_for_url("**/visit/**")
    expect(page.get_by_role("heading", name=WIFE)).to_be_visible()
    return page.url.removeprefix(nurse.base).partition("?")[0]


def lives_together(nurse, person):
    """A household of two, made from the husband's record; the last act can be taken back."""
    page = nurse.page
    page.goto(f"{nurse.base}/record/{person}")
    page.get_by_role("link", name="Hộ gia đình").click()
    page.fill("#f-book", "HS-12")
    judged(page, "household-new")
    page.get_by_role("button", name="Lập hộ").click()
    page.fill("main input[name=number]", "giang my")
    page.keyboard.press("Enter")
    page.select_option("select[name=relation]", "spouse")
    page.get_by_role("button", name="Thêm", exact=True).click()
    expect(page.get_by_text("2 người")).to_be_visible()
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.get_by_text("1 người")).to_be_visible()
    page.fill("main input[name=number]", "giang my")
    page.keyboard.press("Enter")
    page.select_option("select[name=relation]", "spouse")
    page.get_by_role("button", name="Thêm", exact=True).click()
    expect(page.get_by_text("Vợ, chồng")).to_be_visible()
    drawn(page, STATION, "10-ho-gia-dinh")
    judged(page, "household")
    page.goto(f"{nurse.base}/record/{person}")
    expect(page.get_by_text("Hộ: 2 người")).to_be_visible()


def follows_up(nurse, person):
    """From the record by its key; the list says that it is saved."""
    page = nurse.page
    page.keyboard.press("1")
    page.wait_for_url("**/follow/**")
    for name, value in (("systolic", "136"), ("diastolic", "84")):
        page.fill(f"#v-{name}", value)
    page.keyboard.press("Control+s")
    page.wait_for_url("**/desk?done=saved")
    page.goto(f"{nurse.base}/record/{person}")
    expect(page.locator("#results")).to_contain_text("136/84")


def accepted_by_our_gateway(port, client, claim):
    """The claim goes in by the same door as every hospital's, as what a facility's software sends, and is taken without a reject."""
    assert HUSBAND in claim.decode() or b"<NOIDUNGFILE>" in claim
    software = HospitalSystem(port, client.username, client.secret)
    software.take_token()
    code = software.submit(claim)["maGiaoDich"]
    until = time.monotonic() + 60
    while (receipt := json.loads(software.get(f"/intake/transactions/{code}")))["state"] != "done":
        assert time.monotonic() < until, receipt
        time.sleep(0.3)
    assert receipt["counts"] == {"accepted": 1, "unchanged": 0, "replaced": 0, "rejected": 0}


def reads_what_is_new(doctor, person):
    """The hospital's doctor finds whom the station sent, begins a visit, and reads on one page what came since the stay in March."""
    page = doctor.page
    drawn(page, HOSPITAL, "1-viec-hom-nay")
    page.fill("main input[name=number]", "vang pao")
    page.keyboard.press("Enter")
    expect(page.get_by_text("từng đến cơ sở của bạn")).to_be_visible()
    drawn(page, HOSPITAL, "2-tim")
    page.keyboard.press("n")
    page.wait_for_url("**/visit/**")
    drawn(page, HOSPITAL, "3-kham")
    page.goto(f"{doctor.base}/record/{person}")
    expect(page.get_by_text(f"đang khám, điều trị tại {staff.NAMES[staff.THERE]}")).to_be_visible()
    drawn(page, HOSPITAL, "4-ho-so")
    page.locator("label[for=t-l]").click()
    drawn(page, HOSPITAL, "5-dong-thoi-gian", at=page.locator(".visits"))
    page.get_by_role("link", name="Tóm tắt một trang").click()
    new = page.locator("section", has_text="Mới kể từ lần khám 10/03/2026")
    expect(new).to_contain_text(staff.NAMES[staff.HERE])
    expect(new).to_contain_text("I10")
    drawn(page, HOSPITAL, "6-tom-tat")
    judged(page, "summary of the referred")
    page.goto(f"{doctor.base}/record/{person}/forms")
    page.get_by_role("button", name="D. Khám lâm sàng").click()
    expect(page.locator("[name='a:D1.CANNANG']")).to_be_visible()
    drawn(page, HOSPITAL, "7-bieu-mau")
