"""Drafts over the real database: kept by two people, finished once, and what stands in the record afterwards."""

from types import SimpleNamespace
from uuid import UUID

import pytest

from tests.record.rest_world import HERE, THERE, patient, save
from yba import access, forms, record
from yba.access import Denied, Relation, RelationKind, UnitKind
from yba.forms.following import FOLLOWER
from yba.kit import Actor, Grant, clock
from yba.kit.db import unit_of_work
from yba.kit.errors import Conflict, NotFound

OPERATOR = Actor.operator()
VITALS = forms.form("vitals")


def doctor(account=7, facility=HERE):
    return Actor.user(UUID(int=account), [Grant("doctor", frozenset({facility}))], purpose="treatment")


@pytest.fixture
def person(database):
    """A resident who is on a visit here now: the person's id and the Patient's."""
    saved = save(patient("BN-1", "001059012345"))[0]
    visit = Relation(saved.person_id, UnitKind.FACILITY, HERE, RelationKind.VISIT, clock.now(), None, "Encounter", "e-1", UUID(int=5))
    with unit_of_work(by=OPERATOR) as conn:
        access.relate_many(conn, by=OPERATOR, relations=[visit])
    return saved.person_id, saved.id


def opened(person, by, form=VITALS):
    with unit_of_work(by=by) as conn:
        return forms.open_draft(conn, by=by, form=form, person_id=person[0], facility=HERE, patient=person[1])


def given(form=VITALS, **fields):
    return forms.answers(form, {f"a:{name}": [text] for name, text in fields.items()})


def keep(by, draft, number, **fields):
    with unit_of_work(by=by) as conn:
        return forms.keep(conn, by=by, draft=draft.id, answers=given(**fields), number=number)


def finish(by, draft, number, *, confirmed=(), **fields):
    with unit_of_work(by=by) as conn:
        return forms.finish(conn, by=by, draft=draft.id, answers=given(**fields), number=number, confirmed=frozenset(confirmed))


def test_the_same_form_is_opened_once_and_found_again(person):
    first = opened(person, doctor())
    kept = keep(doctor(), first, first.number, weight="60")
    again = opened(person, doctor(8))
    assert (again.id, again.number) == (first.id, kept.number)
    assert again.answers.texts == {("weight", ()): ("60",)}


def test_two_people_on_one_draft_lose_nothing(person):
    first, second = doctor(), doctor(8)
    draft = opened(person, first)
    keep(first, draft, draft.number, weight="60")
    told = keep(second, draft, draft.number, weight="61", pulse="72")
    assert told.answers.texts == {("weight", ()): ("60",)}
    assert [one.answers.texts for one in told.aside] == [{("weight", ()): ("61",), ("pulse", ()): ("72",)}]
    refused = finish(second, draft, draft.number, weight="61")
    assert [one.rule for one in refused.problems] == ["kept-meanwhile"]
    with unit_of_work(by=second) as conn:
        taken = forms.take(conn, by=second, draft=draft.id, aside_of=second.name)
    assert taken.answers.texts == {("weight", ()): ("61",)}  # the newest of what the second typed
    assert taken.aside == ()


def test_finishing_stores_answers_and_observations_once(person):
    draft = opened(person, doctor())
    done = finish(doctor(), draft, draft.number, weight="60,5", height="165", systolic="120", diastolic="80", note="đo sau nghỉ")
    assert done.done
    assert done.problems == ()
    twice = finish(doctor(), draft, draft.number, weight="60,5", height="165", systolic="120", diastolic="80", note="đo sau nghỉ")
    assert twice.response == done.response
    with unit_of_work(by=OPERATOR) as conn:
        held = [one for one in record.of_person(conn, by=OPERATOR, person_id=person[0]) if one.rtype in {"Observation", "QuestionnaireResponse"}]
        form, answers = forms.response_of(conn, by=OPERATOR, id=done.response)
    codes = {one.doc["code"]["coding"][0]["code"]: one for one in held if one.rtype == "Observation"}
    assert codes.keys() == {"29463-7", "8302-2", "39156-5", "85354-9"}
    assert '"value":60.5' in codes["29463-7"].json
    assert [part["valueQuantity"]["value"] for part in codes["85354-9"].doc["component"]] == [120, 80]
    assert all(one.doc["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{done.response}"}] for one in codes.values())
    assert sum(one.rtype == "QuestionnaireResponse" for one in held) == 1
    assert form is VITALS
    assert answers.get("note")[0].data == "đo sau nghỉ"


