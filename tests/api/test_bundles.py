"""Bundles: a transaction is all or nothing and knows its own entries; a batch's entries stand alone."""

import pytest

from tests.api import world as w
from yba import audit
from yba.kit.db import reading

MOTHER = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"
VISIT = "urn:uuid:74891afc-ed52-42a2-bcd7-f13d9b60f096"


def entry(method, url, resource=None, full_url="", **conditions):
    made = {"request": {"method": method, "url": url, **conditions}}
    if resource is not None:
        made["resource"] = resource
    return {**made, "fullUrl": full_url} if full_url else made


def bundle(*entries, kind="transaction"):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def visit():
    return {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": MOTHER},
        "period": {"start": "2026-03-02T08:00:00+07:00", "end": "2026-03-02T09:00:00+07:00"},
    }


def statuses(reply):
    assert reply.status == 200, reply.data[:500]
    return [one["response"]["status"].split()[0] for one in reply.doc["entry"]]


def total():
    with w.unit_of_work(by=w.OPERATOR) as conn:
        return conn.execute("SELECT count(*) FROM resource WHERE NOT deleted AND id::text <> person_id::text").fetchone()[0]


def test_entries_refer_to_each_other_in_any_order(client):
    result = w.observation("x") | {"subject": {"reference": MOTHER}, "encounter": {"reference": VISIT}}
    result["text"] = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{VISIT}">khám</a></div>'}
    result["identifier"] = [{"system": "urn:ietf:rfc:3986", "value": VISIT}]
    reply = client.post(
        "", bundle(entry("POST", "Observation", result), entry("POST", "Encounter", visit(), VISIT), entry("POST", "Patient", w.patient(), MOTHER))
    )
    assert statuses(reply) == ["201", "201", "201"]
    observation, encounter, mother = (one["response"]["location"] for one in reply.doc["entry"])
    stored = client.get(observation).doc
    assert stored["subject"]["reference"] == "/".join(mother.split("/")[:2])
    assert stored["encounter"]["reference"] == "/".join(encounter.split("/")[:2])
    assert stored["encounter"]["reference"] in stored["text"]["div"]
    assert stored["identifier"][0]["value"] == VISIT, "an identifier that looks like a link is none"
    assert all(one["response"]["etag"] == 'W/"1"' and one["response"]["lastModified"] for one in reply.doc["entry"])


def test_one_wrong_entry_and_nothing_is_written(client):
    reply = client.post(
        "", bundle(entry("POST", "Patient", w.patient(), MOTHER), entry("POST", "Observation", w.observation("nobody", status="wrong")))
    )
    assert reply.status == 422, reply.data
    reply = client.post("", bundle(entry("POST", "Patient", w.patient(), MOTHER), entry("DELETE", "Nothing/1")))
    assert reply.status == 404
    assert total() == 0


def test_the_same_resource_twice_is_refused(client):
    made = client.post("", bundle(entry("PUT", "Basic/a", {"resourceType": "Basic", "id": "a", "code": {"text": "x"}})))
    assert statuses(made) == ["201"]
    twice = entry("PUT", "Basic/a", {"resourceType": "Basic", "id": "a", "code": {"text": "y"}})
    for other in (twice, entry("DELETE", "Basic/a")):
        reply = client.post("", bundle(twice, other))
        assert (reply.status, reply.codes) == (400, ["duplicate"])


def test_it_deletes_then_writes_then_reads(client):
    client.put("Basic/old", {"resourceType": "Basic", "id": "old", "code": {"text": "x"}})
    reply = client.post(
        "",
        bundle(
            entry("GET", "Basic/new"), entry("GET", "Basic/old/_history/1"), entry("PUT", "Basic/new", {"resourceType": "Basic", "id": "new", "code": {"text": "n"}}),
            entry("DELETE", "Basic/old"),
        ),
    )  # fmt: skip
    assert statuses(reply) == ["200", "200", "201", "204"]
    assert reply.doc["entry"][0]["resource"]["code"]["text"] == "n"
    assert client.get("Basic/old").status == 410


