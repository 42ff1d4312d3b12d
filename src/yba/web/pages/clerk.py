"""The clerk's desk: the queue by risk, what was decided lately, proposals that wait for a second person, and the desk in numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from yba import accounts, identity
from yba.access import Right, needs
from yba.kit import clock
from yba.web import shell
from yba.web.facilities import places

from . import clerk_words as words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse

    from yba.web.edge import Visit

_FACILITY: Final = 5
_PAGE: Final = 50
_MOST: Final = 100_000
_DAYS: Final = (30, 90, 365)


@needs(Right.IDENTITY_REVIEW_READ)
def queue(visit: Visit) -> HttpResponse:
    """Show the open conflicts, the riskiest first, with counts by kind; ``?kind=``, ``?facility=``, ``?from=`` narrow and turn pages."""
    kind, facility = narrowed(visit)
    offset = _offset(visit)
    found = identity.desk_queue(visit.conn, by=visit.by, kind=kind, facility=facility, offset=offset, limit=_PAGE)
    codes = {one.item.facility for one in found.found} | set(found.facilities)
    values: dict[str, Any] = {
        "found": found,
        "kind": kind,
        "facility": facility,
        "places": places(visit, codes),
        "rest": asked(kind, facility),
        "days": {one.item.id: (clock.now() - one.item.created_at).days for one in found.found},
        "waits": _proposals(visit),
        **_turning(found.total, offset),
        **common(visit),
    }
    return shell.answer(visit, "clerk", **values)


@needs(Right.IDENTITY_REVIEW_READ)
def decided(visit: Visit) -> HttpResponse:
    """Show what was decided, the latest first: whoever decided wrongly finds it here and takes it back."""
    offset = _offset(visit)
    found, total = identity.desk_lately(visit.conn, by=visit.by, offset=offset, limit=_PAGE)
    values: dict[str, Any] = {
        "found": found,
        "places": places(visit, [one.item.facility for one in found]),
        "people": people(visit, [one.last.who for one in found if one.last]),
        "why": words.reason_words(visit),
        **_turning(total, offset),
        **common(visit),
    }
    return shell.answer(visit, "clerk_decided", **values)


@needs(Right.IDENTITY_REVIEW_READ)
def figures(visit: Visit) -> HttpResponse:
    """Show the desk in numbers, for print too: kinds, facilities that send bad identity, who decided how much."""
    days = next((one for one in _DAYS if str(one) == visit.asked("days", 3)), _DAYS[1])
    since = clock.now() - timedelta(days=days)
    found = identity.desk_figures(visit.conn, by=visit.by, since=since)
    values: dict[str, Any] = {
        "found": found,
        "days": days,
        "spans": _DAYS,
        "since": since,
        "now": clock.now(),
        "places": places(visit, [one.facility for one in found.facilities]),
        "people": people(visit, [one.who for one in found.clerks]),
        **common(visit),
    }
    return shell.answer(visit, "clerk_figures", **values)


def common(visit: Visit) -> dict[str, Any]:
    """Return what every page of the desk says in words."""
    tables = {"decisions": words.DECIDED, "facts": words.FACTS, "shorts": words.SHORT}
    return {"kinds": words.kinds(visit), **{name: words.said(visit, table) for name, table in tables.items()}}


def narrowed(visit: Visit) -> tuple[str, str]:
    """Return the kind and facility asked for; what is neither narrows nothing."""
    form = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    kind, facility = str(form.get("kind", ""))[:40], str(form.get("facility", ""))[:_FACILITY]
    return kind if kind in words.kinds(visit) else "", facility if facility.isalnum() else ""


def asked(kind: str, facility: str, **more: object) -> str:
    """Return the part of an address that keeps a queue's filter: kinds, facility codes and numbers only, never a word about a person."""
    given = {key: value for key, value in {"kind": kind, "facility": facility, **more}.items() if value not in {"", 0}}
    return f"?{urlencode(given)}" if given else ""


def people(visit: Visit, whos: Iterable[str]) -> dict[str, str]:
    """Return the names at work of those who decided."""
    known = {who: UUID(who.partition(":")[2]) for who in whos if who.startswith("user:")}
    found = accounts.names_of(visit.conn, by=visit.by, accounts=known.values())
    return {who: found.get(account, who) for who, account in known.items()}


def _offset(visit: Visit) -> int:
    given = visit.asked("from", 6)
    return min(int(given), _MOST) if given.isascii() and given.isdigit() else 0


def _turning(total: int, offset: int) -> dict[str, Any]:
    return {"total": total, "offset": offset, "page": _PAGE, "following": offset + _PAGE if offset + _PAGE < total else 0}


def _proposals(visit: Visit) -> int:
    """How many proposals wait for somebody else than the reader."""
    if not visit.may(Right.IDENTITY_PERSON_APPROVE):
        return 0
    with visit.under(Right.IDENTITY_PERSON_MERGE) as (conn, by):
        return sum(1 for one in identity.proposals(conn, by=by) if one.who != by.name)
