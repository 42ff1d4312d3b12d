"""Drawn resources of every R4 type through the API: stored as they are, read back equal in JSON and XML, judged, found by what they say."""

import json
import os
import random
from decimal import Decimal
from urllib.parse import quote

import orjson
import pytest

from tests.api import world as w
from tests.fhir import search_cases
from tests.fhir.drawn import TYPES, Draw, digits
from yba.fhir import from_xml, to_xml
from yba.kit import exact

SEEDS = int(os.environ.get("YBA_DRAWN", "1"))  # resources of each type
ASKED = 12  # searches for each resource: those by ids alone first
SERVERS = {"versionId", "_versionId", "lastUpdated", "_lastUpdated"}


@pytest.fixture(scope="module")
def client(migrated):
    migrated.renew()
    return w.software()


def drawn(rtype, seed, *, tame=False):
    doc = Draw(random.Random(f"{rtype}{seed}"), [0.5, 1.0, 0.2][seed % 3], tame=tame).resource(rtype) | {"id": f"{'t' if tame else 'd'}-{seed}"}
    if "meta" in doc:  # what the server says itself; labels restrict who reads
        doc["meta"] = {key: value for key, value in doc["meta"].items() if key not in SERVERS | {"security"}} or {"source": "urn:x"}
    return doc


def written(value):
    """JSON text whose decimals have their digits."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def told(doc):
    """A document without what the server says itself, every number with its digits."""
    meta = {key: value for key, value in doc.get("meta", {}).items() if key not in SERVERS}
    return digits({**{key: value for key, value in doc.items() if key != "meta"}, **({"meta": meta} if meta else {})})


def faults(client, rtype, seed):
    """Say what is not as it was sent."""
    doc = drawn(rtype, seed)
    address, data = f"{rtype}/{doc['id']}", written(doc)
    made = client.put(address, data)
    if made.status not in {200, 201}:
        yield f"PUT: {made.status} {made.data[:500]!r}"
        return
    if told(exact.numbers(client.get(address, accept=w.JSON).data)) != told(doc):
        yield "JSON differs"
    if told(from_xml(client.get(address, accept=w.XML).data)) != told(doc):
        yield "XML differs"
    again = client.put(address, to_xml(doc), kind=w.XML)
    if again.status != 200 or told(exact.numbers(client.get(address, accept=w.JSON).data)) != told(doc):
        yield f"sent as XML: {again.status} {again.data[:300]!r}"
    judged = client.post(f"{rtype}/$validate", data)
    if judged.status != 200 or {one["code"] for one in judged.doc["issue"]} - {"invariant", "informational"}:
        yield f"$validate: {judged.status} {judged.data[:500]!r}"


def test_they_come_back_as_they_were_sent_and_are_judged(client):
    wrong = [f"{rtype} {seed}: {fault}" for rtype in TYPES for seed in range(SEEDS) for fault in faults(client, rtype, seed)]
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)


def searches(doc):
    """Parameters and values that must find a resource, by plain reading; canonical URLs of something within, and a Group as a patient, ask nothing."""
    found = [(code, text) for code, text in search_cases.of(orjson.loads(written(doc))) if code != "_lastUpdated" and text[:1] not in "#١"]
    found = [(code, text) for code, text in dict.fromkeys(found) if (doc["resourceType"], code) != ("DeviceUseStatement", "patient")]
    return sorted(found, key=lambda one: (one[1] not in {"a", "1", "A-1.b"}, len(one[1])))[:ASKED]


def test_they_are_found_by_what_they_say(client):
    wrong, done = [], 0
    for rtype in TYPES:
        for seed in range(SEEDS):
            doc = drawn(rtype, seed, tame=True)
            assert client.put(f"{rtype}/{doc['id']}", written(doc)).status in {200, 201}
            for code, text in searches(doc):
                reply = client.get(f"{rtype}?{code}={quote(text, safe='')}&_id={doc['id']}")  # what is built in would fill many pages
                done += 1
                if reply.status != 200 or doc["id"] not in {one["resource"]["id"] for one in reply.doc.get("entry", ())}:
                    wrong.append(f"{rtype} {seed}: {code}={text[:80]}: {reply.status} {reply.data[:300]!r}")
    assert done > 500 * SEEDS
    assert not wrong, f"{len(wrong)} of {done}\n" + "\n".join(wrong)


@pytest.mark.parametrize("moment", ["0001", "0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-12:00", "2016-12-31T23:59:60Z"])
def test_a_date_at_the_edge_does_not_break_the_searches_of_its_type(client, moment):
    doc = {"resourceType": "Basic", "id": "edge", "code": {"text": "a"}, "created": moment[:10]}
    told = {"resourceType": "SupplyRequest", "id": "edge", "itemCodeableConcept": {"text": "a"}, "quantity": {"value": 1}, "authoredOn": moment}
    for one, param in ((doc, "created"), (told, "date")):
        assert client.put(f"{one['resourceType']}/edge", one).status in {200, 201}
        assert client.get(f"{one['resourceType']}/edge").status == 200
        assert len(client.get(f"{one['resourceType']}?_id=edge&{param}=ge0001&{param}=le9999").doc["entry"]) == 1


def test_an_id_alone_names_whatever_has_it(client):
    """A Patient of that id did hide the Group and the Practitioner of the same."""
    for one in (w.patient("same") | {"id": "same"}, {"resourceType": "Group", "id": "same", "type": "person", "actual": True}):
        assert client.put(f"{one['resourceType']}/same", one).status == 201
    for id_, subject, performer in (("s1", "Patient/same", "Practitioner/1"), ("s2", "Group/same", "Practitioner/same")):
        doc = {
            "resourceType": "Observation",
            "id": id_,
            "status": "final",
            "code": {"text": "a"},
            "subject": {"reference": subject},
            "performer": [{"reference": performer}],
        }
        assert client.put(f"Observation/{id_}", doc).status == 201

    def ids(asked):
        return {one["resource"]["id"] for one in client.get(f"Observation?{asked}").doc.get("entry", ())}

    assert ids("subject=same") == {"s1", "s2"}
    assert ids("subject=Patient/same") == ids("patient=same") == {"s1"}
    assert ids("performer=same") == {"s2"}


def test_the_content_of_a_binary_whose_lines_are_broken(client):
    doc = {"resourceType": "Binary", "id": "lines", "contentType": "text/plain", "data": " YWJj\r\n ZGVm\n"}
    assert client.put("Binary/lines", doc).status == 201
    assert client.get("Binary/lines", accept="text/plain").data == b"abcdef"
    assert client.get("Binary/lines", accept=w.JSON).doc["data"] == doc["data"]


@pytest.mark.parametrize("number", ["1e400", "9" * 400, "1e999999"])
def test_a_number_beyond_all_measure_stays_out(client, number):
    """JSON's reader refused it, XML's did not: stored, it broke every search that came by."""
    value = f'<valueQuantity><value value="{number}"/></valueQuantity>'
    xml = f'<Observation xmlns="http://hl7.org/fhir"><id value="vast"/><status value="final"/><code><text value="a"/></code>{value}</Observation>'
    assert client.put("Observation/vast", xml, kind=w.XML).status == 400
    assert (
        client.put("Observation/vast", json.dumps(from_xml(xml.replace(number, "1").encode())).replace('"value": 1', f'"value": {number}')).status
        == 400
    )
    assert client.get("Observation?value-quantity=gt1").status == 200
