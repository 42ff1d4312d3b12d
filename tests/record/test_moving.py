"""Merging, splitting and undoing with clinical data, in the real database: nothing is lost, nothing is doubled, everything comes back."""

from dataclasses import replace
from uuid import UUID

import orjson
import pytest

from tests.ingest.builder import tables
from tests.ingest.test_births import ROW
from tests.record.world import OPERATOR, SECOND, export, merge, people, snapshot, split, take, undo
from yba import identity, record
from yba.access import Denied
from yba.fhir import search
from yba.kit import Actor, Conflict, Grant, NotFound
from yba.kit.db import reading, unit_of_work

ONE = {"MA_BN": "A1", "SO_CCCD": "011159000001", "MA_THE_BHYT": None}
# Too little alike for the weights: only a clerk knows that she married, moved and bought a telephone.
TWO = {
    "MA_BN": "B2", "SO_CCCD": None, "MA_THE_BHYT": "HT2110123456780", "MA_CSKCB": "11002", "HO_TEN": "Trần Mỹ Hạnh", "NGAY_SINH": "196000000000",
    "DIEN_THOAI": "0987001122", "DIA_CHI": "Số 9 ngõ Chợ", "MAXA_CU_TRU": "00004", "MATINH_CU_TRU": "01",
}  # fmt: skip


@pytest.fixture
def two(database):
    """Two people who are one, known at two hospitals, a visit each."""
    take(tables("25.000001", **ONE))
    take(tables("25.000002", **TWO))
    found = people()
    assert len(found) == 2
    return found


def ids_of(person):
    with reading(by=OPERATOR) as conn:
        return {(one.rtype, one.id) for one in record.of_person(conn, by=OPERATOR, person_id=person)}


def test_a_merge_takes_everything_along(two):
    keep, drop = two
    ours, theirs = ids_of(keep), ids_of(drop)
    done = merge(keep, drop)
    assert ids_of(keep) == ours | theirs
    assert ids_of(drop) == set()
    assert done.resources == len(theirs)


def test_merge_then_split_is_as_before(two):
    keep, drop = two
    before = snapshot()
    merge(keep, drop)
    assert snapshot() != before
    with reading(by=OPERATOR) as conn:
        sources = next(one for one in identity.acts_of(conn, by=OPERATOR, person_id=keep)).sources
    done = split(keep, sources)
    assert done.taker == drop
    assert snapshot() == before


def test_undo_is_as_before(two):
    keep, drop = two
    before = snapshot()
    done = merge(keep, drop)
    undo(done.act)
    assert snapshot() == before


def test_a_second_person_carries_out_what_one_proposes(two):
    keep, drop = two
    with unit_of_work(by=OPERATOR) as conn:
        conn.execute("UPDATE identifier_owner SET claimed = true WHERE person_id = %s", (drop,))
        conn.execute("INSERT INTO identifier_owner SELECT type, value, %s, 1, false FROM identifier_owner WHERE person_id = %s", (keep, drop))
        plan = identity.plan_merge(conn, by=OPERATOR, keep=keep, drop=drop, reason="một người")
        assert [guard.code for guard in plan.guards] == ["contested-number"]
        with pytest.raises(identity.NeedsSecond):
            record.carry_out(conn, by=OPERATOR, plan=plan)
        proposal = identity.propose(conn, by=OPERATOR, plan=plan)
        assert identity.propose(conn, by=OPERATOR, plan=plan).id == proposal.id, "the same is proposed once"
        assert [one.id for one in identity.proposals(conn, by=OPERATOR)] == [proposal.id]
        with pytest.raises(Conflict, match="own proposal"):
            record.approve(conn, by=OPERATOR, proposal=proposal.id)
        forged = replace(plan, approved=identity.Approval(proposal.id, "user:other"))
        with pytest.raises(Conflict):
            record.carry_out(conn, by=OPERATOR, plan=forged)
        done = record.approve(conn, by=SECOND, proposal=proposal.id)
        (act,) = identity.acts_of(conn, by=OPERATOR, person_id=keep)
        assert (act.id, act.who, act.second) == (done.act, OPERATOR.name, SECOND.name)
        assert identity.proposals(conn, by=OPERATOR) == []
        with pytest.raises(Conflict, match="giải quyết"):
            record.approve(conn, by=SECOND, proposal=proposal.id)


