"""Killed half-way at any moment, run again: every accepted claim is there exactly once, and nothing differs from a run in peace."""

import random
import signal
import subprocess
import sys
import time

import orjson
import pytest

from tests.ingest.builder import file_of, tables
from yba.kit import Actor
from yba.kit.db import reading

CLAIMS = 300
OPERATOR = Actor.operator("claims-intake")
COMMAND = [sys.executable, "-m", "yba", "ingest", "--json"]


def make_files(folder):
    for number in range(CLAIMS // 3):
        made = [tables(f"V{number}-{part}", MA_BN=f"BN{(number * 3 + part) % 90}", SO_CCCD=None, MA_THE_BHYT=None) for part in range(3)]
        (folder / f"{number:04}.xml").write_bytes(file_of(*made))


def state():
    with reading(by=OPERATOR) as conn:
        resources = conn.execute("SELECT rtype, id, person_id, version, doc::text FROM resource ORDER BY 1, 2").fetchall()
        claims = conn.execute("SELECT id, version, person_id, link FROM claim ORDER BY 1").fetchall()
        outcomes = conn.execute("SELECT count(*), count(DISTINCT claim_id) FROM outcome").fetchone()
    return resources, claims, outcomes


def run(database, folder, *options, kill_after=None):
    process = subprocess.Popen([*COMMAND, *options, str(folder)], env=database.env, stdout=subprocess.PIPE, start_new_session=True)
    if kill_after is None:
        output, _ = process.communicate(timeout=120)
        return process.returncode, output
    try:
        process.communicate(timeout=kill_after)
    except subprocess.TimeoutExpired:
        if "--workers" in options:  # kill the parent only: its workers must not go on as if nothing had happened
            process.send_signal(signal.SIGKILL)
        else:
            process.kill()
        process.communicate()
    return process.returncode, b""


def kills(count, seed=7):
    dice = random.Random(seed)
    return [dice.uniform(0.8, 3.5) for _ in range(count)]


@pytest.mark.parametrize("count", [2, pytest.param(25, marks=pytest.mark.long)])
@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_killed_at_random_points_every_claim_is_there_once(database, tmp_path, options, count):
    make_files(tmp_path)
    for pause in kills(count):
        run(database, tmp_path, *options, kill_after=pause)
        time.sleep(0.2)
    code, output = run(database, tmp_path, *options)
    totals = orjson.loads(output.splitlines()[-1])
    assert code == 0
    assert totals["claims_present"] == CLAIMS
    assert totals["claims_accepted"] + totals["claims_unchanged"] == CLAIMS
    resources, claims, outcomes = state()
    assert outcomes == (CLAIMS, CLAIMS)
    assert len(claims) == CLAIMS
    database.renew()
    run(database, tmp_path)
    assert state() == (resources, claims, outcomes)
