"""What the page says, and what it must never do."""

import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from yba.kit import clock
from yba.operations.sample_record import PERSON, Made, patient, sample_record
from yba.record import as_text, words
from yba.record.page import build
from yba.specs import systems
from yba.web import record_html
from yba.web.render import environment
from yba.web.shell import hidden_token
from yba.web.words import catalogue

WEB = Path(__file__).parents[2] / "src" / "yba" / "web"
TODAY = date(2026, 11, 21)
NAMES = {"11001": "Trạm Y tế Mường Thanh", "11002": "Bệnh viện Đa khoa tỉnh"}


# What the shell gives every page, as a test without a server has it.
FRAME = {
    "lang": "vi", "other_lang": "en", "other_query": "?lang=en", "csrf": hidden_token("t"), "demo": False, "menu": [("/", "Trang chính")], "here": "/",
    "who": "Nguyễn An", "finds": True, "wrong": "", "given": {}, "done": "", "style": "style-0.css", "script": "keys-0.js", "htmx": "",
}  # fmt: skip


def page(facts, *, masked=False):
    return build(PERSON, facts, facilities=NAMES, masked=masked)


def visit(place, day, *, labels=(), code="I10", text="Tăng huyết áp"):
    ref = {"reference": f"Encounter/e{place}"}
    when = f"{day}T08:00:00+07:00"
    return [
        Made("Encounter", f"e{place}", {"class": {"code": "AMB"}, "period": {"start": when, "end": when}}, "11001", labels),
        Made("Condition", f"c{place}", {"code": {"coding": [{"code": code}], "text": text}, "recordedDate": when, "encounter": ref}, "11001", labels),
    ]


def dispense(day, days=None, name="Amlodipin 5 mg"):
    doc = {"medicationCodeableConcept": {"text": name}, "whenHandedOver": day}
    return Made("MedicationDispense", f"m{day}{name}", doc | ({"daysSupply": {"value": days, "unit": "d"}} if days else {}), "11001")


def observation(day, value, ident="GLU", **more):
    doc = {"code": {"coding": [{"code": ident}], "text": "Glucose"}, "effectiveDateTime": day, "valueQuantity": {"value": value, "unit": "mmol/L"}}
    return Made("Observation", f"o{day}{ident}", doc | more, "11001")


@pytest.fixture(autouse=True)
def today():
    with clock.frozen("2026-11-21T09:00"):
        yield


@given(st.text(alphabet=st.sampled_from("&<>\"' aễ\n\0;x"), max_size=12) | st.integers() | st.none())
def test_every_value_of_a_page_is_escaped_wherever_it_stands(value):
    source = '{% macro m(v) %}[{{ v }}]{% endmacro %}{{ v }}|<a title="{{ v }}">{{ m(v) }}{% for x in [v] %}{{ x }}{% endfor %}{{ own }}'
    told = environment("vi").from_string(source).render(v=value, own=Markup("<b>"))
    said = str(escape(value))
    assert told == f'{said}|<a title="{said}">[{said}]{said}<b>'


def test_a_text_of_another_type_is_escaped_too():
    class Named(str):  # a subclass may be anything
        __slots__ = ()

    assert environment("en").from_string("{{ v }}").render(v=Named("<script>")) == "&lt;script&gt;"


def test_not_recorded_is_not_none():
    for text in (as_text(page([patient()]), today=TODAY), record_html(page([patient()]))):
        assert "hưa ghi nhận" in text
        assert "hông có nghĩa là không có" in text
    allergic = [patient(), Made("AllergyIntolerance", "a", {"code": {"text": "penicillin"}}, "11001")]
    assert "penicillin" in record_html(page(allergic))
    assert "hông có nghĩa là không có" not in record_html(page(allergic))


def test_medicines_say_when_and_for_how_long():
    made = page([dispense("2026-11-10", 14), dispense("2026-10-01", 14), dispense("2026-11-01", None, "Vitamin C"), dispense("2026-01-01", 10, "Cũ")])
    by_name = {medicine.name: medicine for medicine in made.medicines}
    assert (by_name["Amlodipin 5 mg"].given_on, by_name["Amlodipin 5 mg"].ends_on, by_name["Amlodipin 5 mg"].times) == ("2026-11-10", "2026-11-23", 2)
    html = record_html(made)
    assert re.search(r"cấp ngày\s+10/11/2026\s+cho 14 ngày, <span class=\"on\">còn đến\s+23/11/2026", html)
    assert "không rõ số ngày" in html
    assert "hết 10/01/2026" in as_text(made, today=TODAY)


