"""The trail as others read it: the person it is about, an auditor's FHIR client, a SIEM; and the second lock over it."""

import csv
import io
import json
import subprocess
import sys
import threading

import pytest
from django.db import connections

from tests.commands import typed
from yba import access, audit, fhir
from yba.audit import Note, Outcome, Store, Tag
from yba.kit import Actor, settings
from yba.kit.actor import Grant, Origin
from yba.kit.db import unit_of_work
from yba.kit.ids import new_id

OPERATOR = Actor.operator()
CLIENT = Actor.facility_client("01234")
FROM = Origin("10.1.2.3", 50123, "f3a9c2")


def doctor(facility="01234"):
    return Actor.user(new_id(), [Grant("doctor", facilities=frozenset({facility}))], purpose="treatment", origin=FROM)


def read(conn, by, person, **more):
    given = {"tag": Tag.PAGE_READ, "about_type": "Patient", "about_id": str(person), "person_id": person, "facility": "01234"} | more
    audit.note(conn, by=by, **given)


@pytest.mark.law("EMR-R12", "ANM-R11")
def test_a_row_says_who_in_what_role_from_where_did_what_to_which_version_and_how_it_ended(conn):
    person, who = new_id(), doctor()
    read(
        conn,
        who,
        person,
        tag=Tag.RESOURCE_READ,
        about_type="Observation",
        about_id="o1",
        version="3",
        under="record:clinical:read",
        reason="điều trị",
    )
    read(conn, who, person, outcome=Outcome.FAILED)
    failed, row = audit.trail(conn, by=OPERATOR, person=person)
    assert (row.who, row.actor_kind, row.role) == (who.name, "user", "doctor")
    assert (row.address, row.port, row.device) == ("10.1.2.3", 50123, "f3a9c2")
    assert (row.tag, row.about_type, row.about_id, row.version) == ("record:resource:read", "Observation", "o1", "3")
    assert (row.outcome, failed.outcome, row.reason, row.under) == ("done", "failed", "điều trị", "record:clinical:read")
    assert row.at.utcoffset() is not None


def test_a_copy_of_many_says_from_where_too(conn):
    person, who = new_id(), doctor()
    audit.note_many(
        conn, by=who, rows=[Note(Tag.RESOURCE_READ, "Observation", "o1", person, version="2"), Note(Tag.ACCOUNT_READ, "Account", "a", person)]
    )
    account, look = audit.trail(conn, by=OPERATOR, person=person)
    assert (look.store, look.address, look.port, look.device, look.role, look.version) == (
        "record_access",
        "10.1.2.3",
        50123,
        "f3a9c2",
        "doctor",
        "2",
    )
    assert (account.store, account.address) == ("security", "10.1.2.3")


@pytest.mark.law("BAOMAT-CB-R22")
def test_the_two_logs_are_kept_apart(conn):
    assert {tag for tag in Tag if audit.store_of(tag) is Store.SECURITY} >= {
        Tag.SIGN_IN,
        Tag.SIGN_OUT,
        Tag.SIGN_IN_REFUSED,
        Tag.ACCOUNT_ADD,
        Tag.INTAKE_REFUSED,
        Tag.STORE_VERIFY,
    }
    assert {tag for tag in Tag if audit.store_of(tag) is Store.RECORD_ACCESS} >= {
        Tag.PAGE_READ,
        Tag.RESOURCE_SEARCH,
        Tag.INGEST_CLAIM_EXPORT,
        Tag.EMERGENCY_OPEN,
        Tag.TRAIL_READ,
    }
    for tag in Tag:
        audit.note(conn, by=OPERATOR, tag=tag, about_type="x", about_id="apart")
    rows = audit.trail(conn, by=OPERATOR, about="apart", limit=1000)
    assert len(rows) == len(Tag)
    assert all(row.store == audit.store_of(Tag(row.tag)) for row in rows)
    assert {row.outcome for row in rows if row.tag.endswith("refused")} == {"refused"}
    assert {row.store for row in audit.trail(conn, by=OPERATOR, about="apart", log=Store.SECURITY)} == {"security"}


