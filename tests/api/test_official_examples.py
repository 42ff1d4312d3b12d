"""The official R4 examples: stored as they are, read back equal in JSON and XML; Synthea's bundles as transactions."""

from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest

from tests.api import world as w
from yba.fhir import parameters, said, values
from yba.fhir.xml import from_xml, to_xml
from yba.kit import exact

SHARED = Path(__file__).parents[3] / "shared" / "fhir-tests"
EXAMPLES = sorted((SHARED / "r4-examples").glob("*.json"))
BUNDLES = sorted((SHARED / "synthea").glob("*.json"))
pytestmark = pytest.mark.skipif(not EXAMPLES, reason="../shared/fhir-tests is not here")


@pytest.fixture(scope="module")
def client(migrated):
    migrated.renew()
    return w.software()


def told(doc):
    """A document without what the server says itself."""
    meta = {key: value for key, value in doc.get("meta", {}).items() if key not in {"versionId", "lastUpdated"}}
    return {**{key: value for key, value in doc.items() if key != "meta"}, **({"meta": meta} if meta else {})}


def test_every_example_comes_back_as_it_was_sent(client):
    wrong = []
    for path in EXAMPLES:  # by name: most come before the Patient they name, some name one that never comes
        data = path.read_bytes()
        doc = exact.numbers(data)
        ident = doc.get("id")
        address = f"{doc['resourceType']}/{ident}"
        made = client.put(address, data) if ident else client.post(doc["resourceType"], data)
        if made.status not in {200, 201}:
            wrong.append(f"{path.name}: {made.status} {made.data[:300]!r}")
            continue
        address = "/".join(made.headers["location"].split("/")[4:6])
        read = exact.numbers(client.get(address, accept=w.JSON).data)
        if told(read) != told({**doc, "id": read["id"]}):
            wrong.append(f"{path.name}: JSON differs")
        xml = client.get(address, accept="application/fhir+xml")
        if xml.headers["content-type"] != "application/fhir+xml;charset=utf-8" or told(from_xml(xml.data)) != told({**doc, "id": read["id"]}):
            wrong.append(f"{path.name}: XML differs")
        again = client.put(address, to_xml({**doc, "id": read["id"]}), kind=w.XML)
        if again.status != 200 or told(exact.numbers(client.get(address, accept=w.JSON).data)) != told({**doc, "id": read["id"]}):
            wrong.append(f"{path.name}: sent as XML it is another ({again.status} {again.data[:200]!r})")
    assert not wrong, f"{len(wrong)} of {len(EXAMPLES)}\n" + "\n".join(wrong)


def asked(value):
    """Write what a resource says as a client would ask for it; None: there is no way to (an open range, a text without words)."""
    match value:
        case said.Token(system=system, code=code) if code:
            return f"{escaped(system)}|{escaped(code)}" if system else escaped(code)
        case said.Text(text=text) if text:
            return escaped(text)
        case said.Uri(uri=uri):
            return escaped(uri)
        case said.Reference(type=type_, id=id_, url=url) if not value.contained and not value.inside:
            return f"{type_}/{id_}" if type_ and id_ else escaped(url) if url else None
        case said.Moment(low=low) if low is not None:
            return moment(low, value.high)
        case said.Number(low=low, high=high) if low is not None and high is not None:
            return f"{low}" if low == high else None
        case said.Quantity(low=low, high=high, system=system, code=code) if low is not None and low == high:
            return f"{low}|{escaped(system)}|{escaped(code)}" if code else f"{low}"
    return None


def escaped(text):
    for sign in "\\,|$":
        text = text.replace(sign, "\\" + sign)
    return text


def moment(low, high):
    if high is not None and high - low == timedelta(days=1):
        return low.date().isoformat()
    return f"ge{low.isoformat()}" if isinstance(low, datetime) else None


def pages(client, reply):
    """The ids of a search, page by page: built-in definitions of the same types stand before ours."""
    while reply is not None and reply.status == 200:
        yield {one["resource"]["id"] for one in reply.doc.get("entry", ())}
        more = [link["url"] for link in reply.doc["link"] if link["relation"] == "next"]
        reply = client.get(more[0].partition("/fhir/")[2]) if more else None


def test_every_example_is_found_by_what_it_says(client):
    """By each parameter of its type with the first value it says there; what the resource says is judged elsewhere (tests/fhir)."""
    wrong, done = [], 0
    for path in EXAMPLES:
        doc = orjson.loads(path.read_bytes())
        rtype = doc["resourceType"]
        for param in parameters.parameters(rtype).values():
            told = [text for one in values.of(rtype, doc, param.code) if (text := asked(one))]
            if not told or param.code.startswith("_"):
                continue
            reply = client.get(f"{rtype}?{param.code}={quote(told[0], safe='')}&_count=200")
            done += 1
            if reply.status != 200 or not any(doc["id"] in page for page in pages(client, reply)):
                wrong.append(f"{path.name}: {param.code}={told[0]}: {reply.status} {reply.data[:200]!r}")
    assert done > 500
    assert not wrong, f"{len(wrong)} of {done}\n" + "\n".join(wrong)


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
