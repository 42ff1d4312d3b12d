"""QĐ 831 as forms: every item of the table has a question or a reason, answers survive XML and FHIR, and what is extracted is valid."""

import csv
import tomllib
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yba import forms, terminology
from yba.fhir import errors
from yba.forms.extracting import resources
from yba.forms.model import Draft
from yba.kit import Actor, clock
from yba.kit.errors import Invalid

SPECS = Path(forms.__file__).parents[1] / "specs" / "forms"
NAMES = ("personal", "history", "vaccination", "visit")
FORMS = [forms.form(f"ehr-831-{name}") for name in NAMES]
ITEMS = {link_id: item for form in FORMS for link_id, item in form.items.items()}
ROWS = list(csv.DictReader((SPECS / "ehr-831.csv").read_text("utf-8").splitlines()))
REASONS = tomllib.loads((SPECS / "ehr-831.toml").read_text("utf-8"))


def test_every_item_of_the_decision_has_a_question_or_a_written_reason():
    assert len(ROWS) == 211
    missing = [row["item_code"] for row in ROWS if row["item_code"] not in ITEMS and row["item_code"] not in REASONS["no_question"]]
    assert not missing
    needless = [code for code in REASONS["no_question"] if code in ITEMS]
    assert not needless


def test_an_item_is_asked_as_the_table_says():
    kinds = {
        "text": {"string", "text", "choice", "open-choice"},
        "number": {"decimal", "integer"},
        "date": {"date"},
        "bool": {"boolean", "group"},
        "code": {"choice", "open-choice", "string"},
        "group": {"group"},
    }
    for row in ROWS:
        item = ITEMS.get(row["item_code"])
        if item is not None and not row["item_code"].startswith("B4.KHUYETTAT.LOAI"):
            assert item.type in kinds[row["datatype"]], row["item_code"]
            assert item.vi


def test_every_question_is_extracted_or_says_why_not():
    """An answer goes into a resource by its code, or by its definition inside a context; the rest is listed with its reason."""
    inside = {one.link_id for item in ITEMS.values() if item.context for one in item.walk()}
    kept = {
        row["item_code"] for row in ROWS
        if (item := ITEMS.get(row["item_code"])) is not None and item.is_question
        and not (item.extract or item.context or (item.definition and item.link_id in inside))
    }  # fmt: skip
    assert kept == set(REASONS["kept_in_the_form"])


def test_lists_are_held_here():
    known = {one.id for one in terminology.all_lists()}
    for item in ITEMS.values():
        if item.value_set:
            assert item.value_set.rpartition("/")[2] in known, item.link_id


def told(item, draw):
    """A text a person might type."""
    if item.options:
        return draw(st.sampled_from(item.options)).key
    match item.type:
        case "boolean":
            return draw(st.sampled_from(["true", "false"]))
        case "decimal":
            return draw(st.sampled_from(["36,7", "60", "0,5"]))
        case "integer":
            return str(draw(st.integers(1, 20)))
        case "date":
            return draw(st.sampled_from(["01/02/2020", "2019", "03/2018"]))
        case "choice":
            return {"icd10": "I10", "province": "11", "ethnic": "01", "country": "VN", "commune": "03127"}.get(item.value_set.rpartition("/")[2], "")
        case "string" | "text" | "open-choice":
            text = draw(st.sampled_from(["Nguyễn Văn O'Brien", "<b>&amp;\"' ]]>", "không rõ", "dòng một\ndòng hai", "001059012345"]))
            return text if item.type == "text" else text.replace("\n", " ")
    return ""


@st.composite
def filled(draw, form):
    """A form with some questions answered, in one or two rows of what repeats."""
    fields = {}
    questions = [item for item in form.items.values() if item.is_question and not item.calculated]
    for item in draw(st.lists(st.sampled_from(questions), max_size=25, unique_by=lambda one: one.link_id)):
        rows = tuple(draw(st.integers(0, 1)) if number == len(item.above) - 1 else 0 for number in range(len(item.above)))
        text = told(item, draw)
        if text:
            fields["a:" + forms.name_of((item.link_id, rows))] = [text]
    return forms.answers(form, fields)


