"""One resource over HTTP: written, read, read again by version, changed, deleted; what the headers say of it."""

import pytest

from tests.api import world as w
from yba.kit.settings import FHIR_PLACEHOLDERS


def test_what_is_created_is_read_back_with_the_digits_it_was_sent_with(client, mai):
    made = client.post("Observation", b'{"resourceType":"Observation","status":"final","code":{"text":"Hb"},"subject":{"reference":"Patient/%s"},'
                       b'"valueQuantity":{"value":13.50,"unit":"g/dL"}}' % mai.encode())  # fmt: skip
    assert made.status == 201, made.data
    assert made.headers["etag"] == 'W/"1"'
    assert made.headers["location"] == f"http://localhost/fhir/Observation/{made.id}/_history/1"
    assert b'"value":13.50' in made.data
    read = client.get(f"Observation/{made.id}")
    assert (read.status, read.headers["content-type"]) == (200, "application/fhir+json;charset=utf-8")
    assert b'"value":13.50' in read.data
    assert read.doc["meta"]["versionId"] == "1"
    assert read.doc["id"] == made.id
    for name in ("x-request-id", "cache-control", "content-security-policy", "x-content-type-options", "last-modified"):
        assert read.headers[name]
    assert read.headers["cache-control"] == "no-store"


def test_a_reader_who_has_it_already_is_told_so(client, mai):
    read = client.get(f"Patient/{mai}")
    for headers in ({"if_none_match": read.headers["etag"]}, {"if_modified_since": read.headers["last-modified"]}):
        again = client.get(f"Patient/{mai}", **headers)
        assert (again.status, again.data) == (304, b"")
    assert client.get(f"Patient/{mai}", if_none_match='W/"7"').status == 200
    head = client.ask("HEAD", f"Patient/{mai}")
    assert (head.status, head.data) == (200, b"")
    assert head.headers["etag"] == read.headers["etag"]


def test_an_update_makes_a_version_and_the_same_again_makes_none(client, mai):
    made = client.post("Observation", w.observation(mai))
    changed = w.observation(mai, value=14.1, id=made.id)
    second = client.put(f"Observation/{made.id}", changed, if_match='W/"1"')
    assert (second.status, second.headers["etag"]) == (200, 'W/"2"')
    assert client.put(f"Observation/{made.id}", changed).headers["etag"] == 'W/"2"'
    late = client.put(f"Observation/{made.id}", w.observation(mai, id=made.id), if_match='W/"1"')
    assert (late.status, late.codes) == (412, ["conflict"])
    assert client.get(f"Observation/{made.id}/_history/1").doc["valueQuantity"]["value"] == 13.5
    assert client.get(f"Observation/{made.id}/_history/2").doc["valueQuantity"]["value"] == 14.1
    assert client.get(f"Observation/{made.id}/_history/3").status == 404
    history = client.get(f"Observation/{made.id}/_history").doc
    assert [one["response"]["etag"] for one in history["entry"]] == ['W/"2"', 'W/"1"']
    assert [one["request"]["method"] for one in history["entry"]] == ["PUT", "POST"]


def test_an_update_creates_under_the_id_the_client_gives(client, mai):
    made = client.put("Observation/ket-qua.1", w.observation(mai, id="ket-qua.1"))
    assert made.status == 201
    assert client.get("Observation/ket-qua.1").doc["id"] == "ket-qua.1"
    again = client.put("Observation/ket-qua.1", w.observation(mai, id="ket-qua.1"), if_none_match="*")
    assert again.status == 412
    assert client.put("Observation/ket-qua.2", w.observation(mai, id="khac")).status == 400


def test_what_is_deleted_is_gone_and_comes_back_with_its_history(client, mai):
    made = client.post("Observation", w.observation(mai))
    gone = client.ask("DELETE", f"Observation/{made.id}")
    assert (gone.status, gone.data) == (204, b"")
    assert client.get(f"Observation/{made.id}").status == 410
    assert client.ask("DELETE", f"Observation/{made.id}").status == 204
    assert client.ask("DELETE", "Observation/never").status == 204
    assert [one["request"]["method"] for one in client.get(f"Observation/{made.id}/_history").doc["entry"]] == ["DELETE", "POST"]
    assert client.put(f"Observation/{made.id}", w.observation(mai, id=made.id)).status == 201
    assert client.get(f"Observation/{made.id}").headers["etag"] == 'W/"3"'


@pytest.mark.parametrize(
    ("prefer", "kind"), [("return=minimal", None), ("return=OperationOutcome", "OperationOutcome"), ("return=representation", "Observation")]
)
def test_a_write_gives_back_what_is_preferred(client, mai, prefer, kind):
    made = client.post("Observation", w.observation(mai), prefer=prefer)
    assert made.status == 201
    assert (made.doc["resourceType"] if made.data else None) == kind


def test_everything_wrong_with_a_document_is_said_at_once_in_both_languages_and_nothing_of_its_content(client, mai):
    wrong = w.observation(mai, status="tốt", unknown="NGUYỄN VĂN BÍ MẬT", effectiveDateTime="hôm qua")
    told = client.post("Observation", wrong)
    assert told.status == 422
    assert len(told.doc["issue"]) == 3
    for issue in told.doc["issue"]:
        assert issue["expression"]
        assert " | " in issue["diagnostics"]
    assert "BÍ MẬT" not in told.data.decode()
    english = client.post("Observation", wrong, accept_language="en")
    assert "required set" in english.doc["issue"][0]["details"]["text"]


def test_a_reference_to_nobody_known_is_refused_where_nobody_is_waited_for(client):
    with FHIR_PLACEHOLDERS.set_to(value=False):
        told = client.post("Observation", w.observation("khong-co"))
    assert told.status == 422
    assert told.codes == ["not-found"]


@pytest.mark.law("DLCN-R01")
def test_another_facility_neither_reads_nor_changes_it(client, mai):
    made = client.post("Observation", w.observation(mai))
    other = w.software(w.THERE)
    assert other.get(f"Observation/{made.id}").status == 404
    assert other.get(f"Observation/{made.id}/_history").status == 404
    assert other.get(f"Observation/{made.id}/_history/1").status == 404
    assert other.put(f"Observation/{made.id}", w.observation(mai, id=made.id)).status in {403, 404, 409, 422}
    other.ask("DELETE", f"Observation/{made.id}")
    assert client.get(f"Observation/{made.id}").status == 200
