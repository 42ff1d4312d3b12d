"""The QR text of a citizen card: what a scanner may type, what is refused, and two numbers that lead to two people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.identity.people import CITIZEN, MAN, facts
from yba import identity
from yba.identity import CitizenCard
from yba.kit import Actor, Grant, Invalid

SYSTEM, OPERATOR = Actor.system("test"), Actor.operator()
HERE, THERE = "11001", "11002"
OLD = "040123456"
TEXT = f"{CITIZEN}|{OLD}|Lò Thị Mai|12031959|Nữ|Tổ 5, Mường Thanh, Điện Biên|01052021"
CARD = CitizenCard(CITIZEN, OLD, "Lò Thị Mai", "1959-03-12", "female", "Tổ 5, Mường Thanh, Điện Biên", "2021-05-01")


def clerk(facility=HERE):
    return Actor.user(identity.patient_id("u", facility), [Grant("record-clerk", frozenset({facility}))], purpose="administration")


@pytest.mark.parametrize("typed", [TEXT, f"{TEXT}\r\n", f"\t{TEXT} ", TEXT.replace("|", " | "), f"{TEXT}|Lò Văn A|Quàng Thị B|011159000001"])
def test_a_scanner_types_a_card(typed):
    assert identity.is_card_text(typed)
    assert identity.read_card(typed) == CARD


def test_decomposed_letters_and_parts_that_are_not_known():
    from unicodedata import normalize  # noqa: PLC0415  # what some scanners send

    assert identity.read_card(normalize("NFD", TEXT)) == CARD
    assert identity.read_card(TEXT.replace("12031959", "00001959")).birth == "1959"
    assert identity.read_card(TEXT.replace("12031959", "00031959")).birth == "1959-03"
    assert identity.read_card(TEXT.replace(f"|{OLD}|", "||")).old == ""
    assert identity.read_card(TEXT.replace("|01052021", "|")).issued == ""


@pytest.mark.parametrize(
    ("old", "new"), [(CITIZEN, CITIZEN[1:]), (OLD, "12"), ("12031959", "31021959"), ("12031959", "1959"), ("Lò Thị Mai", ""), ("|01052021", "")]
)
def test_what_is_no_card_is_refused_without_its_words(old, new):
    with pytest.raises(Invalid) as refused:
        identity.read_card(TEXT.replace(old, new, 1))
    assert CITIZEN not in str(refused.value)
    assert "Mai" not in str(refused.value)


@given(st.text(max_size=300))
def test_any_text_is_a_card_or_refused(text):
    try:
        card = identity.read_card(text)
    except Invalid:
        return
    assert len(card.number) == 12
    assert card.name


def people(conn):
    """Somebody under the new number here, under the old one there."""
    said = [facts(HERE, "A1", citizen_number=CITIZEN), facts(THERE, "B1", old_citizen_number=OLD, **MAN)]
    return [one.person_id for one in identity.resolve_many(conn, by=SYSTEM, facts=said)]


def doubts(conn):
    return [(one.kind, set(one.persons), one.facility) for one in identity.reviews(conn, by=OPERATOR)]


def test_a_card_finds_its_person_and_asks_nothing(conn):
    [person] = [one.person_id for one in identity.resolve_many(conn, by=SYSTEM, facts=[facts(HERE, "A1", citizen_number=CITIZEN)])]
    assert identity.find_by_card(conn, by=clerk(), card=CARD, facility=HERE) == [person]
    assert doubts(conn) == []


def test_the_old_number_finds_who_is_known_by_it_only(conn):
    [person] = [one.person_id for one in identity.resolve_many(conn, by=SYSTEM, facts=[facts(HERE, "A1", old_citizen_number=OLD)])]
    assert identity.find_by_card(conn, by=clerk(), card=CARD, facility=HERE) == [person]


def test_two_numbers_that_lead_to_two_people_are_asked_about_once_and_the_reader_learns_of_one(conn):
    new, old = people(conn)
    for _ in range(2):
        assert identity.find_by_card(conn, by=clerk(), card=CARD, facility=HERE) == [new]
    assert doubts(conn) == [("identifiers-disagree", {new, old}, HERE)]