def compact(form, answers):
    """Answers without empty rows: an XML message and a stored form hold none."""
    return forms.read(form, forms.settle(form, answers).doc)


@pytest.mark.parametrize("form", FORMS, ids=NAMES)
@settings(max_examples=40)
@given(data=st.data())
def test_answers_survive_the_decisions_xml(form, data):
    answers = data.draw(filled(form))
    xml = forms.to_xml([(form, answers)], header={"SENDER_CODE": "11001", "TRANSACTION_ID": "t-1"})
    back = forms.from_xml(xml, FORMS)
    assert back.unknown == ()
    assert back.header["SENDER_CODE"] == "11001"
    assert forms.to_xml([(form, back.answers[form.url])], header=back.header) == xml
    assert {at[0]: value for at, value in back.answers[form.url].values.items()}.keys() == {at[0] for at in answers.values}


@pytest.mark.parametrize("form", FORMS, ids=NAMES)
@settings(max_examples=40)
@given(data=st.data())
def test_answers_survive_being_stored_and_what_is_extracted_is_valid(form, data):
    answers = data.draw(filled(form))
    settled = forms.settle(form, answers)
    once = compact(form, answers)
    assert compact(form, once) == once
    draft = Draft(UUID(int=1), form, UUID(int=2), "11001", None, "p-1", "e-1", 1, "open", "x", "x", clock.now(), answers)
    made = resources(settled, draft=draft, by=Actor.operator(), at=clock.now())
    assert not [error for doc in made.documents for error in errors(doc)]
    assert [doc["id"] for doc in resources(settled, draft=draft, by=Actor.operator(), at=clock.now()).documents] == [
        doc["id"] for doc in made.documents
    ]
    left = {one.link_id for one in made.problems}
    assert all(one.rule == "not-extracted" for one in made.problems)
    assert left <= {
        "A.QH",
        "B6.DIUNG",
        "B6.BENHTAT",
        "C.THONGTINMUITIEM",
        "D4.CANLAMSANG",
        "D5.CHANDOANBENH",
        *(code for code in ITEMS if code.startswith(("C1.", "C2.", "C3."))),
    }, left


def test_a_woman_is_asked_about_pregnancies_and_a_man_is_not():
    form = FORMS[1]
    answers = forms.answers(form, {"a:B7.SOLAN_COTHAI": ["2"]})
    asked = {
        sex: forms.settle(form, answers, patient={"resourceType": "Patient", "gender": sex}).values.get(("B7.SOLAN_COTHAI", ()))
        for sex in ("male", "female")
    }
    shown = {
        sex: forms.settle(form, answers, patient={"resourceType": "Patient", "gender": sex}).is_shown("B7.SOLAN_COTHAI", ())
        for sex in ("male", "female")
    }
    assert shown == {"male": False, "female": True}
    assert asked["female"]


def test_a_strange_message_is_refused_in_words():
    for data in (b"", b"<a/>", b"<!DOCTYPE a [<!ENTITY x 'y'>]><MESSAGE><BODY>&x;</BODY></MESSAGE>", b"<MESSAGE><BODY>"):
        with pytest.raises(Invalid):
            forms.from_xml(data, FORMS)
    back = forms.from_xml(b"<MESSAGE><BODY><HANH_CHINH><HOTEN>A</HOTEN><LA>1</LA></HANH_CHINH></BODY></MESSAGE>", FORMS)
    assert back.unknown == ("/MESSAGE/BODY/HANH_CHINH/LA",)
    assert back.answers[FORMS[0].url].get("A.HOTEN")[0].data == "A"


def test_a_form_is_in_force_from_its_day_on():
    assert forms.in_force(FORMS[0], date(2026, 11, 22))
    assert not forms.in_force(FORMS[0], date(2017, 1, 1))
