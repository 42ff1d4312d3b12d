"""The clerk's desk: what stands first, who sees what, what is decided once and remembered, what a facility is told."""

from datetime import timedelta
from threading import Event, Thread
from uuid import UUID, uuid4

import pytest
from django.db import connections

from tests.identity.people import CARD, CITIZEN, MAN, facts
from yba import identity
from yba.access import Denied
from yba.identity import Act, AlreadyDecided, Decided, Doubt, IdType, ReviewState
from yba.identity.sides import Agreement
from yba.kit import Actor, Grant, clock
from yba.kit.db import reading, unit_of_work
from yba.kit.errors import Invalid, NotFound
from yba.specs import identity as specs
from yba.specs.identity.desk import desk

OPERATOR = Actor.operator()
HERE, THERE = "11001", "99999"


def clerk(facility=HERE, role="record-clerk"):
    return Actor.user(UUID(int=7), [Grant(role, frozenset({facility}))], purpose="administration")


def other_clerk(facility=HERE):
    return Actor.user(UUID(int=8), [Grant("record-clerk", frozenset({facility}))], purpose="administration")


@pytest.fixture
def conflicts(database):
    """One citizen number on two clearly different people, a shared card, and a lone contradiction at another facility."""
    with unit_of_work(by=OPERATOR) as conn:
        said = [
            facts(citizen_number=CITIZEN), facts(local_id="A2", citizen_number=CITIZEN, **MAN), facts(local_id="A3", card=CARD),
            facts(local_id="A4", card=CARD, name="Vàng A Páo", birth="1990-02-02", sex="male"), facts(THERE, "Z1"),
        ]  # fmt: skip
        people = [one.person_id for one in identity.resolve_many(conn, by=OPERATOR, facts=said)]
        identity.report(conn, by=OPERATOR, doubts=[Doubt("death-dates-differ", people[4], THERE, "Z1", {})])
    return people


def items(by, **asked):
    with reading(by=by) as conn:
        return identity.desk_queue(conn, by=by, **asked)


def decide(by, review, kind, reason="papers", words="", **more):
    with unit_of_work(by=by) as conn:
        item = identity.hold_review(conn, by=by, review=review)
        identity.conclude_review(conn, by=by, item=item, done=Act(kind, reason, words, **more))


def test_the_riskiest_stands_first_and_the_counts_say_how_many(conflicts):
    whole = items(OPERATOR)
    assert [one.item.kind for one in whole.found] == ["number-shared", "card-shared", "death-dates-differ"]
    assert [one.risk for one in whole.found] == sorted((one.risk for one in whole.found), reverse=True)
    assert whole.total == 3
    assert whole.kinds == {"number-shared": 1, "card-shared": 1, "death-dates-differ": 1}
    assert whole.facilities == {HERE: 2, THERE: 1}
    narrowed = items(OPERATOR, kind="card-shared")
    assert [one.item.kind for one in narrowed.found] == ["card-shared"]
    assert (narrowed.total, narrowed.kinds["number-shared"], narrowed.facilities) == (1, 1, {HERE: 1}), "a filter's own counts stay whole"
    second = items(OPERATOR, offset=1, limit=1)
    assert ([one.item.kind for one in second.found], second.total) == (["card-shared"], 3)


def test_age_lifts_and_a_question_sinks(conflicts):
    def now():
        return {one.item.kind: one.risk for one in items(OPERATOR).found}

    before = now()
    with unit_of_work(by=OPERATOR) as conn:
        conn.execute("UPDATE review_item SET created_at = created_at - interval '22 days' WHERE kind = 'card-shared'")
    aged = now()
    assert aged["card-shared"] == before["card-shared"] + 3 * desk().risk["week"]
    asked = next(one.item.id for one in items(OPERATOR).found if one.item.kind == "number-shared")
    decide(OPERATOR, asked, Decided.ASKED, "number")
    assert now()["number-shared"] == before["number-shared"] + desk().risk["asked"]
    decide(OPERATOR, asked, Decided.ANSWERED, "confirmed")
    assert now()["number-shared"] == before["number-shared"], "an answer brings it back"


def test_a_clerk_sees_the_own_facility_only_and_a_guessed_id_is_nothing(conflicts):
    here, there = items(clerk()), items(clerk(THERE))
    assert {one.item.facility for one in here.found} == {HERE}
    assert (here.total, there.total) == (2, 1)
    foreign = here.found[0].item.id
    stranger = clerk(THERE)
    for review in (foreign, uuid4()):
        with unit_of_work(by=stranger) as conn:
            with pytest.raises(NotFound):
                identity.desk_case(conn, by=stranger, review=review)
            with pytest.raises(NotFound):
                identity.hold_review(conn, by=stranger, review=review)


