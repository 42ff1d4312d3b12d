"""`yba accounts` from the first administrator to a signed review, as an operator types it."""

import json

import pytest

from tests.commands import typed
from yba import accounts, directory
from yba.kit import clock
from yba.kit.actor import Origin
from yba.kit.db import unit_of_work


@pytest.fixture
def yba(database, operator):
    with unit_of_work(by=operator) as conn:
        directory.ensure_many(conn, by=operator, seen_at=clock.now(), facilities=["01013"])

    def run(*arguments, code=0):
        done = typed("accounts", *arguments)
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


def test_screens_are_listed_and_ended(yba, operator):
    with unit_of_work(by=operator) as conn:
        made = [accounts.add_screen(conn, by=operator, name=name, facility=facility, days=30) for name, facility in (("sảnh", "01013"), ("sở", ""))]
    with unit_of_work(by=operator) as conn:
        token = accounts.open_screen(conn, by=operator, code=made[0].code, address="10.0.0.9")
    assert isinstance(token, str)
    listed = {one["name"]: one for one in yba("screens", "list", "--json")}
    assert [(listed[name]["facility"], listed[name]["open"], listed[name]["address"]) for name in ("sảnh", "sở")] == [
        ("01013", True, "10.0.0.9"),
        ("", False, ""),
    ]
    assert "đang mở" in yba("screens", "list")
    assert made[0].code not in yba("screens", "list"), "a code is shown at the page alone"
    yba("screens", "end", listed["sảnh"]["id"])
    ended = {one["name"]: one for one in yba("screens", "list", "--json")}["sảnh"]
    assert (ended["open"], ended["ended_at"] is None) == (False, False)
    with unit_of_work(by=operator) as conn:
        assert accounts.screen_of(conn, token=token, origin=Origin("10.0.0.9", 0, "")) is None, "it is dark"
    yba("screens", "end", listed["sảnh"]["id"], code=1)
    yba("screens", "end", "no-id", code=1)
