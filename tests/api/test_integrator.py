"""What an integrator tries first, and was told too little or something else than R4 and HTTP say."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from tests.api import world as w
from yba.kit.settings import SEARCH_SCAN

PATCH = [{"op": "replace", "path": "/status", "value": "amended"}]


@pytest.fixture
def client(database: Any) -> w.Client:
    return w.software()


@pytest.fixture
def mai(client: w.Client) -> str:
    made: str = client.post("Patient", w.patient()).id
    return made


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("", "vi"), ("en", "en"), ("en-GB,en;q=0.9", "en"), ("vi-VN,vi;q=0.9,en;q=0.8", "vi"), ("vi;q=0.1, en", "en"), ("fr, en;q=0.5, vi;q=0.1", "en"),
        ("en;q=0.1, vi;q=0.2", "vi"), ("fr", "vi"), ("en;q=0", "vi"), ("en;q=much", "vi"), ("en, vi", "en"), ("*", "vi"), ("english", "vi"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_the_language_wanted_most(client: w.Client, asked: str, told: str) -> None:
    issue = client.get("Patient/nobody", accept_language=asked).doc["issue"][0]
    words = {"vi": "Không có tài nguyên này.", "en": "There is no such resource."}
    assert issue["details"]["text"] == words[told]
    assert issue["diagnostics"] == f"{words['vi']} | {words['en']}"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("*/*", w.JSON), ("application/*", w.JSON), ("text/*", w.XML), ("application/fhir+json;q=0, */*", w.XML), ("*/*, application/json;q=0", w.XML),
        ("application/fhir+xml;q=0, text/*", w.JSON), ("text/turtle, */*;q=0.1", w.JSON), ("application/fhir+json;q=0.3, application/fhir+xml;q=0.4", w.XML),
        ("application/fhir+json;q=0, application/fhir+xml;q=0, */*", ""), ("*/*;q=0", ""), ("text/turtle", ""),
    ],
)  # fmt: skip
def test_a_range_means_what_was_not_refused_by_name(client: w.Client, asked: str, given: str) -> None:
    reply = client.get("metadata", accept=asked)
    assert (reply.status, reply.headers["content-type"].partition(";")[0]) == ((200, given) if given else (406, w.JSON))


def test_the_statement_says_where_tokens_are_and_that_browsers_of_others_cannot_call(client: w.Client) -> None:
    found = w.Client().get("metadata").doc
    (rest,) = found["rest"]
    (uris,) = rest["security"]["extension"]
    assert uris["url"] == "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
    assert uris["extension"] == [{"url": "token", "valueUri": f"{found['implementation']['url']}/token"}]
    assert rest["security"]["cors"] is False
    told = w.Client().ask("OPTIONS", "Patient", origin="https://app.example", access_control_request_method="GET")
    assert told.status == 405
    assert "GET" in told.headers["allow"]
    assert "access-control-allow-origin" not in told.headers
    assert client.post("CapabilityStatement/$validate", found).doc["issue"][0]["severity"] != "error"


def test_a_json_patch_under_another_name_is_told_its_own(client: w.Client, mai: str) -> None:
    at = f"Observation/{client.post('Observation', w.observation(mai)).id}"
    for kind in ("application/json", w.JSON, "application/xml-patch+xml", "text/plain"):
        reply = client.ask("PATCH", at, orjson.dumps(PATCH), kind=kind)
        assert (reply.status, reply.codes) == (415, ["not-supported"])
        assert "application/json-patch+json" in reply.headers["accept-patch"]
    assert "application/json-patch+json" in client.ask("PATCH", at, PATCH, kind="application/json").doc["issue"][0]["details"]["text"]
    assert client.ask("PATCH", at, PATCH, kind="application/json-patch+json").doc["status"] == "amended"
    assert client.ask("PATCH", at, w.status_by_path("corrected")).doc["status"] == "corrected"


def _entry(method: str, url: str, doc: dict[str, Any], **conditions: str) -> dict[str, Any]:
    return {"resource": doc, "request": {"method": method, "url": url, **conditions}}


def test_a_transaction_says_which_entry_a_condition_failed_in(client: w.Client, mai: str) -> None:
    client.put("Observation/there", {**w.observation(mai), "id": "there"})

    def refused(*entries: dict[str, Any]) -> tuple[int, list[str]]:
        fine = _entry("POST", "Observation", w.observation(mai))
        reply = client.post("", {"resourceType": "Bundle", "type": "transaction", "entry": [fine, *entries]})
        (issue,) = reply.doc["issue"]
        return reply.status, issue.get("expression")

    changed = {**w.observation(mai, value=7), "id": "there"}
    lost = w.observation(mai, subject={"reference": "Patient?identifier=http://benhvien.test/ma-bn|none"})
    unread = w.observation(mai, subject={"reference": "Patient?nothing=1"})
    new = _entry("PUT", "Observation/new", {**changed, "id": "new"}, ifNoneMatch="*")
    assert refused(_entry("PUT", "Observation/there", changed, ifMatch='W/"9"')) == (412, ["Bundle.entry[1]"])
    assert refused(new, _entry("PUT", "Observation/there", changed, ifNoneMatch="*")) == (412, ["Bundle.entry[2]"])
    assert refused(new, _entry("PUT", "Observation/absent", {**changed, "id": "absent"}, ifMatch="*")) == (412, ["Bundle.entry[2]"])
    assert refused(new, _entry("POST", "Observation", lost)) == (412, ["Bundle.entry[2]"])
    status, expression = refused(_entry("POST", "Observation", unread))
    assert (status, expression[0]) == (400, "Bundle.entry[1]")
    status, expression = refused(_entry("POST", "Observation", w.observation(mai), ifNoneExist="nothing=1"))
    assert (status, expression[0]) == (400, "Bundle.entry[1]")
    gone = {"request": {"method": "DELETE", "url": "Observation/there", "ifMatch": 'W/"9"'}}
    assert refused(new, gone) == (412, ["Bundle.entry[2]"])
    assert client.get("Observation/new").status == 404, "nothing of them was written"
    assert client.get("Observation/there").headers["etag"] == 'W/"1"'


@pytest.mark.parametrize(
    "asked", ["_type=Observation,Patient,Basic", "_type=Observation", "_lastUpdated=gt2020", "_type=Basic,Observation&_total=accurate"]
)
def test_several_types_are_searched_a_page_at_a_time_whatever_they_hold(client: w.Client, mai: str, asked: str) -> None:
    for number in range(6):
        client.put(f"Observation/same-{number}", {**w.observation(mai, value=number), "id": f"same-{number}"})
        client.put(
            f"Basic/same-{number}",
            {"resourceType": "Basic", "id": f"same-{number}", "code": {"text": "x"}, "subject": {"reference": f"Patient/{mai}"}},
        )
    whole = [one["fullUrl"] for one in client.get(f"?{asked}&_count=100").doc["entry"]]
    assert len(whole) >= (6 if asked == "_type=Observation" else 12)
    with SEARCH_SCAN.set_to(3):
        for count in (1, 2, 5):
            page, seen = client.get(f"?{asked}&_count={count}"), []
            while True:
                assert page.status == 200, page.data
                seen += [one["fullUrl"] for one in page.doc["entry"]]
                assert page.doc.get("total") == (12 if "_total" in asked else None)
                following = [one["url"] for one in page.doc["link"] if one["relation"] == "next"]
                if not following:
                    break
                page = client.get(following[0].partition("/fhir")[2].lstrip("/"))
            assert seen == whole, "one id of two types of one person is two resources"
        assert client.get("?_type=Observation,Basic&_count=0").doc["total"] == 12
        assert client.get("?_type=Observation,Basic&_content=x").status == 413


def test_what_changed_since_is_found_whatever_it_is_and_to_the_microsecond(client: w.Client, mai: str) -> None:
    made = [client.put(f"Basic/b{number}", {"resourceType": "Basic", "id": f"b{number}", "code": {"text": "x"}}).doc for number in range(7)]
    moments = {one["id"]: datetime.fromisoformat(one["meta"]["lastUpdated"]) for one in made}
    middle = moments["b3"]
    step = timedelta(microseconds=1)
    for at in (middle - step, middle, middle + step):
        expected = {
            "eq": {id_ for id_, when in moments.items() if when == at},
            "ne": {id_ for id_, when in moments.items() if when != at},
            "gt": {id_ for id_, when in moments.items() if when > at},
            "ge": {id_ for id_, when in moments.items() if when >= at},
            "lt": {id_ for id_, when in moments.items() if when < at},
            "le": {id_ for id_, when in moments.items() if when <= at},
            "sa": {id_ for id_, when in moments.items() if when > at},
            "eb": {id_ for id_, when in moments.items() if when < at},
        }
        for prefix, wanted in expected.items():
            with SEARCH_SCAN.set_to(1 if prefix in {"gt", "ge", "sa"} else 100):
                path = f"Basic?_lastUpdated={prefix}{quote(at.isoformat(timespec='microseconds'))}&_count=2"
                assert set(found(client, path)) == wanted, (prefix, at)
    day = middle.date().isoformat()
    assert set(found(client, f"Basic?_lastUpdated={day}&_count=3")) == set(moments)
    assert found(client, f"Basic?_lastUpdated=lt{day}&_count=3") == []
    assert found(client, f"Basic?_lastUpdated=gt{day}&_count=3") == []
    assert set(found(client, f"Basic?_lastUpdated=lt{day},ge{day}&_count=3")) == set(moments)


def found(client: w.Client, path: str) -> list[str]:
    """The ids of all pages, in their order."""
    page, seen = client.get(path), list[str]()
    while True:
        assert page.status == 200, page.data
        seen += [one["resource"]["id"] for one in page.doc.get("entry", [])]
        following = [one["url"] for one in page.doc["link"] if one["relation"] == "next"]
        if not following:
            assert len(seen) == len(set(seen))
            return seen
        page = client.get(following[0].partition("/fhir")[2].lstrip("/"))
