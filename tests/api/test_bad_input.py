"""What nobody should send: refused with words, within bounded time and memory, and the server stays up."""

from __future__ import annotations

import resource
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.api import world as w
from tests.api.test_bundles import bundle, entry
from tests.api.test_searching import ids

if TYPE_CHECKING:
    from collections.abc import Iterator

MB = 1 << 20
SECONDS = 10  # processor time of one request; a busy machine does not count
LETTERS = "%_\\*.+?^$(){}[]|'\";-"


@pytest.fixture(scope="module")
def world(migrated) -> tuple[w.Client, str]:
    """A facility's software and a Patient with a few results."""
    migrated.renew()
    client = w.software()
    mai = client.post("Patient", w.patient()).id
    for number in range(4):
        assert client.post("Observation", w.observation(mai, value=number)).status == 201
    return client, mai


@pytest.fixture(autouse=True)
def bounded(world) -> Iterator[None]:
    """Time and memory of each test are bounded, and a plain request is answered afterwards."""
    client, mai = world
    before, begun = psutil.Process().memory_info().rss, time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.process_time() - begun < SECONDS
    kept = psutil.Process().memory_info().rss - before
    most = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) * 1024
    assert kept < 200 * MB, f"{kept >> 20} MB are kept"
    assert most < 600 * MB, f"{most >> 20} MB were taken"
    assert client.get(f"Patient/{mai}").status == 200


def refused(reply: w.Reply, *statuses: int) -> None:
    """An answer with words in both languages, of a status that says whose fault it is."""
    assert reply.status in statuses, (reply.status, reply.data[:300])
    assert reply.doc["resourceType"] == "OperationOutcome"
    assert all(" | " in one["diagnostics"] for one in reply.doc["issue"]), reply.data[:500]
    assert len(reply.data) < 100_000


def with_text(place: str, text: str) -> dict[str, Any]:
    """A document with a text at a place."""
    return w.patient() | {"name": {"name": [{"text": text}]}, "extension": {
        "extension": [{"url": "http://x.test/a", "valueString": text}]}, "identifier": {"identifier": [{"system": "http://x.test", "value": text}]}, "id": {"id": text}}[place]  # fmt: skip


@pytest.mark.parametrize("place", ["name", "extension", "identifier", "id"])
@pytest.mark.parametrize("letter", ["x", "ế", "<"])
def test_ten_million_letters_anywhere(world, place, letter):
    refused(world[0].post("Patient", with_text(place, letter * 10_000_000)), 400, 413, 422)


