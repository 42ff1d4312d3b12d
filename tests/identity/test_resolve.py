"""Which person? Exact by number, careful with contradictions, the same however the work is cut."""

import pytest

from tests.identity.people import CARD, CITIZEN, MAN, facts
from yba import identity
from yba.identity import Card
from yba.kit.settings import LIKENESS


@pytest.fixture(autouse=True)
def numbers_alone():
    """The rungs of the ladder that are numbers; what the weights add has its own tests (test_likeness)."""
    with LIKENESS.set_to("off"):
        yield


@pytest.fixture
def resolve(conn, operator):
    def run(*given):
        return identity.resolve_many(conn, by=operator, facts=given)

    return run


def ids(resolutions):
    return [r.person_id for r in resolutions]


def reviews(resolutions):
    return [r.review for r in resolutions]


@pytest.mark.law("SKDT-R05")
@pytest.mark.parametrize(
    "number",
    [
        {"citizen_number": CITIZEN},
        {"card": CARD},
        {"insurance_numbers": ("1112345678",)},
        {"passport": "C1234567"},
        {"old_citizen_number": "040123456"},
    ],
)
def test_one_number_at_two_facilities_is_one_person(resolve, number):
    first, second = resolve(facts("11001", "A1", **number), facts("11002", "B7", **number))
    assert (first.new, second.new) == (True, False)
    assert first.person_id == second.person_id
    assert second.review is None


def test_a_card_and_the_insurance_number_inside_it_meet(resolve):
    assert len({*ids(resolve(facts("11001", "A1", card=CARD), facts("11002", "B7", insurance_numbers=(CARD[-10:],))))}) == 1
    assert len({*ids(resolve(facts("11003", "C", card="HT3" + CARD[3:])))} | {*ids(resolve(facts("11004", "D", card=CARD)))}) == 1


def test_a_patient_number_is_known_again_without_any_paper(resolve):
    a, b, other = resolve(facts(), facts(day=3), facts("11002", "A1"))
    assert a.person_id == b.person_id != other.person_id  # the same number elsewhere says nothing


@pytest.mark.parametrize("number", [{"citizen_number": CITIZEN}, {"card": CARD}])
def test_somebody_else_under_the_same_number_is_never_merged(resolve, number):
    her, him, him_again, her_again = resolve(
        facts("11001", "A1", **number),
        facts("11002", "B1", **number, **MAN),
        facts("11003", "C1", **number, **MAN),
        facts("11004", "D1", **number),
    )
    assert her.person_id != him.person_id
    assert (him_again.person_id, her_again.person_id) == (him.person_id, her.person_id)
    kind = "number-shared" if "citizen_number" in number else "card-shared"
    assert reviews([her, him, him_again, her_again]) == [None, kind, kind, kind]


@pytest.mark.parametrize(
    ("slip", "review"),
    [
        ({"name": "LO THI MAI"}, None),
        ({"name": "L? Th? Mai"}, None),
        ({"name": "Lò Mai"}, None),
        ({"birth": "1959"}, None),
        ({"birth": "1959-01-01"}, None),
        ({"name": "Lò Thị aMi", "birth": "1959-01-01"}, None),
        ({"birth": "1960-03-12"}, None),
        ({"birth": "1995-03-12"}, "demographics-differ"),
        ({"sex": "male"}, "demographics-differ"),
        ({"sex": "unknown"}, None),
        ({"name": "Quàng Thị Lan"}, "demographics-differ"),
    ],
)
def test_one_slip_is_linked_and_told(resolve, slip, review):
    first, second = resolve(facts("11001", "A1", citizen_number=CITIZEN), facts("11002", "B1", citizen_number=CITIZEN, **slip))
    assert first.person_id == second.person_id
    assert second.review == review


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Quàng Thị Lan", "birth": "1995-03-12"},
        {"name": "Quàng Thị Lan", "sex": "male"},
        {"name": "Quàng Thị Lan", "birth": "1959-08-20"},
        {"birth": "1995-03-12", "sex": "male"},
    ],
)
def test_two_contradictions_are_another_person(resolve, other):
    first, second = resolve(facts("11001", "A1", card=CARD), facts("11002", "B1", card=CARD, **other))
    assert first.person_id != second.person_id
    assert second.review == "card-shared"


def test_a_reused_patient_number_gives_the_second_human_a_person_of_their_own(resolve):
    her, him, him_again, her_again = resolve(facts(citizen_number=CITIZEN), facts(citizen_number="011085000001", **MAN), facts(**MAN), facts(day=9))
    assert her.person_id == her_again.person_id != him.person_id == him_again.person_id
    assert him.review == "local-number-reused"
    assert him.source is None  # the source document stays the first human's


@pytest.mark.law("SKDT-R13")
def test_a_new_citizen_number_of_a_known_patient_is_told_and_kept(resolve):
    before, after, elsewhere = resolve(
        facts(citizen_number=CITIZEN), facts(citizen_number="011159009999", day=5), facts("11002", "B1", citizen_number="011159009999")
    )
    assert before.person_id == after.person_id == elsewhere.person_id
    assert after.review == "citizen-number-changed"


def test_numbers_that_lead_to_two_people_link_one_and_tell(resolve):
    by_citizen, by_card, both = resolve(
        facts("11001", "A1", citizen_number=CITIZEN), facts("11002", "B1", card=CARD), facts("11003", "C1", citizen_number=CITIZEN, card=CARD)
    )
    assert both.person_id == by_citizen.person_id != by_card.person_id
    assert both.review == "identifiers-disagree"


