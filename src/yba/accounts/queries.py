"""Asking about people's accounts: who somebody is now, who works where, from which networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yba import audit, directory
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.actor import Actor, Grant
from yba.kit.errors import NotFound

from . import store_people
from .people import PractitionerIdentity
from .roles import reach, require

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Origin

    from .people import Account, Assignment, Network

    Conn = Connection[tuple[Any, ...]]


def actor_of(conn: Conn, *, by: Actor, account: UUID, purpose: str, origin: Origin | None = None, assignment: UUID | None = None) -> Actor:
    """Make the actor of somebody signed in: the grants in force now, at facilities in force today; ``assignment`` narrows to one of them.

    ``by`` is the edge. Somebody with two facilities chooses nothing: each grant counts where it holds. Raises NotFound when the account is
    not in use. Two or three round trips.
    """
    found = store_people.account(conn, account)
    if found is None or not found.active:
        raise NotFound("no such account in use.")
    held = [one for one in store_people.assignments(conn, account, on=clock.now()) if assignment in {None, one.id}]
    codes = {one.post.facility for one in held if one.post.facility}
    in_force = directory.facilities_at(conn, by=by, codes=codes, on=clock.today()).keys() if codes else ()
    grants = [_grant(one) for one in held if not one.post.facility or one.post.facility in in_force]
    return Actor.user(account, grants, purpose=purpose, origin=origin)


def _grant(one: Assignment) -> Grant:
    post = one.post
    return Grant(
        post.role,
        facilities=frozenset({post.facility} if post.facility else ()),
        areas=frozenset({post.area} if post.area else ()),
        departments=frozenset({f"{post.facility}/{post.department}"} if post.department else ()),
        persons=None if post.person_id is None else frozenset({post.person_id}),
    )


def accounts(conn: Conn, *, by: Actor) -> list[Account]:
    """List the accounts ``by`` may manage: all, or those that work at its facilities."""
    where = reach(by, Right.ACCOUNTS_ACCOUNT_READ)
    return store_people.accounts(conn, facilities=None if where is None else sorted(where), on=clock.now())


def account(conn: Conn, *, by: Actor, account: UUID) -> tuple[Account, list[Assignment]]:
    """Open an account with all its assignments, newest first; audited. Raises NotFound, also for one out of reach."""
    where = reach(by, Right.ACCOUNTS_ACCOUNT_READ)
    found = store_people.account(conn, account)
    held = store_people.assignments(conn, account)
    if found is None or (where is not None and not where & {one.post.facility for one in held}):
        raise NotFound("no such account.")
    audit.note(conn, by=by, tag=Tag.ACCOUNT_READ, about_type="Account", about_id=str(account))
    return found, [one for one in held if where is None or one.post.facility in where]


def account_named(conn: Conn, *, by: Actor, username: str) -> Account:
    """Find an account by its user name. Raises NotFound, also for one out of reach."""
    found = store_people.account_named(conn, username)
    if found is None or found.id not in {one.id for one in accounts(conn, by=by)}:
        raise NotFound(f"no account {username[:60]!r}.")
    return found


def assignments_of(conn: Conn, *, by: Actor, account: UUID) -> list[Assignment]:
    """The assignments of an account in force now: one's own, or those ``by`` may see."""
    held = store_people.assignments(conn, account, on=clock.now())
    if by.account == account:
        return held
    where = reach(by, Right.ACCOUNTS_ACCOUNT_READ)
    return [one for one in held if where is None or one.post.facility in where]


def open_sessions(conn: Conn, *, by: Actor, account: UUID) -> int:
    """Count the browser sessions of an account that have not run out. Raises Denied."""
    reach(by, Right.ACCOUNTS_ACCOUNT_READ)
    return store_people.open_sessions(conn, account, on=clock.now())


def practitioner_identities(conn: Conn, *, by: Actor, account: UUID) -> list[PractitionerIdentity]:
    """Who a clinician is to others, one line per licensed post: name, licence, facility, department (TELE-R13)."""
    found = store_people.account(conn, account)
    if found is None:
        raise NotFound("no such account.")
    identities = []
    for one in assignments_of(conn, by=by, account=account):
        if one.post.licence:
            seen = directory.practitioner(conn, by=by, licence=one.post.licence)
            known = seen is not None and one.post.facility in seen.facilities
            identities.append(PractitionerIdentity(account, found.display_name, one.post.licence, one.post.facility, one.post.department, known))
    return identities


def names_of(conn: Conn, *, by: Actor, accounts: Iterable[UUID]) -> dict[UUID, str]:  # noqa: ARG001  # a name at work is no secret from who may see the act
    """The display names of accounts, for pages that say who did something."""
    return store_people.names(conn, sorted(set(accounts)))


def networks(conn: Conn, *, by: Actor, facility: str | None = None) -> list[Network]:
    """The networks in force of a facility, or of all that ``by`` may manage."""
    where = reach(by, Right.ACCOUNTS_NETWORK_WRITE)
    if facility is not None:
        require(by, Right.ACCOUNTS_NETWORK_WRITE, [facility])
    return [one for one in store_people.networks(conn, facility) if where is None or one.facility in where]
