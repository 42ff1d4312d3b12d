"""A merge beside readers and claims: one waits for the other, both come out whole, and nobody sees half; chains, circles and old ids."""

import time
from threading import Thread
from uuid import UUID

import psycopg
import pytest
from django.db import connections

from tests.identity.people import facts
from tests.ingest.builder import tables
from tests.record.test_moving import ONE, TWO
from tests.record.world import OPERATOR, merge, people, snapshot, split, take
from yba import access, audit, identity, ingest, record
from yba.fhir import search
from yba.kit import Actor, Grant
from yba.kit.db import reading, unit_of_work

NEW_NUMBER = "C7744021"


@pytest.fixture
def two(database):
    """Two people who are one, known at two hospitals, a visit each."""
    take(tables("25.000001", **ONE))
    take(tables("25.000002", **TWO))
    return people()


class Beside(Thread):
    """Runs something in a thread with a connection of its own and keeps what came of it."""

    def __init__(self, work):
        super().__init__()
        self.work, self.found, self.error = work, None, None
        self.start()

    def run(self):
        try:
            self.found = self.work()
        except Exception as error:  # noqa: BLE001  handed to the test
            self.error = error
        finally:
            connections.close_all()

    def done(self):
        self.join(60)
        assert not self.is_alive()
        if self.error is not None:
            raise self.error
        return self.found


def until_somebody_waits(database):
    """Return once a backend waits for an advisory lock."""
    with database.as_owner() as conn:
        for _ in range(400):
            row = conn.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchone()
            if row[0]:
                return
            conn.rollback()
            time.sleep(0.05)
    raise AssertionError("nobody waits")


def whole(keep, drop, links):
    """Everything is of one person: sources, claims, rows, their places; the golden document names all sources."""
    with reading(by=OPERATOR) as conn:
        for table in ("person_source", "identifier_owner", "claim", "resource", "locator"):
            query = f"SELECT count(*) FROM {table} WHERE person_id = %s"  # noqa: S608  our own list
            assert conn.execute(query, (drop,)).fetchone() == (0,), table
        assert conn.execute("SELECT count(*) FROM claim WHERE person_id = %s", (keep,)).fetchone() == (links,)
        assert conn.execute("SELECT count(*) FROM resource WHERE person_id = %s AND rtype = 'Encounter'", (keep,)).fetchone() == (links,)
        view = identity.person(conn, by=OPERATOR, person_id=keep)
        golden = record.get(conn, by=OPERATOR, rtype="Patient", id=str(keep))
        assert {key: golden.doc[key] for key in ("identifier", "link", "name")} == {key: view.golden[key] for key in ("identifier", "link", "name")}
        assert len(view.golden["link"]) == len(view.sources)


def test_a_claim_that_comes_during_a_merge_waits_and_finds_who_it_is(two, database):
    keep, drop = two
    with unit_of_work(by=OPERATOR) as conn:
        plan = identity.plan_merge(conn, by=OPERATOR, keep=keep, drop=drop, reason="một người")
        record.carry_out(conn, by=OPERATOR, plan=plan)
        claim = Beside(lambda: take(tables("25.000003", **(TWO | {"NGAY_VAO": "202604100800", "NGAY_RA": "202604100930"}))))
        until_somebody_waits(database)
    claim.done()
    whole(keep, drop, 3)


def test_a_merge_that_comes_during_a_claim_waits_and_takes_it_along(two, database):
    """The claim gives the person a number the merge did not know of when it began to wait: it must not be left behind, nor found by half."""
    keep, drop = two
    said = {"name": TWO["HO_TEN"], "birth": "1960", "card": TWO["MA_THE_BHYT"], "passport": NEW_NUMBER}
    with unit_of_work(by=OPERATOR) as conn:
        (found,) = identity.resolve_many(conn, by=OPERATOR, facts=[facts("11003", "C3", sequence=1 << 40, **said)])
        assert found.person_id == drop
        merging = Beside(lambda: merge(keep, drop))
        until_somebody_waits(database)
    merging.done()
    with reading(by=OPERATOR) as conn:
        assert identity.find(conn, by=OPERATOR, id=NEW_NUMBER) == [keep]
        assert len(identity.person(conn, by=OPERATOR, person_id=keep).sources) == 3


def test_merges_both_ways_at_once_make_one_person(two, database):
    one, other = two
    ways = [Beside(lambda: merge(one, other)), Beside(lambda: merge(other, one))]
    refused = []
    for way in ways:
        try:
            way.done()
        except identity.NotDone as error:
            refused.append(error.reasons)
    assert refused == [("merged-already",)]
    assert len(people()) == 1


def test_a_reader_sees_all_of_before_or_all_of_after(two):
    keep, drop = two
    before = seen(keep, drop)
    with unit_of_work(by=OPERATOR) as conn:
        record.carry_out(conn, by=OPERATOR, plan=identity.plan_merge(conn, by=OPERATOR, keep=keep, drop=drop, reason="một người"))
        assert Beside(lambda: seen(keep, drop)).done() == before
        inside = seen(keep, drop)
    assert seen(keep, drop) == inside != before


