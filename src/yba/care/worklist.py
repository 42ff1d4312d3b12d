"""The work list of a desk: who waits, who is overdue, who comes today, what results are new; other rooms add theirs through the provider door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from yba import access, audit, identity
from yba.audit import Tag
from yba.kit import clock

from . import priority, store
from .acts import READ
from .model import Coming, Why, Work
from .results import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

MOST: Final = 500  # due items of one list: nobody works through more in a day
_ORDER: Final = {Why.WAITING: 0, Why.RESULT: 1, Why.TODAY: 2, Why.OVERDUE: 3}


class DueProvider(Protocol):
    """What another room finds due at a facility on a day; it asks `access` for its own rights and returns nothing to whom it may not show."""

    def __call__(self, conn: Connection[Any], *, by: Actor, facility: str, on: date) -> Sequence[Work]:
        """Return the room's lines; ``seen`` may stay None, the list fills it."""
        ...


class _Known:
    """How to find the providers: the roof says it, because nobody here knows the rooms above or beside."""

    find: Callable[[], Sequence[DueProvider]] | None = None


def provide_by(find: Callable[[], Sequence[DueProvider]]) -> None:
    """Say how the providers of other rooms are found; the roof does, once a process."""
    _Known.find = find


def work(conn: Connection[Any], *, by: Actor, facility: str, on: date | None = None) -> list[Work]:
    """Return what is to be done at a facility on a day: waiting first, then new results, who comes today, who is overdue.

    Of those who wait the groups of the law go first (`priority`), then who came first.

    Of each person only what a look-up shows (`seen`), and the phone of those whose demographics the reader may read. Raises Denied; noted in
    the trail by its size.
    """
    access.require(by, access.Right.CARE_VISIT_READ, facility=facility)
    day = on or clock.today()
    found = [*_own(conn, by=by, facility=facility, on=day)]
    for provider in _Known.find() if _Known.find else ():
        found += provider(conn, by=by, facility=facility, on=day)
    people = identity.people_seen(conn, by=by, person_ids={one.person_id for one in found}, facilities=[facility]) if found else {}
    phones = identity.phones(conn, by=by, person_ids=people) if people and access.holds(by, access.Right.IDENTITY_PERSON_READ) else {}
    detail = {"rows": len(found), "phones": len(phones)}
    audit.note(conn, by=by, tag=Tag.WORK_READ, about_type="Facility", about_id=facility, facility=facility, detail=detail, under=READ.value)
    shown = [_shown(one, people[one.person_id], phones.get(one.person_id, "")) for one in found if one.person_id in people]
    return sorted(shown, key=lambda one: (_ORDER[one.why], priority.first(one.priority), one.due or day, one.since.isoformat() if one.since else ""))


def _shown(one: Work, seen: identity.Seen, phone: str) -> Work:
    waits = one.why is Why.WAITING
    return one._replace(seen=seen, phone=phone, priority=priority.groups(one.priority, seen.birth) if waits else ())


def _own(conn: Connection[Any], *, by: Actor, facility: str, on: date) -> list[Work]:
    seen = access.predicate(conn, by=by, right=READ, columns=store.OURS)
    found = [
        Work(
            one.person_id, Why.WAITING, "visit", since=one.opened_at, programme=one.programme, visit=one.id, reason=one.reason, priority=one.priority
        )
        for one in store.queue(conn, facility, on, seen)
    ]
    for id_, person, kind, programme, due, visit, noted in store.due(conn, facility, on, MOST, seen):
        if kind in KINDS:
            corrected = kind == "corrected"
            found.append(Work(person, Why.RESULT, "read", since=noted, programme=programme, visit=visit, item=id_, corrected=corrected))
        else:
            found.append(Work(person, Why.TODAY if due == on else Why.OVERDUE, "start", due=due, programme=programme, item=id_))
    return found


def coming(conn: Connection[Any], *, by: Actor, person_id: UUID) -> list[Coming]:
    """Return the open appointments of a person at the actor's facilities, the earliest first. Raises Denied; noted by the caller's own look."""
    seen = access.predicate(conn, by=by, right=READ, columns=store.OURS, person=person_id)
    return [Coming(*row) for row in store.coming(conn, person_id, seen)]


def favourites(conn: Connection[Any], *, by: Actor, facility: str, list_id: str, limit: int = 20) -> list[str]:
    """Return the codes of a list a facility chose most at its desks ("icd10", "service", "drug"). Raises Denied."""
    access.require(by, access.Right.CARE_VISIT_READ, facility=facility)
    access.predicate(conn, by=by, right=READ, columns=store.OURS)
    return store.favourites(conn, facility, list_id, limit)
