"""Asking about people, Patient documents, settling conflicts and merging."""

import random
from uuid import UUID

import psycopg
import pytest

from tests.identity.people import CARD, CITIZEN, MAN, facts
from yba import audit, identity, record
from yba.identity import Card, ReviewState
from yba.identity.patients import patient_id
from yba.kit import Actor, Conflict, Forbidden, NotFound
from yba.kit.settings import LIKENESS
from yba.specs import identity as specs
from yba.specs import systems


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


def numbers(doc):
    return {each["system"].rpartition("/id/")[2]: each["value"] for each in doc.get("identifier", ())}


@pytest.mark.law("SKDT-R04")
def test_any_number_finds_its_person(conn, operator, resolve):
    (her,) = resolve(facts(citizen_number=CITIZEN, card=CARD, passport="C1234567"))
    source = patient_id("11001", "A1")
    asked = [
        CITIZEN,
        f" {CITIZEN[:6]} {CITIZEN[6:]} ",
        CARD,
        CARD.lower(),
        "HT3" + CARD[3:],
        CARD[-10:],
        "c1234567",
        "A1",
        str(her.person_id),
        f"Patient/{source}",
    ]
    assert {text: identity.find(conn, by=operator, id=text) for text in asked} == {text: [her.person_id] for text in asked}
    assert identity.find(conn, by=operator, id="011159009999") == []
    assert identity.find(conn, by=operator, id="000000000000") == []


def test_a_contested_number_finds_both_the_first_holder_first(conn, operator, resolve):
    her, him = resolve(facts("11001", "A1", card=CARD), facts("11002", "B1", card=CARD, **MAN))
    assert identity.find(conn, by=operator, id=CARD) == [her.person_id, him.person_id]


def test_a_facility_finds_and_opens_its_own_people_only(conn, resolve):
    (her,) = resolve(facts("11001", "A1", citizen_number=CITIZEN))
    own, other = Actor.facility_client("11001"), Actor.facility_client("11002")
    assert identity.find(conn, by=own, id=CITIZEN) == [her.person_id]
    assert identity.find(conn, by=other, id=CITIZEN) == []
    assert identity.find(conn, by=other, id=str(her.person_id)) == []
    assert identity.person(conn, by=own, person_id=her.person_id).id == her.person_id
    with pytest.raises(NotFound):
        identity.person(conn, by=other, person_id=her.person_id)


@pytest.mark.law("EMR-R12")
def test_opening_a_person_is_in_the_trail(conn, operator, resolve):
    (her,) = resolve(facts(card=CARD))
    view = identity.person(conn, by=operator, person_id=her.person_id)
    assert [(s.facility, s.local_id) for s in view.sources] == [("11001", "A1")]
    assert {(i.type.value, i.held) for i in view.identifiers} == {("MA_THE_BHYT", True), ("MA_BHXH", True)}
    assert [e.kind for e in view.events] == ["created"]
    assert view.golden == her.golden
    assert "identity:person:read" in {row.tag for row in audit.trail(conn, by=operator, person=her.person_id)}


@pytest.mark.law("SKDT-R22")
def test_the_source_document_is_what_was_sent(resolve):
    (her,) = resolve(
        facts(
            name="LÒ  THỊ MAI", birth="1959-03-12T10:30", citizen_number=CITIZEN, card=CARD, phone="0912345678", address="Tổ 5",
            province="11", commune="03127", ethnicity="04", nationality="000", occupation="00", blood_group="O+",
        )
    )  # fmt: skip
    doc = her.source
    assert her.source_changed
    assert doc["id"] == str(patient_id("11001", "A1"))
    assert doc["link"] == [{"other": {"reference": f"Patient/{her.person_id}"}, "type": "refer"}]
    assert doc["name"] == [{"use": "official", "text": "LÒ  THỊ MAI", "family": "LÒ", "given": ["THỊ", "MAI"]}]
    assert (doc["birthDate"], doc["_birthDate"]["extension"][0]["valueDateTime"]) == ("1959-03-12", "1959-03-12T10:30:00+07:00")
    assert numbers(doc) == {"bn/11001": "A1", "cccd": CITIZEN, "the-bhyt": CARD}
    assert doc["identifier"][2]["period"] == {"start": "2026-01-01", "end": "2026-12-31"}
    codes = {e["url"].rpartition("/")[2]: e for e in doc["extension"]}
    assert codes["ethnicity"]["valueCoding"] == {"system": systems.national("ethnicity"), "code": "04"}
    assert [part["valueCoding"]["code"] for part in doc["address"][0]["extension"][0]["extension"]] == ["11", "03127"]
    golden = her.golden
    assert golden["link"] == [{"other": {"reference": f"Patient/{doc['id']}"}, "type": "seealso"}]
    assert (golden["id"], golden["name"][0]["text"]) == (str(her.person_id), "LÒ THỊ MAI")
    assert numbers(golden) == {"cccd": CITIZEN, "bhxh": CARD[-10:], "the-bhyt": CARD}


