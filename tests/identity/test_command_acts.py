"""The commands that make two people one and one two, with their plans, refusals and proposals."""

import json

from tests.identity.people import CARD, CITIZEN, facts
from tests.identity.test_command import run
from yba import identity
from yba.kit.db import unit_of_work

OTHER = {"name": "Trần Mỹ Hạnh", "birth": "1960"}


def test_merge_split_undo(database, operator):
    with unit_of_work(by=operator) as conn:
        one, two = identity.resolve_many(
            conn, by=operator, facts=[facts("11001", "A1", citizen_number=CITIZEN), facts("11002", "B1", card=CARD, **OTHER)]
        )
    planned = run("merge", CITIZEN, CARD, "--reason", "một người", "--plan")
    assert (planned.returncode, "11002/B1/1" in planned.stdout) == (0, True), planned.stderr
    assert run("merge", CITIZEN, CARD, "--reason", "một người").returncode == 0
    assert json.loads(run("show", CARD, "--json").stdout)["id"] == str(one.person_id)
    assert json.loads(run("show", str(two.person_id), "--json").stdout)["id"] == str(one.person_id)
    (act,) = map(json.loads, run("acts", CITIZEN, "--json").stdout.splitlines())
    assert run("undo", str(act["id"]), "--reason", "nhầm").returncode == 0
    assert json.loads(run("show", CARD, "--json").stdout)["id"] == str(two.person_id)
    again = run("undo", str(act["id"]), "--reason", "nhầm")
    assert (again.returncode, "đã được hoàn tác" in again.stderr) == (3, True)
    assert run("split", CITIZEN, "--source", "11001/A1", "--reason", "?").returncode == 3, "nothing would stay"


def test_what_needs_a_second_person_becomes_a_proposal(database, operator):
    with unit_of_work(by=operator) as conn:
        identity.resolve_many(
            conn, by=operator, facts=[facts("11001", "A1", citizen_number=CITIZEN), facts("11002", "B1", card=CARD, sex="male", name="Trần Hạnh")]
        )
    proposed = run("merge", CITIZEN, CARD, "--reason", "một người")
    assert "người thứ hai" in proposed.stderr
    (proposal,) = map(json.loads, run("proposals", "--json").stdout.splitlines())
    own = run("approve", proposal["id"])
    assert (own.returncode, "không tự duyệt" in own.stderr) == (1, True)
    assert run("decline", proposal["id"], "--reason", "hai người").returncode == 0
    assert run("proposals", "--json").stdout == ""
