"""Every page in English: no Vietnamese word of ours is left, only data (names, places, catalogues) keeps its own language."""

import html
import os
import re
import unicodedata
from datetime import timedelta
from uuid import UUID

import pytest

from tests.matrix.test_pages import granted
from tests.web.test_stations import begun, newcomer, picked, vitals
from tests.web.test_views import HERE, PERSON, WHO, province, related, signed_in  # noqa: F401  # fixtures
from tools.document_rights import routes
from yba import directory, forms, terminology
from yba.kit import clock
from yba.operations.sample_record import sample_record
from yba.specs import access as specs
from yba.specs import care_desk

ROLES = ("station-nurse", "doctor", "system-administrator", "identity-officer")
MORE = ("facility-administrator", "privacy-officer", "record-clerk", "citizen")  # the long suite: what is theirs alone are few pages
LONG = bool(os.environ.get("YBA_LONG"))
OURS = {"Y bạ", "Tiếng Việt"}  # the brand, and the way to the other language
SHOWN = ("aria-label", "placeholder", "title", "alt")


def vietnamese(text):
    """Whether a text has a letter that only Vietnamese writes."""
    return any(letter in "đĐ" or len(unicodedata.normalize("NFD", letter)) > 1 for letter in unicodedata.normalize("NFC", text))


def strings(value):
    """Every text of a document."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


@pytest.fixture(scope="module")
def data():
    """What is written in the language of who wrote it: the made-up record, places, entries of catalogues."""
    today = clock.today()
    found = set(OURS)
    found.update(text for made in sample_record(120, last=today) for text in strings(made.doc))
    found.update(one.name for one in directory.communes_of("11", today))
    for list_ in ("icd10", "service", "drug", "ethnic", "occupation"):
        found.update(text for one in terminology.edition_on(list_, today).all() for text in (one.display, *strings(dict(one.properties))))
    found.update(text for one in (*care_desk.vitals().values(), *care_desk.panels().values(), care_desk.bmi()) for text in (one.vi, one.shown))
    return {text for text in found if vietnamese(text)}


def left(page, data):
    """The texts of a page that are Vietnamese and no data."""
    page = re.sub(r"(?s)<(script|style|svg)\b.*?</\1>|<!--.*?-->", " ", page)
    page = re.sub(r'(?s)<(\w+)[^>]* lang="vi"[^>]*>.*?</\1>', " ", page)
    texts = re.findall(r">([^<]+)<", page) + [text for name in SHOWN for text in re.findall(rf'\b{name}="([^"]*)"', page)]
    return sorted(
        {text for text in (unicodedata.normalize("NFC", html.unescape(one)).strip() for one in texts) if vietnamese(text) and rest(text, data)}
    )


def rest(text, data):
    """What of a text is neither data nor free of Vietnamese letters."""
    if text in data:
        return ""
    for known in sorted((one for one in data if len(one) > 2 and one in text), key=len, reverse=True):
        text = text.replace(known, " ")
    return text if vietnamese(text) else ""


def a_days_work(browser, home):
    """A visit with everything in it, one that is closed, a household; returns what addresses are filled with."""
    closed = begun(browser)
    assert vitals(browser, closed, pulse="72").status_code == 302
    with clock.frozen(clock.now() + timedelta(minutes=5)):  # a visit has lasted
        assert picked(browser, closed, "close").status_code == 302
    head = re.search(r"/record/([0-9a-f-]{36})", browser.get(closed).text)[1]
    visit = newcomer(browser, name="Giang Thi My", sex="female", birth="1975", citizen="011175003333", reason="ho, sot")["Location"]
    assert vitals(browser, visit, systolic="152", diastolic="94").status_code == 302
    test = terminology.find("service", "glucose", on=clock.today(), limit=1)[0]
    (tablet,) = terminology.find("drug", "amlodipin", on=clock.today(), limit=1)
    assert picked(browser, visit, "diagnosis", pick="I10").status_code == 302
    assert picked(browser, visit, "order", pick=test.code).status_code == 302
    assert picked(browser, visit, "prescription", pick=tablet.code, each="1", times="2", days="7").status_code == 302
    assert picked(browser, visit, "appointment", after="14").status_code == 302
    made = browser.post(f"/person/{head}/household", {"commune": home, "book": "HS-12"})["Location"]
    return {"id_": visit.split("/")[2], "household": made.split("/")[2], "head": head, "closed": closed}


def addresses(values, role):
    """Every page of ours that a role's GET opens, with what stands in its address."""
    for route in routes():
        if route.face != "web" or route.declaration is None or route.name in {"asset", "font"}:
            continue
        if not granted(role, {right.value for right in route.declaration.rights}):
            continue
        made = "/" + route.address
        for kind, name in re.findall(r"<(\w+):(\w+)>", route.address):
            made = made.replace(f"<{kind}:{name}>", str(values.get(name, values["number"] if kind == "int" else values["person"])))
        yield made


