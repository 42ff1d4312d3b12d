"""Results before their Patient: nothing is refused, nothing is lost, nothing is linked that a human would have to decide."""

import pytest
from django.db import connections

from tests.record.rest_world import CLIENT, HERE, OPERATOR, OTHER, THERE, condition, doctor, encounter, observation, patient, save
from tests.record.test_rest_races import race
from tests.record.world import merge, undo
from yba import audit, identity, record
from yba.fhir.query import parse
from yba.kit import Actor, Conflict, Forbidden, NotFound
from yba.kit.db import reading, unit_of_work
from yba.kit.ids import derived
from yba.kit.settings import FHIR_PLACEHOLDERS, LIKENESS
from yba.record import NotStorable, Write


def read(rtype, id_, by=OPERATOR):
    with reading(by=by) as conn:
        return record.get(conn, by=by, rtype=rtype, id=id_)


def found(rtype, by=CLIENT, **asked):
    with reading(by=by) as conn:
        return sorted(one.id for one in record.find(conn, by=by, query=parse(rtype, list(asked.items()))).rows)


def reviews():
    with reading(by=OPERATOR) as conn:
        return [(one.kind, set(one.persons)) for one in identity.reviews(conn, by=OPERATOR)]


def late(citizen="", **more):
    """The Patient xyz as it is sent at last."""
    doc = patient("", citizen, **more)
    numbers = {"identifier": doc["identifier"][1:]} if citizen else {}
    return {key: value for key, value in doc.items() if key != "identifier"} | numbers | {"id": "xyz"}


def test_a_result_before_its_patient_stands_in_the_record_of_one_person(database):
    [early] = save(observation("xyz"))
    [visit] = save(encounter("xyz"))
    assert early.person_id == visit.person_id != record.NOBODY
    assert read("Patient", "xyz") is None
    assert read("Patient", str(early.person_id)) is None
    assert found("Patient") == []
    assert found("Observation", subject="Patient/xyz") == found("Observation", patient="xyz") == [early.id]
    with reading(by=CLIENT) as conn:
        assert record.history_of(conn, by=CLIENT, rtype="Patient").rows == []
        with pytest.raises(NotFound):
            record.history_of(conn, by=CLIENT, rtype="Patient", id="xyz")
        assert record.version(conn, by=CLIENT, rtype="Patient", id="xyz", version=0) is None
        rows = audit.trail(conn, by=OPERATOR, about="xyz")
    assert [(row.who, row.version, row.detail) for row in rows if row.tag == "record:resource:put"] == [("client:01003", "0", {"expected": True})]
    with unit_of_work(by=CLIENT) as conn:
        assert record.delete(conn, by=CLIENT, refs=[("Patient", "xyz")]) == []


@pytest.mark.parametrize("doc", [late("011159000001"), late(), {"resourceType": "Patient", "id": "xyz"}], ids=["number", "name", "nothing"])
def test_the_patient_that_comes_is_version_one_of_that_person(database, doc):
    [early] = save(observation("xyz"))
    [came] = save(doc)
    assert (came.outcome, came.version, came.person_id) == ("created", 1, early.person_id)
    with reading(by=CLIENT) as conn:
        assert [(one.version, one.deleted) for one in record.history_of(conn, by=CLIENT, rtype="Patient", id="xyz").rows] == [(1, False)]
        assert len(record.find(conn, by=CLIENT, query=parse("Observation", [("subject", "Patient/xyz")])).rows) == 1
    golden = read("Patient", str(early.person_id))
    assert [one["other"]["reference"] for one in golden.doc["link"]] == ["Patient/xyz"]
    assert reviews() == []
    assert found("Patient", name="Nguyễn") == (["xyz"] if "name" in doc else [])
    [again] = save(doc)
    assert (again.outcome, again.version) == ("unchanged", 1)


def test_a_patient_that_means_somebody_known_takes_the_results_along(database):
    [known] = save(patient("BN1", "011159000001"))
    [there] = save(patient("77", "011159000001", facility=THERE), by=OTHER)
    early = save(observation("xyz"), condition("xyz"), encounter("xyz"))
    kept = early[0].person_id
    assert kept != known.person_id == there.person_id
    [came] = save(late("011159000001"))
    assert (came.version, came.outcome, came.person_id) == (1, "created", known.person_id)
    assert {read(one.rtype, one.id).person_id for one in early} == {known.person_id}
    assert found("Observation", subject=f"Patient/{known.id}") == [early[0].id]
    links = {one["other"]["reference"] for one in read("Patient", str(known.person_id)).doc["link"]}
    assert links == {"Patient/xyz", f"Patient/{known.id}", f"Patient/{there.id}"}
    assert reviews() == []
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT DISTINCT person_id FROM relation WHERE void_at IS NULL AND kind = 'visit'").fetchall() == [(known.person_id,)]
        assert len(identity.acts_of(conn, by=OPERATOR, person_id=known.person_id)) == 1
    [more] = save(observation("xyz"))
    assert more.person_id == known.person_id


def test_whoever_is_known_at_many_facilities_takes_the_results_along_too(database):
    facilities = [HERE, THERE, "01013", "01028", "11001"]
    known = [save(patient("BN1", "011159000001", facility=one), by=Actor.facility_client(one))[0] for one in facilities]
    assert len({one.person_id for one in known}) == 1
    [early] = save(observation("xyz"))
    [came] = save(late("011159000001"))
    assert came.person_id == known[0].person_id == read("Observation", early.id).person_id
    assert reviews() == []


