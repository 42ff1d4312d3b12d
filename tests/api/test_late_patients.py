"""Results that come before their Patient, over HTTP: in JSON, in XML, in transactions; and who may not."""

import pytest

from tests.api import world as w
from tests.api.test_bundles import bundle, entry, statuses
from yba.fhir.xml import to_xml
from yba.kit.settings import FHIR_PLACEHOLDERS


def found(client, query):
    reply = client.get(query)
    assert reply.status == 200, reply.data
    return [one["resource"]["id"] for one in reply.doc.get("entry", ()) if one["search"]["mode"] == "match"]


@pytest.mark.parametrize("kind", [w.JSON, w.XML])
def test_a_result_is_stored_before_its_patient_and_found_when_it_has_come(client, kind):
    def sent(doc):
        return to_xml(doc) if kind == w.XML else doc

    made = client.post("Observation", sent(w.observation("late-1")), kind=kind)
    assert made.status == 201, made.data
    for address in ("Patient/late-1", "Patient/late-1/_history", "Patient/late-1/_history/0"):
        assert client.get(address).status == 404, address
    assert found(client, "Patient") == found(client, "Patient?_id=late-1") == []
    assert found(client, "Observation?subject=Patient/late-1") == found(client, "Patient/late-1/Observation") == [made.id]
    came = client.put("Patient/late-1", sent(w.patient(id="late-1")), kind=kind)
    assert (came.status, came.headers["etag"]) == (201, 'W/"1"')
    assert client.get("Patient/late-1").doc["name"][0]["family"] == "Nguyễn"
    assert len(client.get("Patient/late-1/_history").doc["entry"]) == 1
    assert found(client, "Patient?family=Nguyễn&_id=late-1") == ["late-1"]
    assert found(client, "Observation?patient=late-1") == [made.id]
    assert made.id in {one["resource"]["id"] for one in client.get("Patient/late-1/$everything").doc["entry"]}


def test_a_late_patient_who_is_known_takes_the_result_into_the_known_record(client):
    citizen = {"system": "http://yba.test/none", "value": "1"}
    known = client.post("Patient", w.patient("P-9"))
    made = client.post("Observation", w.observation("late-2"))
    came = client.put("Patient/late-2", w.patient("P-10", id="late-2", identifier=[citizen]))
    assert came.status == 201, came.data
    assert found(client, f"Observation?patient={known.id}") == [made.id]
    assert client.get(f"Observation/{made.id}").doc["subject"]["reference"] == "Patient/late-2"


def test_a_transaction_may_name_who_is_not_there_and_bring_who_is(client):
    reply = client.post(
        "",
        bundle(
            entry("POST", "Observation", w.observation("late-3")), entry("PUT", "Observation/o4", w.observation("late-4", id="o4")),
            entry("PUT", "Patient/late-4", w.patient("P-4", id="late-4")), entry("POST", "Observation", w.observation("late-3", "2345-7")),
        ),
    )  # fmt: skip
    assert statuses(reply) == ["201"] * 4
    assert len(found(client, "Observation?subject=Patient/late-3")) == 2
    assert found(client, "Observation?subject=Patient/late-4") == ["o4"]
    assert client.get("Patient/late-3").status == 404
    refused = client.post("", bundle(entry("POST", "Observation", w.observation("late-5")), entry("PUT", "Patient/no", w.patient(id="other"))))
    assert refused.status >= 400
    assert found(client, "Observation?subject=Patient/late-5") == []


def test_people_and_a_server_that_keeps_nobody_ready_refuse_as_ever(client):
    doctor, _ = w.person("doctor")
    told = doctor.post("Observation", w.observation("late-6"))
    assert (told.status, told.codes) == (422, ["not-found"]), told.data
    with FHIR_PLACEHOLDERS.set_to(value=False):
        assert client.post("Observation", w.observation("late-6")).status == 422
    assert client.get("Patient/late-6").status == 404
