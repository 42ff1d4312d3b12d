"""Accounts' own tokens: whose they are, where they are good, when they end; nobody's unit of work reads the table."""

from datetime import timedelta

import pytest

from tests.accounts.conftest import first_sign_in, inside, joined, places  # noqa: F401  fixtures
from yba import accounts
from yba.accounts import Presented, Refused, Why
from yba.kit import Actor, Conflict, Forbidden, Grant, Invalid, NotFound, clock
from yba.kit.actor import Origin
from yba.kit.db import reading, unit_of_work

EDGE = Actor.system("edge")
AT_WORK, OUTSIDE = Origin("10.20.0.5", 0, ""), Origin("203.0.113.9", 0, "")


def own(account):
    return Actor.user(account, [Grant("doctor", frozenset({"01013"}))], purpose="treatment")


def present(token, origin=AT_WORK):
    with unit_of_work(by=EDGE) as conn:
        return accounts.bearer(conn, by=EDGE, token=token, origin=origin, patience=5000)


def make(account, **how):
    by = own(account)
    with unit_of_work(by=by) as conn:
        return accounts.make_token(conn, by=by, account=account, **{"name": "máy của tôi", "hours": 12, **how})


@pytest.mark.law("ANM-R10")
def test_a_token_made_without_the_second_factor_is_good_at_work_and_nowhere_else(joined, inside):  # noqa: F811
    account = joined("bs.mai").account
    token = make(account).token
    found = present(token)
    assert isinstance(found, Presented)
    assert found.actor.account == account
    assert [grant.role for grant in found.actor.grants] == ["doctor"]
    assert found.actor.purpose == "treatment"
    assert not found.proven
    assert present(token, OUTSIDE) == Refused(Why.FACTOR)
    proven = present(make(account, proven=True).token, OUTSIDE)
    assert isinstance(proven, Presented)
    assert proven.proven


def test_a_role_that_always_needs_its_factor_takes_no_token_made_without(joined, inside):  # noqa: F811
    made = joined("qt.an", "facility-administrator")
    assert present(make(made.account).token) == Refused(Why.FACTOR)


def test_a_token_ends_by_hand_with_time_and_with_the_account(joined, inside, operator):  # noqa: F811
    account = joined("bs.mai").account
    first, second = make(account), make(account)
    by = own(account)
    with unit_of_work(by=by) as conn:
        assert {one.id for one in accounts.tokens_of(conn, by=by, account=account)} == {first.id, second.id}
        accounts.end_token(conn, by=by, account=account, token=first.id)
    assert present(first.token) == Refused(Why.EXPIRED)
    assert isinstance(present(second.token), Presented)
    with clock.frozen(clock.now() + timedelta(hours=12, seconds=1)):
        assert present(second.token) == Refused(Why.EXPIRED)
    with unit_of_work(by=operator) as conn:
        assert accounts.end_sessions(conn, by=operator, account=account, reason="mất máy") == 1
    assert present(second.token) == Refused(Why.EXPIRED)


def test_a_role_that_ended_is_gone_from_a_token_at_once(joined, inside, operator):  # noqa: F811
    account = joined("bs.mai").account
    token = make(account).token
    with unit_of_work(by=operator) as conn:
        for one in accounts.assignments_of(conn, by=operator, account=account):
            accounts.end_assignment(conn, by=operator, assignment=one.id, reason="chuyển đi")
    found = present(token)
    assert isinstance(found, Refused) or not found.actor.grants


def test_nobody_makes_or_ends_a_token_of_somebody_else(joined, inside):  # noqa: F811
    mai, an = joined("bs.mai").account, joined("bs.an").account
    token, by = make(mai), own(an)
    with pytest.raises(Forbidden), unit_of_work(by=by) as conn:
        accounts.make_token(conn, by=by, account=mai, name="x", hours=1)
    with pytest.raises(Forbidden), unit_of_work(by=by) as conn:
        accounts.end_token(conn, by=by, account=mai, token=token.id)
    with pytest.raises(Forbidden), reading(by=by) as conn:
        accounts.tokens_of(conn, by=by, account=mai)


def test_what_cannot_be_asked_for(joined, inside):  # noqa: F811
    account = joined("bs.mai").account
    for how in ({"hours": 13}, {"hours": 0}, {"name": " "}, {"name": "x" * 61}):
        with pytest.raises(Invalid):
            make(account, **how)
    for _ in range(10):
        made = make(account)
    with pytest.raises(Conflict):
        make(account)
    by = own(account)
    with pytest.raises(NotFound), unit_of_work(by=by) as conn:
        accounts.end_token(conn, by=by, account=account, token=account)
    assert made.token.startswith("ybt_")


@pytest.mark.law("ANM-R10")
def test_the_table_shows_itself_to_no_unit_of_a_person_or_of_software_and_holds_no_token(joined, inside, operator):  # noqa: F811
    account = joined("bs.mai").account
    made = make(account)
    for by in (own(account), Actor.facility_client("01013")):
        with reading(by=by) as conn:
            assert conn.execute("SELECT count(*) FROM accounts_token").fetchone() == (0,)
    with reading(by=operator) as conn:
        (row,) = conn.execute("SELECT accounts_token::text FROM accounts_token").fetchall()
        assert made.token not in row[0]
        trail = conn.execute("SELECT string_agg(detail::text, ' ') FROM audit_event WHERE tag LIKE 'accounts:token:%'").fetchone()
    assert str(made.id) in trail[0]
    assert made.token not in trail[0]


def test_software_of_a_facility_comes_by_its_session(places, operator):  # noqa: F811
    with unit_of_work(by=operator) as conn:
        secret = accounts.add_client(conn, by=operator, facility="01013")
        opened = accounts.open_session(conn, by=EDGE, username=secret.username, password=secret.secret, address="10.20.0.5")
    found = present(opened.access_token)
    assert isinstance(found, Presented)
    assert found.actor.name == "client:01013"
    with unit_of_work(by=operator) as conn:
        accounts.disable_client(conn, by=operator, facility="01013")
    assert present(opened.access_token) == Refused(Why.EXPIRED)
    assert present("nothing") == Refused(Why.EXPIRED)
