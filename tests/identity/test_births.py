"""Newborns told of by their mothers' claims: each a person of its own, linked only by its own card, gone when the claim is taken back."""

from uuid import UUID

import pytest

from tests.identity.people import facts
from yba import identity
from yba.identity import Card

MOTHER = {"name": "Lò Thị Mai", "birth": "1995-03-12", "citizen_number": "011195000123"}
TEMPORARY = "TE1110000000123"
FIRST, SECOND = UUID(int=0xB1), UUID(int=0xB2)


@pytest.fixture
def resolve(conn, operator):
    def run(*given):
        return identity.resolve_many(conn, by=operator, facts=given)

    return run


def born(row=1, *, patient=FIRST, number=TEMPORARY, link="L1", **said):
    given = {"name": "", "birth": "2026-03-02T04:15", "sex": "female"} | said
    cards = (Card(number),) if number else ()
    return facts("11001", f"xml9:{link}:{row}", born_of="A1", patient=patient, cards=cards, **given)


def test_a_child_is_a_person_of_its_own(resolve):
    mother, child = resolve(facts("11001", "A1", **MOTHER), born(name="Con bà Mai"))
    assert mother.person_id != child.person_id
    assert child.new
    assert child.source is None, "its Patient is the certificate's"
    assert (child.golden["gender"], child.golden["birthDate"]) == ("female", "2026-03-02")
    assert child.golden["link"] == [{"other": {"reference": f"Patient/{FIRST}"}, "type": "seealso"}]
    assert [each["value"] for each in child.golden["identifier"]] == [TEMPORARY]


@pytest.mark.parametrize("names", [("", ""), ("Con bà Mai", "Con bà Mai"), ("Quàng Văn An", "Quàng Văn An")])
def test_twins_never_merge_whatever_they_are_called_and_whosever_card_they_have(resolve, names):
    first, second = resolve(born(1, name=names[0]), born(2, name=names[1], patient=SECOND))
    assert first.person_id != second.person_id
    assert second.review == "newborn-card"


def test_neither_does_the_same_birth_told_by_another_claim(resolve):
    first, again = resolve(born(1), born(1, link="L2", patient=SECOND))
    assert first.person_id != again.person_id
    assert again.review == "newborn-card"


@pytest.mark.parametrize("child_first", [True, False])
def test_a_mother_written_with_her_childs_card_and_birth_is_not_the_child(resolve, child_first):
    mother = facts("11001", "A1", name="", birth="2026-03-02", sex="female", cards=(Card(TEMPORARY, "11000"),))
    given = (born(), mother) if child_first else (mother, born())
    one, other = resolve(*given)
    assert one.person_id != other.person_id


def test_the_childs_own_claim_finds_it_by_card_and_birth(resolve):
    (child,) = resolve(born())
    (own,) = resolve(facts("11002", "N7", name="Lò Minh Châu", birth="2026-03-02", card=TEMPORARY))
    assert own.person_id == child.person_id
    assert own.golden["name"][0]["text"] == "Lò Minh Châu"


def test_a_child_of_another_day_with_its_card_is_another_child(resolve):
    (child,) = resolve(born())
    (other,) = resolve(facts("11002", "N8", name="Lò Minh Tâm", birth="2026-03-09", card=TEMPORARY))
    assert other.person_id != child.person_id
    assert other.review == "newborn-card"


def test_a_number_of_the_mothers_on_the_certificate_is_not_the_childs(resolve):
    mother, child = resolve(facts("11001", "A1", card="GD4111112345678", **MOTHER), born(number="GD4111112345678"))
    assert child.person_id != mother.person_id
    assert {each["system"].rpartition("/")[2] for each in child.golden["identifier"]} == {"the-tam"}


def test_a_corrected_row_stays_the_same_child(resolve):
    (child,) = resolve(born(name="Lò Văn Bình", sex="male"))
    (corrected,) = resolve(born(name="Quàng Thị Hoa", sex="female", birth="2025-12-31T23:50"))
    assert corrected.person_id == child.person_id


def test_taken_back_the_child_is_a_person_without_sources_and_comes_back_as_itself(conn, operator, resolve):
    mother, child = resolve(facts("11001", "A1", **MOTHER), born())
    assert identity.retract(conn, by=operator, births=[FIRST]) == [(child.person_id, None)]
    view = identity.person(conn, by=operator, person_id=child.person_id)
    assert (view.sources, view.identifiers, view.golden) == ((), (), {})
    assert [each.kind for each in view.events] == ["created", "withdrawn"]
    for number in (TEMPORARY, str(FIRST), "xml9:L1:1"):
        assert identity.find(conn, by=operator, id=number) == []
    assert identity.retract(conn, by=operator, births=[FIRST]) == []
    (other,) = resolve(facts("11002", "N7", name="", birth="2026-03-02", card=TEMPORARY))
    assert other.person_id != child.person_id, "nobody is found by a card that was taken back"
    (again,) = resolve(born(number="TE1110000000999"))
    assert again.person_id == child.person_id
    assert again.new
    assert [each["value"] for each in again.golden["identifier"]] == ["TE1110000000999"]
    assert mother.person_id not in {child.person_id, other.person_id}


def test_a_child_known_elsewhere_stays_when_its_certificate_is_taken_back(conn, operator, resolve):
    child, own = resolve(born(), facts("11002", "N7", name="Lò Minh Châu", birth="2026-03-02", card=TEMPORARY))
    ((person, golden),) = identity.retract(conn, by=operator, births=[FIRST])
    assert person == child.person_id == own.person_id
    assert golden["name"][0]["text"] == "Lò Minh Châu"
    assert str(FIRST) not in str(golden["link"])
    assert identity.find(conn, by=operator, id=TEMPORARY) == [person]
