"""`Prefer: respond-async`: worked by the queue as who asked, with the rights of then; nobody else collects the answer."""

from datetime import timedelta
from uuid import UUID

import orjson
import pytest

from tests.api import world as w
from yba import access, accounts, audit
from yba.api.jobs import run, sweep
from yba.api.later import KEEPER
from yba.kit import Actor, clock, keys, new_id
from yba.kit.db import reading, unit_of_work


def put_off(client, path="_history?_count=1"):
    answer = client.get(path, prefer="respond-async")
    assert answer.status == 202, answer.data
    return answer.headers["content-location"].partition("/fhir/")[2]


def work(place):
    run(by=Actor.system("test"), number=place.rpartition("/")[2])


def test_it_is_answered_later_to_who_asked(client):
    client.post("Patient", w.patient())
    place = put_off(client)
    waiting = client.get(place)
    assert (waiting.status, waiting.headers["retry-after"]) == (202, "2")
    work(place)
    work(place)
    done = client.get(place)
    assert done.status == 200
    (entry,) = done.doc["entry"]
    assert entry["response"]["status"] == "200 OK"
    assert entry["resource"]["type"] == "history"
    assert w.software(w.THERE).get(place).status == 404
    assert client.ask("DELETE", place).status == 202
    assert client.get(place).status == 404


def test_what_was_asked_after_a_second_factor_is_not_collected_without_it(database):
    doctor, account = w.person("doctor")
    own = Actor.user(account, [], purpose="treatment")
    with unit_of_work(by=w.OPERATOR) as conn:  # at the hospital itself one factor will do
        accounts.set_networks(conn, by=w.OPERATOR, facility=w.HERE, networks=["127.0.0.0/8"])
    with unit_of_work(by=own) as conn:
        weak = w.Client(accounts.make_token(conn, by=own, account=account, name="máy khác", hours=1, proven=False).token)
    place = put_off(doctor, "Patient/none/$everything")
    work(place)
    assert (weak.get(place).status, weak.ask("DELETE", place).status) == (404, 404)
    assert doctor.get(place).status == 200
    assert weak.get(put_off(weak, "Patient/none/$everything")).status == 202, "its own waits"


@pytest.mark.law("DLCN-R01")
def test_a_right_lost_in_between_opens_nothing(database):
    doctor, account = w.person("doctor")
    place = put_off(doctor, "Patient/none/$everything")
    with unit_of_work(by=w.OPERATOR) as conn:
        for one in accounts.assignments_of(conn, by=w.OPERATOR, account=account):
            accounts.end_assignment(conn, by=w.OPERATOR, assignment=one.id, reason="chuyển đi")
    work(place)
    assert doctor.get(place).status in {401, 403}
    with reading(by=w.OPERATOR) as conn:
        noted = audit.trail(conn, by=w.OPERATOR, tag=audit.Tag.RIGHT_REFUSED, who=f"user:{account}")
    assert "everything" in {one.detail["fhir"] for one in noted}, "the job's refusal is in the trail as a request's is"


@pytest.fixture
def known(client):
    """A Patient with a result of one facility, a doctor of another who has the Patient on a visit, and the relation's source."""
    mai = client.post("Patient", w.patient()).doc["id"]
    client.post("Observation", w.observation(mai))
    person, source, doctor = UUID(w.persons_of("Patient", mai)[0].hex), new_id(), w.person("doctor", facility=w.THERE)
    visit = access.Relation(
        person, access.UnitKind.FACILITY, w.THERE, access.RelationKind.VISIT, clock.now() - timedelta(days=1), None, "Encounter", "1", source
    )
    with unit_of_work(by=w.OPERATOR) as conn:
        access.relate_many(conn, by=w.OPERATOR, relations=[visit])
    return mai, doctor, source


WAYS = {
    "everything": "Patient/{}/$everything", "search": "Observation?code=718-7", "count": "Observation?patient={}&_summary=count",
    "count by address": "Patient/{}/Observation?_summary=count", "history": "Observation/_history?_count=50",
}  # fmt: skip


