"""Who may come in, in which form, how much and how often: every refusal is an OperationOutcome in both languages."""

import base64
import time

import orjson
import pytest
from psycopg.errors import DeadlockDetected

from tests.api import world as w
from yba import accounts, record
from yba.api import bodies
from yba.kit.db import reading, unit_of_work


def refusals(who):
    with reading(by=w.OPERATOR) as conn:
        rows = conn.execute("SELECT about_id FROM audit_event WHERE tag = 'access:right:refused' AND who = %s", (who,)).fetchall()
    return [row[0] for row in rows]


@pytest.mark.law("ANM-R10")
def test_nobody_without_a_good_token_is_told_anything(client):
    for stranger in (w.Client(), w.Client("wrong"), w.Client("ybt_wrong")):
        for method, path in (
            ("GET", "Patient/1"),
            ("GET", "Patient"),
            ("POST", "Patient"),
            ("DELETE", "Patient/1"),
            ("POST", ""),
            ("GET", "_history"),
        ):
            answer = stranger.ask(method, path, w.patient() if method == "POST" else None)
            assert answer.status == 401, (method, path, answer.data)
            assert answer.codes == ["login"]
            assert answer.headers["www-authenticate"].startswith("Bearer")


def test_software_gets_a_session_by_client_credentials(database):
    with unit_of_work(by=w.OPERATOR) as conn:
        made = accounts.add_client(conn, by=w.OPERATOR, facility=w.HERE)
    form = "application/x-www-form-urlencoded"
    stranger = w.Client()
    sent = f"grant_type=client_credentials&client_id={made.username}&client_secret={made.secret}"
    answer = stranger.post("token", sent, kind=form)
    assert answer.status == 200, answer.data
    assert answer.headers["content-type"].startswith("application/json")
    told = orjson.loads(answer.data)
    assert (told["token_type"], told["expires_in"] > 3000) == ("Bearer", True)
    assert w.Client(told["access_token"]).post("Patient", w.patient()).status == 201
    coded = base64.b64encode(f"{made.username}:{made.secret}".encode()).decode()
    assert stranger.post("token", "grant_type=client_credentials", kind=form, authorization=f"Basic {coded}").status == 200
    for sent, status, error in (
        ("grant_type=client_credentials&client_id=a&client_secret=b", 401, "invalid_client"),
        ("grant_type=password", 400, "unsupported_grant_type"),
        ("grant_type=client_credentials", 401, "invalid_client"),
    ):
        answer = stranger.post("token", sent, kind=form)
        assert (answer.status, orjson.loads(answer.data)["error"]) == (status, error)
    assert stranger.post("token", b"{}").status == 400


@pytest.mark.law("DLCN-R01")
def test_a_right_that_is_not_held_is_refused_and_noted(database):
    officer, account = w.person("privacy-officer")
    answer = officer.post("Patient", w.patient())
    assert (answer.status, answer.codes) == (403, ["forbidden"])
    clerk, other = w.person("record-clerk")
    assert clerk.get("Observation").status == 403
    assert refusals(f"user:{account}") == ["record:clinical:write"]
    assert refusals(f"user:{other}") == ["record:clinical:search"]


def test_a_person_may_choose_among_the_purposes_of_the_own_roles(database):
    doctor, _ = w.person("doctor")
    assert doctor.get("Patient/none", x_purpose="treatment").status == 404
    assert doctor.get("Patient/none", x_purpose="research").status == 403


def test_what_is_spoken_here(client):
    for accept, kind in (
        ("application/fhir+json", w.JSON), ("application/json", w.JSON), ("*/*", w.JSON), ("", w.JSON), ("text/html,*/*;q=0.1", w.JSON),
        ("application/fhir+xml;q=0.2, application/fhir+json", w.JSON), ("application/fhir+json; fhirVersion=4.0", w.JSON),
    ):  # fmt: skip
        answer = client.get("metadata", accept=accept)
        assert (answer.status, answer.headers["content-type"].split(";")[0]) == (200, kind), accept
    for accept in ("text/html", "application/fhir+json; fhirVersion=3.0", "image/png"):
        assert client.get("metadata", accept=accept).status == 406
    assert client.get("metadata?_format=json", accept="text/html").status == 200
    assert client.get("metadata?_format=pdf").status == 406
    assert b"\n  " in client.get("metadata?_pretty=true").data
    assert client.post("Patient", b"x", kind="text/csv").status == 415
    assert client.post("Patient", w.patient(), kind="application/fhir+json;charset=latin-1").status == 415
    assert client.post("Patient", w.patient(), kind="application/fhir+json; charset=utf-8").status == 201
    assert client.post("Patient", w.patient("P-2"), prefer="return=all, handling=dreamily").status == 201, (
        "what nobody knows is passed over: RFC 7240"
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "Nothing/1", 404), ("GET", "a/b/c/d/e", 404), ("GET", "Patient/" + "x" * 65, 400), ("GET", "Patient/a%20b", 400),
        ("PUT", "", 405), ("DELETE", "metadata", 405), ("POST", "Patient/1", 405), ("TRACE", "Patient/1", 405), ("GET", "$nothing", 404),
        ("GET", "Patient?name=%00", 400), ("GET", "Patient/%FF", 400), ("GET", "Patient?_count=%FF", 400), ("GET", "Device/1/Nothing", 404),
    ],
)  # fmt: skip
def test_addresses_that_are_none(client, method, path, status):
    answer = client.ask(method, path)
    assert answer.status == status, answer.data
    if status == 405:
        assert answer.headers["allow"]


