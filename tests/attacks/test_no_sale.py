"""Nobody can take lists of people away to sell or rent them: no purpose, no right, no road for it (DLCN-R27: Luật 91/2025 Đ7, NĐ 356/2025 Đ7)."""

from uuid import UUID

import pytest

from tests.attacks.conftest import AN, BINH, OURS, THEIRS, asked
from yba import access, record
from yba.access import Right
from yba.kit import Actor, Forbidden, Grant, NotFound
from yba.specs import access as specs

# Why anybody may work with data of people. Trade is none of it; a new purpose must be judged here, with its ground.
PURPOSES = {"treatment", "public-health", "payment", "administration", "own-record", "oversight", "research", "emergency", "operation"}
TAKES = ("export", "print", "open")
# Who among people may carry something away, and how far: one's own record, papers of who is being treated, the own facility's claims, the trail.
TAKERS = {
    ("record:clinical:export", "citizen", "own-person"),
    ("record:clinical:print", "citizen", "own-person"),
    ("record:clinical:print", "doctor", "relation"),
    ("record:clinical:print", "lab", "relation"),
    ("record:clinical:print", "pharmacist", "relation"),
    ("record:clinical:print", "station-nurse", "relation"),
    ("record:clinical:print", "station-nurse", "commune"),
    ("ingest:claim:export", "claims-auditor", "facility"),
    ("audit:trail:export", "privacy-officer", "province"),
}
PEOPLE = sorted(name for name, role in specs.roles().items() if role.kind != "machine")


def somebody(role):
    spec = specs.roles()[role]
    grant = Grant(role, frozenset({OURS}), persons=frozenset({AN}))
    return Actor.user(UUID(int=7), [grant], purpose=spec.purpose, persons=[AN])


@pytest.mark.law("DLCN-R27")
def test_no_purpose_is_trade_and_every_right_to_carry_away_is_one_of_these():
    assert set(specs.access().purposes) == PURPOSES
    held = {
        (right, name, rule.where.value)
        for name in PEOPLE
        for rule in specs.roles()[name].may
        for right in rule.rights
        if right.rpartition(":")[2] in TAKES
    }
    assert held == TAKERS, "somebody else may carry data away: say why here, and prove that it is no list of people"
    datasets = [rule for name in PEOPLE for rule in specs.roles()[name].may if Right.WAREHOUSE_DATASET_READ in rule.rights]
    assert all(rule.aggregate for rule in datasets), "what is read for research names nobody"


@pytest.mark.law("DLCN-R27")
@pytest.mark.parametrize("role", PEOPLE)
def test_nobody_carries_anybody_elses_record_away(hospitals, role):
    by = somebody(role)
    with pytest.raises((Forbidden, NotFound)):
        asked(by, lambda conn: record.bundle_of(conn, by=by, person_id=BINH))


@pytest.mark.law("DLCN-R27")
@pytest.mark.parametrize("role", PEOPLE)
def test_no_role_lists_people_who_are_not_in_its_care(hospitals, role):
    """Searching by content is the one road to many people at once: it leads to those in care, and nowhere else."""
    by = somebody(role)
    if not access.holds(by, Right.RECORD_CLINICAL_SEARCH):
        with pytest.raises(Forbidden):
            asked(by, lambda conn: record.with_tokens(conn, by=by, rtype="Patient", tokens=[]))
        return
    found = asked(by, lambda conn: record.with_tokens(conn, by=by, rtype="Patient", tokens=[]))
    assert {one.person_id for one in found} <= {AN}
    assert THEIRS not in {one.facility_id for one in found}
