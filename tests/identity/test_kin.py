"""Kin from certificates, what was said before, and numbers two living people contest."""

from uuid import UUID

import pytest

from tests.identity.people import CITIZEN, MAN, facts
from yba import identity, record
from yba.kit.settings import LIKENESS

BIRTH = {"name": "Con bà Mai", "birth": "2026-02-01T08:30", "born_of": "A1"}


@pytest.fixture(autouse=True)
def numbers_alone():
    """What the weights link has its own tests."""
    with LIKENESS.set_to("off"):
        yield


def resolve(conn, by, *said):
    return [one.person_id for one in identity.resolve_many(conn, by=by, facts=said)]


def view(conn, by, person):
    return identity.person(conn, by=by, person_id=person)


def test_mother_and_child_know_each_other_and_follow_merge_and_split(conn, operator):
    mother, child, other = resolve(
        conn, operator, facts(sequence=7), facts(local_id="xml9:1:1", sequence=7, **BIRTH), facts("11002", "B1", **(MAN | {"sex": "female"}))
    )
    (kin,) = view(conn, operator, child).kin
    assert (kin.person_id, kin.kind, kin.since.isoformat(), kin.facility) == (mother, "mother", "2026-02-01", "11001")
    assert [(one.person_id, one.kind) for one in view(conn, operator, mother).kin] == [(child, "child")]
    plan = identity.plan_merge(conn, by=operator, keep=mother, drop=child, reason="?")
    assert plan.guards[0].code == "kin"
    with pytest.raises(identity.NotDone, match="two human beings"):
        record.carry_out(conn, by=operator, plan=plan)
    plan = identity.plan_merge(conn, by=operator, keep=other, drop=mother, reason="một người")
    proposal = identity.propose(conn, by=operator.system("second"), plan=plan)
    record.approve(conn, by=operator, proposal=proposal.id)
    assert [one.person_id for one in view(conn, operator, child).kin] == [other]
    record.carry_out(
        conn, by=operator, plan=identity.plan_split(conn, by=operator, person=other, sources=[ref.key for ref in plan.moving], reason="hai người")
    )
    assert [one.person_id for one in view(conn, operator, child).kin] == [mother]
    identity.retract(conn, by=operator, births=[view(conn, operator, child).sources[0].patient_id])
    assert view(conn, operator, mother).kin == ()


def test_twins_are_never_one(conn, operator):
    _, one, two = resolve(
        conn, operator, facts(sequence=7), facts(local_id="xml9:1:1", sequence=7, **BIRTH), facts(local_id="xml9:1:2", sequence=7, **BIRTH)
    )
    assert one != two
    assert [guard.code for guard in identity.plan_merge(conn, by=operator, keep=one, drop=two, reason="?").guards] == ["siblings"]


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        ({"died": "2026-03-01"}, ["dead-and-living"]),
        ({"died": "2025-12-01"}, ["seen-after-death"]),
        ({"sex": "male"}, ["sex-differs"]),
        ({"birth": "1950"}, ["birth-differs"]),
        ({"birth": "1960"}, []),
    ],
)
def test_guards_of_a_merge(conn, operator, told, codes):
    one, two = resolve(conn, operator, facts(), facts("11002", "B1", claim=UUID(int=77), name="Trần Hạnh", **({"day": -60} | told)))
    assert [guard.code for guard in identity.plan_merge(conn, by=operator, keep=one, drop=two, reason="?").guards] == codes


def test_a_number_of_two_living_people_is_shown_as_contested(conn, operator):
    her, him = resolve(conn, operator, facts(citizen_number=CITIZEN), facts("11002", "B1", citizen_number=CITIZEN, **MAN))
    (hers,), (his,) = (view(conn, operator, person).identifiers for person in (her, him))
    assert (hers.held, hers.contested_by) == (True, (him,))
    assert (his.held, his.contested_by) == (False, (her,))
    plan = identity.plan_merge(conn, by=operator, keep=her, drop=him, reason="?")
    assert {guard.code for guard in plan.guards} >= {"contested-number", "sex-differs", "birth-differs"}
    assert plan.needs_second


def test_names_and_addresses_before_stay_with_who_said_them(conn, operator):
    (her,) = set(
        resolve(
            conn, operator, facts(name="Lò Thị Mai", address="Bản Nà"), facts(name="Lo Thi Mai", day=30, address="Tổ 5", phone="0912"),
        )
    )  # fmt: skip
    said = view(conn, operator, her).said
    names = [(one.value, one.on.isoformat() if one.on else None, one.shown) for one in said if one.field == "name"]
    assert names == [("Lo Thi Mai", "2026-01-31", False), ("Lò Thị Mai", "2026-01-01", True)]
    assert [(one.value, one.shown) for one in said if one.field == "address"] == [("Tổ 5", True)]
