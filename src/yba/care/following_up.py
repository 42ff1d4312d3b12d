"""The quick follow-up of a programme: one screen, one act, one transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from yba import access, record
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Invalid
from yba.kit.ids import new_id
from yba.specs import care_desk

from . import shapes, store
from .acts import Step, hold, moment, note
from .diagnoses import ICD10, diagnosed, with_diagnosis
from .model import Diagnosis, Doubt, NotPlausible, State, Visit
from .referrals import appointment, due_of, refuse_day
from .visits import arrived, begun, new_visit
from .vitals import doubts, written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from psycopg import Connection

    from yba.kit.actor import Actor

_CLOSED: Final = 5  # the number of its last act


class Proposed(NamedTuple):
    """When somebody should come again, and whether the values are at target."""

    on: date
    controlled: bool


def propose_next(programme: str, values: Mapping[str, Decimal]) -> Proposed:
    """Say when to come again by the programme's interval: sooner while any value is not below its target. Raises Invalid; pure."""
    known = _programme(programme)
    controlled = all(values[name] < limit for name, limit in known.target.items() if name in values)
    return Proposed(clock.today() + timedelta(days=known.days if controlled else known.days_above), controlled)


def _programme(name: str) -> care_desk.Programme:
    known = care_desk.programmes().get(name)
    if known is None:
        raise Invalid("Không có chương trình này.", advice=f"Known: {', '.join(care_desk.programmes())}.")
    return known


def follow_up(
    conn: Connection[Any], *, by: Actor, person_id: UUID, facility: str, programme: str, values: Mapping[str, Decimal], next_on: date | None,
    confirmed: Collection[str] = (), key: str = "",
) -> Visit:  # fmt: skip
    """Start, measure, code, appoint and close as one act; the same ``key`` again is the same follow-up.

    ``next_on`` None: the programme's own interval. Raises NotPlausible, Invalid, Denied, NotFound.
    """
    known = _programme(programme)
    vitals = care_desk.vitals()
    missing = sorted(known.needs - values.keys())
    wrong = [Doubt(name, hard=True, vi=f"Thiếu {vitals[name].vi.lower()}.", en=f"{vitals[name].en} is missing.") for name in missing]
    wrong += [one for one in doubts(values, confirmed) if one.field not in missing]
    if wrong:
        raise NotPlausible(wrong)
    on = next_on or propose_next(programme, values).on
    refuse_day(on, programme)
    access.require(by, access.Right.CARE_VISIT_WRITE, facility=facility)
    sent = f"follow:{key}" if key else ""
    person, found = arrived(conn, by=by, person_id=person_id, facility=facility, key=sent)
    if found is not None:
        return found if found.state.is_over else _gone_on(conn, by, found, known, values, on, sent)
    now, reason = moment(), f"Tái khám {known.vi.lower()}"
    made = Visit(new_id(), person, person, facility, "", "follow-up", State.CLOSED, reason, programme, _CLOSED, "", by.name, now, now)
    made = new_visit(conn, by, made)
    code, condition = diagnosed(made, by, Diagnosis(known.diagnosis))
    encounter = shapes.with_diagnoses(shapes.new_encounter(made, by), condition["id"], [])
    docs = [encounter, *written(made, by, now, values), condition, appointment(made, on)]
    saved = record.save(conn, by=by, writes=[shapes.of_desk(doc, facility, fresh=True) for doc in docs])
    due = due_of(made, UUID(saved[-1].id), on, programme)
    begun(conn, by, made, list(_steps(saved, sent)), due=[due], used=[(ICD10, code)])
    return made


def _steps(saved: Sequence[record.Saved], key: str) -> Iterator[Step]:
    """The acts of a follow-up, as each by itself would have left them."""
    visit, *measured, condition, booked = saved
    done = (("start", [visit]), ("measure", measured), ("diagnose", [condition, visit]), ("appoint", [booked]))
    for number, (kind, refs) in enumerate(done, 1):
        yield Step(number, kind, refs, Tag.VISIT_WRITE if number > 1 else Tag.VISIT_START, State.OPEN)
    yield Step(_CLOSED, "close", [visit], Tag.VISIT_CLOSE, State.CLOSED, key)


def _gone_on(conn: Connection[Any], by: Actor, found: Visit, known: care_desk.Programme, values: Mapping[str, Decimal], on: date, key: str) -> Visit:
    """Follow up in the visit of today that is under way, with one save: what others wrote in it stays, their diagnoses too."""
    held = hold(conn, by=by, visit=found.id, number=None, key=key)
    if held.before is not None:
        return held.visit
    now = moment()
    visit = held.visit._replace(closed_at=max(now, held.visit.opened_at), state=State.CLOSED)
    ref = ("Encounter", visit.encounter)
    over = record.to_change(conn, by=by, refs=[ref])
    encounter, condition = with_diagnosis(conn, by, visit, over[ref], Diagnosis(known.diagnosis))
    new = [*written(visit, by, now, values), *([condition[1]] if condition else []), appointment(visit, on)]
    writes = [shapes.of_desk(shapes.brought_to(encounter, visit), visit.facility), *(shapes.of_desk(doc, visit.facility, fresh=True) for doc in new)]
    saved = record.save(conn, by=by, writes=writes, over=over)
    steps = _under_way(held.visit, saved, coded=condition is not None, key=key)
    visit = visit._replace(number=steps[-1].number)
    store.add_due(conn, due_of(visit, UUID(saved[-1].id), on, known.name))
    if condition:
        store.use(conn, visit.facility, ICD10, [condition[0]], clock.today())
    store.go_on(conn, visit, [one.told(by) for one in steps])
    note(conn, by=by, visit=visit, steps=steps)
    return visit


def _under_way(visit: Visit, saved: Sequence[record.Saved], *, coded: bool, key: str) -> list[Step]:
    """The acts of a follow-up in a visit that was under way, as each by itself would have left them."""
    encounter, *measured, booked = saved
    condition = [measured.pop()] if coded else []
    done = [("start", [encounter], Tag.VISIT_START)] if visit.state is State.WAITING else []
    done += [("measure", measured, Tag.VISIT_WRITE)]
    done += [("diagnose", [*condition, encounter], Tag.VISIT_WRITE)] if coded else []
    done += [("appoint", [booked], Tag.VISIT_WRITE)]
    steps = [Step(visit.number + place, kind, refs, tag, State.OPEN) for place, (kind, refs, tag) in enumerate(done, 1)]
    return [*steps, Step(visit.number + len(done) + 1, "close", [encounter], Tag.VISIT_CLOSE, State.CLOSED, key)]