def test_a_long_narrative_is_kept_as_it_is(world):
    """R4 bounds strings, not narratives and attachments: the size of a request does."""
    long = w.patient("LONG", text={"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{"x" * 10_000_000}</div>'})
    assert world[0].post("Patient", long).status == 201
    refused(world[0].post("Patient", w.patient("LONGER", text={"status": "generated", "div": "x" * 70_000_000})), 413)


def test_ten_million_letters_in_xml(world):
    body = b'<Patient xmlns="http://hl7.org/fhir"><name><text value="' + b"x" * 10_000_000 + b'"/></name></Patient>'
    refused(world[0].post("Patient", body, kind=w.XML), 400, 413, 422)


def test_a_document_of_many_small_things(world):
    refused(world[0].post("Patient", w.patient(name=[{"text": "x", "unknown": 1}] * 100_000)), 400, 413, 422)
    refused(world[0].post("Patient", w.patient(**{f"unknown{n}": n for n in range(100_000)})), 400, 413, 422)


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_bundles_of_a_hundred_thousand_entries(world, kind):
    one = entry("POST", "Basic", {"resourceType": "Basic", "code": {"text": "x"}})
    refused(world[0].post("", bundle(*[one] * 100_000, kind=kind)), 413)


def test_a_collection_of_a_hundred_thousand(world):
    """A document like any other, not asked for anything: kept whole, in bounded time."""
    nested = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Basic", "code": {"text": "x"}}}] * 100_000}
    assert world[0].post("Bundle", nested).status == 201


@pytest.mark.parametrize(
    "body",
    [
        b'{"resourceType":"Patient","contact":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"resourceType":"Patient","contained":[' + b'{"resourceType":"Patient","contained":[' * 500 + b"]}" * 500 + b"]}",
        b'{"resourceType":"Parameters","parameter":[' + b'{"name":"a","part":[' * 500 + b"]}" * 500 + b"]}",
        b'{"resourceType":"Questionnaire","status":"draft","item":[' + b'{"linkId":"1","type":"group","item":[' * 5_000 + b"]}" * 5_000 + b"]}",
    ],
)
def test_deep_nesting(world, body):
    kind = body.partition(b'Type":"')[2].partition(b'"')[0].decode()
    refused(world[0].post(kind, body), 400, 413, 422)


def test_deep_xml(world):
    body = b'<Patient xmlns="http://hl7.org/fhir">' + b'<extension url="http://x">' * 20_000 + b"</extension>" * 20_000 + b"</Patient>"
    refused(world[0].post("Patient", body, kind=w.XML), 400, 413, 422)


def test_entities_of_xml_are_not_opened(world):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(b'<!ENTITY b%d "%s">' % (n, b"&a;" * 10) for n in range(10)) + b"]>"
    refused(world[0].post("Patient", bomb + b'<Patient xmlns="http://hl7.org/fhir"><name><text value="&b9;"/></name></Patient>', kind=w.XML), 400)


@pytest.mark.parametrize(
    "doc",
    [
        {"subject": {"reference": "Medication/1"}},
        {"subject": {"reference": "Patient/1/2/3"}},
        {"subject": {"reference": "javascript:alert(1)//Patient"}},
        {"subject": {"reference": 7}},
        {"subject": [{"reference": "Patient/1"}]},
        {"encounter": {"reference": "Patient/1"}},
        {"unheard": True},
        {"valueQuantity": {"value": 1}, "valueString": "x"},
        {"effectiveDateTime": "hôm qua"},
        {"status": None},
    ],
)
def test_unknown_elements_and_wrong_references(world, doc):
    client, mai = world
    refused(client.post("Observation", {**w.observation(mai), **doc}), 400, 422)


SEARCHES = [
    "Observation?" + "&".join(f"patient.name=a{n}" for n in range(50)),
    "Observation?" + "&".join(f"subject:Patient.general-practitioner:Practitioner.name=a{n}" for n in range(50)),
    "Observation?has-member" + ".has-member" * 15 + ".code=x",
    "Observation?derived-from:Observation" + ".derived-from:Observation" * 40 + ".code=x",
    "Organization?partof:Organization" + ".partof:Organization" * 14 + ".name=x",
    "Patient?" + "_has:Observation:patient:" + "_has:Observation:derived-from:" * 12 + "code=718-7",
    "Patient?" + "&".join("_has:Observation:patient:code=718-7" for _ in range(50)),
    "Observation?" + "&".join(["_include=*"] * 32),
    "Observation?_include=*&_revinclude=*&_include:iterate=*&_revinclude:iterate=*",
    "Patient?" + "&".join(f"_revinclude:iterate={one}" for one in ("Observation:patient", "Observation:derived-from", "Condition:patient") * 10),
    "Observation?_count=1000000000",
    "Observation?_count=" + "9" * 18,
    "Observation?code=" + ",".join(f"c{n}" for n in range(499)),
    "Observation?_sort=" + ",".join(["code", "-date"] * 4),
    "Observation?_filter=" + " or ".join(f"code eq a{n}" for n in range(400)),
    "Observation?_filter=" + "(" * 15 + "code eq a" + ")" * 15,
    "Patient?_id=" + ",".join("a" * 64 for _ in range(120)),
    "?_type=" + ",".join(["Observation", "Patient", "Condition"] * 100) + "&_id=x",
]


@pytest.mark.parametrize("number", range(len(SEARCHES)))
def test_searches_made_to_be_slow(world, number):
    """Answered, or refused in words: never a fault of ours, never for long."""
    reply = world[0].get(SEARCHES[number])
    if reply.status != 200:
        refused(reply, 400, 413, 414, 422)


def test_chains_in_a_circle_end(world):
    """Resources that refer to each other in a ring: chains, _has and includes over it end, and give each of them once."""
    client, mai = world
    for number in range(6):
        doc = w.observation(mai, id=f"ring{number}", code="ring", derivedFrom=[{"reference": f"Observation/ring{(number + 1) % 6}"}])
        assert client.put(f"Observation/ring{number}", doc).status == 201
    ring = {f"ring{number}" for number in range(6)}
    assert set(ids(client.get("Observation?derived-from.derived-from.derived-from.derived-from.derived-from.derived-from.code=ring"))) == ring
    assert set(ids(client.get("Observation?" + "_has:Observation:derived-from:" * 7 + "code=ring"))) == ring
    whole = client.get("Observation?_id=ring0&_include:iterate=Observation:derived-from&_revinclude:iterate=Observation:derived-from")
    assert set(ids(whole, "include")) == ring - {"ring0"}
    assert len(ids(whole, "include")) == 5
    own = {"resourceType": "Organization", "id": "self", "name": "x", "partOf": {"reference": "Organization/self"}}
    assert client.put("Organization/self", own).status == 201
    for question in ("Organization?partof.partof.partof.name=x", "Organization?partof:below=Organization/self", "Organization?_id:above=self"):
        assert client.get(question).status in {200, 400}, question


def test_a_list_of_everything_is_not_followed(world):
    """One document that names more than a page may bring along: refused before any of it is read, and read by itself as ever."""
    client, _ = world
    named = [{"item": {"reference": f"Location/of-a-list-{number}"}} for number in range(20_001)]
    made = client.post("List", {"resourceType": "List", "status": "current", "mode": "working", "entry": named})
    assert made.status == 201, made.data[:300]
    refused(client.get(f"List?_id={made.id}&_include=List:item"), 413)
    assert ids(client.get(f"List?_id={made.id}")) == [made.id]


@pytest.mark.parametrize("moment", ["0001", "0001-01-01T00:00:00", "0001-01-01T00:00:01.5%2B14:00", "9999-12-31T23:59:60-12:00", "9999"])
def test_the_ends_of_time_are_moments(world, moment):
    client, mai = world
    asked = (
        f"Observation?date=ap{moment}",
        f"Observation?_lastUpdated=ap{moment}",
        f"Observation/_history?_at={moment}",
        f"Patient/{mai}/_history?_at={moment}",
    )
    assert {client.get(one).status for one in asked} == {200}


@pytest.mark.parametrize("letter", LETTERS)
def test_signs_of_patterns_are_letters(world, letter):
    """LIKE and regular expressions: a sign finds itself and stands for nothing else."""
    client, _ = world
    made = client.post(
        "Patient", w.patient(f"S-{ord(letter)}", name=[{"family": f"Qq{letter}zz"}], gender="other", birthDate=f"1930-01-{ord(letter) % 28 + 1:02}")
    )
    assert made.status == 201, made.data
    for modifier in ("", ":contains", ":exact"):
        told = client.ask(
            "POST", "Patient/_search", f"family{modifier}=Qq%{ord(letter):02X}zz&identifier=S-{ord(letter)}", kind="application/x-www-form-urlencoded"
        )
        if letter not in "\\|$,":  # these escape or part values
            assert ids(told) == [made.id], (modifier, told.data)
        else:
            assert told.status in {200, 400}
    plain = client.ask("POST", "Patient/_search", f"family:contains=q%{ord(letter):02X}{ord(letter):02X}", kind="application/x-www-form-urlencoded")
    assert plain.status in {200, 400}
    if plain.status == 200:
        assert ids(plain) == []


def test_what_costs_much_to_check_is_given_up(world):
    """An expression or a document made to be slow to judge."""
    client, mai = world
    codings = [{"system": "urn:x", "code": str(number)} for number in range(1_500)]
    reply = client.post("Observation/$validate", {**w.observation(mai), "code": {"coding": codings}, "component": [{"code": {"text": "x"}}] * 1_500})
    assert reply.status in {200, 413, 422}
    power = "Observation.descendants()" + ".descendants()" * 30 + ".count() > 1"
    patch = {
        "resourceType": "Parameters",
        "parameter": [{"name": "operation", "part": [{"name": "type", "valueCode": "delete"}, {"name": "path", "valueString": power}]}],
    }
    (one, *_) = ids(client.get(f"Observation?patient={mai}&_count=1"))
    refused(client.ask("PATCH", f"Observation/{one}", patch), 400, 413, 422)
    copies = [{"op": "copy", "from": "", "path": "/extension"}] * 40
    refused(client.ask("PATCH", f"Observation/{one}", copies, kind="application/json-patch+json"), 400, 413, 422)