def test_a_prescription_and_its_dispense_are_one_medicine():
    request = Made("MedicationRequest", "r1", {"medicationCodeableConcept": {"text": "Amlodipin 5 mg"}, "authoredOn": "2026-11-10"}, "11001")
    given = dispense("2026-11-10", 14)
    given.doc["authorizingPrescription"] = [{"reference": "MedicationRequest/r1"}]
    for order in ([request, given], [given, request]):
        assert [(medicine.times, medicine.days) for medicine in page(order).medicines] == [(1, 14)]
    assert [medicine.days for medicine in page([request]).medicines] == [0]


def test_results_show_the_latest_value_its_course_and_the_laboratorys_own_range():
    made = page(
        [
            observation("2026-03-01", 9.0),
            observation("2026-11-01", 7.8, referenceRange=[{"low": {"value": 3.9}, "high": {"value": 6.4}}]),
            observation("2026-01-01", 5.0),
        ]
    )
    (result,) = made.results
    assert (result.value, result.when[:10], result.flag, result.times) == ("7,8", "2026-11-01", "high", 3)
    assert [point.value for point in result.points] == [5.0, 9.0, 7.8]
    html = record_html(made)
    assert html.count("<polyline") == 1, "the course is drawn once, though the value stands in two lists"
    assert 'aria-label="Glucose: 3 lần đo, từ 5 đến 7,8"' in html
    assert "cao ↑" in html
    assert page([observation("2026-01-01", 99.0)]).results[0].flag == "", "a range of ours is never made up"


def test_values_of_one_service_are_not_mixed_and_hospitals_names_meet_in_loinc():
    count = {"coding": [{"code": "22.0120"}]}
    made = page(
        [
            observation("2026-01-01", 5.0, "A", code=count | {"text": "WBC"}),
            observation("2026-01-01", 4.1, "B", code=count | {"text": "RBC"}),
            observation("2026-01-01", 6.0, "C", code={"text": "Glucose", "coding": [{"system": "http://loinc.org", "code": "14749-6"}]}),
            observation(
                "2026-02-01", 7.0, "D", code={"text": "Đường máu", "coding": [{"code": "23.0075"}, {"system": "http://loinc.org", "code": "14749-6"}]}
            ),
        ]
    )
    assert sorted((result.name, result.times) for result in made.results) == [("RBC", 1), ("WBC", 1), ("Đường máu", 2)]


def test_bare_codes_get_their_words_of_the_day():
    doc = {
        "class": {"code": "AMB"},
        "period": {"start": "2026-03-10T08:00:00+07:00"},
        "location": [{"location": {"display": "K01"}}],
        "extension": [{"url": "https://yba.vn/x/outcome", "valueCode": "2"}],
        "hospitalization": {"dischargeDisposition": {"coding": [{"system": systems.national("discharge-type"), "code": "1"}]}},
    }
    (shown,) = page([Made("Encounter", "e", doc, "11001")]).visits
    assert shown.department == "Khoa khám bệnh"
    assert shown.outcome == "Đỡ · Ra viện"
    nameless = Made("Condition", "c", {"code": {"coding": [{"system": systems.national("icd10"), "code": "I10"}]}}, "11001")
    assert "tăng huyết áp" in page([nameless]).problems[0].text.lower()


def test_visits_are_newest_first_and_the_data_says_its_reach():
    made = page([patient(), *visit(1, "2025-01-02"), *visit(2, "2026-05-06"), *visit(3, "2024-07-08")])
    assert [each.start[:4] for each in made.visits] == ["2026", "2025", "2024"]
    text = as_text(made, today=TODAY)
    assert "Từ 08/07/2024 đến 06/05/2026: 3 lần khám" in text
    assert "Trạm Y tế Mường Thanh (3)" in text
    assert made.problems[0].times == 3


def test_that_something_is_masked_is_said_once_and_nothing_more_of_it():
    facts = [patient(), *visit(1, "2026-01-02")]
    for write in (record_html, lambda made, **_: as_text(made, today=TODAY)):
        plain, masked = write(page(facts)), write(page(facts, masked=True))
        assert "được che" not in plain
        assert masked.count("được che") == 1
        assert abs(len(masked) - len(plain)) < 500, "one note, wherever the masked content stands"


HOSTILE = "<script>alert('x')</script>\" onload=\"x"


