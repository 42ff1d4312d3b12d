"""Deaths told by claims: on the golden Patient as long as a claim says so, and never silently against a later visit."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.identity.people import CITIZEN, FIRST_DAY, facts
from yba import identity
from yba.identity import ReviewState, patient_id

ONE, TWO, THREE = UUID(int=0xC1), UUID(int=0xC2), UUID(int=0xC3)
DIED = "2026-01-03T09:30"


@pytest.fixture
def resolve(conn, operator):
    def run(*given):
        return identity.resolve_many(conn, by=operator, facts=given)

    return run


def visit(claim, day=0, died="", facility="11001", local_id="A1", **said):
    return facts(facility, local_id, day=day, claim=claim, died=died, started_at=FIRST_DAY + timedelta(days=day), citizen_number=CITIZEN, **said)


def kinds(conn, operator):
    return [one.kind for one in identity.reviews(conn, by=operator, state=ReviewState.OPEN)]


def test_a_death_is_told_with_its_time(conn, operator, resolve):
    (told,) = resolve(visit(ONE, 2, DIED))
    assert told.golden["deceasedDateTime"] == "2026-01-03T09:30:00+07:00"
    assert identity.person(conn, by=operator, person_id=told.person_id).vital_status == "dead"
    assert kinds(conn, operator) == []


@pytest.mark.parametrize(("died", "element", "value"), [("2026-01-03", "deceasedDateTime", "2026-01-03"), ("?", "deceasedBoolean", True)])
def test_a_death_is_as_precise_as_it_is_known(resolve, died, element, value):
    (told,) = resolve(visit(ONE, 2, died))
    assert told.golden[element] == value


def test_neither_the_newest_claim_nor_another_facility_takes_a_death_away(resolve):
    resolve(visit(ONE, 2, DIED))
    same, other = resolve(visit(TWO, 0), visit(THREE, 1, facility="11002"))
    assert same.person_id == other.person_id
    assert other.golden["deceasedDateTime"].startswith(DIED)
    assert (same.after_death, other.after_death) == ("", "")


def test_a_corrected_claim_takes_its_death_away(resolve):
    resolve(visit(ONE, 2, DIED))
    (corrected,) = resolve(visit(ONE, 2, ""))
    assert "deceasedDateTime" not in corrected.golden
    assert resolve(visit(ONE, 2, ""))[0].golden is None


def test_a_withdrawn_claim_does_too(conn, operator, resolve):
    (told,) = resolve(visit(ONE, 2, DIED))
    patient = patient_id("11001", "A1")
    assert identity.retract(conn, by=operator, deaths=[(TWO, patient)]) == []
    ((person, golden),) = identity.retract(conn, by=operator, deaths=[(ONE, patient)])
    assert person == told.person_id
    assert "deceasedDateTime" not in golden
    assert resolve(visit(TWO, 3))[0].golden is None


def test_a_correction_that_says_it_of_another_human_under_the_same_number_frees_the_first(resolve):
    (first,) = resolve(visit(ONE, 2, DIED))
    (second,) = resolve(facts("11001", "A1", claim=ONE, died=DIED, name="Quàng Văn Hặc", birth="1931-01-02", sex="male"))
    assert second.person_id != first.person_id
    assert second.golden["deceasedDateTime"].startswith(DIED)
    ((person, golden),) = second.others
    assert person == first.person_id
    assert "deceasedDateTime" not in golden


def test_a_visit_after_the_death_is_told_and_put_before_a_clerk(conn, operator, resolve):
    resolve(visit(ONE, 2, DIED))
    (later,) = resolve(visit(TWO, 3, facility="11002"))
    assert later.after_death == DIED
    assert later.golden["deceasedDateTime"].startswith(DIED), "no silent change"
    assert kinds(conn, operator) == ["visit-after-death"]
    assert resolve(visit(THREE, 2))[0].after_death == "", "the same morning is not after"


def test_two_days_of_death_are_put_before_a_clerk_and_the_earlier_is_shown(conn, operator, resolve):
    resolve(visit(ONE, 2, DIED))
    (other,) = resolve(visit(TWO, 0, "2026-01-01", facility="11002"))
    assert other.review == "death-dates-differ"
    assert other.golden["deceasedDateTime"] == "2026-01-01"
    assert kinds(conn, operator) == ["death-dates-differ"]
    assert resolve(visit(TWO, 0, "2026-01-03", facility="11002"))[0].review is None


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations([(ONE, DIED), (TWO, "2026-01-03"), (THREE, "")]), st.booleans())
def test_the_order_and_the_cut_of_batches_do_not_matter(conn, operator, order, at_once):
    place = f"B{order[0][0].int}{order[1][0].int}{at_once}"
    claims = [facts("11003", place, claim=claim, died=died, name="Lường Thị Pâng", birth="1940-05-06") for claim, died in order]
    if at_once:
        docs = [one.golden for one in identity.resolve_many(conn, by=operator, facts=claims)]
    else:
        docs = [one.golden for claim in claims for one in identity.resolve_many(conn, by=operator, facts=[claim])]
    assert [doc for doc in docs if doc][-1]["deceasedDateTime"].startswith(DIED)
