"""Sign-in, tokens, lock-out and pace, against the real database."""

import hashlib
from datetime import timedelta

import pytest

from yba import accounts, audit
from yba.accounts import sessions
from yba.kit import Actor, Conflict, Forbidden, Invalid, NotFound, clock

GATE = Actor.system("gateway")


@pytest.fixture
def secret(conn, operator):
    return accounts.add_client(conn, by=operator, facility="01234")


def sign_in(conn, secret, password=None, address="10.0.0.1", username=None, **more):
    return accounts.open_session(conn, by=GATE, username=username or secret.username, password=password or secret.secret, address=address, **more)


def test_the_known_clients_way_in(conn, secret):
    md5 = hashlib.md5(secret.secret.encode(), usedforsecurity=False).hexdigest().upper()
    session = sign_in(conn, secret, md5)
    assert isinstance(session, accounts.Session)
    assert (session.facility, session.username) == ("01234", "01234_BV")
    who = accounts.authenticate(
        conn, by=GATE, access_token=session.access_token, id_token=session.id_token, password=md5.lower(), username="01234_bv"
    )
    assert who == accounts.SignedIn("01234", "01234_BV")


def test_nothing_stored_is_what_travels(conn, secret):
    session = sign_in(conn, secret)
    md5 = hashlib.md5(secret.secret.encode(), usedforsecurity=False).hexdigest()
    for table in ("accounts_client", "accounts_session", "accounts_failure", "accounts_pace", "audit_event"):
        text = str(conn.execute(f"SELECT t::text FROM {table} t").fetchall())  # noqa: S608  # names from the line above
        for word in (secret.secret, md5, session.access_token, session.id_token):
            assert word not in text


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"access_token": "x"}, accounts.Why.EXPIRED),
        ({"access_token": ""}, accounts.Why.NO_TOKEN),
        ({"id_token": "x"}, accounts.Why.WRONG),
        ({"password": "x"}, accounts.Why.WRONG),
        ({"username": "99999_BV"}, accounts.Why.WRONG),
    ],
)
def test_what_does_not_belong_to_the_session_is_refused(conn, secret, change, why):
    session = sign_in(conn, secret)
    given = {"access_token": session.access_token, "id_token": session.id_token, "password": secret.secret} | change
    assert accounts.authenticate(conn, by=GATE, **given) == accounts.Refused(why)


def test_a_session_ends_by_time_by_reset_and_by_disabling(conn, secret, operator):
    old = sign_in(conn, secret, now=clock.now() - timedelta(minutes=61))
    assert accounts.authenticate(conn, by=GATE, access_token=old.access_token) == accounts.Refused(accounts.Why.EXPIRED)
    session = sign_in(conn, secret)
    fresh = accounts.reset_secret(conn, by=operator, facility="01234")
    assert accounts.authenticate(conn, by=GATE, access_token=session.access_token).why is accounts.Why.EXPIRED
    assert sign_in(conn, secret).why is accounts.Why.WRONG
    session = sign_in(conn, fresh)
    accounts.disable_client(conn, by=operator, facility="01234")
    assert accounts.authenticate(conn, by=GATE, access_token=session.access_token).why is accounts.Why.EXPIRED
    assert sign_in(conn, fresh).why is accounts.Why.WRONG


def test_guessing_locks_this_address_out_and_no_other(conn, secret, monkeypatch):
    monkeypatch.setattr(sessions, "SIGN_INS_PER_MINUTE", 1000)
    limit = next(limit for kind, limit, _, _ in sessions._LIMITS if kind == "pair")
    for _ in range(limit):
        assert sign_in(conn, secret, "wrong").why is accounts.Why.WRONG
    locked = sign_in(conn, secret)
    assert locked.why is accounts.Why.LOCKED, "even the right password waits now"
    assert 0 < locked.wait <= 900
    assert isinstance(sign_in(conn, secret, address="10.0.0.2"), accounts.Session)


def test_an_address_that_tries_many_names_is_locked_out(conn, secret, monkeypatch):
    monkeypatch.setattr(sessions, "SIGN_INS_PER_MINUTE", 1000)
    monkeypatch.setattr(sessions.secrets, "matches", lambda *_: False)
    for place in range(50):
        sign_in(conn, secret, "x", username=f"name{place}")
    assert sign_in(conn, secret, "x", username="another").why is accounts.Why.LOCKED


def test_guessers_at_many_addresses_do_not_lock_the_hospital_out(conn, secret, monkeypatch):
    monkeypatch.setattr(sessions, "_LIMITS", (("pair", 3, 900, 900), ("address", 50, 900, 900), ("account", 6, 900, 60)))
    assert isinstance(sign_in(conn, secret, address="10.0.0.1"), accounts.Session)
    for number in range(6):
        sign_in(conn, secret, "wrong", address=f"192.0.2.{number}")
    assert sign_in(conn, secret, address="198.51.100.1").why is accounts.Why.LOCKED
    assert isinstance(sign_in(conn, secret, address="10.0.0.1"), accounts.Session)


def test_sign_ins_and_messages_have_a_pace(conn, secret, monkeypatch):
    monkeypatch.setattr(sessions, "SIGN_INS_PER_MINUTE", 3)
    monkeypatch.setattr(sessions, "MESSAGES_PER_MINUTE", 2)
    opened = [sign_in(conn, secret) for _ in range(4)]
    assert [type(each) for each in opened] == [accounts.Session] * 3 + [accounts.Refused]
    assert opened[3].why is accounts.Why.TOO_FAST
    assert opened[3].wait > 0
    answers = [accounts.authenticate(conn, by=GATE, access_token=opened[0].access_token) for _ in range(3)]
    assert [type(each) for each in answers] == [accounts.SignedIn] * 2 + [accounts.Refused]


def test_every_change_and_every_sign_in_is_in_the_trail(conn, secret, operator):
    sign_in(conn, secret)
    sign_in(conn, secret, "wrong")
    accounts.reset_secret(conn, by=operator, facility="01234")
    accounts.disable_client(conn, by=operator, facility="01234")
    tags = [entry.tag for entry in audit.trail(conn, by=operator, facility="01234")]
    for tag in (audit.Tag.CLIENT_ADD, audit.Tag.SIGN_IN, audit.Tag.SIGN_IN_REFUSED, audit.Tag.CLIENT_RESET, audit.Tag.CLIENT_DISABLE):
        assert tag.value in tags


def test_one_account_a_facility_and_clear_refusals(conn, secret, operator):
    with pytest.raises(Conflict, match="reset"):
        accounts.add_client(conn, by=operator, facility="01234")
    for facility, username in (("1234", ""), ("01234'", ""), ("01235", "a b")):
        with pytest.raises(Invalid):
            accounts.add_client(conn, by=operator, facility=facility, username=username)
    with pytest.raises(NotFound):
        accounts.reset_secret(conn, by=operator, facility="99999")
    assert [client.facility for client in accounts.list_clients(conn, by=operator)] == ["01234"]
    assert accounts.list_clients(conn, by=Actor.facility_client("99999")) == []


def test_no_client_manages_accounts(conn, secret):
    client = Actor.facility_client("01234")
    for act in (accounts.add_client, accounts.reset_secret, accounts.disable_client):
        with pytest.raises(Forbidden):
            act(conn, by=client, facility="01234")
    assert isinstance(sign_in(conn, secret), accounts.Session)
