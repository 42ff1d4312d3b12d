"""Writing by resource: versions, people, categories, who may, and that whatever the record says of it is true."""

from decimal import Decimal
from itertools import permutations
from uuid import UUID

import orjson
import pytest

from tests.record.rest_world import CLIENT, HERE, OPERATOR, OTHER, THERE, condition, doctor, encounter, observation, patient, save
from yba import audit, record
from yba.access import Denied
from yba.kit import Actor, Conflict, Forbidden, Invalid
from yba.kit.db import reading, unit_of_work
from yba.kit.settings import FHIR_PLACEHOLDERS
from yba.record import NOBODY, NotStorable, ReadOnly, VersionConflict, Write
from yba.record.rest_docs import ready
from yba.specs import systems


def read(rtype, id_, by=OPERATOR):
    with reading(by=by) as conn:
        return record.get(conn, by=by, rtype=rtype, id=id_)


@pytest.fixture
def an(database):
    """A source Patient of the facility."""
    [saved] = save(patient("BN1", "011159000001"))
    return saved


def test_a_resource_goes_through_its_versions(an):
    [first] = save(observation(an.id, valueQuantity={"value": Decimal("6300.000"), "unit": "g"}))
    assert (first.outcome, first.version, first.person_id) == ("created", 1, an.person_id)
    stored = read("Observation", first.id)
    assert '"value":6300.000' in stored.json
    assert (stored.facility_id, stored.mapped_by) == (HERE, "fhir")
    same = {**observation(an.id, valueQuantity={"value": Decimal("6300.000"), "unit": "g"}), "id": first.id, "meta": {"versionId": "9"}}
    [again] = save(same)
    assert (again.outcome, again.version, again.updated) == ("unchanged", 1, first.updated)
    [second] = save({**same, "status": "amended"}, if_match=1)
    assert (second.outcome, second.version) == ("updated", 2)
    with unit_of_work(by=CLIENT) as conn:
        [gone] = record.delete(conn, by=CLIENT, refs=[("Observation", first.id)])
        [no_more] = record.delete(conn, by=CLIENT, refs=[("Observation", first.id)])
    assert (gone.outcome, gone.version, no_more.outcome) == ("deleted", 3, "unchanged")
    assert read("Observation", first.id).deleted
    [back] = save(same)
    assert (back.outcome, back.version) == ("created", 4)
    with reading(by=OPERATOR) as conn:
        page = record.history_of(conn, by=OPERATOR, rtype="Observation", id=first.id)
        assert [(one.version, one.deleted) for one in page.rows] == [(4, False), (3, True), (2, False), (1, False)]
        assert record.version(conn, by=OPERATOR, rtype="Observation", id=first.id, version=2).doc["status"] == "amended"
        assert record.version(conn, by=OPERATOR, rtype="Observation", id=first.id, version=7) is None


def test_every_version_is_in_the_trail_with_who_and_which(an):
    [one] = save(observation(an.id))
    save({**observation(an.id), "id": one.id, "status": "amended"})
    with unit_of_work(by=CLIENT) as conn:
        record.delete(conn, by=CLIENT, refs=[("Observation", one.id)], reason="nhầm người")
    with reading(by=OPERATOR) as conn:
        rows = [row for row in audit.trail(conn, by=OPERATOR, about=one.id) if row.tag != "audit:trail:read"]
    assert [(row.tag, row.version, row.who, row.person_id, row.facility) for row in reversed(rows)] == [
        ("record:resource:put", "1", "client:01003", an.person_id, HERE),
        ("record:resource:put", "2", "client:01003", an.person_id, HERE),
        ("record:resource:tombstone", "3", "client:01003", an.person_id, HERE),
    ]
    assert rows[0].reason == "nhầm người"


def test_the_version_named_must_be_the_current_one(an):
    [one] = save(observation(an.id))
    changed = {**observation(an.id), "id": one.id, "status": "amended"}
    with pytest.raises(VersionConflict):
        save(changed, if_match=2)
    with pytest.raises(VersionConflict):
        save(changed, only_if_new=True)
    with pytest.raises(VersionConflict):
        save({**changed, "id": "new"}, if_match=1)
    with unit_of_work(by=CLIENT) as conn, pytest.raises(VersionConflict):
        record.delete(conn, by=CLIENT, refs=[("Observation", one.id)], if_match=7)
    assert read("Observation", one.id).version == 1