def test_a_declined_proposal_is_closed_with_its_words(two):
    keep, drop = two
    with unit_of_work(by=OPERATOR) as conn:
        plan = identity.plan_merge(conn, by=OPERATOR, keep=keep, drop=drop, reason="một người")
        proposal = identity.propose(conn, by=OPERATOR, plan=plan)
        identity.decline(conn, by=SECOND, proposal=proposal.id, words="hai chị em")
        assert [(one.state, one.words) for one in identity.proposals(conn, by=OPERATOR, state=None)] == [("declined", "hai chị em")]
        with pytest.raises(Conflict):
            identity.decline(conn, by=SECOND, proposal=proposal.id, words="lần nữa")


def user(role, *facilities, purpose="administration"):
    return Actor.user(UUID(int=7), [Grant(role, frozenset(facilities))], purpose=purpose)


@pytest.mark.law("EMR-R05")
def test_an_officer_of_the_province_merges_what_no_clerk_of_one_hospital_reaches(two):
    keep, drop = two
    officer, clerk = user("identity-officer"), user("record-clerk", "11001")
    with unit_of_work(by=officer) as conn:
        plan = identity.plan_merge(conn, by=officer, keep=keep, drop=drop, reason="một người")
    with unit_of_work(by=clerk) as conn:
        with pytest.raises(NotFound):
            identity.plan_merge(conn, by=clerk, keep=keep, drop=drop, reason="?")
        with pytest.raises(NotFound):
            record.carry_out(conn, by=clerk, plan=plan)
    doctor = user("doctor", "11001", purpose="treatment")
    with unit_of_work(by=doctor) as conn, pytest.raises(Denied):
        record.carry_out(conn, by=doctor, plan=plan)
    theirs = ids_of(drop)
    with unit_of_work(by=officer) as conn:
        record.carry_out(conn, by=officer, plan=plan)
        with pytest.raises(Denied):
            record.of_person(conn, by=officer, person_id=keep)
    assert theirs <= ids_of(keep), "all of it moved, though the officer reads none of it"
    with reading(by=OPERATOR) as conn:
        rows = conn.execute("SELECT who, person_id FROM audit_event WHERE tag = 'identity:person:merge' ORDER BY id").fetchall()
    assert {row[0] for row in rows} == {officer.name}
    assert {row[1] for row in rows} == {keep, drop}


def test_a_hospital_splits_out_what_it_sent_and_nothing_else(two):
    keep, drop = two
    merge(keep, drop)
    clerk = user("record-clerk", "11002")
    with unit_of_work(by=clerk) as conn:
        with pytest.raises(Denied):
            identity.plan_split(conn, by=clerk, person=keep, sources=[("11001", "A1", 1)], reason="?")
        plan = identity.plan_split(conn, by=clerk, person=keep, sources=[("11002", "B2", 1)], reason="hai người")
        assert record.carry_out(conn, by=clerk, plan=plan).taker == drop


