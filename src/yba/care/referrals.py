"""Referral drafts and the next appointment of a visit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from yba import directory, record
from yba.kit import clock
from yba.kit.errors import Invalid
from yba.specs import care_desk

from . import shapes, store
from .acts import again, hold, moment, write

if TYPE_CHECKING:
    from datetime import date

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Acted, Referral, Visit
    from .shapes import Doc

_LONGEST: Final = 2_000
LATEST: Final = timedelta(days=366)


def refer(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, referral: Referral, key: str = "") -> Acted:
    """Draft a referral: a ServiceRequest, status draft, to a facility of the directory. Raises Invalid, NotFound, Overtaken, Conflict, Denied."""
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    if not referral.reason.strip() or len(referral.reason) > _LONGEST:
        raise Invalid("Hãy ghi lý do chuyển.", advice="Say why the person is referred.")
    if referral.to == held.visit.facility or directory.facility_at(conn, by=by, code=referral.to, on=clock.today()) is None:
        raise Invalid("Không có cơ sở này để chuyển đến.", advice="The facility is not in the directory, or is one's own.")
    saved = record.save(conn, by=by, writes=[shapes.of_desk(_request(held.visit, by, referral), held.visit.facility)])
    return write(conn, by=by, held=held, kind="refer", saved=saved)


def _request(visit: Visit, by: Actor, one: Referral) -> Doc:
    return {
        "resourceType": "ServiceRequest", "meta": shapes.meta(), "status": "draft", "intent": "plan", "category": shapes.REFERRAL,
        "priority": "urgent" if one.urgent else "routine", "code": {"text": "Chuyển cơ sở khám bệnh, chữa bệnh"}, "subject": shapes.subject(visit),
        "encounter": shapes.encounter(visit), "authoredOn": moment().isoformat(), "requester": shapes.actor(by, visit.facility),
        "performer": [shapes.organization(one.to)], "reasonCode": [{"text": one.reason.strip()}],
    }  # fmt: skip


def appoint(
    conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, on: date, programme: str = "", words: str = "", key: str = ""
) -> Acted:
    """Give the next appointment: an Appointment as a claim's NGAY_TAI_KHAM becomes one, and a line of the work list on that day.

    Raises Invalid for a day that is past or more than a year away, NotFound, Overtaken, Conflict, Denied.
    """
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    programme = programme or held.visit.programme
    refuse_day(on, programme)
    saved = book(conn, by=by, visit=held.visit, on=on, programme=programme, words=words)
    return write(conn, by=by, held=held, kind="appoint", saved=saved)


def refuse_day(on: date, programme: str) -> None:
    """Raise Invalid for a day nobody is asked to come on, and for a programme that is none."""
    if not clock.today() < on <= clock.today() + LATEST:
        raise Invalid("Ngày hẹn phải sau hôm nay và trong vòng một năm.", advice="The appointment must be after today and within a year.")
    if programme and programme not in care_desk.programmes():
        raise Invalid("Không có chương trình này.", advice=f"Known: {', '.join(care_desk.programmes())}.")


def book(conn: Connection[Any], *, by: Actor, visit: Visit, on: date, programme: str, words: str = "") -> list[record.Saved]:
    """Write the Appointment and its due item; a step of an act."""
    saved = record.save(conn, by=by, writes=[shapes.of_desk(appointment(visit, on, words), visit.facility)])
    store.add_due(conn, due_of(visit, UUID(saved[0].id), on, programme))
    return saved


def due_of(visit: Visit, id_: UUID, on: date, programme: str) -> store.Due:
    """Return the due item of an Appointment, by its id."""
    return store.Due(id_, visit.person_id, visit.patient_id, visit.facility, "appointment", programme, on, visit.id, clock.now())


def appointment(visit: Visit, on: date, words: str = "") -> Doc:
    """Write an Appointment; pure."""
    doc: Doc = {
        "resourceType": "Appointment", "meta": shapes.meta(), "status": "proposed", "description": shapes.REVISIT,
        "requestedPeriod": [{"start": on.isoformat()}], "participant": [{"actor": shapes.subject(visit), "status": "needs-action"}],
    }  # fmt: skip
    if words.strip():
        doc["comment"] = words.strip()[:_LONGEST]
    return doc