def test_all_that_is_wrong_is_said_and_nothing_is_written(an):
    bad = observation(an.id) | {"status": 7, "strange": True}
    with pytest.raises(NotStorable) as caught:
        save(bad, observation("nobody"), encounter(an.id))
    assert {one.expression for one in caught.value.problems} >= {"Observation.status", "Observation.strange"}
    with FHIR_PLACEHOLDERS.set_to(value=False), pytest.raises(NotStorable) as caught:
        save(observation("nobody"), encounter("nobody-else"))
    assert [one.expression for one in caught.value.problems] == ["Observation.subject.reference", "Encounter.subject.reference"]
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM resource WHERE rtype <> 'Patient'").fetchone() == (0,)


@pytest.mark.parametrize("id_", ["", "a b", "x" * 65, "ü", "a/b"])
def test_ids_are_fhir_ids(an, id_):
    with pytest.raises(NotStorable):
        save({**observation(an.id), "id": id_})


@pytest.mark.parametrize("version", ["", "/_history/1"])
def test_restricted_categories_come_from_codes_and_words_and_gather_in_the_visit(an, database, version):
    with unit_of_work(by=CLIENT) as conn:
        visit, hiv, drug, plain = record.identify(
            by=CLIENT,
            writes=[Write("Encounter", None, {}), Write("Condition", None, {}), Write("MedicationRequest", None, {}), Write("Observation", None, {})],
        )
        at = {"encounter": {"reference": f"Encounter/{visit.id}"}}
        request = {
            "resourceType": "MedicationRequest", "status": "active", "intent": "order", "medicationCodeableConcept": {"text": "Thuốc A"},
            "subject": {"reference": f"Patient/{an.id}"}, "reasonReference": [{"reference": f"Condition/{hiv.id}{version}"}],
        }  # fmt: skip
        docs = [encounter(an.id), condition(an.id, "B20.1") | at, request, observation(an.id) | at]
        record.save(conn, by=CLIENT, writes=[one._replace(doc=doc) for one, doc in zip((visit, hiv, drug, plain), docs, strict=True)])
    [worded] = save(observation(an.id, note=[{"text": "Đang điều trị ARV"}]))
    with database.as_owner() as owner:
        labels = dict(owner.execute("SELECT id::text, labels FROM resource").fetchall())
    assert [labels[one.id] for one in (visit, hiv, drug, plain, worded)] == [["hiv"], ["hiv"], ["hiv"], None, ["hiv"]]
    assert read("Condition", hiv.id, by=CLIENT) is None, "masked for the facility's client"
    assert read("Observation", plain.id, by=CLIENT) is not None


def test_a_patient_sent_twice_is_one_and_two_facilities_meet_in_one_person(an):
    [again] = save(patient("BN1", "011159000001"))
    assert (again.outcome, again.id) == ("unchanged", an.id)
    [there] = save(patient("77", "011159000001", facility=THERE), by=OTHER)
    assert there.person_id == an.person_id
    assert there.id != an.id
    golden = read("Patient", str(an.person_id))
    assert {one["other"]["reference"] for one in golden.doc["link"]} == {f"Patient/{an.id}", f"Patient/{there.id}"}
    sent = {**patient("BN1", "011159000001"), "extension": [{"url": "http://x", "valueString": "giữ nguyên"}]}
    save(sent)
    assert {key: value for key, value in read("Patient", an.id).doc.items() if key not in {"meta", "id"}} == sent


def test_a_patient_under_an_id_of_its_own_keeps_it_everywhere(an):
    [own] = save({**patient("BN1", "011159000001") | {"identifier": patient("", "011159000001")["identifier"][1:]}, "id": "abc"})
    assert own.person_id == an.person_id
    assert "Patient/abc" in {one["other"]["reference"] for one in read("Patient", str(an.person_id)).doc["link"]}
    [result] = save(observation("abc"))
    assert result.person_id == an.person_id
    [renamed] = save({**patient("BN1", "011159000001", name="Nguyễn Văn Anh"), "id": "abc"})
    assert (renamed.outcome, renamed.version, renamed.person_id) == ("updated", 2, an.person_id)