@pytest.mark.law("BAOMAT-CB-R22", "EMR-R12")
def test_a_person_reads_who_looked(conn):
    mine, other, staff = new_id(), new_id(), doctor()
    for person in (mine, other):
        read(conn, staff, person, under="record:clinical:read")
        read(conn, Actor.system("sweep"), person, tag=Tag.RESOURCE_PUT)
    officer = Actor.user(new_id(), [Grant("privacy-officer", areas=frozenset({"*"}))], purpose="oversight")
    audit.note(conn, by=officer, tag=Tag.TRAIL_READ, about_type="AuditEvent", about_id="", person_id=mine)
    looks = audit.looks_at(conn, by=OPERATOR, person_id=mine)
    assert [(look.who, look.human, look.roles, look.tag) for look in looks] == [
        (officer.name, True, ("privacy-officer",), "audit:trail:read"),
        ("system:sweep", False, ("system",), "record:resource:put"),
        (staff.name, True, ("doctor",), "record:page:read"),
    ]
    assert (looks[2].facility, looks[2].under, looks[2].purpose) == ("01234", "record:clinical:read", "treatment")
    assert [look.who for look in audit.looks_at(conn, by=OPERATOR, person_id=mine, human=False)] == ["system:sweep"]
    assert audit.trail(conn, by=OPERATOR, person=mine, tag=Tag.LOOKS_READ) != []


def test_the_second_lock_shows_a_citizen_the_own_looks_and_nobody_elses(database):
    mine, other = new_id(), new_id()
    with unit_of_work(by=OPERATOR) as conn:
        for person in (mine, other):
            read(conn, doctor(), person)
    citizen = Actor.user(new_id(), [Grant("citizen", persons=frozenset({mine}))], purpose="own-record", persons=[mine])
    with unit_of_work(by=citizen) as conn:
        assert conn.execute("SELECT count(*) FROM audit_event").fetchone() == (0,)  # a forgotten predicate shows nothing
        assert audit.looks_at(conn, by=citizen, person_id=mine) == []
        columns = access.Columns(person="person_id", facility="facility", labels=None, rtype=None)
        seen = access.predicate(conn, by=citizen, right=access.Right.AUDIT_LOOKS_READ, columns=columns)
        assert {look.tag for look in audit.looks_at(conn, by=citizen, person_id=mine, seen=seen)} >= {"record:page:read"}
        assert audit.looks_at(conn, by=citizen, person_id=other, seen=seen) == []
        assert conn.execute("SELECT DISTINCT person_id FROM audit_event").fetchall() == [(mine,)]


def test_a_facility_sees_its_own_rows_only(database):
    with unit_of_work(by=OPERATOR) as conn:
        for facility in ("01234", "99999", None):
            read(conn, OPERATOR, new_id(), facility=facility)
            audit.note(conn, by=OPERATOR, tag=Tag.CLIENT_ADD, about_type="Client", about_id="c", facility=facility)
    with unit_of_work(by=CLIENT) as conn:
        assert conn.execute("SELECT DISTINCT store, facility FROM audit_event ORDER BY 1").fetchall() == [
            ("record_access", "01234"),
            ("security", "01234"),
        ]


@pytest.mark.parametrize("tag", list(Tag))
def test_every_kind_of_act_is_a_valid_audit_event(conn, tag):
    audit.note(
        conn,
        by=doctor(),
        tag=tag,
        about_type="Patient",
        about_id="p1",
        person_id=new_id(),
        facility="01234",
        version="2",
        under="r",
        detail={"rows": 3},
    )
    audit.note(conn, by=OPERATOR, tag=tag, about_type="Patient", about_id="", reason="vì sao")
    for row in audit.trail(conn, by=OPERATOR, tag=tag, limit=2):
        assert fhir.errors(audit.as_fhir(row)) == []


def test_an_audit_event_names_patient_agent_network_and_outcome(conn):
    person, who = new_id(), doctor()
    read(conn, who, person, outcome=Outcome.REFUSED, under="record:clinical:read")
    event = audit.as_fhir(audit.trail(conn, by=OPERATOR, person=person)[0])
    assert event["type"]["code"] == "110110"
    assert (event["action"], event["outcome"]) == ("R", "4")
    assert event["agent"][0]["who"]["identifier"]["value"] == who.name
    assert event["agent"][0]["network"] == {"address": "10.1.2.3:50123", "type": "2"}
    assert event["entity"][0]["what"] == {"reference": f"Patient/{person}"}
    assert event["purposeOfEvent"][0]["coding"][0]["code"] == "TREAT"


