"""The health identifier (NĐ 102/2025 Art 6) as a dated fact, and temporary identifiers until there is one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.kit.ids import new_id
from yba.specs.identity.temporary import temporary as rules

from . import store_numbers, store_read, temporary

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.reach import Predicate

_NUMBER: Final = re.compile(r"[0-9]{12}")
_SHORTEST_REASON: Final = 5
PAGE: Final = 50
_PERSON: Final = access.Columns(facility=None, labels=None, rtype=None, at=store_read.A_SOURCE, alias="f")
_GIVEN: Final = access.Columns(facility="facility", labels=None, rtype=None, alias="f")


class HealthIdStatus(StrEnum):
    """Whether a number is in force."""

    ACTIVE = "active"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class HealthId:
    """One personal number of a person as the health identifier: in force from when to when, told by whom."""

    id: UUID
    person_id: UUID
    value: str
    status: HealthIdStatus
    valid_from: date | None
    valid_to: date | None
    source: str
    reason: str
    recorded_at: datetime
    recorded_by: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class TemporaryId:
    """One temporary identifier: whose (None: printed ahead, not worn yet), why, where and when given, by which number replaced."""

    code: str
    person_id: UUID | None
    kind: str
    facility: str
    given_at: datetime
    replaced_by: str | None
    replaced_at: datetime | None


def health_ids(conn: Connection[Any], *, by: Actor, person_id: UUID) -> list[HealthId]:
    """Read the health identifiers of a person, the one in force first, those of who was merged into it too. Raises Denied; the caller audits."""
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_PERSON_READ, columns=_PERSON, person=person_id)
    return [HealthId(row[0], row[1], row[2], HealthIdStatus(row[3]), *row[4:]) for row in store_numbers.health_ids(conn, person_id, seen)]


def record_health_id(
    conn: Connection[Any],
    *,
    by: Actor,
    person_id: UUID,
    number: str,
    source: str,
    since: date | None = None,
    replaces: bool = False,
    reason: str = "",
) -> HealthId:
    """Record the personal number in force of a person; audited; the same again changes nothing.

    ``source`` says who told it ("population", "paper", "claim"); ``replaces=True`` cancels the one in force the day before (a re-issued number).
    The person's temporary identifiers are marked as replaced and keep answering. There is no check digit and none is invented. Raises Denied,
    NotFound, Invalid (not twelve digits), Conflict (another number is in force, or another living person holds this one: for a clerk).
    """
    seen = _reach(conn, by, person_id)
    digits = re.sub(r"[\s.\-]", "", number)
    if not _NUMBER.fullmatch(digits):
        raise Invalid("Mã y tế là số định danh cá nhân gồm đúng 12 chữ số.")
    now = clock.now()
    held = [HealthId(row[0], row[1], row[2], HealthIdStatus(row[3]), *row[4:]) for row in store_numbers.health_ids(conn, person_id, seen)]
    in_force = [one for one in held if one.status is HealthIdStatus.ACTIVE]
    if same := next((one for one in in_force if one.value == digits), None):
        return same
    if in_force and not replaces:
        raise Conflict("Người này đang có mã y tế khác còn hiệu lực.", advice="Hủy số cũ, hoặc ghi rõ số mới thay số cũ.")
    for one in in_force:
        store_numbers.cancel_health_id(conn, one.id, until=since or now.date(), reason=reason or "cấp lại", who=by.name, at=now)
        _note(conn, by, Tag.IDENTIFIER_CANCEL, person_id, reason or "cấp lại", {"source": source})
    id_ = new_id()
    if not store_numbers.add_health_id(conn, (id_, person_id, digits, since, source, reason, now, by.name)):
        raise Conflict("Số này đang là mã y tế của một người khác.", advice="Chuyển cán bộ đối soát định danh.")
    codes = [row[0] for row in store_numbers.temporaries_of(conn, person_id, seen)]
    store_numbers.replace_temporary(conn, codes, number=digits, at=now)
    _note(conn, by, Tag.IDENTIFIER_WRITE, person_id, reason, {"source": source, "temporary": len(codes)})
    return HealthId(id_, person_id, digits, HealthIdStatus.ACTIVE, since, None, source, reason, now, by.name, None)


def cancel_health_id(conn: Connection[Any], *, by: Actor, person_id: UUID, number: str, reason: str, until: date | None = None) -> None:
    """Cancel a number that was in force (NĐ 70/2024 Art 11); it keeps answering in `find`. Raises Denied, NotFound, Invalid without a reason."""
    seen = _reach(conn, by, person_id)
    if len(reason.strip()) < _SHORTEST_REASON:
        raise Invalid("Cần lý do hủy số.")
    held = {row[2]: row[0] for row in store_numbers.health_ids(conn, person_id, seen) if row[3] == HealthIdStatus.ACTIVE}
    now = clock.now()
    if number not in held or not store_numbers.cancel_health_id(conn, held[number], until=until or now.date(), reason=reason, who=by.name, at=now):
        raise NotFound("Người này không có mã y tế ấy đang hiệu lực.")
    _note(conn, by, Tag.IDENTIFIER_CANCEL, person_id, reason, {})


def give_temporary(conn: Connection[Any], *, by: Actor, facility: str, kind: str, person_id: UUID | None = None) -> TemporaryId:
    """Draw a temporary identifier at a facility, for a person or (None) for a label printed ahead; audited. Raises Denied, Invalid, NotFound."""
    access.require(by, Right.IDENTITY_IDENTIFIER_WRITE, facility=facility)
    if kind not in rules().kinds:
        raise Invalid("Loại mã tạm không đúng.", advice=", ".join(rules().kinds))
    if person_id is not None:
        _reach(conn, by, person_id)
    access.predicate(conn, by=by, right=Right.IDENTITY_IDENTIFIER_WRITE, columns=_GIVEN)  # opens row security as far as this right reaches
    now = clock.now()
    code = temporary.make(facility, now.date(), store_numbers.next_temporary(conn, facility, now.date()))
    store_numbers.add_temporary(conn, (code, person_id, kind, facility, now, by.name))
    audit.note(
        conn, by=by, tag=Tag.TEMPORARY_GIVE, about_type="TemporaryIdentifier", about_id=code, person_id=person_id, facility=facility,
        detail={"kind": kind}, under=Right.IDENTITY_IDENTIFIER_WRITE.value,
    )  # fmt: skip
    return TemporaryId(code, person_id, kind, facility, now, None, None)


def attach_temporary(conn: Connection[Any], *, by: Actor, code: str, person_id: UUID) -> None:
    """Give a code that was printed ahead to its person; audited. Raises Denied, NotFound, Conflict when somebody wears it."""
    found = _temporary(conn, by, code)
    _reach(conn, by, person_id)
    if found.person_id == person_id:
        return
    if not store_numbers.attach_temporary(conn, found.code, person_id):
        raise Conflict("Mã tạm này đã gắn với một người khác.")
    audit.note(
        conn, by=by, tag=Tag.TEMPORARY_GIVE, about_type="TemporaryIdentifier", about_id=found.code, person_id=person_id, facility=found.facility,
        detail={"attached": True},
    )  # fmt: skip


def temporary_id(conn: Connection[Any], *, by: Actor, code: str) -> TemporaryId:
    """Read a temporary identifier, however it was typed; for its label. Raises Denied, NotFound (wrong check characters too); audited."""
    found = _temporary(conn, by, code)
    audit.note(
        conn, by=by, tag=Tag.PERSON_FIND, about_type="TemporaryIdentifier", about_id=found.code, person_id=found.person_id, facility=found.facility
    )
    return found


def temporaries(conn: Connection[Any], *, by: Actor, limit: int = PAGE) -> list[TemporaryId]:
    """List the codes given last at the actor's facilities, the newest first. Raises Denied; audited."""
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_IDENTIFIER_WRITE, columns=_GIVEN)
    found = [TemporaryId(*row) for row in store_numbers.temporaries(conn, seen, limit)]
    audit.note(conn, by=by, tag=Tag.PERSON_FIND, about_type="TemporaryIdentifier", about_id="", detail={"rows": len(found)})
    return found


def _temporary(conn: Connection[Any], by: Actor, code: str) -> TemporaryId:
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_IDENTIFIER_WRITE, columns=_GIVEN)
    written = temporary.canonical(code)
    row = store_numbers.temporary(conn, written, seen) if written else None
    if row is None:
        raise NotFound("Không có mã tạm này.", advice="" if written else "Hai chữ số kiểm tra không khớp: xem lại mã.")
    return TemporaryId(*row)


def _reach(conn: Connection[Any], by: Actor, person_id: UUID) -> Predicate:
    """Open row security for an act on a person and make sure that the actor reaches it, alive under this id."""
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_IDENTIFIER_WRITE, columns=_PERSON, person=person_id)
    known = store_read.seen_head(conn, person_id, seen)
    if known is None or known[1] is not None:
        raise NotFound("Không có người này.")
    return seen


def _note(conn: Connection[Any], by: Actor, tag: Tag, person_id: UUID, reason: str, detail: dict[str, Any]) -> None:
    under = Right.IDENTITY_IDENTIFIER_WRITE.value
    audit.note(conn, by=by, tag=tag, about_type="Person", about_id=str(person_id), person_id=person_id, reason=reason, detail=detail, under=under)
