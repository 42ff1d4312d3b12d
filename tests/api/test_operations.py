"""Operations over HTTP: validation, everything of a person, the newest results, the summary, who may be meant, and merging."""

import importlib

from tests.api import world as w
from yba import fhir, identity
from yba.api import call
from yba.kit.db import reading
from yba.specs import systems


def kinds(reply):
    assert reply.status == 200, reply.data[:600]
    return sorted(one["resource"]["resourceType"] for one in reply.doc.get("entry", ()) if one.get("search", {}).get("mode") != "outcome")


def given(**parts):
    found = []
    for name, value in parts.items():
        key = "resource" if isinstance(value, dict) and "resourceType" in value else "valueReference" if isinstance(value, dict) else "valueString"
        found.append({"name": name.replace("_", "-") if key == "valueReference" else name, key: value})
    return {"resourceType": "Parameters", "parameter": found}


def test_validation_says_everything_and_stores_nothing(client, mai):
    wrong = {"resourceType": "Observation", "status": "tốt", "valueQuantity": {"value": "13"}}
    told = client.post("Observation/$validate", wrong)
    assert told.status == 200, told.data
    assert len([one for one in told.doc["issue"] if one["severity"] == "error"]) >= 3
    for one in told.doc["issue"]:
        assert " | " in one["diagnostics"]
    fine = client.post("Observation/$validate", given(resource=w.observation(mai)))
    assert {one["severity"] for one in fine.doc["issue"]} <= {"information", "warning"}
    assert client.post("Patient/$validate", wrong).doc["issue"][0]["severity"] == "error"
    assert client.post("$validate", w.patient()).status == 200
    assert client.get(f"Patient/{mai}/$validate").status == 200
    assert client.post("Observation/$validate", given(mode="x")).status == 400
    assert kinds(client.get("Observation")) == []


def test_everything_of_a_person_page_by_page(client, mai):
    for number in range(4):
        client.post("Observation", w.observation(mai, value=number))
    other = client.post("Patient", w.patient("P-2", name=[{"text": "Lò Văn Bá"}], birthDate="1960-01-01", gender="male")).id
    client.post("Observation", w.observation(other))
    whole = client.get(f"Patient/{mai}/$everything")
    assert kinds(whole).count("Observation") == 4
    assert "Patient" in kinds(whole)
    assert other not in whole.data.decode()
    assert kinds(client.get(f"Patient/{mai}/$everything?_type=Observation")) == ["Observation"] * 4
    assert client.get(f"Patient/{mai}/$everything?_type=Nothing").status == 400
    assert client.get("Patient/none/$everything").status == 404
    page, seen = client.get(f"Patient/{mai}/$everything?_count=2"), []
    while True:
        seen += [one["fullUrl"] for one in page.doc["entry"]]
        following = [one["url"] for one in page.doc["link"] if one["relation"] == "next"]
        if not following:
            break
        page = client.get(following[0].partition("/fhir/")[2])
    assert len(seen) == len(set(seen)) == len(whole.doc["entry"])


def test_the_newest_results_of_each_kind(client, mai):
    for day, code in ((1, "718-7"), (2, "718-7"), (3, "718-7"), (1, "2345-7")):
        client.post("Observation", w.observation(mai, code=code, effectiveDateTime=f"2026-03-0{day}"))
    found = client.get(f"Observation/$lastn?patient={mai}")
    assert sorted(one["resource"]["effectiveDateTime"] for one in found.doc["entry"]) == ["2026-03-01", "2026-03-03"]
    assert len(client.get(f"Observation/$lastn?patient={mai}&max=2&code=718-7").doc["entry"]) == 2
    assert client.get("Observation/$lastn?code=718-7").status == 400
    assert client.get(f"Observation/$lastn?patient={mai}&max=many").status == 400


def test_newest_results_that_would_be_incomplete_are_refused(client, mai, monkeypatch):
    for day in (1, 2, 3, 4):
        client.post("Observation", w.observation(mai, effectiveDateTime=f"2026-03-0{day}"))
    lastn = importlib.import_module("yba.api.operations.lastn")  # the door gives the function
    monkeypatch.setattr(lastn, "_PAGE", 2)
    assert client.get(f"Observation/$lastn?patient={mai}").status == 200, "two whole pages"
    monkeypatch.setattr(lastn, "_PAGES", 1)
    refused = client.get(f"Observation/$lastn?patient={mai}")
    assert (refused.status, refused.doc["issue"][0]["code"]) == (413, "too-costly")


