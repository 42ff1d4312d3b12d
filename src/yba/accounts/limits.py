"""Keeping guessers out of people's accounts without keeping people out: by pair, address and account, at a pace, and with bounded traces."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import audit
from yba.audit import Tag
from yba.kit import clock, network
from yba.specs.sign_in import sign_in

from . import store_limits
from .model import Refused, Why

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    Conn = Connection[tuple[Any, ...]]

_SWEPT: Final = 20  # old counts cleared per failure: more than a failure adds
_EVERY: Final = 100  # after the first failures of an address in an hour, every hundredth is written to the trail
_HOUR: Final = 3600


class Attempt(NamedTuple):
    """One try to sign in: from where, at which account, and how well the address is known."""

    username: str
    address: str
    own: bool  # this account signed in from here before
    known: bool  # somebody did, or it is a facility's address


def admit(conn: Conn, *, username: str, address: str) -> Attempt | Refused:
    """Let a try go on to the password, or refuse it before any costly hash. The same for accounts that do not exist."""
    limits = sign_in().lock_out
    name, place = username.strip().lower()[:60], place_of(address)
    facility = store_limits.is_facility_address(conn, place) if place else False
    anybody, own = store_limits.known_places(conn, name, place, since=clock.now() - timedelta(days=limits.known_address_days))
    attempt = Attempt(name, place, own, facility or anybody)
    pace = limits.attempts_per_minute_own_address if attempt.known else limits.attempts_per_minute_address
    wait = store_limits.spend(conn, f"people {place}", per_minute=pace)
    if not wait and not attempt.known:
        wait = store_limits.spend(conn, "people strangers", per_minute=limits.attempts_per_minute_strangers)
    if wait:
        return Refused(Why.TOO_FAST, wait)
    wait = store_limits.locked_for(conn, [name for kind, name in _watched(attempt) if _counts(kind, attempt)])
    return Refused(Why.LOCKED, wait) if wait else attempt


def failed(conn: Conn, *, by: Actor, attempt: Attempt, account: UUID | None, what: str) -> None:
    """Count a wrong password or code. The first fifty of an address in an hour are noted one by one, then every hundredth and every lock."""
    limits = sign_in().lock_out
    locked = []
    for kind, name in _watched(attempt):
        limit = getattr(limits, kind)
        if store_limits.count_failure(conn, name, failures=limit.failures, within=limit.within, locked=limit.locked) == limit.failures and _counts(
            kind, attempt
        ):
            locked.append(kind)
    number = store_limits.count_failure(conn, f"people hour {attempt.address}", failures=1 << 30, within=_HOUR, locked=0)
    store_limits.sweep(conn, most=_SWEPT)
    if not locked and number > limits.noted_failures and number % _EVERY:
        return
    # An unknown user name may be a password typed into the wrong box: it is not written down.
    audit.note(
        conn,
        by=by,
        tag=Tag.SIGN_IN_REFUSED,
        about_type="Account",
        about_id=str(account or ""),
        reason=", ".join((what, *(f"locked {kind}" for kind in locked))),
        detail={"address": attempt.address, "failures_this_hour": number},
    )


def worth_noting(conn: Conn, *, what: str) -> int:
    """Count a refusal in this hour ("screen …"): its number where it belongs in the trail (`noted_failures`, then every hundredth), else 0."""
    number = store_limits.count_failure(conn, f"hour {what}", failures=1 << 30, within=_HOUR, locked=0)
    store_limits.sweep(conn, most=_SWEPT)
    return number if number <= sign_in().lock_out.noted_failures or number % _EVERY == 0 else 0


def succeeded(conn: Conn, *, attempt: Attempt, account: UUID) -> None:
    """Forget the failures of this account at this address and remember the place."""
    now = clock.now()
    store_limits.forget_failures(conn, [name for kind, name in _watched(attempt) if kind == "pair"])
    if attempt.address:
        days = timedelta(days=sign_in().lock_out.known_address_days)
        store_limits.note_place(conn, account, attempt.address, at=now, forget_before=now - days)


def _counts(kind: str, attempt: Attempt) -> bool:
    """A facility's own address is never locked as a whole; an account is not locked for a place it signed in from."""
    return {"pair": True, "address": not attempt.known, "account": not attempt.own}[kind]


def _watched(attempt: Attempt) -> tuple[tuple[str, str], ...]:
    return (
        ("pair", f"people pair {attempt.username} {attempt.address}"),
        ("address", f"people address {attempt.address}"),
        ("account", f"people account {attempt.username}"),
    )


def place_of(address: str) -> str:
    """The address failures are counted by: of IPv6 the /64, because one machine has all of it; "" for what is none."""
    found = network.address(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found or "")
