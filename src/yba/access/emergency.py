"""Emergency access (break-glass): a record opened without a relation, for a reason, for some hours, with notice and review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import audit
from yba.audit import Tag
from yba.kit import clock
from yba.kit.db import widen
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.kit.ids import new_id
from yba.kit.reach import Lock
from yba.specs import access as specs

from . import store
from .aliases import persons_of
from .holding import require, terms
from .model import Columns, Denied
from .predicate import predicate
from .relations import PERSON, Relation, RelationKind, UnitKind
from .rights import Right

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

_EMERGENCY: Final = Columns(person="person_id", facility="facility", labels=None, rtype=None)
PAGE: Final = 200


class EmergencyState(StrEnum):
    """Where the review stands."""

    OPEN = "open"
    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


@dataclass(frozen=True, slots=True)
class Emergency:
    """One emergency access: who opened whose record, why, until when, and what the review said."""

    id: UUID
    person_id: UUID
    account: UUID
    who: str
    role: str
    facility: str
    ground: str  # a name in rights.toml [emergency.ground]
    reason: str
    opened_at: datetime
    ends_at: datetime
    review_by: datetime
    state: EmergencyState
    reviewed_at: datetime | None = None
    reviewed_by: str | None = None
    words: str | None = None


class Notice(NamedTuple):
    """What a person is told: somebody opened the record in an emergency, or the review found it wrong. Holds no reason, no clinical word."""

    id: UUID
    person_id: UUID
    at: datetime
    kind: str  # "emergency" | "unjustified"
    emergency_id: UUID
    role: str
    facility: str
    ground: str
    ends_at: datetime


def break_glass(conn: Connection[Any], *, by: Actor, person_id: UUID, ground: str, reason: str, facility: str | None = None) -> Emergency:
    """Open a person's record to this user for the hours of rights.toml: relation, notice, review item and audit row in one transaction.

    ``ground`` is a name of `yba.specs.access.emergency().grounds`; ``facility`` says where, when the user's grants name several. Raises Denied
    (no user, or the right is not held), Invalid (ground, reason too short, facility).
    """
    require(by, Right.RECORD_CLINICAL_BREAK_GLASS, facility=facility)
    held = terms(by, Right.RECORD_CLINICAL_BREAK_GLASS)
    if by.account is None:  # an emergency has a name: no machine, no shared account
        raise Denied(Right.RECORD_CLINICAL_BREAK_GLASS)
    spec, now = specs.emergency(), clock.now()
    words = " ".join(reason.split())
    if ground not in spec.grounds:
        raise Invalid("Chưa chọn căn cứ mở khẩn cấp.", advice=" · ".join(one.vi for one in spec.grounds.values()))
    if len(words.replace(" ", "")) < spec.reason_at_least or len(set(words)) < 4:  # noqa: PLR2004  "aaaaaaaaaa" is no reason
        raise Invalid(f"Lý do cần ít nhất {spec.reason_at_least} ký tự.", advice="Viết ngắn gọn vì sao cần xem hồ sơ ngay.")
    made = Emergency(
        new_id(), person_id, by.account, by.name, held[0].grant.role, _where(by, facility), ground, words,
        now, now + timedelta(hours=spec.hours), now + timedelta(days=spec.review_days), EmergencyState.OPEN,
    )  # fmt: skip
    widen(conn, Lock("bound", persons=frozenset({person_id})), by=by)
    store.open_emergency(conn, made, _relation(made))
    store.add_notice(conn, (new_id(), person_id, now, "emergency", made.id, made.role, made.facility, ground, made.ends_at))
    _note(conn, by, Tag.EMERGENCY_OPEN, made, words)
    return made


def emergencies(conn: Connection[Any], *, by: Actor, state: EmergencyState | None = EmergencyState.OPEN, limit: int = PAGE) -> list[Emergency]:
    """List emergency accesses, those due for review first; noted in the trail."""
    seen = predicate(conn, by=by, right=Right.ACCESS_EMERGENCY_READ, columns=_EMERGENCY)
    found = [_emergency(row) for row in store.emergencies(conn, state.value if state else None, limit, seen)]
    audit.note(conn, by=by, tag=Tag.EMERGENCY_READ, about_type="Emergency", about_id="", detail={"rows": len(found)})
    return found


def review_emergency(conn: Connection[Any], *, by: Actor, id: UUID, verdict: EmergencyState, words: str) -> Emergency:  # noqa: A002  the contract's word
    """Close the review of an emergency access: JUSTIFIED or UNJUSTIFIED, with words; audited.

    One found unjustified ends at once and the person is told. Raises NotFound, Conflict (reviewed already), Denied (one's own), Invalid.
    """
    seen = predicate(conn, by=by, right=Right.ACCESS_EMERGENCY_REVIEW, columns=_EMERGENCY)
    rows = store.emergency(conn, id, seen)
    if not rows:
        raise NotFound("Không có lần mở khẩn cấp này.")
    found = _emergency(rows[0])
    if found.account == by.account:
        raise Denied(Right.ACCESS_EMERGENCY_REVIEW)
    if found.state is not EmergencyState.OPEN:
        raise Conflict("Lần mở khẩn cấp này đã được kết luận.")
    said = " ".join(words.split())
    if verdict is EmergencyState.OPEN or len(said) < specs.emergency().reason_at_least:
        raise Invalid("Cần kết luận (hợp lý, không hợp lý) và lời giải thích.")
    now = clock.now()
    store.close_emergency(conn, id, verdict.value, now, by.name, said)
    if verdict is EmergencyState.UNJUSTIFIED:
        store.end_relations(conn, [id], now)
        told = (new_id(), found.person_id, now, "unjustified", id, found.role, found.facility, found.ground, min(found.ends_at, now))
        store.add_notice(conn, told)
    _note(conn, by, Tag.EMERGENCY_REVIEW, found, said, verdict=verdict.value)
    return _emergency(store.emergency(conn, id, seen)[0])


def emergency_counts(conn: Connection[Any], *, by: Actor, since: datetime, until: datetime) -> list[tuple[str, EmergencyState, int]]:
    """Count emergency accesses opened in a period by facility and state of review: (facility, state, number)."""
    seen = predicate(conn, by=by, right=Right.ACCESS_EMERGENCY_READ, columns=_EMERGENCY)
    return [(facility, EmergencyState(state), number) for facility, state, number in store.emergency_counts(conn, since, until, seen)]


def notices_of(conn: Connection[Any], *, by: Actor, person_id: UUID) -> list[Notice]:
    """Return what a person was told, newest first; noted in the trail."""
    found: list[Notice] = []
    for id_ in sorted(persons_of(conn, by=by, person_ids=[person_id])):  # what an earlier id was told, its person of today reads
        seen = predicate(conn, by=by, right=Right.ACCESS_NOTICE_READ, columns=PERSON, person=id_)
        found += [Notice._make(row) for row in store.notices(conn, id_, seen)]
    audit.note(conn, by=by, tag=Tag.NOTICE_READ, about_type="Person", about_id=str(person_id), person_id=person_id)
    return sorted(found, key=lambda one: (-one.at.timestamp(), one.id))


def _where(by: Actor, facility: str | None) -> str:
    known = by.facilities or frozenset()
    if facility is None:
        return next(iter(known)) if len(known) == 1 else ""
    if facility not in known:
        raise Invalid("Bạn không được giao vai trò tại cơ sở này.")
    return facility


def _relation(made: Emergency) -> Relation:
    return Relation(
        made.person_id, UnitKind.USER, str(made.account), RelationKind.EMERGENCY, made.opened_at, made.ends_at, "Emergency", str(made.id), made.id
    )


def _emergency(row: tuple[Any, ...]) -> Emergency:
    fields: dict[str, Any] = dict(zip(Emergency.__slots__, row, strict=True))
    return Emergency(**{**fields, "state": EmergencyState(fields["state"])})


def _note(conn: Connection[Any], by: Actor, tag: Tag, made: Emergency, reason: str, **detail: str) -> None:
    audit.note(
        conn, by=by, tag=tag, about_type="Emergency", about_id=str(made.id), person_id=made.person_id, facility=made.facility or None,
        reason=reason, detail={"ground": made.ground, **detail},
    )  # fmt: skip
