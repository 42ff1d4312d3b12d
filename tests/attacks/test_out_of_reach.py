"""What stands under no policy of its own is reached by no person: originals are sealed and for machines, histories of people have one reader."""

import ast
import re
from pathlib import Path

import pytest

import yba
from tests.attacks.conftest import AN, BINH, OURS, THEIRS, asked, doctor, visits
from yba import identity, ingest
from yba.access import Right
from yba.kit import Actor, Forbidden, Grant, NotFound, clock, new_id
from yba.kit.db import unit_of_work
from yba.specs import access as specs

HERE = Path(yba.__file__).parent
PEOPLE = sorted(name for name, role in specs.roles().items() if role.kind != "machine")
# Who names the table in SQL, and why no person comes there.
HOMES = {
    "segment": {
        "ingest/store.py": "read by ingest.original and the pipeline, whose rights only machines hold",
        "ingest/store_keys.py": "keys are wrapped anew by who manages keys: their wrapped form, no body",
    },
    "person_event": {
        "identity/store_read.py": "one reader, behind the predicate",
        "identity/store.py": "written by merges and corrections",
    },
}
OPENS_ORIGINALS = {
    Right.INGEST_ORIGINAL_OPEN, Right.INGEST_ORIGINAL_DESTROY, Right.INGEST_MESSAGE_PROCESS, Right.INGEST_MESSAGE_LAND, Right.INGEST_CLAIM_REPLAY,
}  # fmt: skip


def texts(table):
    named = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE)\s+{table}\b")
    for path in sorted(HERE.rglob("*.py")):
        if "migrations" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and named.search(node.value):
                    yield path.relative_to(HERE).as_posix(), node.value


@pytest.mark.parametrize("table", HOMES)
def test_nobody_else_names_the_table(table):
    assert {path for path, _ in texts(table)} <= HOMES[table].keys(), "a new reader: why can no person reach it?"


def test_the_one_reader_of_histories_stands_behind_the_predicate():
    reads = [text for path, text in texts("person_event") if path == "identity/store_read.py"]
    assert reads
    assert all("{seen}" in text for text in reads if "SELECT" in text)


def test_no_right_of_a_person_opens_an_original():
    held = {right for name in PEOPLE for rule in specs.roles()[name].may for right in rule.rights}
    assert not held & {right.value for right in OPENS_ORIGINALS}


@pytest.mark.parametrize("role", PEOPLE)
def test_no_person_opens_an_original(hospitals, role):
    by = Actor.user(new_id(), [Grant(role, frozenset({OURS}), persons=frozenset({AN}))], purpose=specs.roles()[role].purpose, persons=[AN])
    with pytest.raises((Forbidden, NotFound)):
        ingest.original(by=by, transaction="0" * 26, reason="tò mò")


def test_a_history_is_read_by_who_has_the_person_in_care(hospitals, operator):
    with unit_of_work(by=operator) as conn:
        facts = identity.PersonFacts(
            THEIRS, "7", clock.now(), 1, name="TRẦN THỊ BÌNH", birth="1959-03-12", sex="female", citizen_number="001159012345"
        )
        person = identity.resolve_many(conn, by=operator, facts=[facts])[0].person_id
    visits(person, THEIRS)
    assert asked(doctor(THEIRS), lambda conn: identity.person(conn, by=doctor(THEIRS), person_id=person)).id == person
    stranger = doctor(OURS)
    for whom in (person, BINH):
        with pytest.raises((Forbidden, NotFound)):
            asked(stranger, lambda conn, whom=whom: identity.person(conn, by=stranger, person_id=whom))