def test_the_compiled_patient_is_read_only(an):
    for by in (CLIENT, OPERATOR):
        with pytest.raises(ReadOnly):
            save({**patient("BN1"), "id": str(an.person_id)}, by=by)
        with unit_of_work(by=by) as conn, pytest.raises(ReadOnly):
            record.delete(conn, by=by, refs=[("Patient", str(an.person_id))])


def test_a_number_of_another_human_is_a_conflict(an):
    with pytest.raises(Conflict):
        save(patient("BN1", "011185000777", name="Trần Thị Bưởi") | {"birthDate": "1985-07-07", "gender": "female"})
    assert read("Patient", an.id).doc["name"][0]["text"] == "Nguyễn Văn An"


def test_a_patient_goes_when_nothing_names_it(an):
    [one] = save(observation(an.id))
    with unit_of_work(by=CLIENT) as conn, pytest.raises(Conflict):
        record.delete(conn, by=CLIENT, refs=[("Patient", an.id)])
    with unit_of_work(by=CLIENT) as conn:
        record.delete(conn, by=CLIENT, refs=[("Observation", one.id)])
    with unit_of_work(by=CLIENT) as conn:
        record.delete(conn, by=CLIENT, refs=[("Patient", an.id)])
    assert read("Patient", an.id).deleted
    assert read("Patient", str(an.person_id)).deleted
    [back] = save(patient("BN1", "011159000001"))
    assert (back.id, back.version, back.person_id) == (an.id, 3, an.person_id)
    assert not read("Patient", str(an.person_id)).deleted


def test_a_facility_writes_for_its_own_patients_alone(an):
    with pytest.raises(NotStorable):
        save(observation(an.id), by=OTHER)
    with pytest.raises(NotStorable):
        save(observation(str(an.person_id)), by=CLIENT)
    [one] = save({**observation(an.id), "id": "mine"})
    with pytest.raises((Conflict, Forbidden, NotStorable)):
        save({"resourceType": "Observation", "id": "mine", "status": "final", "code": {"text": "x"}}, by=OTHER)
    with unit_of_work(by=OTHER) as conn:
        assert record.delete(conn, by=OTHER, refs=[("Observation", one.id)]) == []
    with pytest.raises(Conflict):
        save({**patient("5", facility=THERE), "id": an.id}, by=OTHER)
    with pytest.raises(Denied):
        save(patient("BN2"), by=CLIENT, facility=THERE)
    assert read("Observation", "mine").version == 1


def test_a_visit_opens_the_record_to_who_treats_there_and_a_doctor_writes_for_his_patients_alone(an):
    treats, elsewhere = doctor(HERE), doctor(THERE, account=8)
    with pytest.raises(NotStorable):
        save(condition(an.id), by=treats)
    [visit] = save(encounter(an.id))
    [mine] = save(condition(an.id), by=treats)
    assert read("Condition", mine.id, by=treats).facility_id == HERE
    with pytest.raises(NotStorable):
        save(condition(an.id), by=elsewhere)
    with pytest.raises(Denied):
        save({"resourceType": "Organization", "name": "x"}, by=treats)
    [registered] = save(patient("BN9", "011159000999", name="Lò Văn Chín"), by=treats)
    for doc in (condition(registered.id), encounter(registered.id)):
        with pytest.raises(NotStorable):  # registering somebody opens no record
            save(doc, by=treats)
    assert read("Patient", registered.id, by=treats) is None
    [two] = save(condition(an.id), by=doctor(HERE, THERE), facility=THERE)
    with pytest.raises(Forbidden):
        save({**condition(an.id, "J18"), "id": two.id}, by=treats)
    with pytest.raises(Invalid):
        save(condition(an.id), by=doctor(HERE, THERE))
    save({**encounter(an.id), "id": visit.id, "status": "entered-in-error"})
    assert read("Condition", mine.id, by=treats) is None, "the visit never was"


def test_what_came_from_a_claim_is_corrected_by_a_claim(database, put, condition):
    with unit_of_work(by=OPERATOR) as conn:
        record.put_many(conn, by=OPERATOR, puts=[put(condition(1) | {"subject": {"display": "An"}})])
    with pytest.raises(ReadOnly):
        save({"resourceType": "Condition", "id": "c1", "subject": {"display": "x"}})
    with unit_of_work(by=CLIENT) as conn, pytest.raises(ReadOnly):
        record.delete(conn, by=CLIENT, refs=[("Condition", "c1")])


