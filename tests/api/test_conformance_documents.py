"""Odd but right documents come back as they were sent, by JSON and XML; wrong ones are refused; references to ourselves are found however written."""

import base64

import orjson
import pytest

from tests.api import world as w
from yba.fhir.xml import from_xml
from yba.kit import exact
from yba.record import NOBODY

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
ODD = {
    "gaps in arrays of extended values": {
        "resourceType": "Practitioner",
        "name": [{"family": "Lê", "given": ["A", None, "C"], "_given": [None, {"extension": [{"url": "http://x.test/e", "valueString": "b"}]}, {"id": "g3"}]}],
    },
    "extensions in the place of values": {
        "resourceType": "Practitioner",
        "_birthDate": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]},
        "name": [{"_family": {"id": "f", "extension": [{"url": "http://x.test/e", "valueBoolean": False}]}, "prefix": ["BS."]}],
    },
    "extensions in extensions": {
        "resourceType": "Basic", "code": {"text": "x"},
        "extension": [{"id": "e1", "url": "http://x.test/a", "extension": [{"url": "b", "valueDecimal": 0}, {"url": "c", "valuePeriod": {"start": "2026"}}]}],
    },
    "contained that refer to each other": {
        "resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": {"display": "x"}, "medicationReference": {"reference": "#m"},
        "contained": [{"resourceType": "Medication", "id": "m", "manufacturer": {"reference": "#o"}}, {"resourceType": "Organization", "id": "o", "name": "x"}],
    },
    "narrative with entities and comments": {
        "resourceType": "Basic", "code": {"text": "a & b < c > \"d\" 'e'\n\tf"},
        "text": {"status": "additional", "div": DIV.format('<!-- c -->a &amp; b &lt; &gt; &#160;<br/><i>x</i>  <img src="data:image/png;base64,AA==" alt="&quot;"/>')},
    },
    "a Bundle in a Bundle in Parameters": {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "n", "valueDecimal": 1},
            {"name": "p", "part": [{"name": "q", "valueCoding": {"code": "x"}}]},
            {"name": "b", "resource": {"resourceType": "Bundle", "type": "collection", "entry": [
                {"fullUrl": "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a", "resource": {"resourceType": "Bundle", "type": "transaction", "entry": [
                    {"resource": {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": "Patient?identifier=1"}},
                     "request": {"method": "POST", "url": "Basic", "ifNoneExist": "a=b"}}]}}]}},
        ],
    },
    "half a megabyte of content": {"resourceType": "Binary", "contentType": "application/pdf", "data": base64.b64encode(bytes(range(256)) * 2048).decode()},
    "any plane of Unicode": {"resourceType": "Basic", "code": {"text": "😀 ﷽ \u200b\u00a0 ﻿ \u2028 ắ"}},
    "blanks kept": {"resourceType": "Basic", "code": {"text": " a\r\n\tb "}},
    "what must be understood": {"resourceType": "Basic", "implicitRules": "http://x.test/r", "language": "vi", "modifierExtension": [
        {"url": "http://x.test/m", "valueInteger": -1}], "code": {"coding": [{"system": "urn:oid:1.2.3", "version": "1", "code": "a b", "userSelected": True}]}},
    "dates of every precision": {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": {"display": "x"},
        "occurrenceTiming": {"event": ["2026", "2026-03", "2026-03-02", "2026-03-02T08:00:00Z", "2026-03-02T08:00:00.120+07:00"],
                             "repeat": {"timeOfDay": ["08:00:00", "23:59:59.5"], "count": 2}},
    },
}  # fmt: skip


def without_meta(doc):
    return {key: value for key, value in doc.items() if key not in {"id", "meta"}}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_document_comes_back_by_both_forms(client, name):
    doc = ODD[name]
    made = client.post(doc["resourceType"], doc)
    assert made.status == 201, made.data
    address = f"{doc['resourceType']}/{made.id}"
    assert without_meta(client.get(address, accept=w.JSON).doc) == doc
    xml = client.get(address, accept=w.XML)
    assert xml.status == 200
    assert without_meta(from_xml(xml.data)) == exact.numbers(orjson.dumps(doc))
    again = client.put(address, xml.data, kind=w.XML)
    assert again.status == 200, again.data
    assert without_meta(client.get(address, accept=w.JSON).doc) == doc
    (found,) = client.get(f"{doc['resourceType']}?_id={made.id}").doc["entry"]
    assert without_meta(found["resource"]) == doc
    assert client.get(f"{doc['resourceType']}?_id={made.id}", accept=w.XML).status == 200


XMLS = {
    "comments and instructions": b'<?xml version="1.0"?><!-- c --><?pi x?><Basic xmlns="http://hl7.org/fhir"><!-- c --><code><text value="x"/></code></Basic>',
    "a prefix": b'<f:Basic xmlns:f="http://hl7.org/fhir"><f:code><f:text value="x"/></f:code></f:Basic>',
    "a schema's place": b'<Basic xmlns="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"><code>'
    b'<text value="x"/></code></Basic>',
    "a mark of order": b'\xef\xbb\xbf<Basic xmlns="http://hl7.org/fhir"><code><text value="x"/></code></Basic>',
    "JSON with a mark of order": b'\xef\xbb\xbf{"resourceType":"Basic","code":{"text":"x"}}',
}


