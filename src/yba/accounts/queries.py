"""Asking about people's accounts: who somebody is now, who works where, from which networks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from yba import access, audit, directory
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.actor import Actor, Grant
from yba.kit.errors import NotFound

from . import store_people, store_sessions
from .people import PractitionerIdentity
from .roles import reach, require

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Origin

    from .people import Account, Assignment, Network, OpenSession

    Conn = Connection[tuple[Any, ...]]

_BREAK: Final = timedelta(days=1)  # a role renewed within a day goes on


def actor_of(conn: Conn, *, by: Actor, account: UUID, purpose: str, origin: Origin | None = None, assignment: UUID | None = None) -> Actor:
    """Make the actor of somebody signed in: the grants in force now, at facilities in force today; ``assignment`` narrows to one of them.

    ``by`` is the edge. Somebody with two facilities chooses nothing: each grant counts where it holds. Raises NotFound when the account is
    not in use. Two or three round trips.
    """
    found = store_people.account(conn, account)
    if found is None or not found.active:
        raise NotFound("Không có tài khoản nào như vậy đang dùng.", advice="no such account in use.")
    ever, now = store_people.assignments(conn, account), clock.now()
    held = [one for one in ever if one.in_force(now) and assignment in {None, one.id}]
    codes = {one.post.facility for one in held if one.post.facility}
    in_force = directory.facilities_at(conn, by=by, codes=codes, on=clock.today()).keys() if codes else ()
    grants = [_grant(one, _since(one, ever)) for one in held if not one.post.facility or one.post.facility in in_force]
    return Actor.user(account, [_under_all_ids(conn, by, grant) for grant in grants], purpose=purpose, origin=origin)


def _under_all_ids(conn: Conn, by: Actor, grant: Grant) -> Grant:
    """Let a citizen or guardian reach what was written about the person under other ids, before and after a merge."""
    return grant._replace(persons=access.persons_of(conn, by=by, person_ids=grant.persons)) if grant.persons else grant


def _since(one: Assignment, ever: Iterable[Assignment]) -> datetime:
    """Since when somebody has been at this post without a break: renewing a role takes nothing away. ``ever`` is newest first."""
    since = one.starts
    for other in ever:
        if other.post[:4] == one.post[:4] and other.ends is not None and other.starts < since <= other.ends + _BREAK:
            since = other.starts
    return since


def _grant(one: Assignment, since: datetime) -> Grant:
    post = one.post
    return Grant(
        post.role,
        facilities=frozenset({post.facility} if post.facility else ()),
        areas=frozenset({post.area} if post.area else ()),
        departments=frozenset({f"{post.facility}/{post.department}"} if post.department else ()),
        persons=None if post.person_id is None else frozenset({post.person_id}),
        since=since,
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
        raise NotFound("Không có tài khoản này.", advice="no such account.")
    audit.note(conn, by=by, tag=Tag.ACCOUNT_READ, about_type="Account", about_id=str(account))
    return found, [one for one in held if where is None or one.post.facility in where]


def account_named(conn: Conn, *, by: Actor, username: str) -> Account:
    """Find an account by its user name. Raises NotFound, also for one out of reach."""
    found = store_people.account_named(conn, username)
    if found is None or found.id not in {one.id for one in accounts(conn, by=by)}:
        raise NotFound(f"Không có tài khoản {username[:60]!r}.", advice="no such account.")
    return found


def assignments_of(conn: Conn, *, by: Actor, account: UUID) -> list[Assignment]:
    """The assignments of an account in force now: one's own, or those ``by`` may see."""
    held = store_people.assignments(conn, account, on=clock.now())
    if by.account == account:
        return held
    where = reach(by, Right.ACCOUNTS_ACCOUNT_READ)
    return [one for one in held if where is None or one.post.facility in where]


def places_of_work(conn: Conn, *, by: Actor, accounts: Iterable[UUID]) -> dict[UUID, list[Assignment]]:
    """All posts at facilities these accounts ever had, newest first, for pages that say where somebody worked at the time. Raises Denied."""
    require(by, Right.ACCOUNTS_ACCOUNT_READ, [""])
    found: dict[UUID, list[Assignment]] = {}
    for one in store_people.assignments_ever(conn, sorted(set(accounts))):
        if one.post.facility:
            found.setdefault(one.account, []).append(one)
    return found


def open_sessions(conn: Conn, *, by: Actor, account: UUID) -> list[OpenSession]:
    """List the browser sessions of an account that have not run out, the one used last first. Raises Denied."""
    reach(by, Right.ACCOUNTS_ACCOUNT_READ)
    return store_sessions.open_sessions(conn, account, on=clock.now())


def practitioner_identities(conn: Conn, *, by: Actor, account: UUID) -> list[PractitionerIdentity]:
    """Who a clinician is to others, one line per licensed post: name, licence, facility, department (TELE-R13)."""
    found = store_people.account(conn, account)
    if found is None:
        raise NotFound("Không có tài khoản này.", advice="no such account.")
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
