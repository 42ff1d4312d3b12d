"""The desks' pages over HTTP: what each shows before and after a ground, what a refused value keeps, how many statements a page costs."""

import gzip
import re
import unicodedata
import zlib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.web.test_views import HERE, PERSON, WHO, province, related, rows, signed_in  # noqa: F401  # fixtures
from yba import audit, care, directory, terminology
from yba.kit import Actor, clock
from yba.operations.bench_web import counted

OPERATOR = Actor.operator()
WEB = Path(__file__).parents[2] / "src" / "yba" / "web"
CARD = "011071009999||Vàng A Páo|01021971|Nam|Bản Noong Bua, Điện Biên|01012022"
# Statements of a page, sign-in, rights and trail included; the record's own few among them. A page that needs more says why here.
QUERIES = {
    "/desk": 12,
    "/register": 10,
    "/record/{person}": 16,
    "/record/{person}/summary": 15,
    "/visit/{visit}": 21,
    "/follow/{person}/hypertension": 14,
}


def form_of(page):
    """The hidden fields of the first form that registers."""
    return dict(
        re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', page.split('name="act" value="register"')[1].split("</form>")[0])
    )


@pytest.fixture
def nurse(signed_in, province):  # noqa: F811
    """A nurse of a station, her commune and her browser."""
    home = directory.communes_of("11", clock.today())[0].code
    browser, account = signed_in("station-nurse", area=home)
    return browser, account, home


def newcomer(browser, **change):
    facts = {"act": "register", "name": "Vàng A Páo", "sex": "male", "birth": "01021971", "citizen": "011071009999", "then": "visit"}
    return browser.post("/register", facts | change)


def begun(browser):
    answer = newcomer(browser)
    assert answer.status_code == 302, answer.text
    return answer["Location"]


def vitals(browser, address, **values):
    page = browser.get(address).text
    number = re.search(r'name="number" value="(\d+)"', page)[1]
    key = re.search(r'name="key" value="([0-9a-f]+-vitals)"', page)[1]
    return browser.post(address, {"act": "vitals", "number": number, "key": key, **values})


def test_a_card_fills_the_form_and_nothing_is_typed(nurse):
    browser, _, _ = nurse
    page = browser.post("/register", {"act": "fill", "scan": CARD}).text
    for said in ('value="Vàng A Páo"', 'value="01/02/1971"', 'value="male" required checked', 'value="Bản Noong Bua, Điện Biên"'):
        assert said in page, said
    assert form_of(page)["citizen"] == "011071009999"
    assert "0110\u00a07100\u00a0••••" in page


def test_registering_begins_a_visit_and_the_visit_opens_the_record_also_after_its_end(nurse, province):  # noqa: F811
    browser, _, _ = nurse
    address = begun(browser)
    page = browser.get(address)
    assert page.status_code == 200
    person = re.search(r"/record/([0-9a-f-]{36})", page.text)[1]
    number = re.search(r'name="number" value="(\d+)"', page.text)[1]
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        closed = browser.post(address, {"act": "close", "number": number, "key": "k"})
        assert closed.status_code == 302
        assert "Chưa có chẩn đoán." in browser.get(closed["Location"]).text, "what the claim lacks is said, and keeps nobody"
        assert browser.get(f"/record/{person}").status_code == 200, "thirty days for follow-up"


def test_somebody_known_is_shown_before_a_second_person_is_made(nurse):
    browser, _, _ = nurse
    begun(browser)
    again = newcomer(browser, citizen="", birth="1971")
    assert again.status_code == 409
    assert "Có phải một trong những người này?" in again.text
    assert "Vàng A Páo" in again.text
    assert "011071009999" not in again.text.split("<form")[0], "no number of anybody else's"


@pytest.mark.parametrize(("birth", "said"), [("32/01/1990", "Ngày không đọc được"), ("01/01/2090", "tương lai"), ("", "Ngày không đọc được")])
def test_a_birth_that_cannot_be_is_refused_and_everything_typed_stays(nurse, birth, said):
    browser, _, _ = nurse
    page = newcomer(browser, birth=birth, name="Lò Thị <b>O'Hara</b>", address="Tổ 5")
    assert page.status_code == 400
    assert said in page.text
    assert "Lò Thị &lt;b&gt;O&#39;Hara&lt;/b&gt;" in page.text
    assert 'value="Tổ 5"' in page.text


