"""The trail is written with the act, read under audit, and closed to change for the app role."""

import psycopg
import pytest

from yba import audit
from yba.audit import Note, Tag
from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.kit.ids import new_id

CLIENT = Actor.facility_client("01234")


def write(conn, by, **more):
    given = {"tag": Tag.PAGE_READ, "about_type": "Person", "about_id": "p"} | more
    audit.note(conn, by=by, **given)


@pytest.mark.law("EMR-R12")
def test_a_row_says_who_what_whom_why_and_in_which_transaction(conn, operator):
    person = new_id()
    write(conn, CLIENT, person_id=person, facility="01234", reason="treatment", detail={"address": "10.0.0.1"})
    (row,) = audit.trail(conn, by=operator, person=person)
    assert (row.who, row.actor_kind, row.purpose) == ("client:01234", "facility-client", "claims-intake")
    assert (row.tag, row.about_type, row.about_id) == ("record:page:read", "Person", "p")
    assert (row.person_id, row.facility, row.reason, row.detail) == (person, "01234", "treatment", {"address": "10.0.0.1"})
    assert row.transaction == conn.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()[0]
    assert row.at.tzinfo is not None


@pytest.mark.law("BAOMAT-CB-R22")
def test_reading_the_trail_is_in_the_trail(conn, operator):
    person = new_id()
    write(conn, operator, person_id=person)
    audit.trail(conn, by=CLIENT, person=person)
    rows = audit.trail(conn, by=operator, person=person)
    assert [(r.who, r.tag) for r in rows][:1] == [("client:01234", "audit:trail:read")]
    assert rows[0].detail["rows"] == 0  # the operator's row belongs to no facility: the client does not see it


def test_the_trail_is_narrowed_and_paged(conn, operator):
    rows = [Note(Tag.INGEST_CLAIM_ACCEPT, "Claim", f"c{i}", facility="01234" if i % 2 else "99999") for i in range(10)]
    assert audit.note_many(conn, by=operator, rows=rows) == 10
    first = audit.trail(conn, by=operator, tag=Tag.INGEST_CLAIM_ACCEPT, limit=4)
    then = audit.trail(conn, by=operator, tag=Tag.INGEST_CLAIM_ACCEPT, limit=100, before=first[-1].id)
    assert [r.about_id for r in first + then] == [f"c{i}" for i in reversed(range(10))]
    assert {r.facility for r in audit.trail(conn, by=CLIENT, tag=Tag.INGEST_CLAIM_ACCEPT)} == {"01234"}
    assert [r.about_id for r in audit.trail(conn, by=operator, about="c3")] == ["c3"]


@pytest.mark.law("ANM-R11")
@pytest.mark.parametrize("table", ["record_access", "security", "record_access_default", "event", "person_event"])
@pytest.mark.parametrize("act", ["UPDATE {} SET about_id = ''", "UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_app_role_can_add_and_read_only(conn, table, act):
    assert conn.execute("SELECT current_user").fetchone() == ("yba_app",)
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedColumn)), conn.transaction():
        conn.execute(act.format(table))


def test_the_app_role_does_not_own_the_trail(conn):
    tables = conn.execute("SELECT tableowner FROM pg_tables WHERE tablename ~ '^(record_access|security|audit_)'").fetchall()
    views = conn.execute("SELECT viewowner FROM pg_views WHERE viewname ~ '^(record_access|security|audit_)'").fetchall()
    assert len(tables) > 10
    assert len(views) == 3
    assert set(tables + views) == {("yba_owner",)}


def test_a_rolled_back_act_leaves_no_row(database, operator):
    with pytest.raises(ZeroDivisionError), unit_of_work(by=operator) as conn:  # noqa: PT012  the act fails after it wrote
        write(conn, operator, about_id="gone")
        1 / 0  # noqa: B018
    with unit_of_work(by=operator) as conn:
        assert audit.trail(conn, by=operator, about="gone") == []


def test_many_rows_are_written_together(conn, operator):
    rows = [Note(Tag.INGEST_CLAIM_ACCEPT, "Claim", str(i), new_id(), "01234", "", {"decision": "3176"}) for i in range(5000)]
    assert audit.note_many(conn, by=operator, rows=rows) == len(rows)


def test_tags_follow_the_grammar_in_the_order_of_the_alphabet():
    values = [tag.value for tag in Tag]
    assert values == sorted(values)
    for tag in Tag:
        room, thing, verb = tag.value.upper().replace("-", "_").split(":")
        assert tag.name in {f"{thing}_{verb}", f"{room}_{thing}_{verb}"}
