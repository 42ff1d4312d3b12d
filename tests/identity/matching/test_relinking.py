"""The whole province at once: proposals with evidence, twice is once; weights learned without labels stay a release."""

from datetime import datetime

import pytest

from yba import identity
from yba.identity import PersonFacts, ReviewState
from yba.identity.matching import own_releases
from yba.kit.clock import VIETNAM
from yba.kit.errors import Conflict, Invalid
from yba.kit.settings import LIKENESS
from yba.synth import dirty

SEEN = datetime(2026, 3, 1, tzinfo=VIETNAM)


def _facts(at, row, facility="24001", **changed):
    said = {"name": row.name, "birth": row.birth, "sex": row.sex, "citizen_number": row.citizen, "phone": row.phone, "commune": row.commune} | changed
    return PersonFacts(facility=facility, local_id=row.id, seen_at=SEEN, sequence=at, **said)


def test_relinking_proposes_what_no_number_told_and_twice_is_once(conn, operator):
    with LIKENESS.set_to("off"):
        rows = list(dirty.residents(3, 60))
        facts = [_facts(at, row) for at, row in enumerate(rows)]
        twice = [row for row in rows if row.phone and row.citizen][:5]
        facts += [_facts(100 + at, row, "24002", citizen_number="") for at, row in enumerate(twice)]
        people = [one.person_id for one in identity.resolve_many(conn, by=operator, facts=facts)]
    expected = {frozenset((people[rows.index(row)], people[60 + at])) for at, row in enumerate(twice)}
    first = identity.relink(conn, by=operator)
    assert (first.merges, first.opened) == (5, 5)
    found = identity.reviews(conn, by=operator, state=ReviewState.OPEN, kind="likely-duplicate")
    assert {frozenset(one.persons) for one in found} == expected
    assert all(one.evidence["levels"]["phone"] == "same" for one in found)
    assert identity.relink(conn, by=operator).opened == 0


def test_people_from_before_descriptions_get_theirs_in_steps_and_twice_is_once(conn, operator):
    facts = [_facts(at, row) for at, row in enumerate(dirty.residents(9, 30))]
    identity.resolve_many(conn, by=operator, facts=facts)
    tables = ("person_id, digest FROM match_row", "key, person_id FROM match_block JOIN match_row ON id = row_id")
    kept = [f"SELECT {columns} ORDER BY 1, 2" for columns in tables]
    before = [conn.execute(each).fetchall() for each in kept]
    conn.execute("DELETE FROM match_block")
    conn.execute("DELETE FROM match_row")
    last, steps = None, []
    while (step := identity.describe_missing(conn, by=operator, after=last, limit=7)).last is not None:
        steps.append(step.people)
        last = step.last
    assert (sum(steps), max(steps)) == (len({row[0] for row in before[0]}), 7)
    assert [conn.execute(each).fetchall() for each in kept] == before
    assert identity.describe_missing(conn, by=operator).people == 0


def test_a_stranger_among_a_persons_descriptions_is_proposed_for_a_split(conn, operator):
    one, other = list(dirty.residents(5, 40))[0:40:39]
    [found] = identity.resolve_many(conn, by=operator, facts=[_facts(1, one)])
    matching = identity.matching
    row = matching.features(matching.Description(name=other.name, birth=other.birth, sex=other.sex, commune="00004"))
    matching.remember(conn, matching.current(), [(found.person_id, row)])
    done = identity.relink(conn, by=operator)
    assert (done.splits, done.opened) == (1, 1)
    [doubt] = identity.reviews(conn, by=operator, kind="likely-split")
    assert doubt.persons == (found.person_id,)


def test_training_needs_descriptions_and_never_overwrites(conn, operator, var):
    with pytest.raises(Invalid):
        identity.train(conn, by=operator, name="first")
    rows = list(dirty.residents(8, 2500))
    matching = identity.matching
    said = [*rows, *(row for row, _ in dirty.copies(8, rows))]
    keep = [
        (
            identity.patient_id("24001", row.id),
            matching.features(matching.Description(row.name, row.birth, row.sex, row.citizen, phone=row.phone, commune=row.commune)),
        )
        for row in said
    ]
    matching.remember(conn, matching.current(), keep)
    done = identity.train(conn, by=operator, name="first", use=True)
    assert done.descriptions == len(keep)
    assert 0.75 < done.matches / (len(said) - len(rows)) < 1.25
    learned = matching.load("first")
    assert learned.release.weights["birth"]["same"] > learned.release.weights["birth"]["other"]
    assert matching.current().release.name == "first"
    held = [value for table in learned.release.rarity.values() for value in table]
    assert held
    assert not set(held) & {row.phone for row in rows}, "nobody's own number stands in a release"
    with pytest.raises(Conflict):
        identity.train(conn, by=operator, name="first")
    assert (own_releases() / "first.toml").exists()
