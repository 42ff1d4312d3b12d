"""Reads of visits that several channels tell of: all tellings of one visit, how many there are, and deriving the links anew."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit.db import run, unit_of_work
from yba.specs import visits as specs

from . import store, visits
from .model import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import StoredResource

_READ: Final = Right.RECORD_CLINICAL_READ
_AT_ONCE: Final = 500  # people a transaction


class Telling(NamedTuple):
    """One Encounter of a visit and the channel it came by (specs/visits.toml)."""

    stored: StoredResource
    channel: str


class Counts(NamedTuple):
    """What the actor may see: living resources by type; visits, each once; Encounters that tell of one again, by channel."""

    resources: dict[str, int]
    visits: int
    again: dict[str, int]


def visit_of(conn: Connection[Any], *, by: Actor, id: str) -> list[Telling]:  # noqa: A002  FHIR's word
    """Return every telling of the visit an Encounter tells of, the primary one first; those the actor may not see are not there.

    [] = there is no such Encounter, or the actor may not know of it. Each is noted in the trail.
    """
    seen = access.predicate(conn, by=by, right=_READ)
    mine = store.get(conn, seen, "Encounter", id)
    if mine is None or mine.deleted:
        return []
    links = store.visits.of_visit(conn, seen, id)
    channels = {link[0]: link[2] for link in links} | {link[1]: link[3] for link in links}
    others = store.searching.by_refs(partial(run, conn), seen, [("Encounter", one) for one in sorted(channels) if one != id])
    found = [mine, *others] if id in channels else [mine]
    for one in found:
        audit.note(
            conn, by=by, tag=Tag.RESOURCE_READ, about_type=one.rtype, about_id=one.id, person_id=one.person_id, facility=one.facility_id,
            version=str(one.version), under=_READ.value,
        )  # fmt: skip
    primary = {link[1] for link in links}
    rules = specs.rules()
    told = [Telling(one, channels.get(one.id) or rules.channel(one.mapped_by).id) for one in found]
    return sorted(told, key=lambda one: (one.stored.id not in primary, one.channel, one.stored.id))


def counts(conn: Connection[Any], *, by: Actor) -> Counts:
    """Count what the actor may search, visits once whoever tells of them; noted in the trail."""
    seen = access.predicate(conn, by=by, right=Right.RECORD_CLINICAL_SEARCH)
    resources, again = store.visits.counted(conn, seen)
    audit.note(
        conn, by=by, tag=Tag.RESOURCE_SEARCH, about_type="Resource", about_id="", detail={"rows": sum(resources.values())},
        under=Right.RECORD_CLINICAL_SEARCH.value,
    )  # fmt: skip
    return Counts(resources, resources.get("Encounter", 0) - sum(again.values()), again)


def derive_visits(*, by: Actor, progress: Callable[[int], object] | None = None) -> int:
    """Derive the links of everybody anew, in transactions of 500 people: after the rules changed, or of what was stored before there were any.

    Returns how many links were changed; twice equals once, and it may be stopped at any time. Raises Denied.
    """
    access.require(by, Right.RECORD_RESOURCE_WRITE)
    changed = 0
    for people in (store.visits.people, store.visits.people_linked):
        after = NOBODY
        while True:
            with unit_of_work(by=by) as conn:
                listed = people(conn, after, _AT_ONCE)
                changed += visits.settle(conn, by=by, people=listed)
            if not listed:
                break
            after = listed[-1]
            if progress is not None:
                progress(len(listed))
    return changed