def test_unchanged_facts_hand_out_no_document(resolve):
    resolve(facts(card=CARD))
    (again,) = resolve(facts(card=CARD, day=7))
    assert (again.golden, again.source, again.source_changed, again.new) == (None, None, False, False)
    (moved,) = resolve(facts(card=CARD, day=8, address="Tổ 6"))
    assert moved.source["address"] == moved.golden["address"] == [{"use": "home", "text": "Tổ 6"}]


def test_a_document_hangs_on_the_last_claim_of_its_batch(resolve):
    first, last = resolve(facts(card=CARD), facts(card=CARD, phone="0912345678"))
    assert (first.golden, first.source) == (None, None)
    assert last.golden["telecom"] == last.source["telecom"] == [{"system": "phone", "value": "0912345678"}]


def test_an_older_claim_that_arrives_late_does_not_overwrite(resolve):
    resolve(facts(card=CARD, day=9, sequence=50_000, phone="0999999999"))
    (late,) = resolve(facts(card=CARD, day=1, sequence=40_000, phone="0111111111", address="Tổ 5"))
    assert late.source is None
    assert late.golden["telecom"][0]["value"] == "0999999999"
    assert late.golden["address"] == [{"use": "home", "text": "Tổ 5"}]  # the newer claim did not say


@pytest.mark.parametrize(
    ("sent", "golden"),
    [
        (["LO THI MAI", "Lò Thị Mai", "L? Th? Mai"], "Lò Thị Mai"),
        (["Lò Thị Mai", "Lò Thị Mãi"], "Lò Thị Mãi"),  # a correction by the same facility
        (["Con bà Quàng Thị Hoa", "Lò Thị Mai"], "Lò Thị Mai"),
    ],
)
def test_which_name_survives(resolve, sent, golden):
    born = {"birth": "2025-12-30"}
    found = [resolve(facts(name=name, day=day, **born))[0] for day, name in enumerate(sent)]
    assert len({r.person_id for r in found}) == 1
    assert [r.golden for r in found if r.golden][-1]["name"][0]["text"] == golden


def test_a_full_birth_beats_a_year_and_a_citizen_number_that_fits_comes_first(resolve):
    (first,) = resolve(facts("11001", "A1", citizen_number=CITIZEN, birth="1959-03-12"))
    (other,) = resolve(facts("11001", "A1", day=90, citizen_number="011085009999", birth="1959"))
    assert first.person_id == other.person_id
    assert other.golden["birthDate"] == "1959-03-12"
    assert [(n["value"], n["use"]) for n in other.golden["identifier"]] == [(CITIZEN, "official"), ("011085009999", "old")]


def test_every_kind_of_conflict_has_words():
    for kind in specs.reviews().values():
        assert kind.vi
        assert kind.en
        assert kind.mend


def test_settling_a_conflict(conn, operator, resolve):
    resolve(facts("11001", "A1", card=CARD), facts("11002", "B1", card=CARD, **MAN))
    (item,) = identity.reviews(conn, by=operator)
    assert (item.kind, item.facility, item.state) == ("card-shared", "11002", ReviewState.OPEN)
    assert identity.reviews(conn, by=Actor.facility_client("11001")) == []
    with pytest.raises(Forbidden):
        identity.settle(conn, by=Actor.facility_client("11001"), review=item.id, state=ReviewState.DISMISSED, reason="?")
    identity.settle(conn, by=operator, review=item.id, state=ReviewState.SETTLED, reason="thẻ của chị Mai")
    assert identity.reviews(conn, by=operator) == []
    with pytest.raises(Conflict):
        identity.settle(conn, by=operator, review=item.id, state=ReviewState.SETTLED, reason="again")
    assert audit.trail(conn, by=operator, about=str(item.id))[0].reason == "thẻ của chị Mai"