def test_a_resource_of_two_people_stands_in_both_records(an):
    [child] = save(patient("BN2", "001226000002", name="Nguyễn Bé") | {"birthDate": "2026-11-01"})
    assert child.person_id != an.person_id
    meeting = {
        "resourceType": "Appointment", "status": "booked",
        "participant": [{"actor": {"reference": f"Patient/{one.id}"}, "status": "accepted"} for one in (child, an)],
    }  # fmt: skip
    [one] = save(meeting)
    assert one.person_id == child.person_id
    with reading(by=OPERATOR) as conn:
        assert one.id in {found.id for found in record.of_person(conn, by=OPERATOR, person_id=an.person_id)}
    save({**meeting, "id": one.id, "participant": meeting["participant"][:1]})
    with reading(by=OPERATOR) as conn:
        assert one.id not in {found.id for found in record.of_person(conn, by=OPERATOR, person_id=an.person_id)}


def test_nobodys_resources_and_many_at_once(an):
    [place] = save({"resourceType": "Location", "name": "Khoa Nội"})
    assert place.person_id == NOBODY
    saved = save(*[observation(an.id, f"c{n}") for n in range(250)])
    assert len({one.id for one in saved}) == 250
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM resource WHERE rtype = 'Observation'").fetchone() == (250,)


def test_what_the_trail_and_errors_never_hold(an):
    save(observation(an.id, note=[{"text": "đau đầu dữ dội"}]))
    with reading(by=OPERATOR) as conn:
        rows = conn.execute("SELECT row_to_json(a)::text FROM audit_event a").fetchall()
    assert not any("đau" in row[0] or "Nguyễn" in row[0] for row in rows)
    with pytest.raises(NotStorable) as caught:
        save(observation(an.id, note=[{"txt": "đau đầu dữ dội"}]))
    assert "đau" not in str(caught.value)


def test_the_stored_document_is_the_one_sent(an):
    sent = observation(
        an.id,
        valueQuantity={"value": 3, "unit": "g"},
        effectiveDateTime="2026-11-20",
        meta={"profile": ["http://x"], "lastUpdated": "2020-01-01T00:00:00Z"},
    )
    [one] = save(sent)
    doc = orjson.loads(read("Observation", one.id).json)
    assert list(doc)[:2] == ["resourceType", "id"]
    assert {key: value for key, value in doc.items() if key != "id"} == {**sent, "meta": {"profile": ["http://x"]}}
    assert UUID(one.id).version == 7


def test_a_system_job_and_a_bound_operator(an):
    bound = OPERATOR.acting_as(doctor(THERE).grants[0], purpose="treatment")
    with pytest.raises((Denied, NotStorable)):
        save(condition(an.id), by=bound)
    [one] = save(condition(an.id), by=Actor.system("test"), facility=HERE)
    assert read("Condition", one.id).facility_id == HERE


CHAIN = {
    "c": {
        "resourceType": "Condition",
        "code": {"coding": [{"system": systems.system("icd10"), "code": "B20"}]},
        "encounter": {"reference": "Encounter/v"},
    },
    "r": {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "reasonReference": [{"reference": "Condition/c"}]},
    "d": {"resourceType": "MedicationDispense", "status": "completed", "authorizingPrescription": [{"reference": "MedicationRequest/r"}]},
    "v": {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}},
    "o": {"resourceType": "Observation", "status": "final", "code": {"text": "Mạch"}, "encounter": {"reference": "Encounter/v"}},
}


@pytest.mark.parametrize("order", [*permutations("crdvo")], ids="".join)
def test_restricted_categories_do_not_hang_on_the_order_of_an_act(order):
    """What is dispensed for a prescription for a diagnosis has its category, also where the dispensing comes first; another result of the visit has not."""
    words = {"medicationCodeableConcept": {"text": "Thuốc A"}, "subject": {"reference": "Patient/p"}}
    docs = {id_: {**({} if id_ in "cvo" else words), "subject": words["subject"], **doc, "id": id_} for id_, doc in CHAIN.items()}
    found = {one.id: one.labels for one in ready([Write(docs[id_]["resourceType"], id_, docs[id_]) for id_ in order])}
    assert found == {"c": ("hiv",), "r": ("hiv",), "d": ("hiv",), "v": ("hiv",), "o": ()}
