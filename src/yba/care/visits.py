"""Visits: queued, started, closed, cancelled, asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, identity, record
from yba.access import Relation, RelationKind, UnitKind
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.kit.ids import new_id
from yba.specs import care_desk, codes

from . import priority, shapes, store
from .acts import READ, Step, again, hold, moment, note, treated_by, write
from .claim import missing_of
from .model import Acted, Arrival, Closed, State, Visit
from .papers import papers_seen
from .patients import patient_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import VisitAct

LONGEST: Final = 2_000
_RECENT: Final = 50
NOTHING_NOTED: Final = Arrival()


def queue_up(  # noqa: PLR0913  what a visit begins with
    conn: Connection[Any], *, by: Actor, person_id: UUID, facility: str, kind: str = "exam", reason: str = "", department: str = "",
    programme: str = "", key: str = "", arrival: Arrival = NOTHING_NOTED,
) -> Visit:  # fmt: skip
    """Let a person wait for a visit; one that is under way at this place today is the first one again. Raises Denied, NotFound, Invalid.

    ``arrival``: for which groups the person goes before others, as said at the desk (what age and record speak for is added by itself), and
    which papers were looked at.
    """
    return _begin(conn, by, State.WAITING, person_id, _Wanted(facility, kind, reason, department, programme, key, arrival))


def start(  # noqa: PLR0913  what a visit begins with
    conn: Connection[Any], *, by: Actor, person_id: UUID, facility: str, kind: str = "exam", reason: str = "", department: str = "",
    programme: str = "", key: str = "", arrival: Arrival = NOTHING_NOTED,
) -> Visit:  # fmt: skip
    """Open a visit, or the one of today that waits: Encounter, relation of care, trail and announcement in one transaction.

    The visit is the ground on which the record of this person opens to the facility. Raises Denied, NotFound, Invalid.
    """
    return _begin(conn, by, State.OPEN, person_id, _Wanted(facility, kind, reason, department, programme, key, arrival))


class _Wanted(NamedTuple):
    """What a visit begins with."""

    facility: str
    kind: str
    reason: str
    department: str
    programme: str
    key: str
    arrival: Arrival


def _begin(conn: Connection[Any], by: Actor, state: State, person_id: UUID, asked: _Wanted) -> Visit:
    access.require(by, access.Right.CARE_VISIT_WRITE, facility=asked.facility)
    _refuse(asked.kind, asked.reason, asked.programme)
    person, known = arrived(conn, by=by, person_id=person_id, facility=asked.facility)
    if known is not None:
        return _go_on(conn, by, known, asked.key) if known.state is State.WAITING and state is State.OPEN else known
    planned = Visit(
        new_id(), person, person, asked.facility, asked.department, asked.kind, state, asked.reason, asked.programme, 1, "", by.name, moment(), None,
        priority.said(asked.arrival.priority),
    )  # fmt: skip
    made = new_visit(conn, by, planned)
    if state is State.WAITING:
        held = record.of_person(conn, by=by, person_id=person)
        made = made._replace(priority=(*made.priority, *priority.in_record((one.doc for one in held), clock.today())))
    encounter = papers_seen(shapes.new_encounter(made, by), asked.arrival.papers, by, asked.facility)
    saved = record.save(conn, by=by, writes=[shapes.of_desk(encounter, asked.facility, fresh=True)])
    begun(conn, by, made, [Step(1, "queue" if state is State.WAITING else "start", saved, Tag.VISIT_START, state, asked.key)])
    return made


def arrived(conn: Connection[Any], *, by: Actor, person_id: UUID, facility: str, key: str = "") -> tuple[UUID, Visit | None]:
    """Hold a person at a desk; return whom the id means today, and the visit in which the page was sent before or that is under way today.

    Raises NotFound for somebody nobody here knows of, Denied.
    """
    seen = store.to_write(conn, by)
    person = store.hold_desk(conn, facility, person_id)
    if not identity.people_seen(conn, by=by, person_ids=[person]):
        raise NotFound("Không có người này.", advice="There is no such person.")
    return person, store.under_way(conn, facility, person, clock.today(), seen, key=key)


def new_visit(conn: Connection[Any], by: Actor, planned: Visit) -> Visit:
    """Give a visit its link and its Patient, and open the record for it: writing into one needs the relation.

    The Encounter's own relation is the same row (same source).
    """
    relation = Relation(
        planned.person_id, UnitKind.FACILITY, planned.facility, RelationKind.VISIT, planned.opened_at, planned.closed_at, "Encounter",
        planned.encounter, record.visit_source(planned.encounter),
    )  # fmt: skip
    relations = [relation] if by.account is None else [relation, treated_by(by, planned)]
    patient = patient_of(conn, by=by, person_id=planned.person_id, facility=planned.facility, relations=relations)
    return planned._replace(patient_id=patient, link=f"YBA{planned.id.hex.upper()}")


def begun(
    conn: Connection[Any], by: Actor, made: Visit, steps: Sequence[Step], *, due: Sequence[store.Due] = (), used: Sequence[tuple[str, str]] = ()
) -> None:
    """Write a visit that begins with what was done in it."""
    store.add_visit(conn, made, clock.today())
    store.begin(conn, made, clock.today(), [one.told(by) for one in steps], due=due, used=used)
    note(conn, by=by, visit=made, steps=steps)


def _refuse(kind: str, reason: str, programme: str) -> None:
    if kind not in care_desk.visit_kinds():
        raise Invalid("Không có loại lượt khám này.", advice=f"Known: {', '.join(care_desk.visit_kinds())}.")
    if programme and programme not in care_desk.programmes():
        raise Invalid("Không có chương trình này.", advice=f"Known: {', '.join(care_desk.programmes())}.")
    if len(reason) > LONGEST:
        raise Invalid(f"Lý do khám dài quá {LONGEST} ký tự.", advice="Write it shorter.")


def _go_on(conn: Connection[Any], by: Actor, waiting: Visit, key: str) -> Visit:
    """Open a visit that waits: who opens it now treats."""
    held = hold(conn, by=by, visit=waiting.id, number=None, key=key)
    if held.before is not None:
        return held.visit
    saved = _encounter(conn, by, held.visit._replace(state=State.OPEN))
    return write(conn, by=by, held=held, kind="start", saved=saved, tag=Tag.VISIT_START).visit


def _encounter(conn: Connection[Any], by: Actor, visit: Visit, outcome: str = "") -> list[record.Saved]:
    """Bring the Encounter to where the visit stands."""
    ref = ("Encounter", visit.encounter)
    over = record.to_change(conn, by=by, refs=[ref])
    return record.save(conn, by=by, writes=[shapes.of_desk(shapes.brought_to(over[ref], visit, outcome), visit.facility)], over=over)


def close(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, outcome: str = "", key: str = "") -> Closed:
    """Close a visit: the Encounter is finished, the relation ends, the claim can be written. Raises NotFound, Overtaken, Conflict, Denied.

    ``outcome``: code of KET_QUA_DTRI (list outcome), "" not said. ``missing`` says what the claim still lacks; that keeps nobody from closing.
    """
    if outcome and codes.code_list("outcome").has(outcome, clock.today()) is not codes.Membership.YES:
        raise Invalid("Không có kết quả điều trị này.", advice="A code of KET_QUA_DTRI is expected.")
    over = finish(conn, by=by, visit=visit, number=number, outcome=outcome, key=key)
    return Closed(over, missing_of(conn, by=by, visit=over))


def finish(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, outcome: str = "", key: str = "") -> Visit:
    """Close a visit and say nothing of its claim: a step of acts that end with it."""
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    if held.before is not None:
        return held.visit
    over = held.visit._replace(state=State.CLOSED, closed_at=max(moment(), held.visit.opened_at))
    saved = _encounter(conn, by, over, outcome)
    done = write(conn, by=by, held=held, kind="close", saved=saved, visit=over, tag=Tag.VISIT_CLOSE)
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
    return write(conn, by=by, held=held, kind="cancel", saved=saved, visit=over, tag=Tag.VISIT_CANCEL, reason=reason.strip())


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
    access.require(by, access.Right.CARE_VISIT_READ, facility=facility)
    return store.queue(conn, facility, on or clock.today(), access.predicate(conn, by=by, right=READ, columns=store.OURS))
