"""Rows of the record laid into repeating groups: what was written comes back as it was said, and is written once, whatever becomes of the rows."""

from __future__ import annotations

import pytest

from tests.forms.test_drafts import doctor, opened, person  # noqa: F401  # a fixture
from tests.record.rest_world import HERE, patient, save
from yba import forms, record
from yba.forms.model import Found
from yba.kit.db import unit_of_work

HISTORY, VACCINES, PERSONAL = (forms.form(f"ehr-831-{name}") for name in ("history", "vaccination", "personal"))
PILLS, FOOD, FAMILY, DOSES, KIN = "B3.DIUNG.LOAI=1", "B3.DIUNG.LOAI=3", "B6.BENHTAT", "C.THONGTINMUITIEM", "A.QH"
SAID = {
    HISTORY.name: {
        (PILLS, 0): {"TEN": "Penicillin", "MOTA": "Nổi mề đay"}, (PILLS, 1): {"MASO": "40.154", "TEN": "Amoxicilin"}, (FOOD, 0): {"TEN": "Tôm"},
        (FAMILY, 0): {"LOAIBENH": "2", "TEN": "Tăng huyết áp", "NGUOIMAC": "Bố"}, ("B6.DIUNG", 0): {"LOAI": "1", "TEN": "Aspirin", "NGUOIMAC": "Mẹ"},
    },
    VACCINES.name: {
        (DOSES, 0): {"TENVACXIN": "BCG", "MAVACXIN": "BCG", "TRANGTHAI": "1", "NGAYTIEM": "02/03/2021", "THUTUMUI": "1"},
        (DOSES, 1): {"TENVACXIN": "Sởi", "TRANGTHAI": "1", "NGAYTIEM": "12/2021", "PHANUNGSAUTIEM": "Sốt nhẹ"},
    },
    PERSONAL.name: {
        (KIN, 0): {"LOAI_QUANHE": "Mẹ", "TEN_QUANHE": "mẹ ruột", "HOTEN": "Lò Thị Pành", "DIDONG": "0912345678", "GIAMHO": "true"},
        (KIN, 1): {"LOAI_QUANHE": "Cha", "HOTEN": "Lò Văn Xôm", "MADINHDANH": "011070001234", "DIENTHOAI": "02153123456"},
    },
}  # fmt: skip


def cell(group, name):
    return f"C.MUI.{name}" if group == DOSES else f"{group}.{name}"


def posted(form, rows):
    """Rows as a browser sends them, with what the form asks of everybody."""
    told = {f"a:{cell(group, name)}~{row}": [text] for (group, row), cells in rows.items() for name, text in cells.items()}
    return forms.answers(form, told | ({"a:A.HOTEN": ["Hồ Thị Mai"]} if form is PERSONAL else {}))


def rows_of(form, answers):
    """What stands in the rows of groups that are filled from the record, in any order."""
    found = {}
    for (link_id, at), texts in answers.texts.items():
        for group in form.items[link_id].above:
            if form.items[group].population:
                found.setdefault((group, at[0]), {})[link_id] = texts
    return sorted(str((group, sorted(cells.items()))) for (group, _), cells in found.items())


def finished(person, form, answers):  # noqa: F811
    """Finish a draft of the form; how many resources beside the response it left, and what stood in the draft when it was opened."""
    draft = opened(person, doctor(), form)
    with unit_of_work(by=doctor()) as conn:
        given = draft.answers if answers is None else answers(draft.answers) if callable(answers) else answers
        done = forms.finish(conn, by=doctor(), draft=draft.id, answers=given, number=draft.number)
        assert done.done, done.problems
        stored, again = forms.response_of(conn, by=doctor(), id=done.response)
    assert rows_of(stored, again) == rows_of(form, given), "the answers say all of it, new or known"
    return [one.rtype for one in done.resources if one.rtype != "QuestionnaireResponse"], draft.answers


@pytest.mark.parametrize("form", [HISTORY, VACCINES, PERSONAL], ids=lambda one: one.name)
def test_what_was_written_is_laid_into_rows_and_not_written_again(person, form):  # noqa: F811
    said = SAID[form.name]
    first, empty = finished(person, form, posted(form, said))
    assert rows_of(form, empty) == []
    assert len(first) >= len(said)
    again, laid = finished(person, form, None)
    assert rows_of(form, laid) == rows_of(form, posted(form, said)), "each row as it was said"
    assert again == [], "nothing is new"


