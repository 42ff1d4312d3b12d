"""The structural check: official examples pass, and each kind of mistake is named."""

import copy
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from yba.fhir import errors

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "fhir-tests" / "r4-examples"

ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
    "subject": {"reference": "Patient/p1"},
    "period": {"start": "2026-03-12T10:30:00+07:00", "_end": {"extension": [{"url": "http://x", "valueCode": "unknown"}]}},
    "diagnosis": [{"condition": {"reference": "Condition/c1"}, "rank": 1}],
    "extension": [{"url": "http://amount", "valueMoney": {"value": 6300.5, "currency": "VND"}}],
    "contained": [{"resourceType": "Location", "id": "l1", "name": "Ward"}],
}


def test_a_right_one_has_no_errors():
    assert errors(ENCOUNTER) == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["status"], None, "Encounter.status: at least 1 needed"),
        (["status"], "done", "Encounter.status: the code is not in the required set"),
        (["status"], 7, "expected text (code), found a number"),
        (["class"], [], "Encounter.class: expected one value, found an array"),
        (["class"], {}, "Encounter.class: an object is never empty"),
        (["type"], {"text": "x"}, "Encounter.type: expected an array"),
        (["type"], [], "Encounter.type: an array is never empty"),
        (["colour"], "red", "Encounter.colour: unknown element"),
        (["_class"], {}, "Encounter._class: unknown element"),
        (["period", "start"], "12/03/2026", "Encounter.period.start: it is no dateTime"),
        (["period", "start"], "2026-03-12T10:30:00", "is no dateTime"),
        (["period", "start"], "", "Encounter.period.start: a value is never empty"),
        (["subject", "reference"], "Medication/m1", "refers to Medication, allowed Group, Patient"),
        (["subject", "reference"], "p1", "Encounter.subject.reference: it is no Type/id"),
        (["subject", "reference"], "Patient/1/2/3", "Encounter.subject.reference: it is no Type/id"),
        (["diagnosis", 0, "rank"], 0, "Encounter.diagnosis[0].rank: it is no positiveInt"),
        (["diagnosis", 0, "rank"], 1.5, "rank: it is no positiveInt"),
        (["diagnosis", 0, "rank"], True, "expected a number (positiveInt), found true or false"),
        (["diagnosis", 0, "condition"], None, "Encounter.diagnosis[0].condition: at least 1 needed"),
        (["extension", 0, "valueString"], "two", "Encounter.extension[0].value: only one of valueMoney, valueString"),
        (["extension", 0, "valueMoney", "value"], "6300.5", "expected a number (decimal), found text"),
        (["contained", 0, "status"], "gone", "Encounter.contained[0].status: the code is not in the required set"),
        (["contained", 0, "resourceType"], "Nonsense", "Encounter.contained[0]: unknown resourceType"),
        (["id"], "a b", "Encounter.id: it is no id"),
        (["language"], " vi", "Encounter.language: it is no code"),
    ],
)
def test_names_the_mistake(path, value, said):
    doc = copy.deepcopy(ENCOUNTER)
    place = doc
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    assert any(said in error for error in errors(doc)), errors(doc)


def test_no_message_holds_a_value():
    """Codes, dates, references and names of elements are sent by mistake with people in them: none is said again."""
    wrong = {"status": "BIMAT", "period": {"start": "BIMAT"}, "subject": {"reference": "BIMAT"}, "BIMAT Nguyễn Văn An": 1, "language": " BIMAT"}
    wrong |= {"contained": [{"resourceType": "BIMAT"}], "diagnosis": [{"rank": "BIMAT"}], "class": {"code": "BIMAT", "system": 7}}
    found = errors({**ENCOUNTER, **wrong})
    assert len(found) >= len(wrong)
    assert "BIMAT" not in "".join(found)


def test_of_very_many_mistakes_the_first_are_told_and_that_there_are_more():
    for wrong in ({f"unknown{n}": 1 for n in range(5_000)}, {"name": [{"colour": n} for n in range(5_000)]}, {"name": [{}] * 5_000}):
        found = errors({"resourceType": "Patient", **wrong})
        assert len(found) < 210
        assert found[-1] == "there is more; not all of it is told"


def test_required_codes_of_concepts_need_their_system():
    doc = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}, "clinicalStatus": {"coding": [{"system": "x", "code": "active"}]}}
    assert "is not in the required set" in errors(doc)[0]
    doc["clinicalStatus"]["coding"][0]["system"] = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    assert errors(doc) == []


def test_decimals_that_keep_their_text():
    for value in (Decimal("6300.000"), orjson.Fragment(b"6300.000")):
        doc = copy.deepcopy(ENCOUNTER)
        doc["extension"][0]["valueMoney"]["value"] = value
        assert errors(doc) == []
    doc["extension"][0]["valueMoney"]["value"] = orjson.Fragment(b"06.1")
    assert "is no decimal" in errors(doc)[0]


def test_gaps_beside_extended_primitives():
    doc = {"resourceType": "Patient", "name": [{"given": ["A", None], "_given": [None, {"extension": [{"url": "u", "valueBoolean": True}]}]}]}
    assert errors(doc) == []


def test_not_a_resource():
    assert errors([]) == ["a resource is an object"]
    assert errors({}) == ["resource: unknown resourceType"]


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="official R4 examples are not beside this repository")
def test_official_examples_pass():
    files = sorted(EXAMPLES.glob("*.json"))
    wrong = {file.name: found for file in files if (found := errors(orjson.loads(file.read_bytes())))}
    assert len(files) > 50
    assert not wrong
