"""What keeps accounts true without anybody asking: closed facilities, ended licences, idle accounts; and networks of facilities."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from yba import audit, directory
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock, network
from yba.kit.clock import VIETNAM
from yba.kit.errors import Invalid
from yba.kit.ids import new_id
from yba.specs.sign_in import sign_in

from . import store_people
from .actions import end_many, take_out_of_use
from .roles import require

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .people import Assignment, Network

    Conn = Connection[tuple[Any, ...]]

_WIDEST = {4: 8, 6: 32}  # bits: wider is not a facility's network but a part of the Internet


def disable_idle(conn: Conn, *, by: Actor) -> list[UUID]:
    """Disable staff accounts nobody has used for 45 days; roles stay until the review. Citizens' accounts hold no secret of ours and stay."""
    require(by, Right.ACCOUNTS_ACCOUNT_DISABLE, [""])
    days = sign_in().account.idle_days
    idle = store_people.idle_since(conn, clock.now() - timedelta(days=days))
    for account in idle:
        take_out_of_use(conn, by=by, account=account, reason=f"{days} ngày không sử dụng")
    return idle


def end_at_closed_facilities(conn: Conn, *, by: Actor) -> list[Assignment]:
    """End assignments at facilities that are closed, as of the day after their last; until this ran they give no grant either."""
    require(by, Right.ACCOUNTS_ACCOUNT_DISABLE, [""])
    codes = sorted({one.post.facility for one in store_people.live_assignments(conn, on=clock.now()) if one.post.facility})
    open_ones = directory.facilities_at(conn, by=by, codes=codes, on=clock.today()) if codes else {}
    ended: list[Assignment] = []
    for code in codes:
        if code in open_ones:
            continue
        last = [row.valid_to for row in directory.facility_history(conn, by=by, code=code) if row.valid_to and row.valid_to < clock.today()]
        at = _day_after(max(last)) if last else clock.now()
        found = store_people.live_assignments(conn, on=at, facility=code)
        ended += end_many(conn, by=by, found=found, reason="cơ sở ngừng hoạt động", at=at)
    return ended


def end_licence(conn: Conn, *, by: Actor, licence: str, last_day: date, reason: str) -> list[Assignment]:
    """End every assignment that rests on a licence, as of the day after its last. Raises Forbidden unless ``by`` reaches all its facilities."""
    found = store_people.live_assignments(conn, on=_day_after(last_day), licence=licence)
    require(by, Right.ACCOUNTS_ACCOUNT_ASSIGN, {one.post.facility for one in found} or {""})
    return end_many(conn, by=by, found=found, reason=reason, at=_day_after(last_day))


def set_networks(conn: Conn, *, by: Actor, facility: str, networks: Sequence[str]) -> list[Network]:
    """Say from which networks (CIDR) a facility's people work; outside them a second factor is needed. Facility "" is the province's office.

    Raises Invalid for text that is no network or one wider than /8 (IPv4) or /32 (IPv6), Forbidden.
    """
    require(by, Right.ACCOUNTS_NETWORK_WRITE, [facility])
    wanted = {_declared(text) for text in networks}
    before = store_people.networks(conn, facility)
    for gone in before:
        if gone.network not in wanted:
            store_people.end_network(conn, gone.id, at=clock.now(), by=by.name)
    for added in sorted(wanted - {one.network for one in before}):
        store_people.insert_network(conn, network_id=new_id(), facility=facility, network=added, at=clock.now(), by=by.name)
    detail = {"before": sorted(one.network for one in before), "after": sorted(wanted)}
    audit.note(conn, by=by, tag=Tag.NETWORK_WRITE, about_type="Network", about_id=facility or "*", facility=facility or None, detail=detail)
    return store_people.networks(conn, facility)


def _declared(text: str) -> str:
    try:
        found = network.network(text)
    except ValueError:
        raise Invalid(f"{text[:60]!r} không phải một mạng; viết như 10.12.0.0/16.", advice="It is not a network: write CIDR.") from None
    if found.prefixlen < _WIDEST[found.version]:
        raise Invalid(f"{text[:60]!r} quá rộng cho một cơ sở.", advice="It is too wide for a facility.")
    return str(found)


def _day_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), VIETNAM)