def test_a_row_that_was_taken_out_or_typed_by_hand_is_known_and_one_that_was_changed_is_not(person):  # noqa: F811
    finished(person, HISTORY, posted(HISTORY, SAID[HISTORY.name]))
    assert finished(person, HISTORY, lambda laid: forms.drop_row(HISTORY, laid, PILLS, 0))[0] == [], "the others moved up"
    assert finished(person, HISTORY, posted(HISTORY, {(FOOD, 0): {"TEN": "Cua"}, (FOOD, 1): {"TEN": "Tôm"}}))[0] == ["AllergyIntolerance"]
    assert finished(person, HISTORY, posted(HISTORY, {(PILLS, 0): {"TEN": "Penicillin", "MOTA": "Sốc phản vệ"}}))[0] == ["AllergyIntolerance"]
    assert finished(person, HISTORY, posted(HISTORY, {(FOOD, 0): {"TEN": "Tôm"}, (FOOD, 1): {"TEN": "Tôm"}}))[0] == ["AllergyIntolerance"], (
        "said twice"
    )


def test_what_is_known_stands_beside_its_row_while_the_row_says_it(person):  # noqa: F811
    finished(person, HISTORY, posted(HISTORY, SAID[HISTORY.name]))
    draft = opened(person, doctor(), HISTORY)
    with unit_of_work(by=doctor()) as conn:
        found = forms.prefill(conn, by=doctor(), form=HISTORY, person_id=person[0])
    assert all(one.on and one.facility == HERE and one.filled for one in found if one.rows)
    moved = forms.drop_row(HISTORY, draft.answers, PILLS, 0)
    lines = {one.at: one for one in forms.view(HISTORY, moved, found=found).walk()}
    assert lines[f"{PILLS}.TEN~0"].before.ref.startswith("AllergyIntolerance/")
    assert lines[f"{PILLS}.TEN~0"].texts[0] == lines[f"{PILLS}.TEN~0"].before.text
    changed = forms.view(HISTORY, posted(HISTORY, {(PILLS, 0): {"TEN": "Penicilin"}}), found=found)
    assert next(one for one in changed.walk() if one.at == f"{PILLS}.TEN~0").before is None


def test_what_no_longer_stands_is_neither_laid_nor_known(person):  # noqa: F811
    finished(person, HISTORY, posted(HISTORY, {(PILLS, 0): {"TEN": "Penicillin"}}))
    begun = opened(person, doctor(), HISTORY)
    with unit_of_work(by=doctor()) as conn:
        (old,) = [one for one in record.of_person(conn, by=doctor(), person_id=person[0]) if one.rtype == "AllergyIntolerance"]
        code = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "code": "refuted"}]}
        doc = {key: value for key, value in old.exact.items() if key not in ("meta", "clinicalStatus")} | {"verificationStatus": code}
        record.save(conn, by=doctor(), writes=[record.Write("AllergyIntolerance", old.id, doc, facility=HERE)], reason="bác bỏ")
        done = forms.finish(conn, by=doctor(), draft=begun.id, answers=begun.answers, number=begun.number)
    assert [one.rtype for one in done.resources] == ["QuestionnaireResponse", "AllergyIntolerance"], "the row says what the record does not any more"


def test_what_two_sources_say_alike_fills_one_row(person):  # noqa: F811
    doc = {"resourceType": "AllergyIntolerance", "category": ["food"], "code": {"text": "Tôm"}, "patient": {"reference": f"Patient/{person[1]}"}}
    with unit_of_work(by=doctor()) as conn:
        record.save(conn, by=doctor(), writes=[record.Write("AllergyIntolerance", None, doc, facility=HERE) for _ in range(2)])
    laid = opened(person, doctor(), HISTORY).answers
    assert rows_of(HISTORY, laid) == rows_of(HISTORY, posted(HISTORY, {(FOOD, 0): {"TEN": "Tôm"}}))


def test_nobodys_rows_but_the_persons(person):  # noqa: F811
    other = save(patient("BN-2", "001188777666", name="Vàng Thị Sua", birthDate="1988-03-04", gender="female"))[0]
    assert other.person_id != person[0]
    doc = {"resourceType": "AllergyIntolerance", "category": ["food"], "code": {"text": "Cua"}, "patient": {"reference": f"Patient/{other.id}"}}
    save(doc)
    assert rows_of(HISTORY, opened(person, doctor(), HISTORY).answers) == []


def test_a_group_that_cannot_be_filled_is_refused_when_the_form_is_read():
    url = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-itemPopulationContext"
    told = [{"url": url, "valueExpression": {"name": "row", "language": "text/fhirpath", "expression": "%allergies"}}]
    inner = {"linkId": "g", "type": "group", "extension": told, "item": [{"linkId": "q", "type": "string"}]}
    doc = {"resourceType": "Questionnaire", "url": "https://yba.vn/Questionnaire/x", "version": "1"}
    outer = {"linkId": "o", "type": "group", "repeats": True, "item": [inner | {"repeats": True}]}
    for item in (inner, outer):
        with pytest.raises(forms.BadForm):
            forms.compiled(doc | {"item": [item]})
    assert forms.compiled(doc | {"item": [inner | {"repeats": True}]}).items["g"].population == ("row", "%allergies")


def test_a_found_without_rows_is_as_before():
    assert Found("weight", None, "", "", "", filled=False).rows == ()