@pytest.mark.parametrize("role", ["doctor", "citizen", "privacy-officer", "facility-administrator", "station-nurse"])
def test_others_may_not(conflicts, role):
    by = clerk(role=role)
    for ask in (identity.desk_queue, identity.desk_lately):
        with reading(by=by) as conn, pytest.raises(Denied):
            ask(conn, by=by)
    with reading(by=by) as conn, pytest.raises(Denied):
        identity.desk_figures(conn, by=by, since=clock.now())


def test_two_people_stay_two_and_the_question_does_not_come_back(conflicts):
    left, right = conflicts[:2]
    pair = tuple(sorted((left, right)))
    with unit_of_work(by=OPERATOR) as conn:
        for kind in ("identifiers-disagree", "likely-duplicate"):
            identity_reviews(conn, kind, pair)
    asked = next(one.item for one in items(OPERATOR).found if one.item.kind == "likely-duplicate")
    decide(clerk(), asked.id, Decided.DIFFERENT, "family")
    kinds = {one.item.kind for one in items(OPERATOR).found}
    assert not kinds & {"likely-duplicate", "identifiers-disagree"}, "one word settles both questions about the same two"
    assert "number-shared" in kinds, "that they share a number is another matter"
    with unit_of_work(by=OPERATOR) as conn:
        for kind in ("identifiers-disagree", "likely-duplicate"):
            identity_reviews(conn, kind, pair)
    assert not {one.item.kind for one in items(OPERATOR).found} & {"likely-duplicate", "identifiers-disagree"}


def test_likely_duplicates_told_to_be_two_before_do_not_come_as_another_kind(conflicts):
    pair = tuple(sorted(conflicts[2:4]))
    with unit_of_work(by=OPERATOR) as conn:
        identity_reviews(conn, "identifiers-disagree", pair)
    review = next(one.item.id for one in items(OPERATOR).found if one.item.kind == "identifiers-disagree")
    decide(clerk(), review, Decided.DIFFERENT, "family")
    with unit_of_work(by=OPERATOR) as conn:
        identity_reviews(conn, "likely-duplicate", pair)
    assert "likely-duplicate" not in {one.item.kind for one in items(OPERATOR).found}


def identity_reviews(conn, kind, pair):
    from yba.identity import store  # noqa: PLC0415  # as resolving opens them
    from yba.identity.state import Review  # noqa: PLC0415

    store.open_reviews(conn, [Review(kind, pair, HERE, "A1", {"weight": 900})])


def test_the_second_of_two_clerks_is_told(conflicts):
    review = items(clerk()).found[0].item.id
    decide(clerk(), review, Decided.DIFFERENT, "lent")
    with unit_of_work(by=other_clerk()) as conn, pytest.raises(AlreadyDecided) as told:
        identity.hold_review(conn, by=other_clerk(), review=review)
    assert (told.value.last.who, told.value.last.kind) == (clerk().name, Decided.DIFFERENT)


def test_two_clerks_at_the_same_moment_the_second_waits_and_is_told(conflicts):
    review = items(clerk()).found[0].item.id
    holding, told = Event(), []

    def second():
        holding.wait(10)
        try:
            decide(other_clerk(), review, Decided.DIFFERENT, "lent")
        except AlreadyDecided as late:
            told.append(late.last.who)
        finally:
            connections.close_all()

    thread = Thread(target=second)
    thread.start()
    with unit_of_work(by=clerk()) as conn:
        item = identity.hold_review(conn, by=clerk(), review=review)
        holding.set()
        thread.join(0.5)
        assert thread.is_alive(), "it waits for the first"
        identity.conclude_review(conn, by=clerk(), item=item, done=Act(Decided.DIFFERENT, "papers"))
    thread.join(20)
    assert told == [clerk().name]
    with reading(by=OPERATOR) as conn:
        assert len(identity.desk_case(conn, by=OPERATOR, review=review).decisions) == 1


def test_a_decision_needs_its_own_reason(conflicts):
    review = items(clerk()).found[0].item.id
    for reason, words in (("", "vì vậy"), ("number", ""), ("", " x " * 4), ("family", "x" * 501)):
        with pytest.raises(Invalid):
            decide(clerk(), review, Decided.DIFFERENT, reason, words)
    decide(clerk(), review, Decided.DIFFERENT, "", "anh em sinh đôi, đã xem giấy khai sinh")
    with reading(by=OPERATOR) as conn:
        found = identity.desk_case(conn, by=OPERATOR, review=review)
        row = conn.execute("SELECT who, reason, detail->>'decision' FROM audit_event WHERE tag = 'identity:review:settle'").fetchone()
    assert found.item.state is ReviewState.DISMISSED
    assert found.after in {one.item.id for one in items(OPERATOR).found}, "the next of the queue follows"
    assert row == (clerk().name, "anh em sinh đôi, đã xem giấy khai sinh", "different")


