"""Unknown patients: a temporary code, the clock to tell the commune, later recognised; identity's half (`record` writes the documents)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.actor import Actor
from yba.kit.db import unit_of_work
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.specs.identity.temporary import temporary as rules

from . import store_numbers, store_read, temporary
from .actions import report, resolve_many
from .model import Doubt, PersonFacts, ReviewState
from .queries import REVIEW

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from .model import Resolution

_HERE: Final = access.Columns(person=None, facility="facility", labels=None, rtype=None, alias="f")
_KIND, _OVERDUE = "unknown-patient", "unknown-overdue"
_SEXES: Final = frozenset({"male", "female", "unknown"})
_SHORTEST: Final = 5
PAGE: Final = 200
_SWEEP: Final = 1000  # patients of one look; the next look comes in minutes
# Resolving is the platform's own right: whoever registers may not search the province's people by it.
_PLATFORM: Final = Actor.system("identity:unknown:register")


@dataclass(frozen=True, slots=True)
class UnknownPatient:
    """A patient nobody could name: what is seen of them, and the clock to tell the commune's People's Committee."""

    person_id: UUID
    code: str
    facility: str
    arrived_at: datetime
    notify_by: datetime
    sex: str
    age_from: int | None = None
    age_to: int | None = None
    marks: str = ""
    found_at: str = ""
    commune: str = ""
    died_at: datetime | None = None
    notified_at: datetime | None = None
    notified_by: str | None = None
    notified_how: str | None = None
    identified_at: datetime | None = None
    identified_as: UUID | None = None

    @property
    def is_known(self) -> bool:
        """Whether somebody said who it is; an undone merge makes unknown again."""
        return self.identified_as is not None

    @property
    def is_overdue(self) -> bool:
        """Whether the commune should have been told by now."""
        return self.notified_at is None and not self.is_known and clock.now() > self.notify_by


@dataclass(frozen=True, slots=True)
class Registered:
    """A new unknown patient with the Patient documents `record` has to write in the same transaction."""

    patient: UnknownPatient
    resolution: Resolution


def register_unknown(
    conn: Connection[Any],
    *,
    by: Actor,
    facility: str,
    sex: str = "unknown",
    age: tuple[int, int] | None = None,
    marks: str = "",
    found_at: str = "",
    commune: str = "",
    arrived_at: datetime | None = None,
) -> Registered:
    """Make a person with a temporary identifier, a source at this facility whose patient number is the code, and the clock; audited.

    ``age``: years from and to, an estimate: never written as a birth date. ``marks``: what helps to recognise them; seen by this facility only and
    in no document. ``commune``: whose People's Committee is told (2025 code). Callers above write the documents: `record.register_unknown`.
    Raises Denied, Invalid.
    """
    access.require(by, Right.IDENTITY_UNKNOWN_REGISTER, facility=facility)
    now = clock.now()
    arrived = arrived_at or now
    _check(sex, age, marks, arrived)
    code = temporary.make(facility, now.date(), store_numbers.next_temporary(conn, facility, now.date()))
    due = arrived + timedelta(hours=rules().unknown.notify_hours)
    facts = PersonFacts(facility=facility, local_id=code, seen_at=arrived, sequence=0, sex=sex, started_at=arrived)
    with unit_of_work(by=_PLATFORM) as inner:
        resolution = resolve_many(inner, by=_PLATFORM, facts=[facts])[0]
        person = resolution.person_id
        store_numbers.add_temporary(inner, (code, person, "unknown", facility, now, by.name))
        low, high = age or (None, None)
        made = UnknownPatient(person, code, facility, arrived, due, sex, low, high, marks.strip(), found_at.strip(), commune)
        store_numbers.add_unknown(inner, asdict(made) | {"registered_by": by.name})
        store_read.add_event(inner, by.name, person, "registered-unknown", "", {"code": code, "facility": facility})
        report(inner, by=_PLATFORM, doubts=[Doubt(_KIND, person, facility, code, {"code": code, "notify_by": due.isoformat()})])
    audit.note(
        conn, by=by, tag=Tag.UNKNOWN_REGISTER, about_type="Person", about_id=str(person), person_id=person, facility=facility,
        detail={"code": code}, under=Right.IDENTITY_UNKNOWN_REGISTER.value,
    )  # fmt: skip
    return Registered(made, resolution)


def unknowns(conn: Connection[Any], *, by: Actor, every: bool = False, limit: int = PAGE) -> list[UnknownPatient]:
    """List unknown patients, those whose clock runs out first; without ``every`` only who is still unknown. Raises Denied; audited."""
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_UNKNOWN_SETTLE, columns=_HERE)
    found = [UnknownPatient(*row) for row in store_numbers.unknowns(conn, seen, every=every, limit=limit)]
    audit.note(conn, by=by, tag=Tag.UNKNOWN_READ, about_type="Person", about_id="", detail={"rows": len(found)})
    return found


def unknowns_untold(conn: Connection[Any], *, by: Actor) -> int:
    """Count the unknown patients of whom the commune has not been told yet (at most a page of them). Raises Denied; names nobody, so not audited."""
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_UNKNOWN_SETTLE, columns=_HERE)
    return sum(1 for row in store_numbers.unknowns(conn, seen, every=False, limit=PAGE) if UnknownPatient(*row).notified_at is None)


def unknown(conn: Connection[Any], *, by: Actor, code: str) -> UnknownPatient:
    """Read one unknown patient by code, for the label and the act. Raises Denied, NotFound; audited."""
    found = _one(conn, by, code)
    audit.note(
        conn, by=by, tag=Tag.UNKNOWN_READ, about_type="Person", about_id=str(found.person_id), person_id=found.person_id, facility=found.facility
    )
    return found


def note_unknown_death(conn: Connection[Any], *, by: Actor, code: str, at: datetime) -> UnknownPatient:
    """Note that an unknown patient died: the clock is 24 h from then, if that is earlier. Raises Denied, NotFound, Invalid; audited."""
    found = _one(conn, by, code)
    if not found.arrived_at.replace(second=0, microsecond=0) <= at <= clock.now():  # who died at arrival: forms tell minutes
        raise Invalid("Giờ tử vong phải sau giờ tiếp nhận và không ở tương lai.")
    due = at + timedelta(hours=rules().unknown.notify_hours_dead)
    store_numbers.note_death(conn, found.code, at=at, notify_by=due)
    _note(conn, by, Tag.UNKNOWN_NOTIFY, found, "", {"died": at.isoformat()})
    return _one(conn, by, code)


def note_commune_told(conn: Connection[Any], *, by: Actor, code: str, how: str, at: datetime | None = None) -> UnknownPatient:
    """Note that the commune's People's Committee was told, and how (letter, call, to whom). Raises Denied, NotFound, Invalid, Conflict; audited."""
    found = _one(conn, by, code)
    if len(how.strip()) < _SHORTEST:
        raise Invalid("Cần ghi đã báo bằng cách nào, cho ai (số công văn, cuộc gọi).")
    if not store_numbers.note_told(conn, found.code, at=at or clock.now(), who=by.name, how=how.strip()):
        raise Conflict("Đã báo UBND xã trước đó.")
    _settle(found)
    _note(conn, by, Tag.UNKNOWN_NOTIFY, found, how, {})
    return _one(conn, by, code)


def note_identified(conn: Connection[Any], *, by: Actor, code: str, known: UUID, number: str = "", reason: str) -> UnknownPatient:
    """Note who an unknown patient is; the code keeps answering. ``known`` may be the same person (now with papers) or the one it is merged into.

    The merge itself is carried out by `record.identify_unknown` in the same transaction. Raises Denied, NotFound, Invalid, Conflict; audited.
    """
    found = _one(conn, by, code)
    if len(reason.strip()) < _SHORTEST:
        raise Invalid("Cần ghi căn cứ xác định danh tính.")
    now = clock.now()
    if found.is_known or not store_numbers.note_identified(conn, found.code, at=now, who=by.name, known=known):
        raise Conflict("Người bệnh này đã được xác định danh tính.")
    with unit_of_work(by=_PLATFORM) as inner:
        store_numbers.replace_temporary(inner, [found.code], number=number or str(known), at=now)
        store_read.add_event(inner, by.name, known, "identified", reason.strip(), {"code": found.code, "was": str(found.person_id)})
    _settle(found)
    _note(conn, by, Tag.UNKNOWN_IDENTIFY, found, reason, {"known": str(known)})
    return replace(found, identified_at=now, identified_as=known)


def remind_of_unknowns(conn: Connection[Any], *, by: Actor) -> int:
    """Put an item on the desk of the facility for each unknown patient whose clock has run out, and close those that are answered.

    Returns how many are overdue. Twice equals once; an identification that was undone opens its item again. The platform's own work: raises Denied.
    """
    access.require(by, Right.IDENTITY_PERSON_RESOLVE)
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_PERSON_RESOLVE, columns=_HERE)
    for review in store_numbers.answered(conn, seen, [_KIND, _OVERDUE]):
        store_read.close_review(conn, review, ReviewState.SETTLED, _PLATFORM.name)
    late = [UnknownPatient(*row) for row in store_numbers.overdue(conn, seen, now=clock.now(), limit=_SWEEP)]
    doubts = [Doubt(_OVERDUE, one.person_id, one.facility, one.code, {"code": one.code, "notify_by": one.notify_by.isoformat()}) for one in late]
    report(conn, by=by, doubts=doubts)
    store_numbers.reopen(conn, _OVERDUE, [(one.facility, one.code) for one in late], _PLATFORM.name)
    return len(late)


def _one(conn: Connection[Any], by: Actor, code: str) -> UnknownPatient:
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_UNKNOWN_SETTLE, columns=_HERE)
    written = temporary.canonical(code)
    row = store_numbers.unknown(conn, written, seen) if written else None
    if row is None:
        raise NotFound("Không có người bệnh không rõ danh tính mang mã này.")
    return UnknownPatient(*row)


def _check(sex: str, age: tuple[int, int] | None, marks: str, arrived: datetime) -> None:
    bounds = rules().unknown
    if sex not in _SEXES:
        raise Invalid("Giới tính là male, female hoặc unknown.")
    if age is not None and not 0 <= age[0] <= age[1] <= bounds.oldest:
        raise Invalid(f"Tuổi ước lượng từ 0 đến {bounds.oldest}.")
    if len(marks) > bounds.marks_at_most:
        raise Invalid(f"Đặc điểm nhận dạng dài tối đa {bounds.marks_at_most} ký tự.")
    if arrived > clock.now():
        raise Invalid("Giờ tiếp nhận không ở tương lai.")


def _settle(found: UnknownPatient) -> None:
    """Close the item of the queue: the clerk's right to settle conflicts is another one."""
    with unit_of_work(by=_PLATFORM) as inner:
        seen = access.predicate(inner, by=_PLATFORM, right=Right.IDENTITY_PERSON_RESOLVE, columns=REVIEW)
        for item in store_read.reviews(inner, seen, state=ReviewState.OPEN.value, kind=None, people=[found.person_id], limit=PAGE):
            if item.kind in {_KIND, _OVERDUE}:
                store_read.close_review(inner, item.id, ReviewState.SETTLED, _PLATFORM.name)


def _note(conn: Connection[Any], by: Actor, tag: Tag, found: UnknownPatient, reason: str, detail: dict[str, Any]) -> None:
    audit.note(
        conn, by=by, tag=tag, about_type="Person", about_id=str(found.person_id), person_id=found.person_id, facility=found.facility, reason=reason,
        detail={"code": found.code, **detail}, under=Right.IDENTITY_UNKNOWN_SETTLE.value,
    )  # fmt: skip