def test_a_weight_nobody_has_is_refused_a_strange_one_asked_about_and_nothing_typed_is_lost(nurse):
    browser, _, _ = nurse
    address = begun(browser)
    refused = vitals(browser, address, weight="700", pulse="72")
    assert refused.status_code == 400
    assert "chỉ nhận từ" in refused.text
    assert 'name="pulse" inputmode="decimal" autocomplete="off" maxlength="8" value="72"' in refused.text
    asked = vitals(browser, address, weight="180", pulse="72")
    assert "có đúng không?" in asked.text
    assert 'name="confirmed" value="weight"' in asked.text
    assert vitals(browser, address, weight="180", pulse="72", confirmed="weight").status_code == 302
    assert "Cân nặng: 180 kg" in browser.get(address).text


def test_the_same_page_sent_twice_is_written_once(nurse, province):  # noqa: F811
    browser, _, _ = nurse
    address = begun(browser)
    page = browser.get(address).text
    told = {"act": "vitals", "number": re.search(r'name="number" value="(\d+)"', page)[1], "key": "same-key", "pulse": "72"}
    assert [browser.post(address, told).status_code for _ in range(2)] == [302, 302]
    assert province.execute("SELECT count(*) FROM resource WHERE rtype = 'Observation' AND doc->'code'->>'text' = 'Mạch'").fetchone() == (1,)


def test_a_page_drawn_before_somebody_else_wrote_says_who_and_keeps_what_was_typed(nurse, signed_in):  # noqa: F811
    browser, _, _ = nurse
    address = begun(browser)
    page = browser.get(address).text
    other, _ = signed_in("doctor")
    assert vitals(other, address, pulse="80").status_code == 302
    late = browser.post(address, {"act": "vitals", "number": re.search(r'name="number" value="(\d+)"', page)[1], "key": "k", "temperature": "38,5"})
    assert late.status_code == 409
    assert "Người doctor" in late.text
    assert 'value="38,5"' in late.text


def test_a_visit_of_another_facility_is_not_there(nurse, signed_in):  # noqa: F811
    browser, _, _ = nurse
    address = begun(browser)
    other, _ = signed_in("doctor", facility="11002")
    assert other.get(address).status_code == 404


def test_follow_up_on_one_screen_comes_back_to_the_list(nurse, province):  # noqa: F811
    browser, account, _ = nurse
    related(province, account)
    page = browser.get(f"/follow/{PERSON}/hypertension")
    assert page.status_code == 200
    assert "Tăng huyết áp" in page.text
    assert browser.get(f"/follow/{PERSON}/nothing").status_code == 404


def test_the_list_tells_of_nobody_more_than_who_age_and_commune(nurse):
    browser, _, _ = nurse
    begun(browser)
    page = browser.get("/desk").text
    assert "Vàng A Páo" in page
    for secret in ("011071009999", "Noong Bua", "01/02/1971"):
        assert secret not in page, secret


def test_a_search_by_name_shows_a_list_and_leaves_no_word_in_the_trail(nurse, province):  # noqa: F811
    browser, _, _ = nurse
    begun(browser)
    page = browser.post("/search", {"number": "vang pao"})
    assert page.status_code == 200
    assert "Vàng A Páo" in page.text
    assert "Khám mới" in page.text
    assert "vang pao" not in str(province.execute("SELECT a::text FROM audit_event a").fetchall())
    assert len(rows(province, audit.Tag.PERSON_FIND)) >= 1
    nobody = browser.post("/search", {"number": "khong co ai"})
    assert nobody.status_code == 404
    assert "Đăng ký người mới" in nobody.text


def test_what_each_page_costs_in_statements(nurse, province):  # noqa: F811
    browser, account, _ = nurse
    related(province, account)
    visit = begun(browser).removeprefix("/visit/")
    for path, most in QUERIES.items():
        address = path.format(person=PERSON, visit=visit)
        browser.get(address)
        with counted() as sent:
            assert browser.get(address).status_code == 200, address
        assert len(sent) <= most, (address, len(sent), sent)