def test_what_contradicts_is_a_doubt_for_a_clerk_and_no_merge(database):
    [known] = save(patient("BN1", "011159000001"))
    [early] = save(observation("xyz"))
    [came] = save(late("011159000001", name="Trần Thị Bưởi", gender="female", birthDate="1985-07-07"))
    assert came.person_id == early.person_id != known.person_id
    assert [people for _, people in reviews()] == [{known.person_id, early.person_id}]


def test_a_slip_is_a_doubt_too(database):
    [known] = save(patient("BN1", "011159000001"))
    [early] = save(observation("xyz"))
    [came] = save(late("011159000001", birthDate="1985-07-07"))
    assert came.person_id == early.person_id
    assert [people for _, people in reviews()] == [{known.person_id, early.person_id}]


def test_whom_a_clerk_has_named_meanwhile_is_not_merged_again(database):
    [known] = save(patient("BN1", "011159000001"))
    [other] = save(patient("BN2", "001185000002", name="Trần Thị Bưởi", gender="female", birthDate="1985-07-07"))
    [early] = save(observation("xyz"))
    merge(other.person_id, early.person_id)
    assert read("Observation", early.id).person_id == other.person_id
    with pytest.raises(Conflict):
        save(late("011159000001"))
    assert read("Observation", early.id).person_id == other.person_id, "two humans stay two, and a clerk's word stands"
    assert read("Patient", known.id).person_id == known.person_id
    [came] = save(late("001185000002", name="Trần Thị Bưởi", gender="female", birthDate="1985-07-07"))
    assert (came.version, came.person_id) == (1, other.person_id)


def test_a_merge_of_one_expected_is_undone(database):
    [known] = save(patient("BN1", "011159000001"))
    [early] = save(observation("xyz"))
    done = merge(known.person_id, early.person_id)
    assert read("Observation", early.id).person_id == known.person_id
    undo(done.act)
    assert read("Observation", early.id).person_id == early.person_id
    [came] = save(late(name="Trần Thị Bưởi", gender="female", birthDate="1985-07-07"))
    assert (came.version, came.person_id) == (1, early.person_id)


def test_a_patient_without_numbers_is_found_by_the_weights_as_any_other(database):
    [known] = save(patient("BN1", "011159000001"))
    [early] = save(observation("xyz"))
    [came] = save(late())
    assert came.person_id == known.person_id == read("Observation", early.id).person_id


def test_a_doubt_of_the_weights_is_not_lost(database):
    [known] = save(patient("BN1", "011159000001"))
    [early] = save(observation("xyz"))
    with LIKENESS.set_to("review"):
        [came] = save(late())
    assert came.person_id == early.person_id
    assert reviews() == [("likely-duplicate", {known.person_id, early.person_id})]


def test_eight_who_name_one_patient_at_once_name_one_person(database):
    answers = race(lambda number: save(observation("xyz", f"c{number}"))[0] if number else save(late("011159000001"))[0])
    assert not [one for one in answers if isinstance(one, Exception)], answers
    assert len({one.person_id for one in answers}) == 1
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM person").fetchone() == (1,)
    connections.close_all()
    assert len(found("Observation", subject="Patient/xyz")) == 7


def test_a_facility_keeps_the_ids_it_named(database):
    [early] = save(observation("xyz"))
    with pytest.raises(NotStorable):
        save(observation("xyz"), by=OTHER)
    with pytest.raises(Conflict):
        save(late(), by=OTHER)
    assert read("Observation", early.id).person_id == early.person_id


def test_who_and_what_is_not_expected(database):
    [known] = save(patient("BN1", "011159000001"))
    for by, id_ in ((doctor(HERE), "xyz"), (CLIENT, str(derived("Patient", "x"))), (CLIENT, str(known.person_id)), (OTHER, known.id)):
        with pytest.raises(NotStorable) as caught:
            save(observation(id_), by=by)
        assert [one.expression for one in caught.value.problems] == ["Observation.subject.reference"]
    with FHIR_PLACEHOLDERS.set_to(value=False), pytest.raises(NotStorable):
        save(observation("xyz"))
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM person").fetchone() == (1,)


def test_a_refused_act_keeps_nobody_ready(database):
    save({**observation("xyz"), "id": "taken"})
    with pytest.raises((Conflict, Forbidden, NotStorable)):
        save(observation("neu"), {**observation("neu"), "id": "taken"}, by=OTHER)
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM person").fetchone() == (1,)


def test_one_act_with_both_needs_no_waiting(database):
    early, came = save(observation("xyz"), late("011159000001"))
    assert early.person_id == came.person_id
    assert (came.version, came.outcome) == (1, "created")


def test_other_references_are_accepted_as_they_are(database):
    named = {
        "encounter": {"reference": "Encounter/none"}, "performer": [{"reference": "Practitioner/none"}, {"reference": "Organization/none"}],
        "specimen": {"reference": "Specimen/none"}, "device": {"reference": "Device/none"},
    }  # fmt: skip
    with FHIR_PLACEHOLDERS.set_to(value=False):
        [one] = save({"resourceType": "Observation", "status": "final", "code": {"text": "x"}, **named})
    assert one.outcome == "created"


def test_a_patient_may_be_posted_for_only_if_it_is_new(database):
    save(observation("xyz"))
    with unit_of_work(by=CLIENT) as conn:
        [came] = record.save(conn, by=CLIENT, writes=[Write("Patient", "xyz", late(), only_if_new=True)])
    assert came.version == 1
