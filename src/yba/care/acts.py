"""One act of a visit: held against others, written with its number, its line in the trail and its announcement, in the transaction of the caller."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit, events
from yba.access import Relation, RelationKind, Right, UnitKind
from yba.audit import Tag
from yba.events import News
from yba.kit import Actor, clock
from yba.kit.db import unit_of_work
from yba.kit.errors import Conflict, NotFound
from yba.kit.ids import derived

from . import store
from .model import Acted, Overtaken, State, Visit, VisitAct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.record import Saved

    from .model import Warned

READ: Final = Right.CARE_VISIT_READ
WRITE: Final = Right.CARE_VISIT_WRITE
# Relations, announcements and the source a person is known by here are the platform's own work; who may have it done was asked before.
_PLATFORM: Final = Actor.system("care:visit")
_OPEN: Final = frozenset({State.WAITING, State.OPEN})


class Held(NamedTuple):
    """A visit held for one act; ``before``: the same page was sent before, and this is what it did."""

    visit: Visit
    key: str
    before: VisitAct | None


@contextmanager
def platform(by: Actor) -> Iterator[tuple[Connection[Any], Actor]]:
    """Reach all rows, still named as who acts."""
    who = replace(_PLATFORM, name=by.name, origin=by.origin)
    with unit_of_work(by=who) as inner:
        yield inner, who


def moment() -> datetime:
    """Return the present minute: claims tell time by minutes, and desk and claim must agree."""
    return clock.now().replace(second=0, microsecond=0)


def hold(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, key: str = "") -> Held:
    """Hold a visit for an act. ``number``: the one the page was drawn with; None writes whatever was done meanwhile.

    Raises NotFound, Overtaken (who did what since), Conflict for a visit that is over, Denied.
    """
    seen = access.predicate(conn, by=by, right=WRITE, columns=store.OURS)
    found = store.visit(conn, visit, seen, lock=True)
    if found is None:
        raise NotFound("Không có lượt khám này.", advice="There is no such visit, or it is another facility's.")
    access.require(by, WRITE, facility=found.facility)
    before = store.act_by_key(conn, found.id, key) if key else None
    if before is not None:
        return Held(found, key, before)
    if number is not None and number != found.number:
        raise Overtaken(found, store.acts(conn, found.id, after=number))
    if found.state.is_over:
        raise Conflict("Lượt khám này đã kết thúc.", advice="This visit is over.")
    if by.account is not None and not store.has_acted(conn, found.id, by.name):
        treat(by, found)
    return Held(found, key, None)


def treat(by: Actor, visit: Visit) -> None:
    """Relate who acts to the person for the time of the visit: who treats may write what is restricted, and a doctor see it; others not."""
    with platform(by) as (inner, who):
        relation = Relation(
            visit.person_id, UnitKind.USER, str(by.account), RelationKind.VISIT, visit.opened_at, None, "Encounter", visit.encounter,
            treating(visit.id),
        )  # fmt: skip
        access.relate_many(inner, by=who, relations=[relation])


def treating(visit: UUID) -> UUID:
    """Return the source of the relations to who treats in a visit: what ends with it."""
    return derived("care-visit", str(visit))


def write(
    conn: Connection[Any],
    *,
    by: Actor,
    held: Held,
    kind: str,
    saved: Sequence[Saved] = (),
    visit: Visit | None = None,
    tag: Tag = Tag.VISIT_WRITE,
    warned: Sequence[Warned] = (),
    reason: str = "",
) -> Acted:
    """Write an act of a held visit; a waiting visit is open from its first act on."""
    changed = visit or held.visit
    if changed.state is State.WAITING and kind != "queue":
        changed = changed._replace(state=State.OPEN)
    changed = changed._replace(number=held.visit.number + 1)
    store.change_visit(conn, changed)
    note(conn, by=by, visit=changed, kind=kind, key=held.key, saved=saved, tag=tag, reason=reason)
    return Acted(changed, tuple(saved), tuple(warned))


def note(conn: Connection[Any], *, by: Actor, visit: Visit, kind: str, key: str, saved: Sequence[Saved], tag: Tag, reason: str = "") -> None:
    """Write who did what: the act, the line of the trail, the announcement."""
    refs = tuple(f"{one.rtype}/{one.id}" for one in saved)
    store.add_act(conn, visit.id, VisitAct(visit.number, clock.now(), by.name, kind, refs), key)
    audit.note(
        conn, by=by, tag=tag, about_type="Encounter", about_id=visit.encounter, person_id=visit.person_id, facility=visit.facility, reason=reason,
        detail={"act": kind, "number": visit.number}, under=WRITE.value,
    )  # fmt: skip
    with platform(by) as (inner, who):
        told = {"act": kind, "number": visit.number, "state": visit.state.value}
        events.announce(inner, by=who, news=[News(f"care:visit:{_PAST[tag]}", "Encounter", visit.encounter, visit.person_id, visit.facility, told)])


_PAST: Final = {Tag.VISIT_START: "started", Tag.VISIT_WRITE: "written", Tag.VISIT_CLOSE: "closed", Tag.VISIT_CANCEL: "cancelled"}


def again(held: Held) -> Acted | None:
    """Return what to answer when the same page was sent before."""
    return Acted(held.visit, (), (), again=True) if held.before is not None else None