def seen(*persons):
    """What pages, searches and counts say."""
    with reading(by=OPERATOR) as conn:
        pages = [repr(record.page_of(conn, by=OPERATOR, person_id=person)) for person in persons]
        tokens = [search.token("gender", "female")]
        found = record.with_tokens(conn, by=OPERATOR, rtype="Patient", tokens=tokens)
        counted = [record.coverage_of_data(conn, by=OPERATOR, person_id=person) for person in persons]
    return pages, sorted((one.id, one.person_id) for one in found), counted


def test_no_circle_can_close_whoever_writes(two, database):
    keep, drop = two
    merge(keep, drop)
    with pytest.raises(identity.NotDone, match="merged into somebody else"):
        merge(drop, keep)
    for statement in (
        "UPDATE person SET merged_into = %(drop)s WHERE id = %(keep)s",  # a circle
        "UPDATE person SET merged_into = '00000000-0000-0000-0000-000000000001' WHERE id = %(keep)s",  # into nobody
    ):
        with database.as_owner() as conn:
            conn.execute(statement, {"keep": keep, "drop": drop})
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
                conn.commit()


def test_old_ids_keep_answering_and_looks_at_them_stay_found(two):
    keep, drop = two
    with reading(by=OPERATOR) as conn:
        record.page_of(conn, by=OPERATOR, person_id=drop)
        (condition,) = record.with_tokens(conn, by=OPERATOR, rtype="Condition", tokens=[], person_id=drop, limit=1)
    merge(keep, drop)
    with reading(by=OPERATOR) as conn:
        assert identity.find(conn, by=OPERATOR, id=str(drop)) == [keep]
        assert record.find_person(conn, by=OPERATOR, number=str(drop)) == keep
        assert record.page_of(conn, by=OPERATOR, person_id=drop) == record.page_of(conn, by=OPERATOR, person_id=keep)
        pointer = record.get(conn, by=OPERATOR, rtype="Patient", id=str(drop))
        assert pointer.doc["link"] == [{"other": {"reference": f"Patient/{keep}"}, "type": "replaced-by"}]
        assert pointer.doc["active"] is False
        every = access.persons_of(conn, by=OPERATOR, person_ids=[keep])
        assert every == {keep, drop} == access.persons_of(conn, by=OPERATOR, person_ids=[drop])
        trail = audit.trail(conn, by=OPERATOR, person=keep, earlier=every, tag=audit.Tag.PAGE_READ)
        assert {one.person_id for one in trail} == {keep, drop}
        assert [one.version for one in record.history(conn, by=OPERATOR, rtype="Condition", id=condition.id)] == [1]
        assert access.person_now(conn, by=OPERATOR, person_id=drop) == keep


def test_the_history_goes_with_the_person_it_is_of(two):
    """Who may read the person of today reads earlier versions too, and who could read the earlier person reads them no more."""
    keep, drop = two
    take(tables("25.000002", **TWO, CHAN_DOAN_RV="Đái tháo đường"))
    with reading(by=OPERATOR) as conn:
        changed = next(one for one in record.of_person(conn, by=OPERATOR, person_id=drop) if one.version == 2 and one.rtype != "Patient")
    done = merge(keep, drop)
    assert versions(keep, changed) == [2, 1]
    assert versions(drop, changed) == []
    with reading(by=OPERATOR) as conn:
        keys = identity.acts_of(conn, by=OPERATOR, person_id=keep)[0].sources
    assert split(keep, keys).act > done.act
    assert versions(keep, changed) == []
    assert versions(drop, changed) == [2, 1]


def versions(person, one):
    """Which versions of a resource a citizen sees who is this person and nobody else."""

    by = Actor.user(UUID(int=9), [Grant("citizen", persons=frozenset({person}))], purpose="own-record", persons=[person])
    with reading(by=by) as conn:
        return [each.version for each in record.history(conn, by=by, rtype=one.rtype, id=one.id)]


def test_what_happened_since_stands_in_the_way_of_an_undo_and_says_so(two):
    keep, drop = two
    done = merge(keep, drop)
    take(tables("25.000003", **(TWO | {"NGAY_VAO": "202604100800", "NGAY_RA": "202604100930"})))
    before = snapshot()
    with unit_of_work(by=OPERATOR) as conn:
        plan = record.weigh(conn, by=OPERATOR, plan=identity.plan_undo(conn, by=OPERATOR, act=done.act, reason="nhầm"))
        assert {one.code for one in plan.since} >= {"claims", "resources", "relations"}
        with pytest.raises(identity.NotDone, match=r"Có hồ sơ đề nghị thanh toán mới.*Claims were added"):
            record.carry_out(conn, by=OPERATOR, plan=plan)
    assert snapshot() == before
    with reading(by=OPERATOR) as conn:
        keys = identity.acts_of(conn, by=OPERATOR, person_id=keep)[0].sources
    split(keep, keys)
    with reading(by=OPERATOR) as conn:
        assert {one.facility_id for one in record.of_person(conn, by=OPERATOR, person_id=drop)} == {"11002", ""}
        assert len([one for one in record.of_person(conn, by=OPERATOR, person_id=drop) if one.rtype == "Encounter"]) == 2, "the new visit too"
    assert ingest.replay(by=OPERATOR, every=True) == 3