def test_a_summary_says_what_is_recorded_and_that_the_rest_is_not(client, mai):
    client.post("Observation", w.observation(mai))
    client.post(
        "Condition",
        {
            "resourceType": "Condition",
            "code": {"text": "Tăng huyết áp <nặng>"},
            "subject": {"reference": f"Patient/{mai}"},
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
        },
    )
    reply = client.get(f"Patient/{mai}/$summary")
    assert reply.status == 200, reply.data
    bundle = reply.doc
    assert (bundle["type"], bundle["entry"][0]["resource"]["resourceType"]) == ("document", "Composition")
    sections = {one["code"]["coding"][0]["code"]: one for one in bundle["entry"][0]["resource"]["section"]}
    assert set(sections) == {"11450-4", "48765-2", "10160-0", "11369-6", "30954-2", "47519-4"}
    by_url = {one["fullUrl"].partition("/fhir/")[2] or one["fullUrl"]: one["resource"] for one in bundle["entry"]}
    for section in sections.values():
        assert "entry" in section or section["emptyReason"]["coding"][0]["code"] == "unavailable"
        for one in section.get("entry", ()):
            assert one["reference"] in by_url
    assert "Tăng huyết áp &lt;nặng&gt;" in sections["11450-4"]["text"]["div"]
    (allergy,) = [one for one in by_url.values() if one["resourceType"] == "AllergyIntolerance"]
    assert allergy["code"]["coding"][0]["code"] == "no-allergy-info"
    (medicine,) = [one for one in by_url.values() if one["resourceType"] == "MedicationStatement"]
    assert medicine["medicationCodeableConcept"]["coding"][0]["code"] == "no-medication-info"
    for one in by_url.values():
        assert not fhir.errors(one), fhir.errors(one)
    assert client.get(f"Patient/{mai}/$summary", accept="application/fhir+xml").status == 200
    assert w.software(w.THERE).get(f"Patient/{mai}/$summary").status == 404


def test_who_may_be_meant(client, operator):
    number = {"system": systems.identifier("citizen"), "value": "011185000123"}
    local = {"system": "http://benhvien.test/ma-bn", "value": "P-7"}
    mai = client.post("Patient", w.patient(identifier=[local, number]))
    assert mai.status == 201, mai.data
    officer, _ = w.person("identity-officer")
    by_number = officer.post("Patient/$match", given(resource=w.patient(identifier=[number])))
    assert by_number.status == 200, by_number.data
    (one,) = by_number.doc["entry"]
    assert one["search"]["extension"][0]["valueCode"] == "certain"
    assert one["search"]["score"] == 1
    nobody = {"resourceType": "Patient", "name": [{"text": "Không Có Ai"}], "birthDate": "1901-01-01", "gender": "male"}
    assert "entry" not in officer.post("Patient/$match", given(resource=nobody)).doc
    assert officer.post("Patient/$match", w.observation("x")).status == 400
    lab, _ = w.person("claims-auditor")
    assert lab.post("Patient/$match", given(resource=nobody)).status == 403


def test_merging_follows_identitys_rules(client):
    one = client.post("Patient", w.patient("P-1")).id
    two = client.post("Patient", w.patient("P-2", name=[{"text": "Vừ A Páo"}], gender="male", birthDate="1950-05-05")).id
    officer, _ = w.person("identity-officer")
    body = given(source_patient={"reference": f"Patient/{two}"}, target_patient={"reference": f"Patient/{one}"}, reason="một người hai mã")
    reply = officer.post("Patient/$merge", body)
    assert reply.status == 202, "two people of other names and sexes: a second person has to approve"
    told = {one["name"]: one for one in reply.doc["parameter"]}
    assert told["outcome"]["resource"]["issue"][0]["code"] == "business-rule"
    with reading(by=w.OPERATOR) as conn:
        (proposal,) = identity.proposals(conn, by=w.OPERATOR)
    assert told["proposal"]["valueString"] == str(proposal.id)
    assert client.get(f"Patient/{two}").status == 200
    assert officer.post("Patient/$merge", given(source_patient={"reference": f"Patient/{two}"}, reason="x")).status == 400
    assert (
        officer.post("Patient/$merge", given(source_patient={"reference": f"Patient/{two}"}, target_patient={"reference": f"Patient/{one}"})).status
        == 400
    )
    assert client.post("Patient/$merge", body).status == 403


def test_the_capability_statement_is_what_is_there_and_is_valid(client):
    reply = client.get("metadata")
    assert not fhir.errors(reply.doc)
    (rest,) = reply.doc["rest"]
    assert {one["type"] for one in rest["resource"]} == call.storable()
    patient = next(one for one in rest["resource"] if one["type"] == "Patient")
    assert {one["code"] for one in patient["interaction"]} == {
        "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type",
    }  # fmt: skip
    assert {one["name"] for one in patient["operation"]} == {"everything", "match", "merge", "summary", "validate"}
    assert {one["code"] for one in rest["interaction"]} == {"batch", "transaction", "search-system", "history-system"}
    assert {one["name"] for one in patient["searchParam"]} == set(fhir.parameters.parameters("Patient")) - {"_query"}
    xml = client.get("metadata", accept="application/fhir+xml")
    assert xml.status == 200
    openapi = client.get("openapi.json").doc
    assert openapi["openapi"].startswith("3.0")
    assert "/{type}/{id}" in openapi["paths"]
