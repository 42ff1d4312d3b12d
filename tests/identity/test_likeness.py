"""Whom the weights link, whom they put before a clerk: in the path of a claim, the same however the work is cut."""

from contextlib import suppress
from itertools import pairwise

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.identity.people import CARD, CITIZEN, facts
from yba import identity
from yba.kit.db import unit_of_work
from yba.kit.settings import LIKENESS

HOME = {"commune": "03127", "phone": "0912345678", "address": "Tổ 5"}


@pytest.fixture
def resolve(conn, operator):
    def run(*given):
        return identity.resolve_many(conn, by=operator, facts=given)

    return run


def history(conn, person):
    return conn.execute("SELECT kind, reason, evidence FROM person_event WHERE person_id = %s ORDER BY id", (person,)).fetchall()


def test_without_any_number_the_same_human_is_found_elsewhere(conn, resolve):
    home = {**HOME, "phone": "0912765439"}
    (first,) = resolve(facts("11001", "A1", citizen_number=CITIZEN, **home))
    (second,) = resolve(facts("11002", "B7", name="LO THI MAI", birth="1959", **home))
    assert (second.new, second.person_id, second.review) == (False, first.person_id, None)
    kind, reason, text = history(conn, first.person_id)[-1]
    evidence = orjson.loads(text)
    assert (kind, reason) == ("linked", "weights")
    assert evidence["release"]
    assert evidence["weight"] > 0
    assert evidence["levels"]["birth"] == "year_only"
    (third,) = resolve(facts("11002", "B7", name="LO THI MAI", birth="1959", **home))
    assert third.person_id == first.person_id  # known by the patient number from now on


def test_a_name_and_a_year_of_one_commune_are_a_doubt_where_the_weights_were_not_learned(conn, resolve):
    """Lò is rare in the country and every fourth name in a commune of Điện Biên: LO THI MAI, 1959 may be anybody."""
    (first,) = resolve(facts("11001", "A1", citizen_number=CITIZEN, commune="03127"))
    (second,) = resolve(facts("11002", "B7", name="LO THI MAI", birth="1959", commune="03127"))
    assert (second.new, second.review) == (True, "likely-duplicate")
    ((persons, evidence),) = conn.execute("SELECT persons, evidence FROM review_item").fetchall()
    assert set(persons) == {first.person_id, second.person_id}
    assert orjson.loads(evidence)["guard"] == "thin"


def test_one_batch_meets_itself(resolve):
    first, second = resolve(facts("11001", "A1", citizen_number=CITIZEN, **HOME), facts("11002", "B7", **HOME))
    assert (second.new, second.person_id) == (False, first.person_id)


def test_a_likely_human_with_another_number_is_a_doubt(conn, resolve):
    (first,) = resolve(facts("11001", "A1", citizen_number=CITIZEN, **HOME))
    (second,) = resolve(facts("11002", "B7", citizen_number="011159778801", **HOME))
    assert (second.new, second.review) == (True, "likely-duplicate")
    ((kind, persons, evidence),) = conn.execute("SELECT kind, persons, evidence FROM review_item").fetchall()
    assert (kind, set(persons), orjson.loads(evidence)["guard"]) == ("likely-duplicate", {first.person_id, second.person_id}, "other_number")


@pytest.mark.parametrize("other", [{"name": "Quàng Văn Hặc"}, {"sex": "male"}, {"birth": "1985-07-30"}])
def test_nobody_is_linked_against_name_sex_or_birth(resolve, other):
    (first,) = resolve(facts("11001", "A1", **HOME))
    (second,) = resolve(facts("11002", "B7", **{**HOME, "phone": ""}, **other))
    assert second.person_id != first.person_id


def test_mother_and_newborn_never_meet_by_likeness(resolve):
    (mother,) = resolve(facts("11001", "A1", **HOME))
    (child,) = resolve(facts("11001", "C1", name="Con bà Lò Thị Mai", birth="2026-01-01", born_of="A1", **HOME))
    (other,) = resolve(facts("11002", "C2", name="Con bà Lò Thị Mai", birth="2026-01-01", **HOME))
    assert len({mother.person_id, child.person_id, other.person_id}) == 3


@pytest.mark.parametrize(("allowed", "new", "review"), [("review", True, "likely-duplicate"), ("off", True, None), ("link", False, None)])
def test_a_province_says_what_the_weights_may_do(resolve, allowed, new, review):
    with LIKENESS.set_to(allowed):
        (first,) = resolve(facts("11001", "A1", **HOME))
        (second,) = resolve(facts("11002", "B7", **HOME))
    assert (second.new, second.review, second.person_id == first.person_id) == (new, review, not new)


def test_whom_it_would_be_is_said_without_writing(conn, operator, resolve):
    (first,) = resolve(facts("11001", "A1", **HOME))
    before = conn.execute("SELECT count(*) FROM match_row").fetchone()
    assert identity.recognise(conn, by=operator, facts=[facts("11002", "B7", **HOME)]) == [first.person_id]
    assert conn.execute("SELECT count(*) FROM match_row").fetchone() == before


NAMES = ["Lò Thị Mai", "LO THI MAI", "Lò Mai", "Quàng Văn Hặc", "Con bà Mai"]
claim = st.builds(
    dict,
    facility=st.sampled_from(["11001", "11002", "11003"]),
    local_id=st.sampled_from(["A", "B", "C", ""]),
    name=st.sampled_from(NAMES),
    birth=st.sampled_from(["1959-03-12", "1959", "1959-12-03", "1985-07-30"]),
    citizen_number=st.sampled_from(["", "", CITIZEN, "011159778801"]),
    card=st.sampled_from(["", "", CARD]),
    phone=st.sampled_from(["", "0912345678", "0987654321"]),
    commune=st.sampled_from(["03127", "03130"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(claim, min_size=1, max_size=10), st.sets(st.integers(1, 9), max_size=3))
def test_any_cut_gives_the_same_people_and_doubts(operator, database, claims, marks):
    said = [facts(**one, sequence=number + 1) for number, one in enumerate(claims)]
    marked = sorted({0, *(mark for mark in marks if mark < len(said))})
    assert taken_back(operator, said, [0]) == taken_back(operator, said, marked)


class BackError(Exception):
    """Both ways of cutting begin with nobody."""


def taken_back(operator, said, cuts):
    found = []
    with suppress(BackError), unit_of_work(by=operator) as conn:
        for start, end in pairwise([*cuts, len(said)]):
            found += [(one.person_id, one.new, one.review) for one in identity.resolve_many(conn, by=operator, facts=said[start:end])]
        raise BackError
    return found