@pytest.mark.parametrize(
    ("tag", "subtype", "action"),
    [
        (Tag.SIGN_IN, "110122", "E"),
        (Tag.SIGN_OUT, "110123", "E"),
        (Tag.EMERGENCY_OPEN, "110127", "C"),
        (Tag.RESOURCE_TOMBSTONE, "record:resource:tombstone", "D"),
    ],
)
def test_events_have_dicoms_codes_where_they_fit(conn, tag, subtype, action):
    audit.note(conn, by=OPERATOR, tag=tag, about_type="x", about_id="coded")
    event = audit.as_fhir(audit.trail(conn, by=OPERATOR, about="coded")[0])
    assert (event["subtype"][0]["code"], event["action"]) == (subtype, action)


def run(*words, expect=0):
    done = typed("audit", *words)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout


def test_the_trail_on_the_command_line_in_every_form(database):
    person = new_id()
    with unit_of_work(by=OPERATOR) as conn:
        read(conn, doctor(), person, reason="=1+1")
    assert "record:page:read" in run("trail", "--person", person)
    (row,) = csv.DictReader(io.StringIO(run("trail", "--person", person, "--tag", "record:page:read", "--format", "csv")))
    assert (row["person_id"], row["address"], row["reason"]) == (str(person), "10.1.2.3", "'=1+1")  # no spreadsheet calculates it
    event = json.loads(run("trail", "--person", person, "--tag", "record:page:read", "--format", "fhir"))
    assert event["resourceType"] == "AuditEvent"
    first = json.loads(run("trail", "--person", person, "--format", "jsonl").splitlines()[0])
    assert first["tag"] == "audit:trail:read"  # the reading before this one


def test_a_bound_role_reads_and_verifies_as_far_as_it_reaches(database, tmp_path):
    with unit_of_work(by=OPERATOR) as conn:
        read(conn, OPERATOR, new_id())
    officer = ("--role", "privacy-officer", "--area", "*")

    with settings.VAR.set_to(tmp_path):
        assert "record:page:read" in typed(*officer, "audit", "trail").stdout
        assert "record:page:read" not in typed(*officer, "audit", "trail", "--store", "security").stdout
        told = typed(*officer, "audit", "verify", "--json")
        assert json.loads(told.stdout)["whole"] is True, told.stderr
        assert typed("--role", "doctor", "--facility", "01234", "audit", "verify").returncode == 1


def test_seal_and_verify_on_the_command_line(database, tmp_path):
    database = type(database)(database.endpoint, database.template, database.name)  # a copy whose commands keep their own data folder
    env = {**database.env, "YBA_VAR": str(tmp_path)}

    def yba(*words):
        return subprocess.run([sys.executable, "-m", "yba", "audit", *words], env=env, capture_output=True, text=True, check=False)

    with unit_of_work(by=OPERATOR) as conn:
        read(conn, OPERATOR, new_id())
    assert "1 rows" in yba("seal").stdout
    told = yba("verify", "--json")
    assert (told.returncode, json.loads(told.stdout)["whole"]) == (0, True)
    assert yba("key").stdout.startswith("-----BEGIN PUBLIC KEY-----")
    with database.as_owner() as conn:
        conn.execute("DELETE FROM record_access")
    told = yba("verify")
    assert told.returncode == 1
    assert "dòng bị mất" in told.stdout
    assert "KHÔNG nguyên vẹn" in told.stdout


@pytest.mark.law("ANM-R11")
def test_a_siem_gets_every_row_of_the_security_log_once_although_they_end_out_of_order(database):
    with database.connect() as slow:
        slow.execute("INSERT INTO security (who, actor_kind, purpose, tag, about_type, about_id) VALUES ('a', 'system', 'p', 't', 'x', 'slow')")
        with unit_of_work(by=OPERATOR) as conn:
            audit.note(conn, by=OPERATOR, tag=Tag.SIGN_IN, about_type="Account", about_id="quick")
            read(conn, OPERATOR, new_id())
        got = []
        reader = threading.Thread(target=follow_into, args=(got,))
        reader.start()
        reader.join(1.0)
        assert got == []  # the quick one's number is higher than the slow one's
        slow.commit()
        reader.join(30)
    assert [(row.about_id, row.store) for row in got[:2]] == [("slow", "security"), ("quick", "security")]
    assert len({row.id for row in got}) == len(got)


def follow_into(got):
    try:
        got.extend(audit.follow(by=OPERATOR, after=0, pause=0.05, rounds=2, log=Store.SECURITY))
    finally:
        connections.close_all()
