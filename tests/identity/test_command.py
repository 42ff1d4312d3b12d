"""The command `yba identity`: shows who bears a number and closes conflicts with a reason."""

import json

from tests.commands import typed
from tests.identity.people import CARD, MAN, facts
from yba import identity
from yba.kit.db import unit_of_work


def run(*arguments):
    return typed("identity", *arguments)


def test_show_review_and_settle(database, operator):
    with unit_of_work(by=operator) as conn:
        identity.resolve_many(conn, by=operator, facts=[facts("11001", "A1", card=CARD), facts("11002", "B1", card=CARD, **MAN)])
    shown = run("show", CARD)
    assert shown.returncode == 0, shown.stderr
    assert "Lò Thị Mai" in shown.stdout
    assert "Quàng Văn Hặc" in shown.stdout
    assert "(đang tranh chấp)" in shown.stdout
    item = json.loads(run("review", "--json").stdout)
    assert item["kind"] == "card-shared"
    assert run("review", "--settle", item["id"]).returncode == 2  # no reason
    assert run("review", "--settle", item["id"], "--reason", "đã xem thẻ").returncode == 0
    assert run("review", "--json").stdout == ""
    assert run("show", "011159009999").returncode == 3
