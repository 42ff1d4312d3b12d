"""The official R4 examples: stored as they are, read back equal in JSON and XML; Synthea's bundles as transactions."""

import re
from pathlib import Path

import orjson
import pytest

from tests.api import world as w
from yba.fhir.xml import from_xml, to_xml
from yba.kit import exact

SHARED = Path(__file__).parents[3] / "shared" / "fhir-tests"
EXAMPLES = sorted((SHARED / "r4-examples").glob("*.json"))
BUNDLES = sorted((SHARED / "synthea").glob("*.json"))
# The server's own: a golden Patient is made, and what says who is who is kept by identity.
pytestmark = pytest.mark.skipif(not EXAMPLES, reason="../shared/fhir-tests is not here")


@pytest.fixture(scope="module")
def client(migrated):
    if migrated.used:
        migrated.renew()
    migrated.used = True
    return w.software()


def patients(docs):
    """Ids of Patients that examples refer to and none of them is."""
    named = {found.decode() for doc in docs for found in re.findall(rb'"reference":\s*"Patient/([A-Za-z0-9\-.]{1,64})(?:"|/_history)', doc)}
    return sorted(named - {path.stem.partition("-")[2] for path in EXAMPLES if path.name.startswith("Patient-")})


def told(doc):
    """A document without what the server says itself."""
    meta = {key: value for key, value in doc.get("meta", {}).items() if key not in {"versionId", "lastUpdated"}}
    return {**{key: value for key, value in doc.items() if key != "meta"}, **({"meta": meta} if meta else {})}


def test_every_example_comes_back_as_it_was_sent(client):
    first = sorted(EXAMPLES, key=lambda path: not path.name.startswith("Patient-"))
    raw = [path.read_bytes() for path in first]
    for place, ident in enumerate(patients(raw)):
        assert client.put(f"Patient/{ident}", w.patient(f"EX-{place}", id=ident)).status in {200, 201}
    wrong = []
    for path, data in zip(first, raw, strict=True):
        doc = exact.numbers(data)
        ident = doc.get("id")
        address = f"{doc['resourceType']}/{ident}"
        made = client.put(address, data) if ident else client.post(doc["resourceType"], data)
        if made.status not in {200, 201}:
            wrong.append(f"{path.name}: {made.status} {made.data[:300]!r}")
            continue
        address = "/".join(made.headers["location"].split("/")[4:6])
        read = exact.numbers(client.get(address).data)
        if told(read) != told({**doc, "id": read["id"]}):
            wrong.append(f"{path.name}: JSON differs")
        xml = client.get(address, accept="application/fhir+xml")
        if xml.headers["content-type"] != "application/fhir+xml;charset=utf-8" or told(from_xml(xml.data)) != told({**doc, "id": read["id"]}):
            wrong.append(f"{path.name}: XML differs")
        again = client.put(address, to_xml({**doc, "id": read["id"]}), kind=w.XML)
        if again.status != 200 or told(exact.numbers(client.get(address).data)) != told({**doc, "id": read["id"]}):
            wrong.append(f"{path.name}: sent as XML it is another ({again.status} {again.data[:200]!r})")
    assert not wrong, f"{len(wrong)} of {len(EXAMPLES)}\n" + "\n".join(wrong)


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.name[:12])
def test_a_synthea_bundle_is_one_transaction(client, path):
    doc = orjson.loads(path.read_bytes())
    reply = client.post("", path.read_bytes())
    assert reply.status == 200, reply.data[:2000]
    assert {one["response"]["status"] for one in reply.doc["entry"]} == {"201 Created"}
    assert len(reply.doc["entry"]) == len(doc["entry"])
    for sent, got in zip(doc["entry"], reply.doc["entry"], strict=True):
        stored = client.get("/".join(got["response"]["location"].split("/")[:2])).data
        assert b"urn:uuid:" not in stored.replace(b'"value":"urn:uuid:', b""), sent["resource"]["resourceType"]
