"""Sign-in of software: password to session, token to actor, with lock-out and pace."""

from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID

from psycopg import Connection

from yba import audit
from yba.kit import clock
from yba.kit.actor import Actor

from . import secrets, store, store_limits
from .model import Refused, Session, SignedIn, Why

# Known clients renew a session by its expires_in, or after 60 minutes where they cannot read it.
SESSION_LIFE = timedelta(minutes=60)
# (kind, failures, within seconds, locked for seconds). An account is slowed from everywhere only after many failures and
# briefly, so that a stranger cannot keep a hospital out for long.
_LIMITS = (("pair", 10, 900, 900), ("address", 50, 900, 900), ("account", 100, 900, 60))
SIGN_INS_PER_MINUTE = 30  # by address: hospitals share one, and scrypt costs 60 ms
MESSAGES_PER_MINUTE = 1200  # by account: one claim a call at 20 a second, well over any hospital's discharge desk


def open_session(conn: Connection[Any], *, by: Actor, username: str, password: str, address: str, now: datetime | None = None) -> Session | Refused:
    """Open a session for a user name and a password (plain or MD5 hex); failures are counted and audited in ``conn``."""
    proven = check_password(conn, by=by, username=username, password=password, address=address)
    if isinstance(proven, Refused):
        return proven
    client_id, facility, name = proven
    access, ident = secrets.new_token(), secrets.new_token()
    hashes = (secrets.token_hash(access), secrets.token_hash(ident), secrets.password_proof(access, password))
    expires = (now or clock.now()) + SESSION_LIFE
    store.insert_session(conn, hashes=hashes, client_id=client_id, address=address, expires_at=expires)
    _note(conn, Actor.facility_client(facility), audit.Tag.SIGN_IN, str(client_id), facility, address)
    return Session(facility, name, access, ident, expires)


def check_password(conn: Connection[Any], *, by: Actor, username: str, password: str, address: str) -> tuple[UUID, str, str] | Refused:
    """Verify a password; returns (client id, facility, user name as registered)."""
    wait = store_limits.spend(conn, f"sign-in {address}", per_minute=SIGN_INS_PER_MINUTE)
    if wait:
        return Refused(Why.TOO_FAST, wait)
    watched = _watched(username, address)
    # Whoever fails from many addresses can slow an account for strangers, not for the address its hospital signed in from the day before.
    own = store.has_signed_in(conn, username, address)
    wait = store_limits.locked_for(conn, [name for kind, name in watched.items() if kind != "account" or not own])
    if wait:
        return Refused(Why.LOCKED, wait)
    account = store.secret_of(conn, username)
    if not secrets.matches(password, account[3] if account else secrets.NO_ACCOUNT) or account is None:
        _count_failure(conn, by, watched, address, account)
        return Refused(Why.WRONG)
    store_limits.forget_failures(conn, [watched["pair"]])
    return account[:3]


def authenticate(
    conn: Connection[Any], *, by: Actor, access_token: str, id_token: str = "", password: str = "", username: str = ""
) -> SignedIn | Refused:
    """Say whose token this is; whatever else is given must belong to the same session, and the pace is kept.

    A living token together with another account's name, id token or password is refused and audited.
    """
    if not access_token:
        return Refused(Why.NO_TOKEN)
    row = store.session_of(conn, secrets.token_hash(access_token))
    if row is None:
        return Refused(Why.EXPIRED)
    id_hash, proof, facility, name = row
    together = (
        (not id_token or compare_digest(bytes(id_hash), secrets.token_hash(id_token)))
        and (not password or compare_digest(bytes(proof), secrets.password_proof(access_token, password)))
        and (not username or username.strip().casefold() == name.casefold())
    )
    if not together:
        _note(conn, by, audit.Tag.SIGN_IN_REFUSED, name, facility, "", "token and account do not belong together")
        return Refused(Why.WRONG)
    return _paced(conn, SignedIn(facility, name))


def authenticate_basic(conn: Connection[Any], *, by: Actor, username: str, password: str, address: str) -> SignedIn | Refused:
    """Say who a user name and password belong to, for one request without a session."""
    proven = check_password(conn, by=by, username=username, password=password, address=address)
    if isinstance(proven, Refused):
        return proven
    return _paced(conn, SignedIn(proven[1], proven[2]))


def _paced(conn: Connection[Any], who: SignedIn) -> SignedIn | Refused:
    wait = store_limits.spend(conn, f"messages {who.facility}", per_minute=MESSAGES_PER_MINUTE)
    return Refused(Why.TOO_FAST, wait) if wait else who


def _watched(username: str, address: str) -> dict[str, str]:
    name = username.strip().casefold()[:60]
    return {"pair": f"pair {name} {address}", "address": f"address {address}", "account": f"account {name}"}


def _count_failure(conn: Connection[Any], by: Actor, watched: dict[str, str], address: str, account: tuple[UUID, str, str, str] | None) -> None:
    locked = [
        kind
        for kind, most, within, lock in _LIMITS
        if store_limits.count_failure(conn, watched[kind], failures=most, within=within, locked=lock) == most
    ]
    facility = account[1] if account else ""
    detail = ", ".join(("locked", *locked)) if locked else ""
    # An unknown user name may be a password typed into the wrong box: it is not written down.
    _note(conn, by, audit.Tag.SIGN_IN_REFUSED, str(account[0]) if account else "", facility, address, detail)


def _note(conn: Connection[Any], by: Actor, tag: audit.Tag, client_id: str, facility: str, address: str, reason: str = "") -> None:
    audit.note(
        conn,
        by=by,
        tag=tag,
        about_type="Client",
        about_id=client_id,
        facility=facility or None,
        reason=reason,
        detail={"address": address},
    )