def test_an_unusual_value_is_asked_about_and_a_wrong_one_refused_and_both_are_kept(person):
    draft = opened(person, doctor())
    asked = finish(doctor(), draft, draft.number, weight="170")
    assert [(one.rule, one.hard) for one in asked.problems] == [("unusual", False)]
    assert asked.draft.answers.texts == {("weight", ()): ("170",)}
    assert [one.rule for one in finish(doctor(), draft, asked.draft.number, weight="700", confirmed={"weight"}).problems] == ["maximum"]
    assert finish(doctor(), draft, asked.draft.number + 1, weight="170", confirmed={"weight"}).done


def test_the_next_form_shows_what_was_measured_last_with_where_and_when(person):
    draft = opened(person, doctor())
    finish(doctor(), draft, draft.number, weight="60,5", systolic="120", diastolic="80")
    with unit_of_work(by=doctor()) as conn:
        found = {one.link_id: one for one in forms.prefill(conn, by=doctor(), form=VITALS, person_id=person[0])}
    assert str(found["weight"].value.data) == "60.5"
    assert (found["weight"].on, found["weight"].facility, found["weight"].filled) == (clock.today().isoformat(), HERE, False)
    assert found["systolic"].value.data == 120
    next_one = opened(person, doctor())
    assert next_one.id != draft.id
    assert next_one.answers.texts == {}


def test_a_draft_is_not_another_facilitys_and_not_a_strangers(person):
    draft = opened(person, doctor())
    other = doctor(9, THERE)
    with pytest.raises(Denied):
        opened(person, other)
    with pytest.raises(NotFound):
        keep(other, draft, draft.number, weight="1")
    with pytest.raises(Denied), unit_of_work(by=doctor()) as conn:
        forms.open_draft(conn, by=doctor(), form=VITALS, person_id=UUID(int=99), facility=HERE)


def test_a_dropped_draft_is_gone_and_not_finished(person):
    draft = opened(person, doctor())
    for _ in range(2):
        with unit_of_work(by=doctor()) as conn:
            forms.drop(conn, by=doctor(), draft=draft.id)
    with pytest.raises(Conflict):
        finish(doctor(), draft, draft.number, weight="60")
    with unit_of_work(by=doctor()) as conn:
        assert forms.drafts(conn, by=doctor()) == []
    assert opened(person, doctor()).id != draft.id


def test_answers_about_nobodys_source_name_the_golden_patient(person):
    with unit_of_work(by=doctor()) as conn:
        draft = forms.open_draft(conn, by=doctor(), form=VITALS, person_id=person[0], facility=HERE)
    done = finish(doctor(), draft, draft.number, weight="60")
    with unit_of_work(by=OPERATOR) as conn:
        stored = record.get(conn, by=OPERATOR, rtype="QuestionnaireResponse", id=done.response)
    assert stored.person_id == person[0]
    assert stored.doc["subject"] == {"reference": f"Patient/{person[0]}"}


def test_nothing_known_of_the_person_is_asked_again(person):
    with unit_of_work(by=doctor()) as conn:
        form = forms.form("ehr-831-personal")
        draft = forms.open_draft(conn, by=doctor(), form=form, person_id=person[0], facility=HERE)
        found = {one.link_id: one for one in forms.prefill(conn, by=doctor(), form=form, person_id=person[0])}
    filled = {at[0]: texts for at, texts in draft.answers.texts.items()}
    assert filled["A.HOTEN"] == ("Nguyễn Văn An",)
    assert filled["A.NGAYSINH"] == ("12/03/1959",)
    assert filled["A.GIOITINH"] == ("1",)
    assert filled["A.MADINHDANH"] == ("001059012345",)
    assert draft.answers.unread == ()
    assert found["A.HOTEN"].ref == f"Patient/{person[0]}"
    assert found["A.HOTEN"].on


def test_a_draft_goes_with_the_source_it_is_about(person):
    """As the record tells a follower in a merge and a split."""
    draft = opened(person, doctor())
    keep(doctor(), draft, draft.number, weight="60")
    taker = UUID(int=77)
    with unit_of_work(by=OPERATOR) as conn:
        before = FOLLOWER.standing(conn, people=[person[0]])
        moving, staying = source(person[1], HERE), source("other", THERE)
        assert FOLLOWER.held(conn, giver=person[0], moving=[moving], staying=[staying]).leaving == [draft.id]
        assert FOLLOWER.held(conn, giver=person[0], moving=[staying], staying=[moving]).staying == [draft.id]
        assert FOLLOWER.held(conn, giver=person[0], moving=[staying], staying=[]).leaving == [draft.id]
        FOLLOWER.move(conn, documents=[draft.id], taker=taker)
        assert FOLLOWER.standing(conn, people=[person[0]]) != before
    with unit_of_work(by=doctor()) as conn:
        assert forms.drafts(conn, by=doctor(), person_id=person[0]) == []
        assert [one.id for one in forms.drafts(conn, by=doctor(), person_id=taker)] == [draft.id]


def source(patient_id, facility):
    return SimpleNamespace(patient=patient_id, facility=facility)
