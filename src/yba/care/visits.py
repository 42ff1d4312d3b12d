"""Visits: queued, started, closed, cancelled, asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import access, identity, record
from yba.access import Relation, RelationKind, UnitKind
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.kit.ids import new_id
from yba.specs import care_desk

from . import shapes, store
from .acts import READ, WRITE, again, hold, moment, note, platform, treat, treating, write
from .claim import missing_of
from .model import Acted, Closed, State, Visit
from .patients import patient_here

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import VisitAct

LONGEST: Final = 2_000
_RECENT: Final = 50


def queue_up(
    conn: Connection[Any], *, by: Actor, person_id: UUID, facility: str, kind: str = "exam", reason: str = "", department: str = "",
    programme: str = "", key: str = "",
) -> Visit:  # fmt: skip
    """Let a person wait for a visit; one that is under way at this place today is the first one again. Raises Denied, NotFound, Invalid."""
    return _begin(conn, by, State.WAITING, person_id, facility, kind, reason, department, programme, key)


def start(
    conn: Connection[Any], *, by: Actor, person_id: UUID, facility: str, kind: str = "exam", reason: str = "", department: str = "",
    programme: str = "", key: str = "",
) -> Visit:  # fmt: skip
    """Open a visit, or the one of today that waits: Encounter, relation of care, trail and announcement in one transaction.

    The visit is the ground on which the record of this person opens to the facility. Raises Denied, NotFound, Invalid.
    """
    return _begin(conn, by, State.OPEN, person_id, facility, kind, reason, department, programme, key)


def _begin(  # noqa: PLR0913, PLR0917  what a visit begins with
    conn: Connection[Any], by: Actor, state: State, person_id: UUID, facility: str, kind: str, reason: str, department: str, programme: str, key: str
) -> Visit:
    access.require(by, WRITE, facility=facility)
    _refuse(kind, reason, programme)
    person = access.person_now(conn, by=by, person_id=person_id)
    if not identity.people_seen(conn, by=by, person_ids=[person]):
        raise NotFound("Không có người này.", advice="There is no such person.")
    store.hold_desk(conn, facility, person)
    seen = access.predicate(conn, by=by, right=WRITE, columns=store.OURS)
    known = store.under_way(conn, facility, person, clock.today(), seen)
    if known is not None:
        return _go_on(conn, by, known, key) if known.state is State.WAITING and state is State.OPEN else known
    id_ = new_id()
    link = f"YBA{id_.hex.upper()}"
    made = Visit(id_, person, person, facility, department, kind, state, reason, programme, 1, link, by.name, moment(), None)
    _relate(by, made)
    made = made._replace(patient_id=patient_here(conn, by=by, person_id=person, facility=facility))
    doc = shapes.new_encounter(made, by.name)
    saved = record.save(conn, by=by, writes=[shapes.of_desk(doc, facility, fresh=True)])
    store.add_visit(conn, made, clock.today())
    store.keep_due(conn, facility, person, clock.today(), id_)
    note(conn, by=by, visit=made, kind="queue" if state is State.WAITING else "start", key=key, saved=saved, tag=Tag.VISIT_START)
    return made


def _refuse(kind: str, reason: str, programme: str) -> None:
    if kind not in care_desk.visit_kinds():
        raise Invalid("Không có loại lượt khám này.", advice=f"Known: {', '.join(care_desk.visit_kinds())}.")
    if programme and programme not in care_desk.programmes():
        raise Invalid("Không có chương trình này.", advice=f"Known: {', '.join(care_desk.programmes())}.")
    if len(reason) > LONGEST:
        raise Invalid(f"Lý do khám dài quá {LONGEST} ký tự.", advice="Write it shorter.")


def _relate(by: Actor, visit: Visit) -> None:
    """Open the relation before the Encounter is written: writing into a record needs it. The Encounter's own is the same row (same source)."""
    source = record.visit_source(visit.encounter)
    with platform(by) as (inner, who):
        relation = Relation(
            visit.person_id, UnitKind.FACILITY, visit.facility, RelationKind.VISIT, visit.opened_at, None, "Encounter", visit.encounter, source
        )
        access.relate_many(inner, by=who, relations=[relation])
    if by.account is not None:
        treat(by, visit)


