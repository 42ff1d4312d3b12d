"""Searching the logs: by person, account, act and period; the table, and a CSV whose export is an act of its own."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from yba import access, accounts, audit
from yba.access import Denied, Right, needs, open_to_all
from yba.audit import Store, Tag
from yba.kit import spreadsheets
from yba.kit.clock import VIETNAM
from yba.kit.errors import Invalid
from yba.kit.text import fold, whole
from yba.specs import access as specs
from yba.specs.acts import act
from yba.web import files, shell
from yba.web.facilities import places
from yba.web.words import FIRST
from yba.web.words import marked as _n

from .desk_places import to_day
from .reports import TRAIL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpResponse

    from yba.audit import TrailEntry
    from yba.web.edge import Visit

PAGE: Final = 100
_EXPORT: Final = 10_000
_LAST_DAY: Final = date(9998, 12, 31)  # what is asked until a day ends with the next one
_HEAD: Final = ("id", "at", "who", "role", "purpose", "tag", "outcome", "about_type", "about_id", "person_id", "facility", "address", "reason")

_THINGS: Final = {
    "AccessReview": _n("đợt rà soát"),
    "Account": _n("tài khoản"),
    "AuditEvent": _n("dòng nhật ký"),
    "AuditStore": _n("sổ nhật ký"),
    "Book": _n("sổ"),
    "Certificate": _n("chứng thư"),
    "Claim": _n("hồ sơ thanh toán"),
    "Client": _n("phần mềm cơ sở"),
    "Emergency": _n("lần mở khẩn cấp"),
    "Facility": _n("cơ sở"),
    "Key": _n("khóa"),
    "Message": _n("tệp gửi đến"),
    "Network": _n("mạng nội bộ"),
    "Organization": _n("cơ sở"),
    "Patient": _n("người bệnh"),
    "Person": _n("hồ sơ"),
    "ReviewItem": _n("ca định danh"),
    "Right": _n("quyền"),
    "TemporaryIdentifier": _n("mã tạm"),
    "Transaction": _n("lần gửi"),
}
_OUTCOMES: Final = {"refused": _n("bị từ chối"), "failed": _n("không thành")}
_KINDS: Final = {"operator": _n("Người vận hành"), "client": _n("Phần mềm cơ sở"), "system": _n("Hệ thống")}
_BAD_ID: Final = _n("Mã người hoặc mã tài khoản không đúng dạng.")


class Line(NamedTuple):
    """One entry in words; what has none is told as it stands."""

    entry: TrailEntry
    who: str
    roles: str
    did: str
    outcome: str  # "" when it was done
    thing: str
    which: str
    place: str


@open_to_all("either log may be held alone: the page asks for the right of the log it shows")
def trail(visit: Visit) -> HttpResponse:
    """Show the entries of one log, newest first, a hundred at a time."""
    log = _log(visit)
    found = _read(visit, log, PAGE)
    values: dict[str, Any] = {
        "lines": _lines(visit, found),
        "log": log.value,
        "logs": _logs(visit),
        "tags": sorted(((_did(visit, tag.value), tag.value) for tag in Tag if audit.store_of(tag) is log), key=lambda one: fold(one[0])),
        "asked": {field: visit.asked(field, 60) for field in ("person", "account", "tag", "since", "until")},
        "older": found[-1].id if len(found) == PAGE else 0,
        "exports": log is Store.RECORD_ACCESS and visit.may(Right.AUDIT_TRAIL_EXPORT),
    }
    return shell.answer(visit, "trail", **values)


@needs(Right.AUDIT_TRAIL_READ, Right.AUDIT_TRAIL_EXPORT)
def export(visit: Visit) -> HttpResponse:
    """Hand out what the search found as CSV (UTF-8, at most 10,000 rows); the export is in the trail with what was asked."""
    found = _read(visit, Store.RECORD_ACCESS, _EXPORT)
    audit.note(visit.conn, by=visit.by, tag=Tag.STORE_EXPORT, about_type="AuditEvent", about_id="", detail={"rows": len(found)})
    rows = [[getattr(one, name) for name in _HEAD] for one in found]
    return files.file(spreadsheets.to_csv([_HEAD, *rows]), name="nhat-ky.csv", media=spreadsheets.CSV)


def _lines(visit: Visit, found: Sequence[TrailEntry]) -> list[Line]:
    known = {UUID(one.who.partition(":")[2]) for one in found if one.who.startswith("user:")}
    people = accounts.names_of(visit.conn, by=visit.by, accounts=known)
    clients = {one.who.partition(":")[2] for one in found if one.who.startswith("client:")}
    called = places(visit, {one.facility or "" for one in found} | clients)
    return [
        Line(
            one,
            _who(visit, one.who, people, called),
            ", ".join(_role(visit, name) for name in (one.role or "").split(",") if name),
            _did(visit, one.tag),
            visit.say(_OUTCOMES[one.outcome]) if one.outcome in _OUTCOMES and not one.tag.endswith("refused") else "",
            *_about(visit, one),
            called.get(one.facility or "", ""),
        )
        for one in found
    ]


def _about(visit: Visit, one: TrailEntry) -> tuple[str, str]:
    """What an entry is about: the kind of thing, and its id, or the words of a right."""
    thing = visit.say(_THINGS[one.about_type]) if one.about_type in _THINGS else one.about_type
    right = specs.rights().get(one.about_id) if one.about_type == "Right" else None
    return thing, one.about_id if right is None else f"“{right.vi if visit.lang == FIRST else right.en}”"


def _who(visit: Visit, who: str, people: Mapping[UUID, str], called: Mapping[str, str]) -> str:
    kind, _, rest = who.partition(":")
    if kind == "user":
        return people.get(UUID(rest), rest)
    if kind == "client":
        return f"{visit.say(_KINDS[kind])} – {called.get(rest, rest)}"
    return f"{visit.say(_KINDS[kind])} – {rest}" if kind in _KINDS else who


def _role(visit: Visit, name: str) -> str:
    spec = specs.roles().get(name)
    return name if spec is None else spec.vi if visit.lang == FIRST else spec.en


def _did(visit: Visit, tag: str) -> str:
    words = act(tag)
    return words.vi if visit.lang == FIRST else words.en


def _read(visit: Visit, log: Store, limit: int) -> list[TrailEntry]:
    right = Right.AUDIT_TRAIL_READ if log is Store.RECORD_ACCESS else Right.AUDIT_SECURITY_READ
    narrow = _asked(visit)
    with visit.under(right) as (conn, by):
        seen = access.predicate(conn, by=by, right=right, columns=TRAIL)
        earlier = access.persons_of(conn, by=by, person_ids=[narrow["person"]] if narrow.get("person") else [])
        return audit.trail(conn, by=by, log=log, seen=seen, limit=limit, earlier=earlier, **narrow)


def _asked(visit: Visit) -> dict[str, Any]:
    before = visit.asked("before", 20)
    account = _uuid(visit, visit.asked("account", 60))
    tag = visit.asked("tag", 60)
    until = _day(visit, visit.asked("until", 10))
    return {
        "person": _uuid(visit, visit.asked("person", 60)),
        "who": f"user:{account}" if account else None,
        "tag": Tag(tag) if tag in set(Tag) else None,
        "since": _day(visit, visit.asked("since", 10)),
        "until": until + timedelta(days=1) if until else None,
        "before": whole(before),
    }


def _log(visit: Visit) -> Store:
    held = _logs(visit)
    if not held:
        raise Denied(Right.AUDIT_TRAIL_READ)
    return Store(visit.asked("log", 20)) if visit.asked("log", 20) in held else Store(held[0])


def _logs(visit: Visit) -> list[str]:
    held = ((Store.RECORD_ACCESS, Right.AUDIT_TRAIL_READ), (Store.SECURITY, Right.AUDIT_SECURITY_READ))
    return [store.value for store, right in held if visit.may(right)]


def _day(visit: Visit, text: str) -> datetime | None:
    """Return the beginning of a day typed as dd/mm/yyyy; an address that names it as ISO is understood too. Raises Invalid."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = to_day(visit, text)
    return datetime.combine(min(day, _LAST_DAY), time(), VIETNAM)


def _uuid(visit: Visit, text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(visit.say(_BAD_ID)) from None