@pytest.mark.law("SKDT-R14")
def test_a_merge_moves_everything_and_leaves_an_alias(conn, operator, resolve):
    keep, drop, both = resolve(
        facts("11001", "A1", citizen_number=CITIZEN), facts("11002", "B1", card=CARD), facts("11003", "C1", citizen_number=CITIZEN, card=CARD)
    )
    assert both.review == "identifiers-disagree"
    plan = identity.plan_merge(conn, by=operator, keep=keep.person_id, drop=drop.person_id, reason="một người")
    assert [ref.patient for ref in plan.moving] == [patient_id("11002", "B1")]
    record.carry_out(conn, by=operator, plan=plan)
    assert len(identity.person(conn, by=operator, person_id=keep.person_id).golden["link"]) == 3
    assert identity.reviews(conn, by=operator) == [], "they are one: there is no conflict between them"
    assert identity.find(conn, by=operator, id=str(drop.person_id)) == [keep.person_id]
    assert identity.find(conn, by=operator, id=CARD) == [keep.person_id]
    assert identity.person(conn, by=operator, person_id=drop.person_id).merged_into == keep.person_id
    (again,) = resolve(facts("11002", "B1", card=CARD, day=30))
    assert (again.person_id, again.review, again.golden) == (keep.person_id, None, None)
    with pytest.raises(identity.NotDone, match="merged into somebody else"):
        record.carry_out(conn, by=operator, plan=plan)
    with pytest.raises(NotFound):
        identity.plan_merge(conn, by=operator, keep=keep.person_id, drop=UUID(int=1), reason="nobody")


def test_the_database_ties_what_belongs_together(conn):
    item = "INSERT INTO review_item (id, kind, persons, facility, local_id, evidence, state, settled_at, settled_by) VALUES (gen_random_uuid(), 'k', '{}', '', '', '{}', %s, %s, %s)"
    for state, at, who in (("open", "now", "x"), ("settled", None, None), ("settled", "now", None), ("gone", "now", "x")):
        with pytest.raises(psycopg.errors.CheckViolation), conn.transaction():
            conn.execute(item, (state, at, who))
    conn.execute(item, ("settled", "now", "x"))


def test_cutting_a_batch_changes_nothing_in_the_database(conn, operator):
    chance = random.Random(7)
    claims = [
        facts(
            chance.choice(["11001", "11002"]), chance.choice(["A", "B", "C", ""]), day=chance.randrange(9), sequence=n + 1,
            name=chance.choice(["Lò Thị Mai", "Quàng Văn Hặc", "Con bà Mai", "LO MAI"]), birth=chance.choice(["1959-03-12", "1985-07-30", "", "2026"]),
            citizen_number=chance.choice(["", CITIZEN, "011085000001"]), cards=(Card(CARD, "11001"),) if chance.random() < 0.4 else (),
        )
        for n in range(80)
    ]  # fmt: skip

    def outcome(step):
        with conn.transaction(force_rollback=True):
            found = [r for k in range(0, 80, step) for r in identity.resolve_many(conn, by=operator, facts=claims[k : k + step])]
            rows = [conn.execute(f"SELECT {what} ORDER BY 1, 2, 3, 4, 5").fetchall() for what in WHAT]
        return [(r.person_id, r.new, r.review) for r in found], rows

    assert outcome(80) == outcome(1) == outcome(7)


WHAT = (
    "id, merged_into, vital_status, golden_digest, 0 FROM person",
    "facility, local_id, variant, person_id, patient_id, sent, kept, seen_at, sequence FROM person_source",
    "facility, local_id, variant, type, value, first_seen, last_seen, valid_from, valid_to FROM identifier",
    "type, value, person_id, sequence, claimed FROM identifier_owner",
    "id, kind, persons, state, facility FROM review_item",
)


def test_two_channels_at_once_make_one_person(database, operator):
    with database.connect() as first, database.connect() as second:
        for connection in (first, second):  # not from unit_of_work, so nobody has told row security
            connection.execute("SELECT set_config('yba.scope', 'all', false)")
        (mine,) = identity.resolve_many(first, by=operator, facts=[facts("11001", "A1", citizen_number=CITIZEN)])
        second.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable), second.transaction():
            identity.resolve_many(second, by=operator, facts=[facts("11002", "B1", citizen_number=CITIZEN)])
        first.commit()
        (theirs,) = identity.resolve_many(second, by=operator, facts=[facts("11002", "B1", citizen_number=CITIZEN)])
        assert (theirs.person_id, theirs.new) == (mine.person_id, False)


def test_a_batch_costs_a_bounded_number_of_round_trips(conn, operator, monkeypatch):
    sent = []
    execute = psycopg.Cursor.execute
    monkeypatch.setattr(psycopg.Cursor, "execute", lambda self, *a, **k: (sent.append(1), execute(self, *a, **k))[1])
    for size in (1, 150):
        sent.clear()
        identity.resolve_many(
            conn, by=operator, facts=[facts("11001", f"Q{size}-{n}", citizen_number=f"0111590{size:03}{n:02}"[:12]) for n in range(size)]
        )
        assert len(sent) <= 10