def _go_on(conn: Connection[Any], by: Actor, waiting: Visit, key: str) -> Visit:
    """Open a visit that waits: who opens it now treats."""
    held = hold(conn, by=by, visit=waiting.id, number=None, key=key)
    if held.before is not None:
        return held.visit
    saved = _encounter(conn, by, held.visit._replace(state=State.OPEN))
    return write(conn, by=by, held=held, kind="start", saved=saved, tag=Tag.VISIT_START).visit


def _encounter(conn: Connection[Any], by: Actor, visit: Visit) -> list[record.Saved]:
    """Bring the Encounter to where the visit stands."""
    ref = ("Encounter", visit.encounter)
    doc = record.to_change(conn, by=by, refs=[ref])[ref]
    doc["status"] = shapes.STATUS[visit.state.value]
    if visit.closed_at is not None:
        doc["period"] = {**doc["period"], "end": visit.closed_at.isoformat()}
    return record.save(conn, by=by, writes=[shapes.of_desk(doc, visit.facility)])


def close(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, key: str = "") -> Closed:
    """Close a visit: the Encounter is finished, the relation ends, the claim can be written. Raises NotFound, Overtaken, Conflict, Denied.

    ``missing`` says what the claim still lacks; that keeps nobody from closing.
    """
    over = finish(conn, by=by, visit=visit, number=number, key=key)
    return Closed(over, missing_of(conn, by=by, visit=over))


def finish(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, key: str = "") -> Visit:
    """Close a visit and say nothing of its claim: a step of acts that end with it."""
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    if held.before is not None:
        return held.visit
    over = held.visit._replace(state=State.CLOSED, closed_at=max(moment(), held.visit.opened_at))
    saved = _encounter(conn, by, over)
    done = write(conn, by=by, held=held, kind="close", saved=saved, visit=over, tag=Tag.VISIT_CLOSE)
    _let_go(by, over)
    return done.visit


def cancel(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, reason: str, key: str = "") -> Acted:
    """Take a visit back in which nothing was written but that somebody came. Raises Conflict, Invalid, Overtaken, Denied."""
    if not reason.strip():
        raise Invalid("Hãy ghi lý do hủy lượt khám.", advice="Say why the visit is cancelled.")
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    written = [one for one in store.acts(conn, visit) if any(not ref.startswith("Encounter/") for ref in one.refs)]
    if written:
        raise Conflict("Lượt khám đã có nội dung: hãy đóng lượt khám thay vì hủy.", advice="Something is written in this visit: close it instead.")
    over = held.visit._replace(state=State.CANCELLED, closed_at=max(moment(), held.visit.opened_at))
    saved = _encounter(conn, by, over)
    store.give_back_due(conn, visit)
    with platform(by) as (inner, who):  # nobody was treated: nothing stays open, not even for the days after a visit
        access.void_relations(inner, by=who, source_ids=[treating(visit)], reason="visit cancelled")
    return write(conn, by=by, held=held, kind="cancel", saved=saved, visit=over, tag=Tag.VISIT_CANCEL, reason=reason.strip())


def _let_go(by: Actor, visit: Visit) -> None:
    with platform(by) as (inner, who):
        access.end_relations(inner, by=who, source_ids=[treating(visit.id)], at=visit.closed_at or moment())


def visit_of(conn: Connection[Any], *, by: Actor, visit: UUID) -> Visit:
    """Return one visit of a facility of the actor. Raises NotFound, Denied."""
    found = store.visit(conn, visit, access.predicate(conn, by=by, right=READ, columns=store.OURS))
    if found is None:
        raise NotFound("Không có lượt khám này.", advice="There is no such visit, or it is another facility's.")
    return found


def visits_of(conn: Connection[Any], *, by: Actor, person_id: UUID) -> list[Visit]:
    """Return the visits of a person at the actor's facilities, newest first, at most 50. Raises Denied."""
    return store.of_person(conn, person_id, access.predicate(conn, by=by, right=READ, columns=store.OURS), _RECENT)


def acts_of(conn: Connection[Any], *, by: Actor, visit: UUID) -> list[VisitAct]:
    """Return who did what in a visit, newest first. Raises NotFound, Denied."""
    return store.acts(conn, visit_of(conn, by=by, visit=visit).id)


def queue(conn: Connection[Any], *, by: Actor, facility: str, on: date | None = None) -> list[Visit]:
    """Return the visits that are not over, of a day and of the week before it, in the order they came. Raises Denied."""
    access.require(by, READ, facility=facility)
    return store.queue(conn, facility, on or clock.today(), access.predicate(conn, by=by, right=READ, columns=store.OURS))
