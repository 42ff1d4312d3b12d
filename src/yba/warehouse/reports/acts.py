"""Acts on reports: made by one, approved and locked by another, returned with a reason, corrected beside what is locked; each in the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, accounts, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock, new_id
from yba.kit.db import unit_of_work
from yba.kit.errors import NotFound

from . import content, periods, store
from .drafting import allow, counted, ended, late_since
from .errors import NotNow, NotSo, NotThere
from .model import Signed, Step

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit import Actor, Predicate
    from yba.warehouse.lake import Folder

    from .model import Difference, Draft, Kept, Late, Unit

    Conn = Connection[Any]

SHORTEST: Final = 10  # characters of a reason
LONGEST: Final = 500


def make(report: str, *, by: Actor, unit: Unit, period: str, words: str = "", folder: Folder | None = None) -> Kept:
    """Make the report of a period that has ended: counted, checked and kept whole, for another to approve.

    Raises Denied, NotFound, Invalid (a check is broken, the period has not ended), Conflict (made already, locked, the lake is behind).
    """
    access.require(by, Right.WAREHOUSE_REPORT_MAKE)
    edition, when = periods.named(report, period)
    allow(by, Right.WAREHOUSE_REPORT_MAKE, unit, edition.labels)
    drafted = counted(edition, unit, when, folder=folder)
    _require_whole(drafted)
    with unit_of_work(by=by) as conn:
        seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_REPORT_MAKE, columns=store.COLUMNS)
        store.hold(conn, report, unit, when)
        before = store.of(conn, seen, report, unit, when.label)
        _require_none_open(before)
        if any(one.state is Step.LOCKED for one in before):
            raise NotNow(
                "Kỳ này đã khóa: số thay đổi sau khi khóa thì lập báo cáo đính chính.",
                "The period is locked: what changed since goes into a correction.",
            )
        attempt = 1 + max((one.attempt for one in before if not one.number), default=0)
        return _keep(conn, by, seen, _Making(drafted, Tag.REPORT_MAKE, words, attempt))


def correct(report: str, *, by: Actor, unit: Unit, period: str, words: str, folder: Folder | None = None) -> Kept:
    """Make a correction of a locked report: what it would be now, with every number that is another one and what was sent late.

    The locked one stays as it is. Raises Denied, NotFound, Invalid, Conflict (nothing is locked, nothing differs, a correction is under way).
    """
    access.require(by, Right.WAREHOUSE_REPORT_MAKE)
    edition, when = periods.named(report, period)
    allow(by, Right.WAREHOUSE_REPORT_MAKE, unit, edition.labels)
    drafted = counted(edition, unit, when, folder=folder)
    _require_whole(drafted)
    reason = _reason(words)
    with unit_of_work(by=by) as conn:
        seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_REPORT_MAKE, columns=store.COLUMNS)
        store.hold(conn, report, unit, when)
        before = store.of(conn, seen, report, unit, when.label)
        _require_none_open(before)
        base = next((one for one in reversed(before) if one.state is Step.LOCKED), None)
        locked = base.step(Step.LOCKED) if base else None
        if base is None or locked is None:
            raise NotNow("Kỳ này chưa khóa: chưa có gì để đính chính.", "The period is not locked: there is nothing to correct yet.")
        changed = content.differences(base.figures, drafted.figures)
        if not changed:
            raise NotNow(
                "Số của kỳ này không khác báo cáo đã khóa: không cần đính chính.",
                "No number differs from the locked report: nothing needs correcting.",
            )
        late = late_since(unit, when, locked.at, _facilities(drafted), folder=folder)
        attempt = 1 + max((one.attempt for one in before if one.number == base.number + 1), default=0)
        return _keep(conn, by, seen, _Making(drafted, Tag.REPORT_CORRECT, reason, attempt, base, changed, late))


def approve(id_: UUID, *, by: Actor, words: str = "") -> Kept:
    """Approve what another has made. Raises Denied, NotFound, Conflict."""
    access.require(by, Right.WAREHOUSE_REPORT_SIGN)
    with unit_of_work(by=by) as conn:
        found = _of(conn, by, id_)
        made = found.step(Step.MADE)
        if found.state is not Step.MADE or made is None:
            raise NotNow("Báo cáo này không chờ duyệt: xem các bước đã qua.", "This report does not wait for approval: see its steps.")
        if made.who == by.name:
            raise NotNow("Người duyệt phải là người khác người lập.", "Whoever approves must be another person than who made it.")
        return _step(conn, by, found, Step.APPROVED, words, Tag.REPORT_SIGN)


def lock(id_: UUID, *, by: Actor) -> Kept:
    """Lock what was approved: from then on the period is corrected only. Raises Denied, NotFound, Conflict."""
    access.require(by, Right.WAREHOUSE_REPORT_SIGN)
    with unit_of_work(by=by) as conn:
        found = _of(conn, by, id_)
        if found.state is not Step.APPROVED:
            raise NotNow("Chỉ khóa được báo cáo đã duyệt và chưa khóa.", "Only what was approved and is not locked can be locked.")
        return _step(conn, by, found, Step.LOCKED, "", Tag.REPORT_LOCK)


def give_back(id_: UUID, *, by: Actor, words: str) -> Kept:
    """Return what is not locked, with a reason: it stays for everybody to see and is made anew. Raises Denied, NotFound, Invalid, Conflict."""
    access.require(by, Right.WAREHOUSE_REPORT_SIGN)
    reason = _reason(words)
    with unit_of_work(by=by) as conn:
        found = _of(conn, by, id_)
        if found.state not in {Step.MADE, Step.APPROVED}:
            raise NotNow(
                "Báo cáo đã khóa hoặc đã trả lại thì không trả lại được; đã khóa thì lập đính chính.",
                "What is locked or was returned cannot be returned; a locked report is corrected.",
            )
        return _step(conn, by, found, Step.RETURNED, reason, Tag.REPORT_RETURN)


def _require_whole(drafted: Draft) -> None:
    """Refuse what nobody may sign: a period that has not ended, a lake that does not know its end, a broken check."""
    end = ended(drafted.period)
    if end > clock.now():
        raise NotSo(
            f"Kỳ {drafted.period.label} chưa kết thúc: lập được từ {end:%d/%m/%Y}, trước đó chỉ xem bản nháp.",
            f"Period {drafted.period.label} has not ended: it can be made from {end:%d/%m/%Y} on, until then it is a draft.",
        )
    if drafted.until < end:
        until = f"{drafted.until.astimezone(clock.VIETNAM):%d/%m/%Y %H:%M}"
        raise NotNow(f"Kho mới chép đến {until}, chưa hết kỳ: chép kho trước.", f"The lake goes to {until} only: let it be filled first.")
    if broken := drafted.figures.broken:
        rules = "; ".join(dict.fromkeys(one.rule for one in broken))
        raise NotSo(f"Số không khớp: {rules}. Sửa ở hồ sơ, không sửa ở báo cáo.", f"Numbers do not agree: {rules}. Mend the records, not the report.")


def _require_none_open(before: list[Kept]) -> None:
    if any(one.state in {Step.MADE, Step.APPROVED} for one in before):
        raise NotNow(
            "Kỳ này đã có báo cáo đang chờ duyệt hoặc chờ khóa: duyệt, khóa hoặc trả lại báo cáo đó trước.",
            "A report of the period waits to be approved or locked: approve, lock or return that one first.",
        )


def _reason(words: str) -> str:
    found = " ".join(words.split())
    if not SHORTEST <= len(found) <= LONGEST:
        raise NotSo(f"Cần ghi lý do, từ {SHORTEST} đến {LONGEST} ký tự.", f"Give a reason of {SHORTEST} to {LONGEST} characters.")
    return found


def _facilities(drafted: Draft) -> set[str]:
    found = {place.partition(":")[2] for place in drafted.figures.places if place.startswith("facility:")}
    return found | ({drafted.unit.facility} - {""})


class _Making(NamedTuple):
    """A report about to be kept: of a correction what it corrects, what is another number now, and what came late."""

    drafted: Draft
    tag: Tag
    words: str
    attempt: int
    corrects: Kept | None = None
    changed: tuple[Difference, ...] = ()
    late: tuple[Late, ...] | None = None


def _keep(conn: Conn, by: Actor, seen: Predicate, new: _Making) -> Kept:
    id_, drafted, base = new_id(), new.drafted, new.corrects
    number = base.number + 1 if base else 0
    text = content.written(drafted, new.changed, new.late)
    store.insert(conn, id_, drafted, text, number=number, attempt=new.attempt, corrects=base.id if base else None)
    store.add_step(conn, id_, _signed(conn, by, Step.MADE, new.words, base.steps[-1] if base else None))
    told = {"unit": str(drafted.unit), "period": drafted.period.label, "number": number, "seq": drafted.seq, "figures": drafted.digest.hex()}
    audit.note(
        conn, by=by, tag=new.tag, about_type="Report", about_id=str(id_), facility=drafted.unit.facility or None, reason=new.words, detail=told
    )
    found = store.one(conn, seen, id_)
    if found is None:
        raise NotFound(f"report {id_}")
    return found


def _of(conn: Conn, by: Actor, id_: UUID) -> Kept:
    """Find a report that may be signed by who asks, and let nobody else act on it."""
    seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_REPORT_SIGN, columns=store.COLUMNS)
    found = store.one(conn, seen, id_)
    if found is None:
        raise NotThere("Không có báo cáo này.", "There is no such report.")
    store.hold(conn, found.report, found.unit, found.period)
    again = store.one(conn, seen, id_)
    if again is None:
        raise NotThere("Không có báo cáo này.", "There is no such report.")
    return again


def _step(conn: Conn, by: Actor, found: Kept, step: Step, words: str, tag: Tag) -> Kept:
    store.add_step(conn, found.id, _signed(conn, by, step, words, found.steps[-1]))
    told = {"unit": str(found.unit), "period": found.period.label, "number": found.number, "sha256": found.sha256.hex()}
    audit.note(conn, by=by, tag=tag, about_type="Report", about_id=str(found.id), facility=found.unit.facility or None, reason=words, detail=told)
    return _of(conn, by, found.id)


def _signed(conn: Conn, by: Actor, step: Step, words: str, last: Signed | None) -> Signed:
    """Say who does a step now; a clock that stands before the last step has been set back."""
    at = clock.now()
    if last is not None and at < last.at:
        now, then = (f"{one.astimezone(clock.VIETNAM):%d/%m/%Y %H:%M}" for one in (at, last.at))
        raise NotNow(
            f"Đồng hồ máy chủ chỉ {now}, trước bước vừa qua ({then}): chỉnh đồng hồ rồi làm lại.",
            f"The clock says {now}, before the last step ({then}): set it right and try again.",
        )
    name = accounts.names_of(conn, by=by, accounts=[by.account]).get(by.account, "") if by.account else by.name
    return Signed(step, at, by.name, name or by.name, words)