@pytest.mark.parametrize("role", [*ROLES, *(MORE if LONG else ())])
def test_no_page_in_english_says_a_vietnamese_word_of_ours(signed_in, province, data, role):  # noqa: F811
    home = directory.communes_of("11", clock.today())[0].code
    values = {"person": PERSON, "number": "1", "programme": "hypertension", "name": "ehr-831-visit", "code": "0"}
    nurse, _ = signed_in("station-nurse", area=home)
    work = a_days_work(nurse, home)
    citizen = {"person": WHO} if role == "citizen" else {}
    browser, account = signed_in(role, area=home if role == "station-nurse" else "", facility="" if citizen else HERE, **citizen)
    related(province, account)
    asked = (
        ("vitals", "ehr-831-personal", "ehr-831-history", "ehr-831-vaccination", "ehr-831-visit", "health-check-adult") if role == "doctor" else ()
    )
    pages = {browser.post(f"/record/{PERSON}/forms", {"form": forms.form(name).url})["Location"] for name in asked}
    pages |= {
        *addresses(values | work, role),
        work["closed"],
        f"/visit/{work['id_']}?at=take-back",
        f"/record/{work['head']}",
        f"/person/{work['head']}/household",
    }
    data = data | {f"Người {one}" for one in (*ROLES, *MORE)} | {"Nguyễn Thị Mai", "Vàng A Páo", "vào làm việc"}
    wrong, opened = {}, 0
    browser.get("/?lang=en")
    for address in sorted(pages | {"/trail", "/desk"}):
        answer = browser.get(address)
        if not answer["Content-Type"].startswith("text/html") or answer.status_code in {302, 405}:
            continue
        opened += answer.status_code == 200
        found = left(answer.text, data)
        if found:
            wrong[address] = found
    assert opened >= (4 if role == "citizen" else 6), opened
    assert len(wrong) == 0, "\n".join(f"{where}: {text}" for where, found in wrong.items() for text in found)
    assert specs.roles()[role].en
    assert UUID(PERSON) == WHO


def test_what_a_form_is_answered_with_is_english_too(signed_in, province, data):  # noqa: F811
    home = directory.communes_of("11", clock.today())[0].code
    browser, _ = signed_in("station-nurse", area=home)
    browser.get("/?lang=en")
    address = newcomer(browser, name="Vang A Pao")["Location"]
    data = data | {"Người station-nurse"}
    answers = [
        newcomer(browser, name="Vang A Pao", citizen="", birth="1971"), newcomer(browser, name="X Y", birth="32/01/1990", citizen=""),
        newcomer(browser, name="X Y", birth="01/01/2090", citizen=""), vitals(browser, address, weight="700"), vitals(browser, address, weight="180"),
        vitals(browser, address, pulse="x"), picked(browser, address, "diagnosis", pick="XX"), picked(browser, address, "result", value=""),
        picked(browser, address, "referral", to="nowhere", reason="x"), picked(browser, address, "appointment", on="01/01/2020"),
        picked(browser, address, "cancel"), browser.post("/search", {"number": "vang pao"}), browser.post("/search", {"number": "nobody at all"}),
        browser.get("/visit/" + PERSON), browser.get("/admin/accounts"), browser.get(f"/record/{PERSON}"),
        browser.post("/search", {"number": "012345678901|x|y"}),
    ]  # fmt: skip
    wrong = {place: found for place, answer in enumerate(answers) if (found := left(answer.text, data))}
    assert len(wrong) == 0, "\n".join(f"{where}: {text}" for where, found in wrong.items() for text in found)


@pytest.mark.parametrize("path", ["login/", "login/?kept=1&over=1", "recover/", "logout/"])
def test_signing_in_is_english_too(province, data, path):  # noqa: F811
    from django.test import Client  # noqa: PLC0415  # needs Django's apps

    browser = Client(headers={"host": "localhost"})
    answer = browser.get(f"/accounts/{path}{'&' if '?' in path else '?'}lang=en", follow=True)
    assert left(answer.text, data) == []
