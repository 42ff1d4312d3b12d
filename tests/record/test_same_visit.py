"""Which Encounters are one visit, as examples a doctor would agree to and as laws over anything; no database."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.kit.clock import VIETNAM
from yba.record.same_visit import Told, linked, told
from yba.specs import systems, visits

NOON = datetime(2026, 3, 12, 12, tzinfo=VIETNAM)
CLAIMS, FHIR, DESK = "1", "fhir", "desk"


def at(hours):
    return None if hours is None else NOON + timedelta(hours=hours)


def one(id_, mapped_by, start=0.0, end=1.0, kind="AMB", status="finished", numbers=()):
    return Told(id_, mapped_by, at(start), at(end), kind, status, frozenset(numbers), ())


def primaries(*encounters):
    return {id_: primary.id for id_, primary in linked(encounters).items()}


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (one("c", CLAIMS), one("f", FHIR), True),
        (one("c", CLAIMS), one("f", CLAIMS), False),  # two claims are two visits, whatever their times
        (one("c", FHIR), one("f", FHIR), False),
        (one("c", CLAIMS, 0, 1), one("f", FHIR, 2.5, 3), True),  # within the tolerance of a visit
        (one("c", CLAIMS, 0, 1), one("f", FHIR, 3.5, 4), False),
        (one("c", CLAIMS, 0, 100, "IMP"), one("f", FHIR, 111, 120, "IMP"), True),  # of a stay it is longer
        (one("c", CLAIMS, 0, 100, "IMP"), one("f", FHIR, 101, 102, "AMB"), False),  # an examination after the discharge
        (one("c", CLAIMS, 0, 100, "IMP"), one("f", FHIR, -1, 1, "EMER"), True),  # admitted by the emergency room
        (one("c", CLAIMS, 0, 100, "IMP"), one("f", FHIR, 5, None, "IMP", "in-progress"), True),
        (one("c", CLAIMS, 300, 301), one("f", FHIR, 5, None, "AMB", "in-progress"), False),  # nobody is examined for twelve days
        (one("c", CLAIMS), one("f", FHIR, status="planned"), False),
        (one("c", CLAIMS, status="entered-in-error"), one("f", FHIR), False),
        (one("c", CLAIMS), one("f", FHIR, None, None), False),
        (one("c", CLAIMS, numbers=["x|1"]), one("f", FHIR, None, None, numbers=["x|1"]), True),
        (one("c", CLAIMS, numbers=["x|1"]), one("f", FHIR, 900, 901, numbers=["x|1"]), True),
        (one("c", CLAIMS, numbers=["x|1"]), one("f", FHIR, numbers=["x|2"]), False),
        (one("c", CLAIMS), one("f", FHIR, 0, 1, "XYZ"), True),
        (one("c", CLAIMS), one("f", FHIR, 1.5, 2, "XYZ"), False),  # a class of no group must overlap
    ],
)
def test_two_tellings(first, second, same):
    assert primaries(first, second) == ({"f": "c"} if same else {})


def test_the_nearest_claim_is_the_visit_it_tells_of():
    stay, morning, evening = one("stay", CLAIMS, -50, 50, "IMP"), one("morning", CLAIMS, -4, -3), one("evening", CLAIMS, 6, 7)
    assert primaries(stay, morning, evening, one("f", FHIR, -3.5, -3)) == {"f": "morning"}
    assert primaries(stay, morning, evening, one("f", FHIR, 5.5, 6.5)) == {"f": "evening"}
    assert primaries(stay, morning, evening, one("f", FHIR, -49, 50, "IMP")) == {"f": "stay"}


def test_all_rooms_of_a_day_belong_to_its_claim_and_three_channels_to_one_visit():
    rooms = [one("f1", FHIR, 0, 0.5), one("f2", FHIR, 1, 1.5)]
    assert primaries(one("c", CLAIMS, 0, 2), *rooms) == {"f1": "c", "f2": "c"}
    assert primaries(one("c", CLAIMS, 0, 2), *rooms, one("d", DESK, 3.5, 4)) == {"f1": "c", "f2": "c", "d": "c"}
    assert primaries(one("f", FHIR), one("d", DESK)) == {"d": "f"}


def test_a_row_is_read_whatever_its_identifiers_are():
    row = {"id": "1", "mapped_by": "fhir", "start_at": NOON, "end_at": None, "kind": None, "status": None, "labels": None}
    link = {"system": systems.identifier("claim-link"), "value": "25.1"}
    assert told(row | {"identifiers": [link, {"system": "x", "value": "2"}, {"value": "3"}]}).numbers == {f"{link['system']}|25.1"}
    assert told(row | {"identifiers": None}).numbers == frozenset()


ENCOUNTERS = st.lists(
    st.builds(
        one, st.uuids().map(str), st.sampled_from([CLAIMS, FHIR, DESK]), st.integers(0, 60).map(float) | st.none(), st.integers(0, 80).map(float) | st.none(),
        st.sampled_from(["AMB", "IMP", "EMER", ""]), st.sampled_from(["finished", "in-progress", "cancelled"]),
        st.lists(st.sampled_from(["x|1", "x|2"]), max_size=1),
    ),
    max_size=7, unique_by=lambda made: made.id,
)  # fmt: skip


@given(ENCOUNTERS, st.randoms())
def test_laws(encounters, random):
    found = linked(encounters)
    known = {made.id: made for made in encounters}
    for id_, primary in found.items():
        assert known[id_].channel.rank > primary.channel.rank, "what was settled first is the primary one"
        assert primary.id not in found, "the primary telling tells of nothing else"
        assert not {known[id_].status, primary.status} & visits.rules().no_visit
    mixed = list(encounters)
    random.shuffle(mixed)
    assert linked(mixed) == found, "in no order"
    assert linked([made for made in encounters if made.status not in visits.rules().no_visit]) == found


@given(st.lists(st.builds(one, st.uuids().map(str), st.just(CLAIMS), st.integers(0, 9).map(float)), max_size=5, unique_by=lambda made: made.id))
def test_what_one_channel_says_twice_are_two_visits(encounters):
    assert linked(encounters) == {}


def test_every_order_of_three():
    three = [one("c", CLAIMS), one("f", FHIR), one("d", DESK)]
    assert {tuple(sorted(primaries(*order).items())) for order in permutations(three)} == {(("d", "c"), ("f", "c"))}