def told_of(place, client, account):
    """How a late answer is given out now, and how often that was refused so far."""
    answer = client.get(place)
    with reading(by=w.OPERATOR) as conn:
        noted = audit.trail(conn, by=w.OPERATOR, tag=audit.Tag.RIGHT_REFUSED, who=f"user:{account}")
    return answer, [one.about_id for one in noted if one.detail["fhir"] == "later"]


@pytest.mark.law("DLCN-R01")
@pytest.mark.parametrize("way", WAYS)
def test_a_relation_lost_after_it_was_made_opens_it_no_more(known, way):
    mai, (doctor, account), source = known
    place = put_off(doctor, WAYS[way].format(mai))
    work(place)
    answer, refused = told_of(place, doctor, account)
    assert (answer.status, refused) == (200, [])
    inner = answer.doc["entry"][0]["resource"]
    assert inner.get("total", 1) >= 1
    assert ("718-7" in answer.data.decode()) is (not way.startswith("count"))
    with unit_of_work(by=w.OPERATOR) as conn:
        access.void_relations(conn, by=w.OPERATOR, source_ids=[source], reason="nhầm người")
    answer, refused = told_of(place, doctor, account)
    assert answer.status == 403
    assert "718-7" not in answer.data.decode()
    assert mai not in answer.data.decode(), "which resource it is about is not said"
    assert refused in (["record:clinical:read"], ["record:clinical:search"])
    assert doctor.ask("DELETE", place).status == 202, "who asked may still throw it away"


def test_what_is_restricted_since_is_not_given_out(known):
    mai, (doctor, account), _ = known
    place = put_off(doctor, f"Patient/{mai}/$everything")
    work(place)
    assert told_of(place, doctor, account)[0].status == 200
    with unit_of_work(by=Actor.system("test")) as conn:
        conn.execute("UPDATE resource SET labels = '{hiv}' WHERE rtype = 'Observation'")
    answer, refused = told_of(place, doctor, account)
    assert (answer.status, len(refused)) == (403, 1)


def test_what_was_deleted_since_is_no_right_lost(known, client):
    mai, (doctor, account), _ = known
    place = put_off(doctor, f"Patient/{mai}/$everything")
    work(place)
    inner = told_of(place, doctor, account)[0].doc["entry"][0]["resource"]["entry"]
    (seen,) = [one["resource"]["id"] for one in inner if one["resource"]["resourceType"] == "Observation"]
    assert client.ask("DELETE", f"Observation/{seen}").status in {200, 204}
    assert told_of(place, doctor, account)[0].status == 200


def test_a_bundle_of_questions_rests_on_each_of_them(known):
    mai, (doctor, account), source = known
    asked = [f"Observation?patient={mai}&_summary=count", f"Patient/{mai}"]
    doc = {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": url}} for url in asked]}
    counted = {**doc, "entry": doc["entry"][:1]}
    places = [doctor.post("", one, prefer="respond-async").headers["content-location"].partition("/fhir/")[2] for one in (doc, counted)]
    for place in places:
        work(place)
        answer = told_of(place, doctor, account)[0]
        assert {one["response"]["status"][:3] for one in answer.doc["entry"][0]["resource"]["entry"]} == {"200"}, answer.data
    with unit_of_work(by=w.OPERATOR) as conn:
        access.void_relations(conn, by=w.OPERATOR, source_ids=[source], reason="nhầm người")
    assert [told_of(place, doctor, account)[0].status for place in places] == [403, 403]


def test_an_answer_of_a_release_that_did_not_say_what_it_rests_on_is_not_given_out(client):
    place = put_off(client)
    work(place)
    number = place.rpartition("/")[2]
    old = keys.seal(orjson.dumps({"status": "200 OK", "body": None}), about=f"api_later answer {number}")
    with unit_of_work(by=KEEPER) as conn:
        conn.execute("UPDATE api_later SET answer = %s WHERE id = %s", (old, number))
    assert client.get(place).status == 404


def test_what_cannot_be_read_at_once_is_refused_later_too(client):
    """Bytes that are no UTF-8 are not made into other letters on the way through the queue."""
    doc = {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "POST", "url": "Patient"}, "resource": w.patient()}]}
    body = orjson.dumps(doc).replace(b"Mai", b"M\xffi")
    assert client.post("", body).status == 400
    answer = client.post("", body, prefer="respond-async")
    place = answer.headers["content-location"].partition("/fhir/")[2]
    work(place)
    (entry,) = client.get(place).doc["entry"]
    assert entry["response"]["status"] == "400 Bad Request"
    answer = client.post("", doc, prefer="respond-async")
    place = answer.headers["content-location"].partition("/fhir/")[2]
    work(place)
    (entry,) = client.get(place).doc["entry"][0]["resource"]["entry"]
    (kept,) = client.get(entry["response"]["location"].partition("/_history")[0]).doc["name"]
    assert kept == {"family": "Nguyễn", "given": ["Thị", "Mai"]}