@pytest.mark.parametrize("name", XMLS)
def test_what_writers_put_around_a_document_is_passed_over(client, name):
    made = client.post("Basic", XMLS[name], kind=w.JSON if "JSON" in name else w.XML)
    assert made.status == 201, made.data
    assert without_meta(client.get(f"Basic/{made.id}").doc) == {"resourceType": "Basic", "code": {"text": "x"}}


@pytest.mark.parametrize("text", ["a\x01b", "a\x0bb", "a\x1fb", "a\ufffeb", "a\uffff"])
def test_characters_that_fhir_has_not_are_refused_by_name_of_the_place(client, text):
    """R4: no character below U+0020 but tab and ends of lines; kept, a reader by XML would get a failure of ours."""
    made = client.post(
        "Basic", {"resourceType": "Basic", "code": {"text": text}, "extension": [{"url": "http://x.test/" + "long" * 20, "valueString": text}]}
    )
    assert made.status == 422
    assert [one["expression"] for one in made.doc["issue"]] == [["Basic.code.text"], ["Basic.extension[0].valueString"]]


def test_what_cannot_be_written_as_xml_is_told_and_no_failure(client, database):
    made = client.post("Basic", {"resourceType": "Basic", "code": {"text": "ab"}}).id
    with database.as_owner() as conn:  # as it may have come before characters were looked at
        conn.execute("UPDATE resource SET doc = replace(doc::text, 'ab', 'a\\u0001b')::json WHERE rtype = 'Basic'")
        conn.commit()
    assert client.get(f"Basic/{made}").status == 200
    told = client.get(f"Basic/{made}", accept=w.XML)
    assert told.status == 406, told.data
    assert from_xml(told.data)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("asked", ["Patient?foo%01=1", "Patient?name:%02=x", "Patient?_sort=%03", "Patient/_history?%04=1"])
def test_a_refusal_says_in_xml_too_what_was_sent(client, asked):
    told = client.get(asked, accept=w.XML)
    assert told.status == 400, told.data
    assert "\ufffd" in str(from_xml(told.data)["issue"][0])


@pytest.mark.parametrize("kind", ["create", "update", "transaction", "batch", "xml", "escaped"])
def test_a_reference_by_our_own_address_is_in_the_record_it_names(client, mai, kind):
    """R4 (references.html): an absolute reference to this server is the same as the relative one."""
    doc = w.observation(
        mai,
        id="own",
        subject={"reference": f"http://localhost/fhir/Patient/{mai}"},
        performer=[{"reference": "http://other.test/fhir/Practitioner/1"}],
    )
    entry = {"resource": doc, "request": {"method": "PUT", "url": "Observation/own"}}
    told = {
        "create": lambda: client.post("Observation", doc), "update": lambda: client.put("Observation/own", doc),
        "escaped": lambda: client.post("Observation", orjson.dumps(doc).replace(b"/", b"\\/")),
        "xml": lambda: client.put("Observation/own", xml_of(client, doc), kind=w.XML),
        "transaction": lambda: client.post("", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}),
        "batch": lambda: client.post("", {"resourceType": "Bundle", "type": "batch", "entry": [entry]}),
    }[kind]()  # fmt: skip
    assert told.status in {200, 201}, told.data
    (found,) = client.get(f"Observation?patient={mai}&_include=Observation:subject").doc["entry"][:1]
    assert found["resource"]["subject"] == {"reference": f"Patient/{mai}"}
    assert found["resource"]["performer"][0]["reference"].startswith("http://other.test")
    for asked in (f"http://localhost/fhir/Patient/{mai}", f"Patient/{mai}", mai):
        assert len(client.get(f"Observation?subject={asked}").doc["entry"]) == 1
    assert w.persons_of("Patient", mai) != [NOBODY]
    with w.unit_of_work(by=w.OPERATOR) as conn:
        assert conn.execute(
            "SELECT count(*) FROM resource WHERE rtype = 'Observation' AND person_id = %s", (w.persons_of("Patient", mai)[0],)
        ).fetchone() == (1,)


def xml_of(client, doc):
    made = client.put("Basic/x", {"resourceType": "Basic", "id": "x", "code": {"text": "x"}, "subject": doc["subject"]})
    assert made.doc["subject"]["reference"].startswith("Patient/")
    return (
        '<Observation xmlns="http://hl7.org/fhir"><id value="own"/><status value="final"/><code><text value="x"/></code>'
        f'<subject><reference value="{doc["subject"]["reference"]}"/></subject><performer><reference value="{doc["performer"][0]["reference"]}"/></performer>'
        "</Observation>"
    )


def test_addresses_in_a_stored_bundle_stay(client, mai):
    """A document's references are looked for among its own entries, by the address of the entry."""
    url = f"http://localhost/fhir/Patient/{mai}"
    doc = {"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": url, "resource": {"resourceType": "Patient", "id": mai}},
        {"fullUrl": "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a", "resource": {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": url}}},
    ]}  # fmt: skip
    made = client.post("Bundle", doc)
    assert without_meta(client.get(f"Bundle/{made.id}").doc) == doc
