"""Validation beyond structure: invariants, codes asked elsewhere, extensions, profiles with slices, official examples."""

import copy
from pathlib import Path

import pytest

from yba.fhir import validate
from yba.fhir.validation import rules
from yba.kit import Invalid, exact

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "fhir-tests" / "r4-examples"
CORE = "http://hl7.org/fhir/StructureDefinition/"


def found(doc, **given):
    return [(one.key or one.code, one.expression) for one in validate(doc, **given) if one.severity == "error"]


OBSERVATION = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
    "valueQuantity": {"value": 61.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
}


def with_(doc, **changes):
    made = copy.deepcopy(doc)
    made.update(changes)
    return {key: value for key, value in made.items() if value is not None}


@pytest.mark.parametrize(
    ("doc", "key", "place"),
    [
        (with_(OBSERVATION, dataAbsentReason={"text": "lost"}), "obs-6", "Observation"),
        (with_(OBSERVATION, referenceRange=[{"type": {"text": "x"}}]), "obs-3", "Observation.referenceRange[0]"),
        (with_(OBSERVATION, component=[{"code": OBSERVATION["code"], "valueString": "x"}]), "obs-7", "Observation"),
        (with_(OBSERVATION, valueQuantity={"value": 1, "code": "kg"}), "qty-3", "Observation.valueQuantity"),
        (with_(OBSERVATION, effectivePeriod={"start": "2026-02", "end": "2026-01"}), "per-1", "Observation.effectivePeriod"),
        (with_(OBSERVATION, subject={"reference": "#p"}), "ref-1", "Observation.subject"),
        (with_(OBSERVATION, contained=[{"resourceType": "Patient", "id": "p"}]), "dom-3", "Observation"),
        (
            with_(OBSERVATION, text={"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'><script/></div>"}),
            "txt-1",
            "Observation.text.div",
        ),
        (
            with_(OBSERVATION, text={"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'> </div>"}),
            "txt-2",
            "Observation.text.div",
        ),
        (with_(OBSERVATION, extension=[{"url": "http://x.vn/a"}]), "ext-1", "Observation.extension[0]"),
        (with_(OBSERVATION, referenceRange=[{"low": {"value": 1, "comparator": "<"}}]), "sqty-1", "Observation.referenceRange[0].low"),
        ({"resourceType": "Patient", "contact": [{"gender": "male"}]}, "pat-1", "Patient.contact[0]"),
        ({"resourceType": "Patient", "telecom": [{"value": "09"}]}, "cpt-2", "Patient.telecom[0]"),
        ({"resourceType": "Organization", "active": True}, "org-1", "Organization"),
        ({"resourceType": "Bundle", "type": "collection", "total": 1}, "bdl-1", "Bundle"),
        (
            {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Organization", "active": True}}]},
            "org-1",
            "Bundle.entry[0].resource",
        ),
        (
            {"resourceType": "Parameters", "parameter": [{"name": "a", "valueString": "x", "part": [{"name": "b", "valueString": "c"}]}]},
            "inv-1",
            "Parameters.parameter[0]",
        ),
    ],
)
def test_invariants(doc, key, place):
    assert (key, place) in found(doc)


def test_a_contained_one_is_referred_to_from_its_holder():
    doc = with_(OBSERVATION, contained=[{"resourceType": "Patient", "id": "p"}], subject={"reference": "#p"})
    assert found(doc) == []
    doc["contained"][0]["managingOrganization"] = {"reference": "#nobody"}
    assert found(doc) == [("ref-1", "Observation.contained[0].managingOrganization")]


def test_warnings_stay_warnings_and_speak_both_languages():
    (one,) = validate(OBSERVATION)
    assert (one.severity, one.key, one.code) == ("warning", "dom-6", "invariant")
    assert "tường thuật" in one.vi
    assert "narrative" in one.en


def test_every_invariant_of_r4_compiles():
    for name in rules._data()["constraints"]:
        assert rules._rule(name).expression


def test_everything_at_once():
    doc = with_(
        OBSERVATION,
        status="done",
        colour="red",
        dataAbsentReason={"text": "x"},
        subject={"reference": "Encounter/1"},
        component=[{"valueString": "x"}],
    )
    said = {one.expression for one in validate(doc)}
    assert {"Observation.status", "Observation.colour", "Observation.subject", "Observation.component[0].code"} <= said


def test_thousands_of_contained_resources_are_judged_in_one_pass():
    inside = [{"resourceType": "Patient", "id": f"p{number}"} for number in range(3_000)]
    doc = with_(OBSERVATION, contained=inside, performer=[{"reference": f"#{one['id']}"} for one in inside])
    assert found(doc) == []
    del doc["performer"][7]
    assert found(doc) == [("dom-3", "Observation")]
    doc["contained"][7]["link"] = [{"other": {"reference": "#"}, "type": "seealso"}]  # refers to its holder
    assert ("dom-3", "Observation") not in found(doc)


def test_a_document_made_to_be_slow_is_given_up_and_says_so():
    codings = [{"system": "urn:x", "code": str(number)} for number in range(1_500)]
    told = validate(with_(OBSERVATION, code={"coding": codings}, component=[{"code": {"text": "x"}}] * 1_500))
    assert told[-1].code == "too-costly"
    assert "too large" in told[-1].en


def test_a_broken_document_never_raises():
    for broken in (
        [],
        "x",
        {},
        {"resourceType": 5},
        {"resourceType": "Bundle", "entry": [1, None, {"resource": []}]},
        with_(OBSERVATION, contained=5, subject=[], extension="x"),
    ):
        assert validate(broken)


def test_codes_the_package_cannot_list_are_asked():
    doc = {"resourceType": "Measure", "status": "draft", "group": [{"population": [{"criteria": {"language": "text/cql", "expression": "x"}}]}]}
    assert found(doc) == []
    doc = {"resourceType": "DocumentReference", "status": "current", "content": [{"attachment": {"contentType": "no type"}}]}
    assert ("code-invalid", "DocumentReference.content[0].attachment.contentType") in found(doc)


@pytest.mark.parametrize(
    ("extension", "wrong"),
    [
        ({"url": "birthTime", "valueString": "x"}, ("extension", "Patient.extension[0].url")),
        ({"url": CORE + "patient-birthTime", "valueString": "x"}, ("extension", "Patient.extension[0].valueString")),
        ({"url": "https://yba.vn/x", "extension": [{"url": "inside", "valueString": "x"}]}, None),
        ({"url": CORE + "patient-birthTime", "valueDateTime": "2026-01-01T10:00:00+07:00"}, None),
    ],
)
def test_extensions(extension, wrong):
    assert found({"resourceType": "Patient", "extension": [extension]}) == ([wrong] if wrong else [])


def test_an_extension_that_r4_does_not_have_is_a_warning():
    told = validate({"resourceType": "Patient", "extension": [{"url": CORE + "patient-moonSign", "valueString": "x"}]})
    assert ("warning", "extension") in [(one.severity, one.code) for one in told]


# --- profiles ----------------------------------------------------------------------------------------------------------------

ETHNICITY = "https://yba.vn/fhir/StructureDefinition/ethnicity"
PROFILE = {
    "resourceType": "StructureDefinition",
    "url": "https://yba.vn/fhir/StructureDefinition/test-patient",
    "type": "Patient",
    "baseDefinition": CORE + "Patient",
    "derivation": "constraint",
    "differential": {
        "element": [
            {
                "id": "Patient",
                "path": "Patient",
                "constraint": [{"key": "vn-1", "severity": "error", "human": "named", "expression": "name.exists()"}],
            },
            {
                "id": "Patient.extension",
                "path": "Patient.extension",
                "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"},
            },
            {
                "id": "Patient.extension:ethnicity",
                "path": "Patient.extension",
                "sliceName": "ethnicity",
                "min": 1,
                "max": "1",
                "type": [{"code": "Extension", "profile": [ETHNICITY]}],
            },
            {
                "id": "Patient.identifier",
                "path": "Patient.identifier",
                "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "closed"},
                "min": 1,
            },
            {"id": "Patient.identifier:cccd", "path": "Patient.identifier", "sliceName": "cccd", "min": 1, "max": "1"},
            {"id": "Patient.identifier:cccd.system", "path": "Patient.identifier.system", "min": 1, "fixedUri": "urn:cccd"},
            {
                "id": "Patient.identifier:cccd.value",
                "path": "Patient.identifier.value",
                "min": 1,
                "maxLength": 12,
                "constraint": [{"key": "vn-2", "severity": "error", "human": "12 digits", "expression": "matches('^[0-9]{12}$')"}],
            },
            {"id": "Patient.identifier:card", "path": "Patient.identifier", "sliceName": "card"},
            {"id": "Patient.identifier:card.system", "path": "Patient.identifier.system", "min": 1, "fixedUri": "urn:card"},
            {"id": "Patient.gender", "path": "Patient.gender", "min": 1},
            {"id": "Patient.deceased[x]", "path": "Patient.deceased[x]", "type": [{"code": "dateTime"}]},
            {
                "id": "Patient.maritalStatus",
                "path": "Patient.maritalStatus",
                "patternCodeableConcept": {"coding": [{"system": "urn:m", "code": "M"}]},
            },
            {"id": "Patient.photo", "path": "Patient.photo", "max": "0"},
            {
                "id": "Patient.managingOrganization",
                "path": "Patient.managingOrganization",
                "type": [{"code": "Reference", "targetProfile": [CORE + "Organization"]}],
            },
            {
                "id": "Patient.communication.language",
                "path": "Patient.communication.language",
                "binding": {"strength": "required", "valueSet": "https://yba.vn/vs/languages"},
            },
        ]
    },
}
EXTENSION = {
    "resourceType": "StructureDefinition",
    "url": ETHNICITY,
    "type": "Extension",
    "baseDefinition": CORE + "Extension",
    "differential": {
        "element": [
            {"id": "Extension.url", "path": "Extension.url", "fixedUri": ETHNICITY},
            {"id": "Extension.value[x]", "path": "Extension.value[x]", "min": 1, "type": [{"code": "Coding"}]},
        ]
    },
}
GOOD = {
    "resourceType": "Patient",
    "extension": [{"url": ETHNICITY, "valueCoding": {"code": "01"}}],
    "identifier": [{"system": "urn:card", "value": "x"}, {"system": "urn:cccd", "value": "001099000001"}],
    "name": [{"text": "A"}],
    "gender": "male",
}


