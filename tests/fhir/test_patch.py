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
        (operation("add", "Patient", name={"valueString": "contact"}, value={"part": [{"name": "gender", "valueCode": "male"}, {"name": "gender", "valueCode": "female"}]}), "gender is there already"),
        (operation("add", "Patient", name={"valueString": "extension"}, value={"part": [{"name": "url", "valueUri": "u"}, {"name": "value", "valueCode": "a"}, {"name": "value", "valueId": "b"}]}), "value is there already"),
        (operation("turn", "Patient.birthDate"), "unknown type 'turn'"),
        ({"name": "op"}, "named operation"),
        ({"name": "operation", "part": [{"name": ["type"]}]}, "part[0].name"),
        ({"name": "operation", "part": {}}, "expected an array"),
        (5, "expected an object"),
    ],
)  # fmt: skip
def test_errors_name_the_operation(one, said):
    fine = operation("replace", "Patient.birthDate", value={"valueDate": "2001"})
    with pytest.raises(Invalid, match="operation 1") as caught:
        patched(PATIENT, fine, one)
    assert said in caught.value.message


@pytest.mark.parametrize("kind", ["insert", "replace", "move", "add"])
def test_it_is_an_error_where_no_element_matches(kind):
    parts = {"index": {"valueInteger": 0}, "source": {"valueInteger": 0}, "destination": {"valueInteger": 0}, "name": {"valueString": "text"}}
    with pytest.raises(Invalid, match="operation 0"):
        patched(PATIENT, operation(kind, "Patient.contact", **parts, value={"part": []}))


def test_a_path_may_lead_into_a_contained_resource_and_no_further():
    doc = {
        "resourceType": "Patient",
        "contained": [{"resourceType": "Organization", "id": "o", "name": "A"}],
        "managingOrganization": {"reference": "#o"},
    }
    made = patched(doc, operation("replace", "Patient.managingOrganization.resolve().name", value={"valueString": "B"}))
    assert made["contained"][0]["name"] == "B"
    doc["managingOrganization"]["reference"] = "Organization/1"
    with pytest.raises(Invalid, match="leads out of the document"):
        patched(doc, operation("delete", "Patient.managingOrganization.resolve().id"))


RFC_6902 = {"a": {"b": [1, 2, 3]}, "c": True, "n": 1, "z": None, "~/": 5, "": 6, "s": "x"}


@pytest.mark.parametrize(
    ("operations", "made"),
    [
        ([{"op": "add", "path": "/a/b/1", "value": 9}], {"a": {"b": [1, 9, 2, 3]}}),
        ([{"op": "add", "path": "/a/b/3", "value": 9}], {"a": {"b": [1, 2, 3, 9]}}),
        ([{"op": "add", "path": "/a/b/-", "value": [9]}], {"a": {"b": [1, 2, 3, [9]]}}),
        ([{"op": "add", "path": "/n", "value": None}], {"n": None}),
        ([{"op": "add", "path": "/x", "value": 1, "more": "is ignored"}], {"x": 1}),
        ([{"op": "replace", "path": "/a", "value": {}}], {"a": {}}),
        ([{"op": "move", "from": "/a", "path": "/a"}], {}),
        ([{"op": "move", "from": "/a/b/0", "path": "/a/b/2"}], {"a": {"b": [2, 3, 1]}}),
        ([{"op": "move", "from": "/a/b", "path": "/a"}], {"a": [1, 2, 3]}),
        ([{"op": "copy", "from": "/a", "path": "/a/x"}], {"a": {"b": [1, 2, 3], "x": {"b": [1, 2, 3]}}}),
        ([{"op": "copy", "from": "/a/b", "path": "/e"}, {"op": "add", "path": "/e/-", "value": 7}], {"e": [1, 2, 3, 7]}),
        ([{"op": "test", "path": "/n", "value": 1.0}, {"op": "test", "path": "/a", "value": {"b": [1, 2, 3]}}], {}),
        ([{"op": "test", "path": "/~0~1", "value": 5}, {"op": "test", "path": "/", "value": 6}, {"op": "test", "path": "/z", "value": None}], {}),
    ],
)
def test_json_patch_by_rfc_6902(operations, made):
    assert json_patch(RFC_6902, operations) == {**RFC_6902, **made}