def test_writes_give_back_their_resource_only_where_it_is_preferred(client):
    one = bundle(entry("POST", "Patient", w.patient()))
    assert "resource" not in client.post("", one).doc["entry"][0]
    assert client.post("", one, prefer="return=representation").doc["entry"][0]["resource"]["resourceType"] == "Patient"
    assert client.post("", one, prefer="return=OperationOutcome").doc["entry"][0]["response"]["outcome"]["resourceType"] == "OperationOutcome"


def test_if_match_holds_inside_a_transaction(client):
    client.put("Basic/a", {"resourceType": "Basic", "id": "a", "code": {"text": "x"}})
    changed = {"resourceType": "Basic", "id": "a", "code": {"text": "y"}}
    assert client.post("", bundle(entry("PUT", "Basic/a", changed, ifMatch='W/"9"'))).status == 412
    assert statuses(client.post("", bundle(entry("PUT", "Basic/a", changed, ifMatch='W/"1"')))) == ["200"]


def test_transactions_that_overlap_in_opposite_order_all_succeed(client):
    """Eight at a time over the same three resources: whoever deadlocks begins anew, nobody is told."""
    names = ["a", "b", "c"]

    def basic(name, text):
        return entry("PUT", f"Basic/{name}", {"resourceType": "Basic", "id": name, "code": {"text": text}})

    assert statuses(client.post("", bundle(*(basic(name, "0") for name in names)))) == ["201"] * 3

    def race(nth):
        return [
            client.post("", bundle(*(basic(name, f"{nth}-{turn}") for name in (names if (nth + turn) % 2 else names[::-1])))).status
            for turn in range(4)
        ]

    told = [status for each in w.at_once(race) for status in each]
    assert told == [200] * 32
    read = [client.get(f"Basic/{name}") for name in names]
    assert len({one.doc["code"]["text"] for one in read}) == 1, "each transaction was whole"
    assert [one.headers["etag"] for one in read] == ['W/"33"'] * 3, "none was lost"


def test_a_batch_says_of_each_entry_what_became_of_it(client):
    reply = client.post(
        "",
        bundle(
            entry("PUT", "Basic/a", {"resourceType": "Basic", "id": "a", "code": {"text": "x"}}),
            entry("GET", "Basic/none"), entry("PUT", "Basic/b", {"resourceType": "Basic", "id": "b", "code": 7}), entry("GET", "Basic/a"),
            entry("NONSENSE", "Basic"), {"resource": w.patient()}, entry("POST", "Basic"), entry("GET", "metadata"), entry("GET", "http://evil.example/Basic/1"),
            kind="batch",
        ),
    )  # fmt: skip
    assert statuses(reply) == ["201", "404", "422", "200", "405", "400", "400", "400", "400"]
    assert reply.doc["type"] == "batch-response"
    for place in (1, 2, 4, 5, 6, 7, 8):
        issue = reply.doc["entry"][place]["response"]["outcome"]["issue"][0]
        assert " | " in issue["diagnostics"]


@pytest.mark.law("DLCN-R01")
def test_a_batch_opens_nothing_its_caller_may_not_open_and_notes_what_it_refused(database):
    client = w.software()
    made = client.post("Patient", w.patient())
    manager, _ = w.person("lab")
    reply = manager.post("", bundle(entry("GET", f"Patient/{made.id}"), entry("POST", "Patient", w.patient()), entry("GET", "Patient"), kind="batch"))
    assert statuses(reply) == ["404", "403", "403"]
    with reading(by=w.OPERATOR) as conn:
        noted = audit.trail(conn, by=w.OPERATOR, tag=audit.Tag.RIGHT_REFUSED)
    assert sorted(one.about_id for one in noted) == ["record:clinical:search", "record:clinical:write"]


def test_other_bundles_are_no_requests(client):
    assert client.post("", bundle(kind="searchset")).status == 400
    assert client.post("", w.patient()).status == 400
    assert client.post("", {"resourceType": "Bundle", "type": "batch", "entry": {}}).status == 400
    assert client.post("", bundle(kind="batch")).status == 200
