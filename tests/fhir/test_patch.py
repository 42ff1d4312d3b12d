"""JSON Patch and FHIRPath Patch: the official cases, what they leave open, limits, and the old document untouched."""

import copy
import json
from pathlib import Path

import pytest
from lxml import etree

from yba.fhir.patch import MOST, fhirpath_patch, json_patch
from yba.fhir.xml import from_xml
from yba.kit import Invalid

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "fhir-tests" / "patch"
HERE = FOLDER.is_dir()
WHY = "the official patch cases are not beside this repository"


def json_cases():
    return [pytest.param(one, id=one["comment"]) for one in json.loads((FOLDER / "json-patch-tests.json").read_text())] if HERE else []


def fhirpath_cases():
    if not HERE:
        return []
    tree = etree.parse(str(FOLDER / "fhir-patch-tests.xml"), etree.XMLParser(remove_comments=True))
    return [pytest.param(one, id=one.get("name")) for one in tree.iter("case")]


def resource(case, name):
    (found,) = list(case.find(name))
    return from_xml(etree.tostring(found)) if len(found) else {"resourceType": etree.QName(found).localname}


@pytest.mark.skipif(not HERE, reason=WHY)
@pytest.mark.parametrize("case", json_cases())
def test_official_json_patch(case):
    before = copy.deepcopy(case["doc"])
    if "error" in case:
        with pytest.raises(Invalid, match=r"operation \d"):
            json_patch(case["doc"], case["patch"])
    else:
        assert json_patch(case["doc"], case["patch"]) == case["expected"]
    assert case["doc"] == before


@pytest.mark.skipif(not HERE, reason=WHY)
@pytest.mark.parametrize("case", fhirpath_cases())
def test_official_fhirpath_patch(case):
    doc, parameters = resource(case, "input"), resource(case, "diff")
    before = copy.deepcopy((doc, parameters))
    if case.find("error") is not None:
        with pytest.raises(Invalid, match="operation 0"):
            fhirpath_patch(doc, parameters)
    else:
        made, wanted = fhirpath_patch(doc, parameters), resource(case, "output")
        for one in (made, wanted):  # the file indents narratives as it indents everything else
            if "text" in one:
                one["text"]["div"] = "".join(one["text"]["div"].split())
        assert made == wanted
    assert (doc, parameters) == before


def operation(kind, path, **parts):
    made = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}]
    made += [{"name": name, **value} for name, value in parts.items()]
    return {"name": "operation", "part": made}


def patched(doc, *operations):
    return fhirpath_patch(doc, {"resourceType": "Parameters", "parameter": list(operations)})


PATIENT = {
    "resourceType": "Patient",
    "name": [{"given": ["A", "B"], "_given": [None, {"extension": [{"url": "u", "valueString": "x"}]}]}],
    "birthDate": "1990",
    "deceasedBoolean": False,
}


def test_a_choice_follows_the_type_of_the_value():
    made = patched(PATIENT, operation("replace", "Patient.deceased", value={"valueDateTime": "2020-01-01"}))
    assert made["deceasedDateTime"] == "2020-01-01"
    assert "deceasedBoolean" not in made


def test_primitives_keep_their_extensions_beside_them():
    made = patched(PATIENT, operation("delete", "Patient.name[0].given[0]"))
    assert made["name"] == [{"given": ["B"], "_given": [{"extension": [{"url": "u", "valueString": "x"}]}]}]
    made = patched(PATIENT, operation("move", "Patient.name[0].given", source={"valueInteger": 0}, destination={"valueInteger": 1}))
    assert made["name"][0]["given"] == ["B", "A"]
    assert made["name"][0]["_given"][0] is not None
    made = patched(PATIENT, operation("delete", "Patient.name[0].given[1].extension"))
    assert made["name"] == [{"given": ["A", "B"]}]
    parts = [{"name": "url", "valueUri": "u"}, {"name": "value", "valueCode": "c"}]  # Parameters cannot hold an Extension as a value
    made = patched(PATIENT, operation("add", "Patient.birthDate", name={"valueString": "extension"}, value={"part": parts}))
    assert made["_birthDate"] == {"extension": [{"url": "u", "valueCode": "c"}]}


def test_what_is_not_there_is_deleted():
    assert patched(PATIENT, operation("delete", "Patient.gender")) == PATIENT


def test_deleting_all_leaves_no_empty_things():
    doc = {"resourceType": "Patient", "contact": [{"name": {"text": "x"}}]}
    assert patched(doc, operation("delete", "Patient.contact.name.text")) == {"resourceType": "Patient"}


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (operation("add", "Patient", name={"valueString": "colour"}, value={"valueString": "red"}), "Patient has no colour"),
        (operation("add", "Patient", name={"valueString": "birthDate"}, value={"valueDate": "2000"}), "is there already"),
        (operation("add", "Patient", name={"valueString": "gender"}, value={"valuePeriod": {"start": "2000"}}), "takes code, found Period"),
        (operation("add", "Patient", name={"valueString": "active"}, value={"valueString": "yes"}), "takes boolean, found string"),
        (operation("replace", "Patient", value={"valueString": "x"}), "does not replace the resource"),
        (operation("delete", "Patient"), "does not delete the resource"),
        (operation("delete", "Patient.name.given"), "one element, found 2"),
        (operation("insert", "Patient.name", index={"valueInteger": 7}, value={"valueHumanName": {"text": "x"}}), "outside 0..1"),
        (operation("insert", "Patient.birthDate", index={"valueInteger": 0}, value={"valueDate": "2000"}), "not one list"),
        (operation("move", "Patient.name", source={"valueInteger": 0}, destination={"valueInteger": 5}), "within 0..0"),
        (operation("replace", "Patient.colour", value={"valueString": "x"}), "Patient has no colour"),
        (operation("replace", "Patient.name.", value={"valueString": "x"}), "character"),
        (operation("replace", "Patient.birthDate"), "value is missing"),
        (operation("turn", "Patient.birthDate"), "unknown type 'turn'"),
        ({"name": "op"}, "named operation"),
        ({"name": "operation", "part": [{"name": ["type"]}]}, "part[0].name"),
        ({"name": "operation", "part": {}}, "expected an array"),
        (5, "expected an object"),
    ],
)
def test_errors_name_the_operation(one, said):
    fine = operation("replace", "Patient.birthDate", value={"valueDate": "2001"})
    with pytest.raises(Invalid, match="operation 1") as caught:
        patched(PATIENT, fine, one)
    assert said in caught.value.message


def test_limits():
    with pytest.raises(Invalid, match="at most"):
        json_patch({}, [{"op": "test", "path": "", "value": {}}] * (MOST + 1))
    bomb = [{"op": "copy", "from": "/a", "path": "/a/-"}] * 40
    with pytest.raises(Invalid, match="copies more than"):
        json_patch({"a": [1]}, bomb)
    with pytest.raises(Invalid, match="array of operations"):
        json_patch({}, {"op": "test"})
    with pytest.raises(Invalid, match="does not change resourceType"):
        json_patch({"resourceType": "Patient"}, [{"op": "replace", "path": "/resourceType", "value": "Group"}])


def test_errors_hold_no_values_of_the_record():
    with pytest.raises(Invalid) as caught:
        json_patch({"name": "Nguyễn Văn An"}, [{"op": "test", "path": "/name", "value": "other"}])
    assert "Nguyễn" not in str(caught.value)
