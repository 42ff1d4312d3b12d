"""The quick follow-up of a programme: one screen, one act, one transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from yba.kit import clock
from yba.kit.errors import Invalid
from yba.specs import care_desk

from . import store
from .diagnoses import diagnose
from .model import Diagnosis, Doubt, NotPlausible
from .referrals import appoint, refuse_day
from .visits import finish, start, visit_of
from .vitals import doubts, measure

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date
    from decimal import Decimal
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Visit


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
    done = _done_before(conn, by, person_id, facility, key)
    if done is not None:
        return done
    made = start(conn, by=by, person_id=person_id, facility=facility, kind="follow-up", programme=programme, reason=f"Tái khám {known.vi.lower()}")
    act = measure(conn, by=by, visit=made.id, number=made.number, values=values, confirmed=confirmed)
    act = diagnose(conn, by=by, visit=made.id, number=act.visit.number, diagnoses=[Diagnosis(known.diagnosis)])
    act = appoint(conn, by=by, visit=made.id, number=act.visit.number, on=on, programme=programme)
    return finish(conn, by=by, visit=made.id, number=act.visit.number, key=f"follow:{key}" if key else "")


def _done_before(conn: Connection[Any], by: Actor, person_id: UUID, facility: str, key: str) -> Visit | None:
    """Return the follow-up that the same page made before."""
    if not key:
        return None
    store.to_write(conn, by)
    id_ = store.visit_by_key(conn, facility, person_id, f"follow:{key}")
    return visit_of(conn, by=by, visit=id_) if id_ else None
