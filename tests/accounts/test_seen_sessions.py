"""A session of software that a process has seen before is proven again by the message that opens its lock: over is over at once."""

import pytest

from yba import accounts, directory
from yba.accounts import tokens
from yba.kit import Actor, ActorKind, Internal, clock
from yba.kit.actor import Origin
from yba.kit.db import Ask, act_as, lock_of, unit_of_work

HERE = "01013"
OPERATOR, GATE = Actor.operator(), Actor.system("test")
NOBODY = Actor("system:fhir", ActorKind.USER, frozenset(), "")
ORIGIN = Origin("127.0.0.1", 0, "")


@pytest.fixture
def token(database):
    with unit_of_work(by=OPERATOR) as conn:
        directory.ensure_many(conn, by=OPERATOR, seen_at=clock.now(), facilities=[HERE])
        made = accounts.add_client(conn, by=OPERATOR, facility=HERE)
        opened = accounts.open_session(conn, by=GATE, username=made.username, password=made.secret, address="127.0.0.1")
    return opened.access_token


def scope(conn):
    return conn.execute("SELECT current_setting('yba.scope', true), current_setting('statement_timeout')").fetchone()


def present(conn, token):
    return accounts.bearer(conn, by=NOBODY, token=token, origin=ORIGIN, patience=5000)


def test_the_second_request_acts_as_the_facility_after_one_message(token):
    with unit_of_work(by=NOBODY) as conn:
        first = present(conn, token)
        assert not first.acting
        assert scope(conn)[0] in {"", None}
    with unit_of_work(by=NOBODY) as conn:
        second = present(conn, token)
        assert (second.actor, second.acting) == (first.actor, True)
        assert scope(conn) == ("bound", "5s")
        assert conn.execute("SELECT current_setting('yba.facilities')").fetchone()[0] == '{"01013"}'


@pytest.mark.parametrize("end", ["UPDATE accounts_client SET disabled_at = now()", "UPDATE accounts_session SET expires_at = now()"])
def test_a_session_that_ended_since_opens_nothing(token, database, end):
    for _ in range(2):
        with unit_of_work(by=NOBODY) as conn:
            present(conn, token)
    with database.as_owner() as conn:
        conn.execute(end)
        conn.commit()
    for _ in range(2):  # once it was known, once it is not
        with unit_of_work(by=NOBODY) as conn:
            assert isinstance(present(conn, token), accounts.Refused)
            assert scope(conn)[0] in {"", None}
            assert not lock_of(NOBODY).scope


def test_a_wrong_guess_opens_nothing(token, monkeypatch):
    monkeypatch.setattr(tokens, "_seen", {tokens.secrets.token_hash(token): "01028"})
    with unit_of_work(by=NOBODY) as conn:
        assert isinstance(present(conn, token), accounts.Refused)
        assert scope(conn)[0] in {"", None}


def test_nobody_but_a_machine_is_guessed_at(database):
    with unit_of_work(by=NOBODY) as conn, pytest.raises(Internal):
        act_as(conn, NOBODY, proof=Ask(b"SELECT 1", {}))
