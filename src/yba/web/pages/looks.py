"""Who looked at a record and why, in sentences, for the person it is about; and what that person was told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from django.http import HttpResponseRedirect

from yba import access, accounts, audit
from yba.access import Denied, Right, needs
from yba.audit import Tag
from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.kit.errors import NotFound
from yba.kit.text import whole
from yba.specs import access as specs
from yba.specs.access import Where
from yba.specs.acts import act
from yba.web import shell
from yba.web.facilities import places
from yba.web.words import FIRST
from yba.web.words import marked as _n

from .reports import TRAIL, enough

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from django.http import HttpResponse
    from psycopg import Connection

    from yba.access import Relation
    from yba.accounts import Assignment
    from yba.audit import Look
    from yba.web.edge import Visit

EDGE: Final = Actor.system("pages")
_AFTER: Final = timedelta(days=30)  # the longest a role still sees after a visit (specs/access/roles.toml)


_DID: Final = {
    Tag.PAGE_READ: _n("xem hồ sơ"),
    Tag.PAGE_PRINT: _n("in hồ sơ"),
    Tag.EMERGENCY_OPEN: _n("mở hồ sơ khẩn cấp"),
    Tag.PERSON_READ: _n("xem thông tin hành chính"),
    Tag.PERSON_FIND: _n("tìm theo số giấy tờ"),
    Tag.RESOURCE_READ: _n("xem một mục trong hồ sơ"),
    Tag.HISTORY_READ: _n("xem các bản cũ của một mục"),
    Tag.RESOURCE_SEARCH: _n("tìm trong hồ sơ"),
    Tag.LOOKS_READ: _n("xem danh sách ai đã xem"),
    Tag.NOTICE_READ: _n("xem thông báo"),
    Tag.RELATION_READ: _n("xem quan hệ chăm sóc"),
    Tag.TRAIL_READ: _n("tra cứu nhật ký về hồ sơ này"),
    Tag.RIGHT_REFUSED: _n("định mở hồ sơ và bị từ chối"),
}
_WHY: Final = {
    "visit": _n("vì bạn khám, điều trị ở đó"),
    "order": _n("vì có chỉ định cho bạn ở đó"),
    "referral": _n("vì bạn được chuyển đến đó"),
    "enrolment": _n("vì bạn tham gia chương trình ở đó"),
    "household": _n("vì hộ của bạn thuộc địa bàn phụ trách"),
    "residence": _n("vì bạn cư trú ở địa bàn phụ trách"),
    "emergency": _n("trong lần mở khẩn cấp"),
}
_PURPOSE: Final = {
    "treatment": _n("để khám, chữa bệnh"),
    "public-health": _n("để phòng bệnh cho cộng đồng"),
    "payment": _n("để thanh toán bảo hiểm y tế"),
    "administration": _n("để quản lý hồ sơ"),
    "oversight": _n("để giám sát việc xem dữ liệu"),
    "research": _n("để nghiên cứu"),
    "emergency": _n("để cấp cứu"),
    "operation": _n("để vận hành hệ thống"),
}
_MANY: Final = 500
_SELF: Final = _n("Chính bạn")
_OPERATOR: Final = _n("Người vận hành hệ thống")
_MACHINE: Final = _n("Phần mềm")


class Line(NamedTuple):
    """One look in words: who, where, what, when, why; ``number`` names it in a report, "" where there is nothing to report."""

    who: str
    place: str
    did: str
    at: datetime
    why: str
    number: str
    reported: bool
    times: int = 1


@needs(Right.AUDIT_LOOKS_READ)
def looks(visit: Visit, person: UUID | None = None) -> HttpResponse:
    """Say who looked at a record; ``?all=1`` machines and the own looks too."""
    whom = person or visit.own
    if whom is None:
        raise Denied(Right.AUDIT_LOOKS_READ)
    conn, by = visit.conn, visit.by
    access.require(by, Right.AUDIT_LOOKS_READ, person=whom)
    everything = visit.asked("all") == "1"
    before = visit.asked("before", 20)
    found = _looks(conn, by, whom, before=whole(before))
    reported = {look.about_id for look in found if look.tag == Tag.LOOKS_REPORT} if not before else _reported(conn, by, whom)
    shown = [look for look in found if look.tag not in {Tag.LOOKS_REPORT, Tag.LOOKS_ANSWER}]
    if not everything:
        shown = [look for look in shown if look.human and look.who != by.name]
    values: dict[str, Any] = {
        "person": whom,
        "mine": whom == visit.own,
        "lines": _joined(_lines(visit, whom, shown, reported)),
        "answers": [(look.at, look.reason) for look in found if look.tag == Tag.LOOKS_ANSWER],
        "everything": everything,
        "older": found[-1].id if len(found) == _MANY else 0,
        "reports": visit.may(Right.AUDIT_LOOKS_REPORT),
    }
    return shell.answer(visit, "looks", **values)


@needs(Right.AUDIT_LOOKS_READ, Right.AUDIT_LOOKS_REPORT)
def report(visit: Visit, person: UUID, number: int) -> HttpResponse:
    """Take down that a look seems wrong, for the privacy officer."""
    conn, by = visit.conn, visit.by
    access.require(by, Right.AUDIT_LOOKS_REPORT, person=person)
    look = next(iter(_looks(conn, by, person, before=number + 1, limit=1)), None)
    if look is None or look.id != number:
        raise NotFound
    if visit.posted:
        words = enough(visit, "words")
        audit.note(conn, by=by, tag=Tag.LOOKS_REPORT, about_type="AuditEvent", about_id=str(number), person_id=person, reason=words)
        return HttpResponseRedirect(f"/record/{person}/looks?done=reported")
    return shell.answer(visit, "report", person=person, line=_lines(visit, person, [look], set())[0])


@needs(Right.ACCESS_NOTICE_READ)
def notices(visit: Visit) -> HttpResponse:
    """Show what the citizen was told about the own record."""
    whom = visit.own
    if whom is None:
        raise Denied(Right.ACCESS_NOTICE_READ)
    found = access.notices_of(visit.conn, by=visit.by, person_id=whom)
    called = places(visit, {one.facility for one in found})
    return shell.answer(visit, "notices", found=found, places=called, roles=specs.roles(), grounds=specs.emergency().grounds)


def _looks(conn: Connection[Any], by: Actor, person: UUID, *, before: int | None = None, limit: int = _MANY) -> list[Look]:
    """What the log says of one person's record, newest first; the asking is in it too."""
    found: list[Look] = []
    for id_ in access.persons_of(conn, by=by, person_ids=[person]):  # looks at an id that was merged are looks at this person
        seen = access.predicate(conn, by=by, right=Right.AUDIT_LOOKS_READ, columns=TRAIL, person=id_)
        found += audit.looks_at(conn, by=by, person_id=id_, seen=seen, before=before, limit=limit)
    return sorted(found, key=lambda look: -look.id)[:limit]