@pytest.mark.law("SKDT-R14")
def test_what_names_the_golden_patient_names_the_one_of_today(two):
    """A note of our own desk names the person, not a hospital's Patient: it follows, with its tokens and the decimals of its numbers."""
    keep, drop = two
    doc = {
        "resourceType": "Observation",
        "id": "note-1",
        "status": "final",
        "code": {"text": "Cân nặng"},
        "subject": {"reference": f"Patient/{drop}"},
    }
    text = orjson.dumps(doc).replace(b'"status"', b'"valueQuantity":{"value":54.50},"status"')
    with unit_of_work(by=OPERATOR) as conn:
        index = search.index("Observation", doc)
        put = record.Put("Observation", "note-1", drop, text, index.tokens, index.start, index.end, "", None, (), "desk")
        record.put_many(conn, by=OPERATOR, puts=[put])
    before = snapshot()
    done = merge(keep, drop)
    assert found_by(keep) == [("note-1", keep, f"Patient/{keep}", "54.50")]
    assert found_by(drop) == []
    undo(done.act)
    assert found_by(drop) == [("note-1", drop, f"Patient/{drop}", "54.50")]
    merge(keep, drop)
    with reading(by=OPERATOR) as conn:
        sources = identity.acts_of(conn, by=OPERATOR, person_id=keep)[0].sources
    split(keep, sources)
    assert found_by(drop) == [("note-1", drop, f"Patient/{drop}", "54.50")], "it goes back with those it had come with"
    assert snapshot().keys() == before.keys()
    assert [row for row in before["resource"] if "Patient'" not in row] == [row for row in snapshot()["resource"] if "Patient'" not in row]


def found_by(person):
    with reading(by=OPERATOR) as conn:
        found = record.with_tokens(conn, by=OPERATOR, rtype="Observation", tokens=[search.token("subject", f"Patient/{person}")])
        return [(one.id, one.person_id, one.doc["subject"]["reference"], str(one.exact["valueQuantity"]["value"])) for one in found]


def test_a_newborn_and_the_child_of_its_own_claims_are_one_and_come_apart(database):
    """The certificate is at home with the child and stands in the mother's record, whoever the child turns out to be."""
    born = tables("25.000001", **ONE)
    born["XML9"] = [ROW | {"MA_LK": "25.000001"}]
    take(born)
    child = {
        "MA_BN": "C9", "SO_CCCD": None, "MA_THE_BHYT": "TE1113300000999", "HO_TEN": "Lò Bảo An", "NGAY_SINH": "202603100845", "GIOI_TINH": "2",
        "MA_CSKCB": "11002", "DIEN_THOAI": None, "NGAY_VAO": "202604200800", "NGAY_RA": "202604200900", "DIA_CHI": "Bản Pá",
    }  # fmt: skip
    take(tables("25.000002", **child))
    with reading(by=OPERATOR) as conn:
        (mother,) = identity.find(conn, by=OPERATOR, id="011159000001")
        (newborn,) = identity.find(conn, by=OPERATOR, id="TE1110000000123")
        (grown,) = identity.find(conn, by=OPERATOR, id="TE1113300000999")
    assert len({mother, newborn, grown}) == 3
    before, file = snapshot(), export("11001", "25.000001")
    certificate = {one for one in ids_of(mother) if one[0] in {"Composition", "RelatedPerson"}}
    assert certificate
    done = merge(grown, newborn)
    assert certificate <= ids_of(grown)
    assert certificate <= ids_of(mother)
    assert export("11001", "25.000001") == file
    with reading(by=OPERATOR) as conn:
        assert [(one.person_id, one.kind) for one in identity.person(conn, by=OPERATOR, person_id=grown).kin] == [(mother, "mother")]
        guards = identity.plan_merge(conn, by=OPERATOR, keep=mother, drop=grown, reason="?").guards
    assert guards[0].code == "kin", "through the certificate it came with"
    take(born | {"XML9": [ROW | {"MA_LK": "25.000001", "CAN_NANG_CON": "3150"}]})
    assert certificate <= ids_of(grown), "the corrected certificate finds the child where it is"
    with pytest.raises(identity.NotDone, match="The clinical record was added to or changed"):
        undo(done.act)
    with reading(by=OPERATOR) as conn:
        sources = identity.acts_of(conn, by=OPERATOR, person_id=grown)[0].sources
    assert split(grown, sources).taker == newborn
    after = snapshot()
    assert [row for row in after["secondary"] if row not in before["secondary"]] == []
    for table in ("locator", "claim", "identifier_owner", "person_link", "secondary"):
        assert after[table] == before[table], table
