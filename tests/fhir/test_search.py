"""What is indexed of single resources, drawn by hand; the law against an obvious search stands in tests/laws/test_search.py."""

from datetime import datetime

import pytest

from yba.fhir import definitions, parameters, search, tokens
from yba.fhir.extract import compile_extractor
from yba.fhir.parameters import Parameter, Profile

OBSERVATION = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}, {"code": "HB"}]},
    "subject": {"reference": "Patient/p1"},
    "encounter": {"reference": "Encounter/e1/_history/3"},
    "effectiveDateTime": "2026-03-12T10:30:00+07:00",
}


def asks(doc, *question):
    return search.token(*question) in search.index(doc["resourceType"], doc).tokens


def test_codes_are_found_by_system_and_code_by_code_and_by_system():
    assert asks(OBSERVATION, "code", "http://loinc.org", "718-7")
    assert asks(OBSERVATION, "code", "718-7")
    assert asks(OBSERVATION, "code", "http://loinc.org", "")
    assert asks(OBSERVATION, "code", "", "HB")
    assert not asks(OBSERVATION, "code", "http://loinc.org", "HB")
    assert not asks(OBSERVATION, "code", "", "718-7")
    assert not asks(OBSERVATION, "category", "718-7")


def test_parts_of_a_question_do_not_run_into_each_other():
    assert search.token("code", "a", "b") != search.token("code", "ab", "")
    assert search.token("code", "a", "") != search.token("code", "", "a") != search.token("code", "a")


def test_a_token_is_a_signed_64_bit_number_and_never_changes():
    """Stored tokens outlive the program: this value must stay."""
    assert search.token("code", "http://loinc.org", "718-7") == -1236301260003523467
    assert all(-(1 << 63) <= search.token("code", str(n)) < 1 << 63 for n in range(500))


def test_references_lose_their_version_and_patient_is_hashed_as_subject():
    assert asks(OBSERVATION, "encounter", "Encounter/e1")
    assert asks(OBSERVATION, "subject", "Patient/p1")
    assert asks(OBSERVATION, "patient", "Patient/p1")
    assert asks({"resourceType": "Claim", "patient": {"reference": "Patient/p1"}}, "patient", "Patient/p1")
    device = {"resourceType": "Observation", "subject": {"reference": "Device/p1"}}
    assert not asks(device, "patient", "Patient/p1")


def test_logical_and_contained_references():
    doc = {"resourceType": "Claim", "insurer": {"identifier": {"system": "s", "value": "79"}}, "provider": {"reference": "#o"}}
    assert asks(doc, "insurer:identifier", "s", "79")
    assert not asks(doc, "provider", "#o")


def test_filters_on_a_value():
    doc = {"resourceType": "Patient", "telecom": [{"system": "phone", "value": "0912"}, {"system": "email", "value": "a@b.vn"}, {"value": "x"}]}
    assert asks(doc, "phone", "0912")
    assert not asks(doc, "phone", "a@b.vn")
    assert asks(doc, "email", "a@b.vn")


@pytest.mark.parametrize(
    ("element", "deceased"),
    [({}, "false"), ({"deceasedBoolean": False}, "false"), ({"deceasedBoolean": True}, "true"), ({"deceasedDateTime": "2026"}, "true")],
)
def test_deceased(element, deceased):
    doc = {"resourceType": "Patient", **element}
    assert asks(doc, "deceased", deceased)
    assert not asks(doc, "deceased", "false" if deceased == "true" else "true")


def test_security_labels_are_indexed_of_every_type():
    doc = {"resourceType": "Basic", "meta": {"security": [{"system": "s", "code": "HIV"}]}}
    assert asks(doc, "_security", "s", "HIV")