def held(**changes):
    told = validate(
        with_(GOOD, **changes),
        profiles=[PROFILE],
        library={ETHNICITY: EXTENSION},
        codes=lambda url, _, code: code == "vi" if url.endswith("languages") else None,
    )
    return [(one.key or one.code, one.expression) for one in told if one.severity == "error"]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, []),
        ({"name": None}, [("vn-1", "Patient")]),
        ({"gender": None}, [("required", "Patient.gender")]),
        ({"extension": None}, [("required", "Patient.extension")]),
        ({"extension": [{"url": ETHNICITY, "valueString": "Kinh"}]}, [("structure", "Patient.extension[0].valueString")]),
        ({"identifier": [{"system": "urn:card"}]}, [("required", "Patient.identifier")]),
        ({"identifier": [{"system": "urn:cccd", "value": "12"}]}, [("vn-2", "Patient.identifier[0].value")]),
        ({"identifier": [*GOOD["identifier"], {"system": "urn:cccd", "value": "001099000002"}]}, [("structure", "Patient.identifier")]),
        ({"identifier": [*GOOD["identifier"], {"system": "urn:other", "value": "1"}]}, [("structure", "Patient.identifier[2]")]),
        ({"deceasedBoolean": True}, [("structure", "Patient.deceasedBoolean")]),
        ({"deceasedDateTime": "2026"}, []),
        ({"maritalStatus": {"text": "x", "coding": [{"system": "urn:m", "code": "M", "display": "x"}]}}, []),
        ({"maritalStatus": {"coding": [{"system": "urn:m", "code": "S"}]}}, [("value", "Patient.maritalStatus")]),
        ({"photo": [{"title": "x"}]}, [("structure", "Patient.photo")]),
        ({"communication": [{"language": {"coding": [{"system": "urn:l", "code": "vi"}]}}]}, []),
        ({"communication": [{"language": {"coding": [{"system": "urn:l", "code": "xx"}]}}]}, [("code-invalid", "Patient.communication[0].language")]),
    ],
)
def test_a_profile(changes, wrong):
    assert held(**changes) == wrong


