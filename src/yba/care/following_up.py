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

from . import shapes
from .acts import Step, moment
from .diagnoses import ICD10, diagnose, diagnosed
from .model import Diagnosis, Doubt, NotPlausible, State, Visit
from .referrals import appoint, appointment, due_of, refuse_day
from .visits import arrived, begun, finish, new_visit, start
from .vitals import doubts, measure, written

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
        return found if found.state.is_over else _gone_on(conn, by, found, known, values, confirmed, on, sent)
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


def _gone_on(
    conn: Connection[Any], by: Actor, found: Visit, known: care_desk.Programme, values: Mapping[str, Decimal], confirmed: Collection[str],
    on: date, key: str,
) -> Visit:  # fmt: skip
    """Follow up in the visit of today that is under way: others may have written in it, so each step is an act of its own."""
    made = start(conn, by=by, person_id=found.person_id, facility=found.facility)
    act = measure(conn, by=by, visit=made.id, number=made.number, values=values, confirmed=confirmed)
    act = diagnose(conn, by=by, visit=made.id, number=act.visit.number, diagnoses=[Diagnosis(known.diagnosis)])
    act = appoint(conn, by=by, visit=made.id, number=act.visit.number, on=on, programme=known.name)
    return finish(conn, by=by, visit=made.id, number=act.visit.number, key=key)