@pytest.mark.parametrize(
    "last",
    [
        {"op": "test", "path": "/c", "value": 1}, {"op": "test", "path": "/n", "value": True}, {"op": "test", "path": "/a", "value": {"b": [True, 2, 3]}},
        {"op": "test", "path": "/nope", "value": None}, {"op": "test", "path": "/n"}, {"op": "test", "path": "/~2", "value": 1}, {"op": "test", "path": "/a/b/1e0", "value": 2},
        {"op": "add", "path": "/a/b/4", "value": 9}, {"op": "add", "path": "/a/b/01", "value": 9}, {"op": "add", "path": "/a/b/-1", "value": 9}, {"op": "add", "path": "/q/r", "value": 9},
        {"op": "add", "path": "/s/0", "value": 9}, {"op": "add", "path": "/n"}, {"op": "add", "path": "n", "value": 1}, {"op": "add", "path": 5, "value": 1}, {"op": "add", "value": 1},
        {"op": "remove", "path": "/a/b/3"}, {"op": "remove", "path": "/a/b/-"}, {"op": "replace", "path": "/nope", "value": 1}, {"op": "replace", "path": "/a/b/-", "value": 1},
        {"op": "move", "from": "/a", "path": "/a/b/0"}, {"op": "move", "from": "/nope", "path": "/nope"}, {"op": "copy", "from": "/a/b/-", "path": "/e"}, {"op": "copy", "path": "/e"},
        {"op": "frob", "path": "/a"}, {"op": ["add"], "path": "/a", "value": 1}, {"path": "/a"}, "x", None, [1], {"op": "copy", "from": {}, "path": "/e"},
    ],
)  # fmt: skip
def test_json_patch_refuses_by_rfc_6902_and_changes_nothing(last):
    before = copy.deepcopy(RFC_6902)
    with pytest.raises(Invalid, match="operation 1"):
        json_patch(RFC_6902, [{"op": "add", "path": "/x", "value": 1}, last])
    assert before == RFC_6902


@pytest.mark.parametrize(
    ("kind", "path", "parts", "made"),
    [
        ("add", "Patient", {"name": {"valueString": "maritalStatus"}, "value": {"valueCodeableConcept": {"text": "x"}}}, {"maritalStatus": {"text": "x"}}),
        ("add", "Patient", {"name": {"valueString": "multipleBirth"}, "value": {"valueInteger": 2}}, {"multipleBirthInteger": 2}),
        ("add", "Patient", {"name": {"valueString": "multipleBirth[x]"}, "value": {"valueInteger": 2}}, {"multipleBirthInteger": 2}),
        ("add", "Patient.name[0]", {"name": {"valueString": "period"}, "value": {"part": [{"name": "start", "valueDateTime": "2020"}]}}, {"name": [{**PATIENT["name"][0], "period": {"start": "2020"}}]}),
        ("add", "Patient", {"name": {"valueString": "link"}, "value": {"part": [{"name": "other", "valueReference": {"reference": "Patient/2"}}, {"name": "type", "valueCode": "seealso"}]}}, {"link": [{"other": {"reference": "Patient/2"}, "type": "seealso"}]}),
        ("add", "Patient", {"name": {"valueString": "contained"}, "value": {"resource": {"resourceType": "Basic", "code": {"text": "x"}}}}, {"contained": [{"resourceType": "Basic", "code": {"text": "x"}}]}),
        ("insert", "Patient.name[0].given", {"index": {"valueInteger": 1}, "value": {"valueString": "M"}}, {"name": [{"given": ["A", "M", "B"], "_given": [None, None, PATIENT["name"][0]["_given"][1]]}]}),
        ("replace", "Patient.name[0].given[0]", {"value": {"valueString": "C"}}, {"name": [{"given": ["C", "B"], "_given": PATIENT["name"][0]["_given"]}]}),
        ("replace", "Patient.name.where(given = 'A' or true)", {"value": {"valueHumanName": {"text": "n"}}}, {"name": [{"text": "n"}]}),
        ("replace", "Patient.deceased", {"value": {"valueBoolean": True}}, {"deceasedBoolean": True}),
    ],
)  # fmt: skip
def test_values_of_each_kind(kind, path, parts, made):
    assert patched(PATIENT, operation(kind, path, **parts)) == {**PATIENT, **made}


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