def test_nothing_that_was_sent_becomes_html_or_steers_a_terminal():
    facts = [
        patient(name=[{"text": HOSTILE}], address=[{"text": HOSTILE}], telecom=[{"system": "phone", "value": HOSTILE}]),
        *visit(1, "2026-01-02", code=HOSTILE, text=HOSTILE),
        dispense("2026-01-01", 5, HOSTILE),
        observation("2026-01-01", 5.0, code={"text": HOSTILE}),
        observation("2026-02-01", 6.0, code={"text": HOSTILE}),
        Made("Composition", "d", {"title": HOSTILE, "date": "2026-01-01"}, HOSTILE),
        Made("Flag", "f", {"code": {"text": HOSTILE}}, "11001"),
        Made("Observation", "v", {"code": {"text": HOSTILE}, "valueString": HOSTILE, "effectiveDateTime": HOSTILE}, "11001"),
    ]
    for fact in facts:
        if fact.rtype == "Observation":
            fact.doc["code"] = {"text": HOSTILE}
    html = record_html(page(facts), frame=FRAME | {"who": HOSTILE, "csrf": hidden_token(HOSTILE)})
    assert html.count("<script") == 1, "our own, by its address"
    assert '" onload="x' not in html
    assert html.count("&lt;script&gt;") > 8
    text = as_text(page([patient(name=[{"text": "A\x1b[31m\nB\x9b2J"}])]), today=TODAY)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def test_a_record_of_odd_and_empty_resources_never_fails():
    types = (
        "Patient",
        "AllergyIntolerance",
        "Flag",
        "Condition",
        "MedicationDispense",
        "MedicationRequest",
        "Observation",
        "Encounter",
        "Procedure",
        "DiagnosticReport",
        "Composition",
        "DocumentReference",
        "Coverage",
        "Immunization",
        "Claim",
    )
    made = page([Made(rtype, f"x{rtype}", {}) for rtype in types])
    assert "Chưa rõ tên" in record_html(made)
    assert as_text(made, today=TODAY)


@pytest.mark.parametrize(
    ("birth", "age"),
    [
        ("2026-11-10", (11, "day")),
        ("2025-09-15", (14, "month")),
        ("2024-11-22", (23, "month")),
        ("2024-11-21", (2, "year")),
        ("1959-03-12", (67, "year")),
        ("1959", (67, "year")),
        ("1959-12", (66, "year")),
        ("", None),
        ("2027-01-01", None),
        ("abcd", None),
        ("2026-02-31", None),
    ],
)
def test_ages_in_words_a_nurse_uses(birth, age):
    assert words.age(birth, TODAY) == age


def test_numbers_are_covered():
    assert words.covered("011159001234") == "0111 5900 ••••"
    assert words.covered("123") == "•••"
    assert words.covered_phone("0912345123") == "09•••••123"
    html = record_html(page([patient()]))
    assert "011159001234" not in html
    assert "0912345123" not in html


def test_a_long_record_keeps_every_visit_on_the_page():
    made = page(sample_record(1000, last=TODAY))
    html = record_html(made, frame=FRAME)
    assert html.count('class="visit k-v') == 30
    assert html.count('class="flat k-v') == len(made.visits) - 30
    assert html.count('class="flat k-p"') == len(made.papers)
    assert record_html(made, full=10**6).count('class="visit k-v') == len(made.visits)


def test_the_page_needs_no_script_and_loads_nothing_from_elsewhere():
    html = record_html(page(sample_record(300, last=TODAY)), frame=FRAME)
    assert re.findall(r"<script[^>]*>(.*?)</script>", html) == [""], "one script, ours, from a file; nothing needs it"
    assert "<style" not in html
    assert "javascript:" not in html
    assert "http" not in re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)
    assert " style=" not in html


def test_every_text_has_its_english_and_the_compiled_texts_are_of_today():
    sources = [*WEB.glob("templates/yba/**/*.html"), *(path for part in (".", "pages", "edge", "charts") for path in WEB.glob(f"{part}/*.py"))]
    used = {text for path in sources for text in re.findall(r'_n?\("([^"]+)"', path.read_text("utf-8"))}
    with (WEB / "locale/en/LC_MESSAGES/web.po").open("rb") as file:
        told = {message.id: message.string for message in read_po(file) if message.id}
    assert used == told.keys()
    assert all(told.values())
    english = catalogue("en")
    assert {text: english.gettext(text) for text in used} == told, "run tools/build_texts.py"
    for text, translation in told.items():
        assert set(re.findall(r"%\(\w+\)s", text)) == set(re.findall(r"%\(\w+\)s", translation))


def test_english_pages_are_english():
    html = record_html(page([patient(), *visit(1, "2026-01-02")]), lang="en")
    assert '<html lang="en">' in html
    assert "67 years old (12/03/1959)" in html
    assert "This does not mean none" in html