def test_a_known_patient_stays_when_a_number_leads_elsewhere(resolve):
    elsewhere, here, later = resolve(facts("11001", "A1", citizen_number=CITIZEN), facts("11002", "B1"), facts("11002", "B1", citizen_number=CITIZEN))
    assert later.person_id == here.person_id != elsewhere.person_id
    assert later.review == "identifiers-disagree"


BABY = {"birth": "2026-01-05T10:30", "sex": "male", "cards": (Card("TE1110000000001", "11000"),)}


def test_nameless_newborns_meet_by_their_patient_number_only(resolve):
    one, again, twin, elsewhere = resolve(
        facts("11001", "S1", name="Con bà Lò Thị Mai", **BABY),
        facts("11001", "S1", name="CB Lò Thị Mai", **BABY, day=2),
        facts("11001", "S2", name="Con bà Lò Thị Mai", **BABY),
        facts("11002", "X", name="Con bà Lò Thị Mai", **BABY),
    )
    assert one.person_id == again.person_id
    assert len({one.person_id, twin.person_id, elsewhere.person_id}) == 3
    assert twin.review == "newborn-card"


def test_a_newborn_under_its_mothers_number_is_not_the_mother(resolve):
    mother, child = resolve(
        facts("11001", "A1", citizen_number=CITIZEN, card=CARD),
        facts("11001", "A1", name="Con bà Lò Thị Mai", birth="2026-01-05", sex="female", card=CARD, insurance_numbers=(CARD[-10:],)),
    )
    assert mother.person_id != child.person_id
    assert child.review == "local-number-reused"


@pytest.mark.law("BHYT-GD-R05")
def test_the_named_child_is_found_by_its_temporary_card_and_birth(resolve):
    newborn, named = resolve(
        facts("11001", "S1", name="Con bà Lò Thị Mai", **BABY),
        facts("11002", "X", name="Lò Văn Nam", day=60, **(BABY | {"birth": "2026-01-05", "cards": (Card("TE1110000000001", "11001"),)})),
    )
    assert newborn.person_id == named.person_id


def test_the_tail_of_a_temporary_card_is_no_insurance_number(conn, resolve):
    resolve(
        facts(
            "11001",
            "S1",
            name="Lò Văn Nam",
            insurance_numbers=("0000000001", "1110000001"),
            birth="2026-01-05",
            cards=(Card("TE1111110000001", "11000"),),
        )
    )
    assert conn.execute("SELECT type FROM identifier").fetchall() == [("MA_TAM",)]


@pytest.mark.parametrize("number", ["000000000000", "999999999999", "0", "KHONG CO", "123456789012"])
def test_fillers_are_no_numbers(resolve, number):
    a, b = resolve(facts("11001", "A1", citizen_number=number), facts("11002", "B1", citizen_number=number))
    assert a.person_id != b.person_id


def test_claims_without_a_patient_number_meet_by_their_papers_only(resolve):
    a, b, c, d = resolve(facts(local_id="", card=CARD), facts(local_id="", card=CARD), facts(local_id=""), facts(local_id=""))
    assert a.person_id == b.person_id
    assert len({a.person_id, c.person_id, d.person_id}) == 3
    assert a.source is None


def test_history_and_conflicts_are_written_down(conn, resolve):
    her, him = resolve(facts("11001", "A1", card=CARD), facts("11002", "B1", card=CARD, **MAN))
    rows = conn.execute("SELECT person_id, kind, reason FROM person_event ORDER BY id").fetchall()
    assert rows == [(her.person_id, "created", "new"), (him.person_id, "created", "new")]
    kind, persons, state = conn.execute("SELECT kind, persons, state FROM review_item").fetchone()
    assert (kind, set(persons), state) == ("card-shared", {her.person_id, him.person_id}, "open")
    resolve(facts("11002", "B1", card=CARD, **MAN, day=4))
    assert conn.execute("SELECT count(*) FROM review_item").fetchone() == (1,)
    claimed = dict(conn.execute("SELECT person_id, claimed FROM identifier_owner WHERE type = 'MA_THE_BHYT'").fetchall())
    assert claimed == {her.person_id: False, him.person_id: True}


def test_identifiers_are_dated_facts(conn, resolve):
    resolve(facts(card=CARD, day=10), facts(card=CARD, day=2), facts(card=CARD, day=30))
    row = conn.execute("SELECT first_seen::text, last_seen::text, valid_to FROM identifier WHERE type = 'MA_THE_BHYT'").fetchone()
    assert row == ("2026-01-03", "2026-01-31", "2026-12-31")


def test_monstrous_texts_are_kept_and_harm_nobody(conn, resolve):
    long = "9" * 5000
    given = {"name": "<b>x</b>" * 5000, "citizen_number": long, "passport": long, "card": long, "phone": long, "insurance_numbers": (long,)}
    a, b, other = resolve(facts(local_id=long, **given), facts(local_id=long, **given), facts(local_id=long + "1"))
    assert a.person_id == b.person_id != other.person_id
    assert b.source["identifier"][0]["value"] == long
    assert b.source["name"][0]["text"] == given["name"]
    assert b.source["id"] == str(identity.patient_id("11001", long))
    assert conn.execute("SELECT count(*) FROM identifier").fetchone() == (0,)
