"""One act of a visit: held against others, written with its number, its line in the trail and its announcement, in the transaction of the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit, events
from yba.access import Relation, RelationKind, Right, UnitKind
from yba.audit import Note, Tag
from yba.events import News
from yba.kit import clock
from yba.kit.errors import Conflict, NotFound
from yba.kit.ids import derived
from yba.kit.platform import platform

from . import store
from .model import Acted, Overtaken, State, Visit, VisitAct

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit import Actor
    from yba.record import Saved

    from .model import Warned

READ: Final = Right.CARE_VISIT_READ
WRITE: Final = Right.CARE_VISIT_WRITE
_OPEN: Final = frozenset({State.WAITING, State.OPEN})


class Held(NamedTuple):
    """A visit held for one act; ``before``: the same page was sent before, and this is what it did."""

    visit: Visit
    key: str
    before: VisitAct | None


def moment() -> datetime:
    """Return the present minute: claims tell time by minutes, and desk and claim must agree."""
    return clock.now().replace(second=0, microsecond=0)


def hold(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, key: str = "", over: bool = False) -> Held:
    """Hold a visit for an act. ``number``: the one the page was drawn with; None writes whatever was done meanwhile; ``over``: after its end too.

    Raises NotFound, Overtaken (who did what since), Conflict for a visit that is over, Denied.
    """
    seen = access.predicate(conn, by=by, right=WRITE, columns=store.OURS)
    found = store.visit(conn, visit, seen, lock=True)
    if found is None:
        raise NotFound("Không có lượt khám này.", advice="There is no such visit, or it is another facility's.")
    access.require(by, WRITE, facility=found.facility)
    before, has_acted = store.acted(conn, found.id, by.name, key)
    if before is not None:
        return Held(found, key, before)
    if number is not None and number != found.number:
        raise Overtaken(found, store.acts(conn, found.id, after=number))
    if found.state.is_over and not (over and found.state is State.CLOSED):
        raise Conflict("Lượt khám này đã kết thúc.", advice="This visit is over.")
    if by.account is not None and not has_acted and not found.state.is_over:
        with platform(by) as (inner, who):
            access.relate_many(inner, by=who, relations=[treated_by(by, found)])
    return Held(found, key, None)


def treated_by(by: Actor, visit: Visit) -> Relation:
    """Relate who acts to the person for the time of the visit: who treats may write what is restricted, and a doctor see it; others not."""
    return Relation(
        visit.person_id, UnitKind.USER, str(by.account), RelationKind.VISIT, visit.opened_at, visit.closed_at, "Encounter", visit.encounter,
        treating(visit.id),
    )  # fmt: skip


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
    step = Step(changed.number, kind, tuple(saved), tag, changed.state, held.key)
    store.go_on(conn, changed, [step.told(by)])
    note(conn, by=by, visit=changed, steps=[step], reason=reason)
    return Acted(changed, tuple(saved), tuple(warned))


class Step(NamedTuple):
    """One act to be told of: its number, its kind, what it wrote, where the visit stood after it."""

    number: int
    kind: str
    saved: Sequence[Saved]
    tag: Tag
    state: State
    key: str = ""

    def told(self, by: Actor) -> store.Told:
        """The row of the act, done now."""
        return VisitAct(self.number, clock.now(), by.name, self.kind, tuple(f"{one.rtype}/{one.id}" for one in self.saved)), self.key


def note(conn: Connection[Any], *, by: Actor, visit: Visit, steps: Sequence[Step], reason: str = "") -> None:
    """Tell what was done: the lines of the trail, the announcements; and who treated lets go of a visit that is over."""
    lines = [
        Note(one.tag, "Encounter", visit.encounter, visit.person_id, visit.facility, reason, {"act": one.kind, "number": one.number}) for one in steps
    ]
    audit.note_many(conn, by=by, rows=lines, under=WRITE.value)
    with platform(by) as (inner, who):
        events.announce(inner, by=who, news=[_news(visit, one) for one in steps])
        # a visit that is written closed opened its relations with their end
        if steps[0].number > 1 and steps[-1].tag is Tag.VISIT_CLOSE and visit.closed_at is not None:
            access.end_relations(inner, by=who, source_ids=[treating(visit.id)], at=visit.closed_at)
        elif steps[0].tag is Tag.VISIT_CANCEL:  # nobody was treated: nothing stays open, not even for the days after a visit
            access.void_relations(inner, by=who, source_ids=[treating(visit.id)], reason="visit cancelled")


def _news(visit: Visit, one: Step) -> News:
    told = {"act": one.kind, "number": one.number, "state": one.state.value}
    return News(f"care:visit:{_PAST[one.tag]}", "Encounter", visit.encounter, visit.person_id, visit.facility, told)


_PAST: Final = {Tag.VISIT_START: "started", Tag.VISIT_WRITE: "written", Tag.VISIT_CLOSE: "closed", Tag.VISIT_CANCEL: "cancelled"}


def again(held: Held) -> Acted | None:
    """Return what to answer when the same page was sent before."""
    return Acted(held.visit, (), (), again=True) if held.before is not None else None