@pytest.mark.parametrize(
    ("doc", "start", "end"),
    [
        ({"resourceType": "Observation", "effectiveDateTime": "2026-03-12T10:30:00Z"}, "2026-03-12T17:30:00+07:00", "2026-03-12T17:30:00+07:00"),
        (
            {"resourceType": "Condition", "onsetDateTime": "2026", "recordedDate": "2027"},
            "2026-01-01T00:00:00+07:00",
            "2026-12-31T23:59:59.999999+07:00",
        ),
        (
            {"resourceType": "Condition", "onsetString": "childhood", "recordedDate": "2027-02"},
            "2027-02-01T00:00:00+07:00",
            "2027-02-28T23:59:59.999999+07:00",
        ),
        ({"resourceType": "Encounter", "period": {"start": "2026-03-12"}}, "2026-03-12T00:00:00+07:00", None),
        ({"resourceType": "Encounter", "period": {"end": "2026-03-12"}}, None, "2026-03-12T23:59:59.999999+07:00"),
        ({"resourceType": "Claim", "created": "2026-03-12T10:30:00"}, "2026-03-12T10:30:00+07:00", "2026-03-12T10:30:00+07:00"),
        ({"resourceType": "DocumentReference", "context": {"period": {"start": "2024-02"}}}, "2024-02-01T00:00:00+07:00", None),
        (
            {"resourceType": "Observation", "effectiveTiming": {"event": ["2026-03-12", "2026-01-01"]}},
            "2026-01-01T00:00:00+07:00",
            "2026-03-12T23:59:59.999999+07:00",
        ),
        ({"resourceType": "Encounter", "period": {"start": "0000-01-01", "end": "2026-13-45"}}, None, None),
        (
            {"resourceType": "Encounter", "period": {"start": "0001-01-01T00:00:00+14:00", "end": "9999"}},
            "0001-01-01T00:00:00+00:00",
            "9999-12-31T23:59:59.999999+07:00",
        ),
        ({"resourceType": "Encounter"}, None, None),
        ({"resourceType": "Organization"}, None, None),
    ],
)
def test_when(doc, start, end):
    found = search.index(doc["resourceType"], doc)
    expected = [moment and datetime.fromisoformat(moment) for moment in (start, end)]
    assert [found.start, found.end] == expected
    assert all(moment is None or moment.utcoffset() is not None for moment in (found.start, found.end))


def test_a_document_of_another_shape_is_refused_not_half_indexed():
    for doc in ({"code": "718-7"}, {"code": {"coding": ["x"]}}, {"subject": [1]}, {"status": {}}):
        with pytest.raises(search.MalformedResource):
            search.index("Observation", {"resourceType": "Observation", **doc})
    with pytest.raises(KeyError):
        search.index("Nonsense", {})


def test_every_type_and_the_whole_national_profile_compile():
    for rtype in definitions.resource_types():
        assert search.index(rtype, {"resourceType": rtype}).start is None


def test_a_promise_of_the_profile_that_r4_does_not_keep_is_refused(monkeypatch):
    parameters.profile.cache_clear()
    monkeypatch.setattr(parameters, "_choice", lambda: {"types": {"Patient": {"tokens": ["birthdate"], "period": []}}, "every": []})
    with pytest.raises(ValueError, match="birthdate"):
        parameters.profile("Patient")
    parameters.profile.cache_clear()


def test_an_extension_can_be_indexed():
    one = Parameter("ward", "token", "Patient.extension('http://w').value.as(code)", (), ())
    extract = compile_extractor("Patient", Profile((one,), ()))
    found = extract({"extension": [{"url": "http://other", "valueCode": "x"}, {"url": "http://w", "valueCode": "y"}]})
    assert found.tokens == [search.token("ward", "y")]


def test_cells_stay_bounded():
    cells = tokens.plain("p")
    for number in range(tokens.CELLS + 10):
        cells[str(number)]
    assert len(cells) <= tokens.CELLS
    assert cells["1"] == (search.token("p", "1"),)


def test_the_national_profile_names_types_and_parameters_of_r4():
    for rtype in parameters.chosen_types():
        assert rtype in definitions.resource_types()
        found = parameters.profile(rtype)
        assert found.tokens
    for name, other in parameters.same_as().items():
        homes = [rtype for rtype in definitions.resource_types() if {name, other} <= parameters.parameters(rtype).keys()]
        assert all(parameters.parameters(rtype)[name].type == "reference" for rtype in homes)