def test_a_host_that_is_not_ours_gets_no_links(client):
    assert client.get("metadata", host="evil.example").status == 400


BAD = {
    "empty": b"",
    "no json": b"{",
    "no object": b"[]",
    "not utf-8": b'{"resourceType":"Patient","name":[{"text":"\xff"}]}',
    "nul": b'{"resourceType":"Patient","name":[{"text":"a\\u0000"}]}',
    "raw nul": b'{"resourceType":"Patient","name":[{"text":"\x00"}]}',
    "deep": b'{"resourceType":"Patient","extension":' + b'[{"extension":' * 200 + b"[]" + b"}]" * 200 + b"}",
    "very deep": b"[" * 1_000_000,
    "long text": b'{"resourceType":"Patient","name":[{"text":"' + b"x" * 10_000_000 + b'"}]}',
    "long number": b'{"resourceType":"Patient","multipleBirthInteger":' + b"9" * 10_000 + b',"x":1.5}',
    "nan": b'{"resourceType":"Patient","multipleBirthInteger":NaN}',
    "another type": b'{"resourceType":"Observation"}',
}


@pytest.mark.parametrize("name", BAD)
def test_bodies_nobody_can_use_are_refused_soon(client, name):
    begun = time.process_time()
    answer = client.post("Patient", BAD[name])
    assert answer.status == 400, answer.data[:300]
    assert " | " in answer.doc["issue"][0]["diagnostics"]
    assert time.process_time() - begun < 5
    assert client.get("metadata").status == 200


def test_bundles_of_a_hundred_thousand_entries_are_refused_before_they_are_read(client):
    entry = b'{"request":{"method":"GET","url":"Patient/1"}}'
    body = b'{"resourceType":"Bundle","type":"batch","entry":[' + b",".join([entry] * 100_000) + b"]}"
    answer = client.post("", body)
    assert (answer.status, answer.codes) == (413, ["too-costly"])
    with bodies.MOST_ENTRIES.set_to(2):
        small = {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": "metadata"}}] * 3}
        assert client.post("", small).status == 413


def test_more_bytes_than_allowed_are_refused_by_what_is_declared_and_by_what_comes(client):
    answer = client.ask("POST", "token", b"x" * 20_000, kind="application/x-www-form-urlencoded")
    assert (answer.status, answer.codes) == (413, ["too-long"])


def test_a_caller_who_is_too_fast_waits(client):
    class Strict:
        def take(self, *_):
            return False

        def fetch(self, *_):
            return 7

    for who in (w.Client(pace=Strict()), w.Client(client.token, pace=Strict())):
        answer = who.get("Patient/1")
        assert (answer.status, answer.headers["retry-after"], answer.codes) == (429, "7", ["throttled"])


def test_credits_that_ran_out_in_this_process_are_fetched_once_and_the_request_goes_on(client):
    class Lots:
        held, fetched = 0, 0

        def take(self, *_):
            self.held -= self.held > 0
            return self.held > 0

        def fetch(self, *_):
            self.held, self.fetched = 10, self.fetched + 1
            return 0

    pace = Lots()
    assert w.Client(client.token, pace=pace).get("Patient/none").status == 404
    assert pace.fetched == 1


def test_a_statement_that_takes_too_long_is_ended_and_told(client, monkeypatch):
    def slow(conn, **_):
        conn.execute("SELECT pg_sleep(20)")

    monkeypatch.setattr("yba.record.get", slow)
    monkeypatch.setattr("yba.api.edge.PATIENCE", lambda: 200)
    answer = client.get("Patient/1")
    assert (answer.status, answer.codes) == (422, ["too-costly"])


def test_a_mistake_of_ours_is_told_calmly(client, monkeypatch):
    def broken(conn, **_):
        raise ZeroDivisionError("NGUYỄN VĂN BÍ MẬT")

    monkeypatch.setattr("yba.record.get", broken)
    answer = client.get("Patient/1")
    assert (answer.status, answer.codes) == (500, ["exception"])
    assert "BÍ MẬT" not in answer.data.decode()
    assert "Zero" not in answer.data.decode()
    assert "Traceback" not in answer.data.decode()


def test_actors_carry_where_they_came_from(client):
    client.post("Patient", w.patient())
    with reading(by=w.OPERATOR) as conn:
        rows = conn.execute("SELECT DISTINCT address FROM audit_event WHERE who = 'client:01013' AND tag LIKE 'record:%'").fetchall()
    assert rows == [("127.0.0.1",)]


def test_an_act_that_lost_to_another_begins_anew_with_what_was_sent(client, monkeypatch):
    """Its body is read once: the second try found an empty one."""
    subject = client.post("Patient", w.patient("P-1")).id
    save, lost = record.save, []

    def loses(*given, **more):
        if not lost:
            lost.append(True)
            raise DeadlockDetected
        return save(*given, **more)

    monkeypatch.setattr(record, "save", loses)
    assert client.post("Observation", w.observation(subject)).status == 201
    assert lost