def profile(url, type_, *elements, **more):
    return {
        "resourceType": "StructureDefinition",
        "url": url,
        "type": type_,
        "baseDefinition": CORE + type_,
        "differential": {"element": list(elements)},
        **more,
    }


def test_profiles_build_on_profiles_and_meta_names_them():
    child = profile("urn:child", "Patient", {"path": "Patient.birthDate", "min": 1}) | {"baseDefinition": PROFILE["url"]}
    library = {PROFILE["url"]: PROFILE, ETHNICITY: EXTENSION, "urn:child": child}
    doc = with_(GOOD, gender=None, meta={"profile": ["urn:child"]})
    assert found(doc, library=library) == [("required", "Patient.birthDate"), ("required", "Patient.gender")]
    assert found(doc, library=library, profiles=["urn:child"]) == found(doc, library=library)


def test_slices_by_pattern_type_and_existence():
    blood = profile(
        "urn:bp",
        "Observation",
        {"path": "Observation.component", "slicing": {"discriminator": [{"type": "pattern", "path": "code"}], "rules": "open"}},
        {"path": "Observation.component", "id": "Observation.component:systolic", "min": 1, "max": "1"},
        {
            "path": "Observation.component.code",
            "id": "Observation.component:systolic.code",
            "patternCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
        },
        {
            "path": "Observation.component.value[x]",
            "id": "Observation.component:systolic.value[x]",
            "slicing": {"discriminator": [{"type": "type", "path": "$this"}], "rules": "closed"},
            "min": 1,
        },
        {"path": "Observation.component.value[x]", "id": "Observation.component:systolic.value[x]:valueQuantity", "type": [{"code": "Quantity"}]},
        {
            "path": "Observation.component.valueQuantity.code",
            "id": "Observation.component:systolic.value[x]:valueQuantity.code",
            "fixedCode": "mm[Hg]",
        },
    )
    systolic = {
        "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
        "valueQuantity": {"value": 120, "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
    }
    doc = with_(OBSERVATION, valueQuantity=None, component=[{"code": {"text": "other"}, "valueString": "x"}, systolic])
    assert found(doc, profiles=[blood]) == []
    assert found(with_(doc, component=doc["component"][:1]), profiles=[blood]) == [("required", "Observation.component")]
    systolic["valueQuantity"]["code"] = "kPa"
    assert found(doc, profiles=[blood]) == [("value", "Observation.component[1].valueQuantity.code")]
    systolic["valueString"] = "120"
    del systolic["valueQuantity"]
    assert ("structure", "Observation.component[1].valueString") in found(doc, profiles=[blood])


def test_discriminators_inside_a_pattern_and_by_existence():
    sliced = profile(
        "urn:e",
        "Patient",
        {"path": "Patient.telecom", "slicing": {"discriminator": [{"type": "exists", "path": "period"}], "rules": "closed"}},
        {"path": "Patient.telecom", "id": "Patient.telecom:now", "max": "1"},
        {"path": "Patient.telecom.period", "id": "Patient.telecom:now.period", "max": "0"},
        {"path": "Patient.identifier", "slicing": {"discriminator": [{"type": "value", "path": "type.coding.code"}], "rules": "open"}},
        {"path": "Patient.identifier", "id": "Patient.identifier:mr", "min": 1},
        {"path": "Patient.identifier.type", "id": "Patient.identifier:mr.type", "patternCodeableConcept": {"coding": [{"code": "MR"}]}},
    )
    doc = {"resourceType": "Patient", "identifier": [{"type": {"coding": [{"code": "MR"}]}}], "telecom": [{"system": "phone"}]}
    assert found(doc, profiles=[sliced]) == []
    doc["telecom"].append({"system": "phone"})
    assert found(doc, profiles=[sliced]) == [("structure", "Patient.telecom")]
    doc["identifier"][0]["type"]["coding"][0]["code"] = "XX"
    assert ("required", "Patient.identifier") in found(doc, profiles=[sliced])


def test_unknown_and_foreign_profiles_are_named():
    told = validate(OBSERVATION, profiles=["urn:nobody"])
    assert ("warning", "not-found", "urn:nobody") in [(one.severity, one.code, one.key) for one in told]
    assert found(OBSERVATION, profiles=[PROFILE])[0][0] == "structure"
    assert found(OBSERVATION, profiles=[CORE + "Observation"]) == []
    with pytest.raises(Invalid):
        validate(OBSERVATION, profiles=[{"resourceType": "StructureDefinition"}])


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="official R4 examples are not beside this repository")
@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.json")), ids=lambda file: file.stem)
def test_official_examples_are_valid(file):
    assert found(exact.numbers(file.read_bytes())) == []


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="official R4 examples are not beside this repository")
def test_the_profiles_of_r4_itself_are_held():
    doc = exact.numbers((EXAMPLES / "Observation-heart-rate.json").read_bytes())
    heart = CORE + "heartrate"
    assert found(doc, profiles=[heart]) == []
    doc["valueQuantity"]["code"] = "Hz"
    assert ("value", "Observation.valueQuantity.code") in found(doc, profiles=[heart])
    del doc["category"]
    assert ("required", "Observation.category") in found(doc)  # meta.profile names vitalsigns
