"""Somebody tries for more than the own role: by giving it, by asking for a page, by the command line, by a purpose."""

import pytest

from tests.attacks.conftest import AN, OURS, asked, doctor
from tests.matrix import world as w
from tests.matrix.test_pages import world  # noqa: F401  a fixture
from yba import access, accounts
from yba.access import Denied, Right
from yba.kit import Actor, Forbidden, Grant
from yba.kit.db import reading, unit_of_work
from yba.specs import access as specs

ADMINISTERS = ("facility-administrator", "system-administrator", "privacy-officer")


@pytest.mark.parametrize("role", ADMINISTERS)
def test_a_facilitys_administrator_makes_nobody_an_administrator(world, role):  # noqa: F811
    browser, doctors = world.browsers["facility-administrator"], world.accounts["doctor"]
    form = {"role": role, "facility": w.FACILITY if role == "facility-administrator" else "", "reason": "thử leo thang"}
    assert browser.post(f"/admin/accounts/{doctors}/assign", form).status_code in {400, 403}
    with reading(by=w.OPERATOR) as conn:
        assert role not in {one.post.role for one in accounts.assignments_of(conn, by=w.OPERATOR, account=doctors)}


@pytest.mark.parametrize("role", ADMINISTERS[:2])
def test_nobody_gives_a_role_to_oneself(world, role):  # noqa: F811
    form = {"role": "doctor", "facility": w.FACILITY, "reason": "thử leo thang"}
    assert world.browsers[role].post(f"/admin/accounts/{world.accounts[role]}/assign", form).status_code == 403


def test_an_administrator_reads_no_record_even_in_another_purpose():
    for role in ("system-administrator", "facility-administrator", "privacy-officer", "provincial-manager", "data-scientist", "claims-auditor"):
        for purpose in specs.access().purposes:
            by = Actor.user(AN, [Grant(role, frozenset({OURS}), frozenset({"*"}))], purpose=purpose)
            assert not access.holds(by, Right.RECORD_CLINICAL_READ), (role, purpose)


def test_a_purpose_that_is_not_the_roles_gives_nothing():
    grant = Grant("doctor", frozenset({OURS}))
    held = {
        purpose: {right for right in Right if access.holds(Actor.user(AN, [grant], purpose=purpose), right)} for purpose in specs.access().purposes
    }
    assert held["treatment"] == set().union(*held.values()), "another purpose never adds a right"


def test_the_operator_bound_to_a_role_is_never_more_than_the_role_nor_than_himself():
    for name, role in specs.roles().items():
        grant = Grant(name, frozenset({OURS}), frozenset({"*"}))
        bound = Actor.operator().acting_as(grant, purpose=role.purpose)
        free = {right for right in Right if access.holds(Actor.operator(), right)}
        user = {right for right in Right if access.holds(Actor.user(AN, [grant], purpose=role.purpose), right)}
        assert {right for right in Right if access.holds(bound, right)} <= free
        if role.kind != "machine":
            assert {right for right in Right if access.holds(bound, right)} <= user, name


def test_an_unknown_role_and_a_name_in_capitals_hold_nothing():
    for name in ("root", "Operator", "operator ", "doctor\0", "*", ""):
        by = Actor.user(AN, [Grant(name, frozenset({OURS}))], purpose="operation")
        assert not [right for right in Right if access.holds(by, right)]


def test_a_users_session_cannot_name_itself_a_machine(hospitals):
    """The name alone opens nothing: a user called like the operator is still a user."""
    by = Actor(Actor.operator().name, doctor().kind, frozenset({OURS}), "operation", (Grant("operator"),), account=AN)
    assert not by.standing
    with pytest.raises((Denied, Forbidden)):
        asked(by, lambda conn: access.break_glass(conn, by=by, person_id=AN, ground="life", reason="giả danh người vận hành"))


def test_row_security_follows_who_acts_not_what_is_sent(hospitals):
    """Settings told inside a statement of one's own do not outlive it, and the app role cannot become another role."""
    by = doctor("99999")
    with unit_of_work(by=by) as conn:
        assert conn.execute("SELECT count(*) FROM resource").fetchone() == (0,)
    with unit_of_work(by=by) as conn:
        assert conn.execute("SELECT current_setting('is_superuser'), rolbypassrls FROM pg_roles WHERE rolname = current_user").fetchone() == (
            "off",
            False,
        )
        assert conn.execute(
            "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = current_user"
        ).fetchone() == (0,)
