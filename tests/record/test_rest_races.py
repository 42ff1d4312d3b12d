"""Two who write at once: one resource, one winner, nothing lost, no deadlock; and what merges and splits take along."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from tests.record.rest_world import CLIENT, HERE, OPERATOR, OTHER, THERE, condition, encounter, observation, patient, save
from tests.record.world import merge, split, undo
from yba import record
from yba.fhir.query import parse
from yba.kit.db import reading, unit_of_work
from yba.record import VersionConflict


def race(act: Callable[[int], Any], times: int = 8) -> list[Any]:
    """Run an act in threads at once; errors are answers too."""

    def one(number: int) -> Any:
        try:
            return act(number)
        except Exception as error:  # noqa: BLE001  what it was is what is judged
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.fixture
def an(database):
    [saved] = save(patient("BN1", "011159000001"))
    return saved


def create_if_none(number, subject, by=CLIENT):
    """A conditional create as the API does it: hold the criteria, search, write."""
    identifier = [{"system": "http://lab", "value": "X1"}]
    with unit_of_work(by=by) as conn:
        record.lock_for(conn, by=by, rtype="Observation", criteria="identifier=http://lab|X1")
        found = record.find(conn, by=by, query=parse("Observation", [("identifier", "http://lab|X1")])).rows
        if found:
            return found[0].id
        doc = observation(subject, f"c{number}", identifier=identifier)
        return record.save(conn, by=by, writes=[record.Write("Observation", None, doc)])[0].id


def test_eight_conditional_creates_make_one(an):
    answers = race(lambda number: create_if_none(number, an.id))
    assert len(set(answers)) == 1, answers
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM resource WHERE rtype = 'Observation'").fetchone() == (1,)


def test_of_eight_updates_of_one_version_one_wins(an):
    [one] = save(observation(an.id))
    answers = race(lambda number: save({**observation(an.id, f"c{number}"), "id": one.id}, if_match=1)[0])
    won = [answer for answer in answers if isinstance(answer, record.Saved)]
    assert [(answer.version, answer.outcome) for answer in won] == [(2, "updated")]
    assert all(isinstance(answer, VersionConflict) for answer in answers if answer not in won)


def test_eight_puts_of_one_new_id_make_eight_versions(an):
    answers = race(lambda number: save({**observation(an.id, f"c{number}"), "id": "neu"})[0])
    assert sorted(answer.version for answer in answers) == list(range(1, 9)), answers
    assert [answer.outcome for answer in answers].count("created") == 1


def test_eight_patients_of_one_number_are_one_person(database):
    answers = race(lambda number: save(patient("BN7", "011159000007", telecom=[{"system": "phone", "value": f"09{number}"}]))[0])
    assert len({(answer.id, answer.person_id) for answer in answers}) == 1, answers
    assert sorted(answer.version for answer in answers) == list(range(1, 9))


def test_overlapping_transactions_end(an):
    docs = [{**observation(an.id), "id": f"o{n}"} for n in range(6)]
    answers = race(lambda number: save(*[{**doc, "code": {"text": f"t{number}"}} for doc in (docs if number % 2 else docs[::-1])]))
    assert all(isinstance(answer, list) for answer in answers), answers


def test_a_merge_takes_along_what_is_written_meanwhile(an):
    [other] = save(patient("77", facility=THERE, name="Trần Thị Bưởi") | {"gender": "female", "birthDate": "1985-07-07"}, by=OTHER)
    assert other.person_id != an.person_id

    def act(number):
        if number == 3:
            return merge(an.person_id, other.person_id)
        return save(observation(other.id, f"c{number}"), encounter(other.id), by=OTHER)

    answers = race(act)
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT DISTINCT person_id FROM resource").fetchall() == [(an.person_id,)]
        assert conn.execute("SELECT DISTINCT person_id FROM locator").fetchall() == [(an.person_id,)]
        assert conn.execute("SELECT DISTINCT person_id FROM search_text").fetchall() == [(an.person_id,)]
        assert conn.execute("SELECT DISTINCT person_id FROM relation WHERE void_at IS NULL AND kind = 'visit'").fetchall() == [(an.person_id,)]
        found = record.find(conn, by=OPERATOR, query=parse("Observation", [("patient", str(an.person_id)), ("_count", "100")]))
        assert len(found.rows) == 7


def test_a_split_takes_what_came_with_its_patient_and_an_undo_brings_it_back(an):
    [own] = save({**patient("", "011159000001"), "identifier": patient("", "011159000001")["identifier"][1:], "id": "abc"})
    assert own.person_id == an.person_id
    paper = {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": "Patient/abc"}}
    stays, goes, visit, basic = save(observation(an.id), observation("abc"), encounter("abc"), paper)
    done = split(an.person_id, [(HERE, "Patient/abc", 1)])
    with reading(by=OPERATOR) as conn:
        where = {
            (rtype, given or str(id_)): person for rtype, id_, given, person in conn.execute("SELECT rtype, id, given_id, person_id FROM resource")
        }
        rows = dict(conn.execute("SELECT ground_id, person_id FROM relation WHERE kind = 'visit' AND void_at IS NULL").fetchall())
    assert where["Observation", stays.id] == an.person_id
    assert {where["Observation", goes.id], where["Encounter", visit.id], where["Basic", basic.id], where["Patient", "abc"]} == {done.taker}
    assert rows[visit.id] == done.taker
    [later] = save(condition("abc"))
    assert later.person_id == done.taker
    with unit_of_work(by=CLIENT) as conn:
        record.delete(conn, by=CLIENT, refs=[("Condition", later.id)])


def test_a_merge_is_undone_with_what_came_as_fhir(an):
    [other] = save(patient("77", facility=THERE, name="Trần Thị Bưởi") | {"gender": "female", "birthDate": "1985-07-07"}, by=OTHER)
    [theirs] = save(observation(other.id), by=OTHER)
    done = merge(an.person_id, other.person_id)
    assert done.taker == an.person_id
    undo(done.act)
    with reading(by=OPERATOR) as conn:
        assert record.get(conn, by=OPERATOR, rtype="Observation", id=theirs.id).person_id == other.person_id
        assert {row[0] for row in conn.execute("SELECT person_id FROM search_text WHERE value LIKE '%buoi%'")} == {other.person_id}


def test_history_of_a_type_and_of_all_page_by_page(an):
    saved = [save({**observation(an.id, f"c{n}"), "id": f"h{n % 3}"})[0] for n in range(7)]
    with unit_of_work(by=CLIENT) as conn:
        record.delete(conn, by=CLIENT, refs=[("Observation", "h0")])
    with reading(by=CLIENT) as conn:
        whole = record.history_of(conn, by=CLIENT, rtype="Observation")
        assert [(one.id, one.version) for one in whole.rows][:3] == [("h0", 4), ("h0", 3), ("h2", 2)]
        assert len(whole.rows) == 8
        pages, cursor = [], None
        while True:
            page = record.history_of(conn, by=CLIENT, rtype="Observation", count=3, cursor=cursor)
            pages += page.rows
            cursor = page.next
            if cursor is None:
                break
        assert [(one.id, one.version) for one in pages] == [(one.id, one.version) for one in whole.rows]
        since = record.history_of(conn, by=CLIENT, rtype="Observation", since=saved[4].updated)
        assert {(one.id, one.version) for one in since.rows} == {("h1", 2), ("h2", 2), ("h0", 3), ("h0", 4)}
        at = record.history_of(conn, by=CLIENT, rtype="Observation", at=(saved[2].updated, saved[2].updated))
        assert {(one.id, one.version) for one in at.rows} == {("h0", 1), ("h1", 1), ("h2", 1)}
        assert {one.rtype for one in record.history_of(conn, by=CLIENT).rows} == {"Observation", "Patient"}
    with reading(by=OTHER) as conn:
        assert record.history_of(conn, by=OTHER, rtype="Observation").rows == []


def test_what_is_restricted_now_is_in_no_history(an):
    save({**condition(an.id, "I10"), "id": "c"})
    with unit_of_work(by=CLIENT) as conn:
        record.save(conn, by=CLIENT, writes=[record.Write("Condition", "c", condition(an.id, "B20"))])
    with reading(by=CLIENT) as conn:
        assert record.history_of(conn, by=CLIENT, rtype="Condition").rows == []
        assert record.version(conn, by=CLIENT, rtype="Condition", id="c", version=1) is None
