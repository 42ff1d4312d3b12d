"""Ids of others, right or made up, get one answer: nobody learns by asking that something exists."""

import re

import pytest

from tests.attacks.conftest import patient
from tests.matrix import world as w
from tests.matrix.test_pages import world  # noqa: F401  a fixture
from yba import access, accounts, directory, record
from yba.kit import Actor, Grant, clock, new_id
from yba.kit.db import unit_of_work

OPERATOR = Actor.operator()
HIDDEN, NOBODY = new_id(), new_id()


def shape(answer):
    """An answer without what each request changes: tokens and the ids that were asked."""
    text = re.sub(r'value="[A-Za-z0-9]{60,}"', "", answer.content.decode())
    return (
        answer.status_code,
        re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", text),
        re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", answer.get("Location", "")),
    )


@pytest.mark.parametrize("role", ["doctor", "station-nurse", "citizen", "guardian", "epidemiologist", "ambulance-crew"])
@pytest.mark.parametrize("page", ["", "/print", "/looks", "/looks/1"])
def test_a_record_out_of_reach_and_one_that_is_not_there_look_the_same(world, role, page):  # noqa: F811
    browser = world.browsers[role]
    there = shape(browser.get(f"/record/{other_person()}{page}"))
    assert there == shape(browser.get(f"/record/{NOBODY}{page}"))
    assert "ĐỖ VĂN KÍN" not in there[1]
    assert there[0] in {403, 404}


def other_person():
    """Lay down, once, a resident of another hospital."""
    with unit_of_work(by=OPERATOR) as conn:
        record.put_many(conn, by=OPERATOR, puts=[patient(HIDDEN, "ĐỖ VĂN KÍN", "11002")])
    return HIDDEN


@pytest.fixture(scope="module")
def elsewhere(world):  # noqa: F811
    """An account of another facility than the administrator's."""
    with unit_of_work(by=OPERATOR) as conn:
        directory.ensure_many(conn, by=OPERATOR, seen_at=clock.now(), facilities=["11002"])
        return accounts.join(
            conn, by=OPERATOR, username="bs.xa", display_name="Phạm Văn Xa", post=accounts.Post("doctor", facility="11002"), reason="vào làm"
        ).account


@pytest.mark.parametrize("act", ["", "/assign", "/end", "/disable", "/leave", "/reset", "/sign-out"])
def test_a_facilitys_administrator_learns_nothing_of_accounts_elsewhere(world, elsewhere, act):  # noqa: F811
    browser = world.browsers["facility-administrator"]
    form = {"reason": "thử xem có không", "role": "doctor", "facility": w.FACILITY, "assignment": str(NOBODY), "factors": "yes"}
    for method in ("get", "post") if act else ("get",):
        there = shape(getattr(browser, method)(f"/admin/accounts/{elsewhere}{act}", *([form] if method == "post" else [])))
        nobody = shape(getattr(browser, method)(f"/admin/accounts/{NOBODY}{act}", *([form] if method == "post" else [])))
        assert there == nobody, (method, act)
        assert "Phạm Văn Xa" not in there[1]
    assert "bs.xa" not in browser.get("/admin/accounts").content.decode()
    with unit_of_work(by=OPERATOR) as conn:
        assert accounts.account(conn, by=OPERATOR, account=elsewhere)[0].active


def test_somebody_elses_look_cannot_be_reported_or_read(world):  # noqa: F811
    """The number of a look is counted up: another person's numbers open nothing."""
    browser = world.browsers["citizen"]
    numbers = range(1, 40)
    with unit_of_work(by=OPERATOR) as conn:
        own = {row[0] for row in conn.execute("SELECT id FROM audit_event WHERE person_id = %s", (w.RESIDENT,))}
    for number in set(numbers) - own:
        assert browser.get(f"/record/{w.RESIDENT}/looks/{number}").status_code == 404


def test_an_emergency_of_others_is_reviewed_by_its_officer_only(world):  # noqa: F811
    by = Actor.user(world.accounts["doctor"], [Grant("doctor", frozenset({w.FACILITY}))], purpose="treatment")
    with unit_of_work(by=by) as conn:
        made = access.break_glass(conn, by=by, person_id=other_person(), ground="life", reason="Ngừng tuần hoàn, cần tiền sử")
    form = {"verdict": "justified", "words": "đúng quy định, đã gọi điện"}
    for role in ("doctor", "facility-administrator", "system-administrator", "citizen"):
        assert world.browsers[role].post(f"/emergencies/{made.id}", form).status_code == 403
    with unit_of_work(by=OPERATOR) as conn:
        assert conn.execute("SELECT state FROM emergency WHERE id = %s", (made.id,)).fetchone() == ("open",)