def test_an_undo_brings_it_back_with_its_history(conflicts):
    review = items(clerk()).found[0].item.id
    decide(clerk(), review, Decided.DIFFERENT, "lent")
    with unit_of_work(by=clerk()) as conn:
        done = identity.desk_case(conn, by=clerk(), review=review).decisions
        identity.reopen_reviews(conn, by=clerk(), decisions=done, done=Act(Decided.UNDONE, "mistake"))
    found = next(one for one in items(clerk()).found if one.item.id == review)
    assert found.last.kind is Decided.UNDONE
    with reading(by=clerk()) as conn:
        assert [one.kind for one in identity.desk_case(conn, by=clerk(), review=review).decisions] == [Decided.DIFFERENT, Decided.UNDONE]


def test_neighbours_lead_through_the_queue_in_order(conflicts):
    whole = [one.item.id for one in items(OPERATOR).found]
    with reading(by=OPERATOR) as conn:
        cases = [identity.desk_case(conn, by=OPERATOR, review=one) for one in whole]
        narrow = identity.desk_case(conn, by=OPERATOR, review=whole[0], kind="card-shared")
    assert [one.after for one in cases] == [*whole[1:], None]
    assert [one.before for one in cases] == [None, *whole[:-1]]
    assert narrow.after == whole[1]


def test_a_receipt_may_know_the_decision_and_nothing_else(conflicts):
    item = next(one.item for one in items(OPERATOR).found if one.item.kind == "number-shared")
    with reading(by=OPERATOR) as conn:
        patient = next(s.patient_id for p in item.persons for s in identity.person(conn, by=OPERATOR, person_id=p).sources if s.local_id == "A2")
    decide(OPERATOR, item.id, Decided.DIFFERENT, "lent", "trùng với Lò Thị Mai")
    client, foreign = Actor.facility_client(HERE), Actor.facility_client(THERE)
    with reading(by=client) as conn:
        told = identity.reviews_told(conn, by=client, patients=[patient])
    assert set(told) == {(patient, "number-shared")}
    assert (told[patient, "number-shared"].kind, told[patient, "number-shared"].reason) == (Decided.DIFFERENT, "lent")
    assert "Lò Thị Mai" not in repr(told)
    with reading(by=foreign) as conn:
        assert identity.reviews_told(conn, by=foreign, patients=[patient]) == {}


@pytest.mark.law("SKDT-R14")
def test_figures_count_kinds_facilities_and_clerks(conflicts):
    review = items(clerk()).found[0].item.id
    decide(clerk(), review, Decided.DIFFERENT, "lent")
    since = clock.now() - timedelta(days=30)
    with reading(by=OPERATOR) as conn:
        found = identity.desk_figures(conn, by=OPERATOR, since=since)
    with reading(by=clerk(THERE)) as conn:
        bound = identity.desk_figures(conn, by=clerk(THERE), since=since)
    shared = next(one for one in found.kinds if one.kind == "number-shared")
    assert (shared.opened, shared.decided, shared.still_open, shared.median_age) == (1, 1, 0, None)
    here = next(one for one in found.facilities if one.facility == HERE)
    assert (here.patients, here.without_number, here.shared_numbers, here.shared_cards, here.still_open) == (4, 2, 1, 1, 1)
    assert [(one.who, one.done) for one in found.clerks] == [(clerk().name, {Decided.DIFFERENT: 1})]
    assert found.still_open == 2
    assert found.median_age is not None
    assert {one.facility for one in bound.facilities} == {THERE}
    assert bound.clerks == ()


def test_sides_say_in_words_where_they_agree_and_who_said_it(conflicts):
    with reading(by=OPERATOR) as conn:
        left, right = (identity.person(conn, by=OPERATOR, person_id=one) for one in conflicts[:2])
    compared = identity.compare_people(left, right)
    found = {line.fact: line for line in compared.lines}
    assert found["name"].agreement is Agreement.OTHER
    assert found[IdType.CITIZEN.value].agreement is Agreement.SAME
    assert (found["name"].left[0].value, found["name"].left[0].facility, found["name"].left[0].day) == ("Lò Thị Mai", HERE, "2026-01-01")
    assert compared.weights is not None
    assert compared.weights.weight == compared.weights.prior + sum(part.weight for part in compared.weights.parts)


def test_every_kind_of_conflict_has_points_and_every_decision_words():
    rules = desk()
    assert set(specs.reviews()) == set(rules.kinds), "a kind without points stands among strangers"
    assert {one.value for one in Decided} == set(rules.decided)
    assert set(rules.same_person) <= set(rules.kinds)
