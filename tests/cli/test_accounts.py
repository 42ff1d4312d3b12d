"""`yba accounts` from the first administrator to a signed review, as an operator types it."""

import json
import subprocess
import sys

import pytest

from yba import directory
from yba.kit import clock
from yba.kit.db import unit_of_work


@pytest.fixture
def yba(database, operator):
    with unit_of_work(by=operator) as conn:
        directory.ensure_many(conn, by=operator, seen_at=clock.now(), facilities=["01013"])

    def run(*arguments, code=0):
        command = [sys.executable, "-m", "yba", "accounts", *arguments]
        done = subprocess.run(command, env=database.env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if "--json" not in arguments else [json.loads(line) for line in done.stdout.splitlines()]

    return run


def test_an_operators_day(yba):
    made = yba("add", "bs.mai", "Lê Thị Mai", "doctor", "--facility", "01013", "--licence", "000123", "--reason", "vào làm", "--json")[0]
    assert made["username"] == "bs.mai"
    assert len(made["code"]) == 24
    assert yba("network", "01013", "10.20.0.0/16") == "10.20.0.0/16\n"
    yba("assign", "bs.mai", "record-clerk", "--facility", "01013", "--reason", "kiêm nhiệm")
    held = yba("show", "bs.mai", "--json")
    assert [one["role"] for one in held] == ["record-clerk", "doctor"]
    review = yba("review", "--open", "01013", "--json")[0]
    arguments = [word for item in review["items"] for word in (("--end" if item["role"] == "record-clerk" else "--keep"), item["assignment"])]
    assert yba("review", review["id"], *arguments, "--sign", "Phạm Thị Ba", "--json") == []
    assert [one["ends"] is None for one in yba("show", "bs.mai", "--json")] == [False, True]
    assert yba("reset", "bs.mai", "--reason", "quên", "--json")[0]["code"] != made["code"]
    yba("disable", "bs.mai", "--leave", "--reason", "nghỉ việc")
    assert [(one["username"], one["active"]) for one in yba("list", "--json")] == [("bs.mai", False)]
    assert yba("idle", "--json") == [{"disabled": 0}]
    yba("add", "x.y", "X", "operator", "--reason", "x", code=1)