def test_pages_and_files_are_packed_for_who_takes_it(nurse):
    browser, _, _ = nurse
    plain, packed = browser.get("/desk"), browser.get("/desk", headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Việc hôm nay" in gzip.decompress(packed.content).decode()
    assert len(packed.content) < len(plain.content) / 2
    assert "Accept-Encoding" in packed["Vary"]
    style = re.search(r'href="(/asset/style-[0-9a-f]+\.css)"', plain.text)[1]
    assert gzip.decompress(browser.get(style, headers={"accept-encoding": "gzip"}).content) == browser.get(style).content


def test_the_style_sheet_holds_nothing_that_no_page_uses():
    used = " ".join(path.read_text("utf-8") for path in [*WEB.rglob("*.html"), *WEB.rglob("*.py"), *WEB.glob("static/*.js")])
    sheet = (WEB / "static" / "style.css").read_text("utf-8") + (WEB / "static" / "form.css").read_text("utf-8")
    names = {name for selector in re.findall(r"([^{}]+)\{", sheet) for name in re.findall(r"\.([a-z][a-z0-9-]*)", selector)}
    made = {"k-v", "k-l", "k-m", "k-i", "k-p", "c-waiting", "c-overdue", "c-today", "c-result", "t-v"}  # put together by templates
    assert sorted(name for name in names - made if not re.search(rf"\b{re.escape(name)}\b", used)) == []


def test_a_nurse_measures_what_a_doctor_reads(nurse, province):  # noqa: F811
    browser, _, _ = nurse
    address = begun(browser)
    assert vitals(browser, address, systolic="152", diastolic="94").status_code == 302
    page = browser.get(address).text
    assert "Huyết áp: 152/94 mmHg" in page
    person = re.search(r"/record/([0-9a-f-]{36})", page)[1]
    record = browser.get(f"/record/{person}").text
    assert "152/94" in record
    assert care.doubts({"systolic": Decimal(152), "diastolic": Decimal(94)}) == []
    assert str(WHO) != person
    assert HERE in browser.get("/desk?facility=11001").text


def test_a_household_is_made_joined_left_and_taken_back_on_one_page(nurse):
    browser, _, home = nurse
    head = re.search(r"/record/([0-9a-f-]{36})", browser.get(begun(browser)).text)[1]
    other = newcomer(browser, name="Giàng Thị Mỷ", sex="female", birth="1975", citizen="011175003333")["Location"]
    wife = re.search(r"/record/([0-9a-f-]{36})", browser.get(other).text)[1]
    assert "Lập hộ gia đình" in browser.get(f"/person/{head}/household").text
    made = browser.post(f"/person/{head}/household", {"commune": home, "book": "HS-12"})["Location"]
    assert browser.get(f"/person/{head}/household")["Location"] == made
    assert "Giàng Thị Mỷ" in browser.post(made, {"act": "seek", "number": "giang my"}).text
    assert browser.post(made, {"act": "join", "person": wife, "relation": "spouse"}).status_code == 302
    page = browser.get(made).text
    assert "2 người" in page
    assert "Vợ, chồng" in page
    assert browser.post(made, {"act": "leave", "person": head}).status_code == 409, "a household is not left without a head"
    last = re.search(r'name="last" value="([0-9a-f-]{36})"', page)[1]
    assert browser.post(made, {"act": "undo", "last": last}).status_code == 302
    assert "1 người" in browser.get(made).text


def test_what_is_new_since_the_last_visit_at_the_own_facility(signed_in, province):  # noqa: F811
    hospital, account = signed_in("doctor", facility="11002")
    related(province, account)
    page = hospital.get(f"/record/{PERSON}/summary")
    assert page.status_code == 200
    assert "Mới kể từ lần khám" in page.text
    assert "<svg" in page.text.split('class="qr"')[1], "a QR for paper"
    stranger, _ = signed_in("doctor", facility="11002")
    assert stranger.get(f"/record/{PERSON}/summary").status_code == 403


def picked(browser, address, act, **values):
    page = browser.get(address).text
    return browser.post(
        address,
        {"act": act, "number": re.search(r'name="number" value="(\d+)"', page)[1], "key": f"{act}-{zlib.crc32(str(values).encode())}", **values},
    )


def test_a_prescription_takes_unit_and_strength_from_the_list_and_refuses_doses_nobody_takes(nurse):
    browser, _, _ = nurse
    address = begun(browser)
    dose = {"each": "1", "times": "2", "days": "7"}
    (tablet,) = terminology.find("drug", "amlodipin", on=clock.today(), limit=1)
    assert picked(browser, address, "prescription", pick=tablet.code, **dose).status_code == 302
    page = browser.get(address).text
    assert f"Amlodipin {tablet.properties['strength']}" in page
    person = re.search(r"/record/([0-9a-f-]{36})", page)[1]
    assert "Không có thuốc nào còn hạn dùng" in browser.get(f"/record/{person}").text, "a draft is nothing in hand"
    for wrong in ({"times": "2,5"}, {"days": "400"}, {"each": "0"}, {"each": "<b>"}, {"pick": "none"}):
        answer = picked(browser, address, "prescription", **{"pick": tablet.code, **dose, **wrong})
        assert answer.status_code == 400, wrong
        assert 'role="alert"' in answer.text, wrong


def test_a_diagnosis_is_chosen_from_the_list_and_taken_back(nurse):
    browser, _, _ = nurse
    address = begun(browser)
    assert 'value="I10"' in browser.get(f"{address}/find?list=icd10&q=I10").text
    assert browser.get(f"{address}/find?list=nothing&q=I10").status_code == 404
    for code in ("I10", "E11.9"):
        assert picked(browser, address, "diagnosis", pick=code).status_code == 302
    assert picked(browser, address, "diagnosis", drop="I10", why="ghi nhầm").status_code == 302
    page = browser.get(address).text.split('id="diagnosis"')[1].split("</form>")[0]
    assert 'name="drop" value="E11.9"' in page
    assert 'name="drop" value="I10"' not in page
    assert picked(browser, address, "diagnosis", pick="XX").status_code == 400


def test_a_result_is_entered_for_its_order_read_once_and_leaves_the_list_for_who_may_open_the_record(nurse, signed_in, province):  # noqa: F811
    browser, _, _ = nurse
    address = begun(browser)
    test = terminology.find("service", "glucose", on=clock.today(), limit=1)[0]
    assert picked(browser, address, "order", pick=test.code).status_code == 302
    request = re.search(r'<option value="([0-9a-f-]{36})"', browser.get(address).text.split('id="result"')[1])[1]
    assert picked(browser, address, "result", request=request, value="").status_code == 400
    assert picked(browser, address, "result", value="7,8").status_code == 400, "of no order and without a name"
    assert picked(browser, address, "result", request=request, value="7,8", unit="mmol/L").status_code == 302
    assert picked(browser, address, "result", request="", name="Test nhanh cúm", value="âm tính").status_code == 302
    page = browser.get(address).text.split('id="result"')[1].split("</form>")[0]
    for said in ("7,8 mmol/L", "Test nhanh cúm", "âm tính"):
        assert said in page, said
    assert request not in page, "an order that is answered asks for nothing more"
    known = province.execute("SELECT doc->>'status' FROM resource WHERE rtype = 'ServiceRequest'").fetchone()
    assert known == ("completed",)

    items = re.findall(r'name="item" value="([0-9a-f-]{36})"', browser.get("/desk").text)
    person = re.search(r"/record/([0-9a-f-]{36})", browser.get(address).text)[1]
    assert len(items) == 2
    stranger, _ = signed_in("doctor", facility="11002")
    assert stranger.post("/desk/result", {"person": person, "item": items[0]}).status_code == 302
    assert items[0] in browser.get("/desk").text, "another facility takes nothing from the list"
    opened = browser.post("/desk/result", {"person": person, "item": items[0]})
    assert opened["Location"] == f"/record/{person}#results"
    assert re.findall(r'name="item" value="([0-9a-f-]{36})"', browser.get("/desk").text) == items[1:]
    assert len(rows(province, audit.Tag.RESULT_READ)) == 1
    assert browser.get("/desk/result")["Location"] == "/desk"


def test_a_line_says_why_in_five_words_and_calls_only_for_who_may_read_the_number(nurse, signed_in):  # noqa: F811
    browser, _, _ = nurse
    assert newcomer(browser, phone="0912 345 697", reason="ho, sốt ba ngày nay, <b>mệt</b> nhiều").status_code == 302
    page = browser.get("/desk").text
    assert "ho, sốt ba ngày nay,…" in page
    assert "mệt" not in page
    assert '<a class="button quiet" href="tel:0912345697" aria-label="Gọi Vàng A Páo">' in page
    stranger, _ = signed_in("doctor", facility="11002")
    assert "0912345697" not in stranger.get("/desk").text


def test_the_record_says_how_many_live_together_only_to_the_station_of_the_commune(nurse, signed_in):  # noqa: F811
    browser, _, home = nurse
    address = begun(browser)
    head = re.search(r"/record/([0-9a-f-]{36})", browser.get(address).text)[1]
    assert "Hộ: " not in browser.get(f"/record/{head}").text
    other = newcomer(browser, name="Giàng Thị Mỷ", sex="female", birth="1975", citizen="011175003333")["Location"]
    wife = re.search(r"/record/([0-9a-f-]{36})", browser.get(other).text)[1]
    made = browser.post(f"/person/{head}/household", {"commune": home, "book": "HS-12"})["Location"]
    assert browser.post(made, {"act": "join", "person": wife, "relation": "spouse"}).status_code == 302
    assert "Hộ: 2 người" in browser.get(f"/record/{head}").text
    doctor, _ = signed_in("doctor")
    page = doctor.get(f"/record/{head}")
    assert page.status_code == 200
    assert "Hộ: " not in page.text


def test_a_referral_finds_its_facility_by_name_without_tones_and_keeps_the_reason(nurse, province):  # noqa: F811
    browser, _, _ = nurse
    _called(province, {"11001": "Trạm Y tế Noong Bua", "11002": "Bệnh viện Đa khoa tỉnh", "11003": "Bệnh viện Y học cổ truyền"})
    address = begun(browser)
    assert '<option value="11002">Bệnh viện Đa khoa tỉnh</option>' in browser.get(f"{address}/find?list=place&to=benh+vien+da").text
    assert "11001" not in browser.get(f"{address}/find?list=place&to=noong+bua").text, "nobody is referred to where they are"
    page = browser.post(address, {"act": "referral", "find": "place", "to": "benh vien", "reason": "Đau ngực"}).text
    assert 'name="pick" value="11002"' in page
    assert 'name="pick" value="11003"' in page
    assert 'value="Đau ngực"' in page
    assert picked(browser, address, "referral", to="benh vien", reason="Đau ngực").status_code == 400, "two fit: one is chosen"
    assert picked(browser, address, "referral", to="da khoa", reason="Đau ngực").status_code == 302
    assert picked(browser, address, "referral", to="", pick="11003", reason="Châm cứu").status_code == 302
    said = browser.get(address).text.split('id="referral"')[1].split("</form>")[0]
    for expected in ("Bệnh viện Đa khoa tỉnh · Đau ngực", "Bệnh viện Y học cổ truyền · Châm cứu"):
        assert expected in said, expected


def test_what_a_keyboard_composes_otherwise_is_kept_and_found_as_one_text(nurse, province):  # noqa: F811
    browser, _, _ = nurse
    parted = {key: unicodedata.normalize("NFD", text) for key, text in {"name": "Lường Thị Ín", "reason": "đau đầu", "address": "Tổ 5"}.items()}
    address = newcomer(browser, **parted)["Location"]
    page = browser.get(address)
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert "Lường Thị Ín" in page.text
    assert "đau đầu" in browser.get("/desk").text
    assert "Lường Thị Ín" in browser.post("/search", {"number": unicodedata.normalize("NFD", "lường ín")}).text
    kept = province.execute("SELECT doc::text FROM resource WHERE rtype IN ('Patient', 'Encounter')").fetchall()
    assert [text for (text,) in kept if not unicodedata.is_normalized("NFC", text)] == []


@pytest.mark.law("SKDT-R04")
def test_one_box_takes_number_card_and_qr_and_who_pays_alone_is_asked_for_the_number_too(nurse):
    browser, _, _ = nurse
    form = browser.get("/register").text
    assert 'name="number" type="text"' in form, "the personal number is asked of everybody, whoever pays"
    assert 'name="scan"' in form
    alone = newcomer(browser, citizen="", number="011071009999")["Location"]
    person = re.search(r"/record/([0-9a-f-]{36})", browser.get(alone).text)[1]
    insured = newcomer(browser, name="Giàng Thị Mỷ", sex="female", birth="1975", citizen="", card="HT2110123456789")["Location"]
    other = re.search(r"/record/([0-9a-f-]{36})", browser.get(insured).text)[1]
    for text, whom in (("0110 7100 9999", person), (CARD, person), ("HT2110123456789", other), ("0123456789", other)):
        assert browser.post("/search", {"number": text})["Location"] == f"/record/{whom}", text


def _called(conn, names):
    """Let facilities have these names, as an administrator completes them."""
    directory.ensure_many(conn, by=OPERATOR, seen_at=clock.now(), facilities=list(names))
    for code, name in names.items():
        directory.complete_facility(conn, by=OPERATOR, code=code, name=name)


def test_what_was_written_by_mistake_is_taken_back_with_a_reason_and_stays_in_the_history(nurse, province):  # noqa: F811
    browser, _, _ = nurse
    address = begun(browser)
    assert "take-back" not in browser.get(address).text, "nothing stands there yet"
    assert vitals(browser, address, pulse="72", temperature="38,5").status_code == 302
    (tablet,) = terminology.find("drug", "amlodipin", on=clock.today(), limit=1)
    assert picked(browser, address, "prescription", pick=tablet.code, each="1", times="2", days="7").status_code == 302
    assert "?at=take-back#take-back" in browser.get(address).text
    page = browser.get(f"{address}?at=take-back").text.split('id="take-back"')[1].split("</form>")[0]
    assert "Sinh hiệu</span> · Mạch · 72" in page
    wrong = re.search(r'name="ref" value="(Observation/[^"]+)"[^>]*> <span class="soft">Sinh hiệu</span> · Mạch', page)[1]
    drug = re.search(r'name="ref" value="(MedicationRequest/[^"]+)"', page)[1]
    unsaid = picked(browser, address, "take-back", ref=wrong)
    assert unsaid.status_code == 400
    assert f'value="{wrong}" checked' in unsaid.text, "what was ticked stays ticked"
    assert picked(browser, address, "take-back", reason="nhầm người").status_code == 400
    assert picked(browser, address, "take-back", ref=[wrong, drug], reason="nhầm người").status_code == 302
    after = browser.get(address).text
    assert "Mạch: 72" not in after
    assert "Nhiệt độ: 38,5" in after
    left, back = (one.split("</form>")[0] for one in browser.get(f"{address}?at=take-back").text.split('id="take-back"')[1].split('id="restore"'))
    assert left.count('name="ref"') == 1
    assert back.count('name="ref"') == 2
    assert "Mạch · 72" in back
    gone = province.execute("SELECT count(*) FROM resource_history WHERE id::text = %s", (wrong.partition("/")[2],)).fetchone()
    assert gone != (0,)
    assert picked(browser, address, "take-back", ref=wrong, reason="nhầm").status_code == 404
    assert picked(browser, address, "restore", ref=wrong).status_code == 400, "not without saying why"
    assert picked(browser, address, "restore", ref=wrong, reason="rút nhầm").status_code == 302
    assert "Mạch: 72" in browser.get(address).text
    assert picked(browser, address, "restore", ref=wrong, reason="lần nữa").status_code == 404
    assert browser.get(f"{address}?at=restore").text.split('id="restore"')[1].split("</form>")[0].count('name="ref"') == 1