def _reported(conn: Connection[Any], by: Actor, person: UUID) -> set[str]:
    """Which looks were reported ever: a report is younger than its look, so it stands on an earlier page."""
    found: set[str] = set()
    for id_ in access.persons_of(conn, by=by, person_ids=[person]):
        seen = access.predicate(conn, by=by, right=Right.AUDIT_LOOKS_READ, columns=TRAIL, person=id_)
        found |= {one.about_id for one in audit.trail(conn, by=by, person=id_, tag=Tag.LOOKS_REPORT, seen=seen, limit=_MANY)}
    return found


def _lines(visit: Visit, person: UUID, found: Sequence[Look], reported: set[str]) -> list[Line]:
    ids = {each for look in found if (each := _account(look.who)) is not None}
    people = accounts.names_of(visit.conn, by=visit.by, accounts=ids)
    posts = _posts(ids)
    called = places(visit, {one.post.facility for held in posts.values() for one in held} | _clients(found))
    ties = _ties(visit, person)
    lines = []
    for look in found:
        account = _account(look.who)
        codes = _worked(posts.get(account, ()), look) if account else ()
        why = next((tie.kind.value for tie in ties if _covers(tie, look, account, codes)), "")
        lines.append(
            Line(
                _who(visit, look, people, called),
                ", ".join(called[code] for code in codes),
                _did(visit, look.tag),
                look.at,
                visit.say(_WHY[why]) if why else visit.say(_PURPOSE.get(look.purpose, "")) if look.purpose in _PURPOSE else "",
                "" if look.who == visit.by.name else str(look.id),
                str(look.id) in reported,
            )
        )
    return lines