def test_nothing_of_it_stands_in_the_open_and_it_is_forgotten_in_time(client):
    place = put_off(client, "Patient/_history?_since=2026-01-01")
    with reading(by=w.OPERATOR) as conn:
        (row,) = conn.execute("SELECT encode(request, 'escape') FROM api_later").fetchall()
    assert "_since" not in row[0]
    with clock.frozen(clock.now() + timedelta(hours=24, seconds=1)):
        assert client.get(place).status in {401, 404}
        sweep(by=Actor.system("test"))
    with reading(by=w.OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM api_later").fetchone() == (0,)
    put_off(client)
    with reading(by=Actor.facility_client(w.HERE)) as conn:
        assert conn.execute("SELECT count(*) FROM api_later").fetchone() == (0,)


def test_one_caller_puts_off_ten_at_most(client):
    for _ in range(10):
        put_off(client)
    assert client.get("_history", prefer="respond-async").status == 429


def test_what_fails_is_told_to_who_waits_and_not_waited_for(client, monkeypatch):
    """A job that only dies would leave its caller asking for a day."""

    def broken(*_, **__):
        raise ZeroDivisionError("NGUYỄN VĂN BÍ MẬT")

    place = put_off(client)
    with monkeypatch.context() as patched:
        patched.setattr("yba.record.history_of", broken)
        work(place)
    told = client.get(place)
    assert told.status == 200
    (entry,) = told.doc["entry"]
    assert entry["response"]["status"] == "500 Internal Server Error"
    assert entry["resource"]["issue"][0]["code"] == "exception"
    assert "BÍ MẬT" not in told.data.decode()


def test_a_bundle_put_off_keeps_its_reason_and_its_form(client):
    """Every step of R4's asynchronous pattern: kick-off, status, result, once more, deletion."""
    client.put("Basic/a", {"resourceType": "Basic", "id": "a", "code": {"text": "x"}})
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "DELETE", "url": "Basic/a"}}]}
    answer = client.post("", bundle, prefer="respond-async", x_reason="nhap%20nham")
    assert answer.status == 202
    place = answer.headers["content-location"].partition("/fhir/")[2]
    assert answer.headers["content-location"].startswith("http://localhost/fhir/_async/")
    assert client.get("Basic/a").status == 200, "not yet"
    assert client.get(place).status == 202
    work(place)
    assert client.get("Basic/a").status == 410
    for accept in (w.JSON, w.XML):
        done = client.get(place, accept=accept)
        assert (done.status, done.headers["content-type"].split(";")[0], bool(done.headers["expires"])) == (200, accept, True)
    inner = client.get(place).doc["entry"][0]["resource"]
    assert (inner["type"], inner["entry"][0]["response"]["status"]) == ("transaction-response", "204 No Content")
    with reading(by=w.OPERATOR) as conn:
        rows = conn.execute("SELECT reason FROM audit_event WHERE about_type = 'Basic' AND about_id = 'a' AND reason <> ''").fetchall()
    assert rows == [("nhap nham",)]
    assert client.ask("DELETE", place).status == 202
    assert client.get(place).status == 404
    assert client.get("Basic/a", prefer="respond-async").status == 410, "a read is answered at once"
    refused = put_off(client, "Observation?foo=1")
    work(refused)
    (entry,) = client.get(refused).doc["entry"]
    assert (entry["response"]["status"], entry["resource"]["issue"][0]["expression"]) == ("400 Bad Request", ["foo"])