def _did(visit: Visit, tag: str) -> str:
    """An act as whose record it is reads it; what has no words for that is told as the log tells it."""
    if tag in _DID:
        return visit.say(_DID[Tag(tag)])
    words = act(tag)
    return words.vi if visit.lang == FIRST else words.en


def _joined(lines: Iterable[Line]) -> list[Line]:
    """Say the same act of the same person on one day once, with how often; the latest is the one that is named."""
    said: list[Line] = []
    for line in lines:
        last = said[-1] if said else None
        if last and (last.who, last.did, last.why, last.at.date(), last.reported) == (line.who, line.did, line.why, line.at.date(), line.reported):
            said[-1] = last._replace(times=last.times + 1)
        else:
            said.append(line)
    return said


def _posts(ids: Iterable[UUID]) -> dict[UUID, list[Assignment]]:
    """Where these people ever worked; a place of work is no secret from whose record was opened."""
    with unit_of_work(by=EDGE) as conn:
        return accounts.places_of_work(conn, by=EDGE, accounts=ids)


def _worked(posts: Iterable[Assignment], look: Look) -> tuple[str, ...]:
    """Where somebody worked at the time of a look, in the role it was done in where that tells the posts apart."""
    then = [one for one in posts if one.covers(look.at)]
    inside = [one for one in then if one.post.role in look.roles] or then
    return tuple(dict.fromkeys(one.post.facility for one in inside))


def _ties(visit: Visit, person: UUID) -> list[Relation]:
    if not visit.may(Right.ACCESS_RELATION_READ):
        return []
    with visit.under(Right.ACCESS_RELATION_READ) as (conn, by):
        return access.relations_of(conn, by=by, person_id=person)


def _covers(tie: Relation, look: Look, account: UUID | None, codes: Sequence[str]) -> bool:
    if tie.kind.value not in _kinds(look):  # a relation that opened nothing is not why
        return False
    unit = tie.unit.partition("/")[0]
    ours = tie.unit == str(account) or unit in codes or (tie.unit_kind is access.UnitKind.AREA and "station-nurse" in look.roles)
    return ours and tie.start <= look.at and (tie.end is None or look.at <= tie.end + _AFTER)


def _kinds(look: Look) -> frozenset[str]:
    """The kinds of relation on which the right of a look rests in the role it was done in; none where it rests on none."""
    known = specs.roles()
    rules = [rule for role in look.roles if role in known for rule in known[role].may if rule.where in {Where.RELATION, Where.COMMUNE}]
    return frozenset[str]().union(*(rule.kinds for rule in rules if look.under in {None, *rule.rights}))


def _who(visit: Visit, look: Look, people: Mapping[UUID, str], called: Mapping[str, str]) -> str:
    if look.who == visit.by.name:
        return visit.say(_SELF)
    account = _account(look.who)
    roles = [specs.roles()[role] for role in look.roles if role in specs.roles()]
    named = ", ".join(role.vi if visit.lang == FIRST else role.en for role in roles)
    if account is not None:
        return f"{people.get(account, '')} ({named})" if named else people.get(account, "")
    kind, _, rest = look.who.partition(":")
    if kind == "client":
        return f"{visit.say(_MACHINE)} – {called.get(rest, rest)}"
    return visit.say(_OPERATOR if kind == "operator" else _MACHINE)


def _clients(found: Iterable[Look]) -> set[str]:
    return {look.who.partition(":")[2] for look in found if look.who.startswith("client:")}


def _account(who: str) -> UUID | None:
    kind, _, rest = who.partition(":")
    return UUID(rest) if kind == "user" else None
