"""Home by role: for staff the search box and what waits; for a citizen the next thing and four doors."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.http import HttpResponse, HttpResponseRedirect

from yba import access, accounts, identity, record
from yba.access import EmergencyState, Right, needs, open_to_all
from yba.kit import PROVINCE, Conflict, Invalid, NotFound, clock
from yba.specs import access as specs
from yba.warehouse import alerts, reports
from yba.web import shell
from yba.web.edge import words
from yba.web.facilities import commune_name, names, places
from yba.web.words import FIRST
from yba.web.words import marked as _n

from . import director
from .desk import desk, may_work
from .desk_places import LONGEST, first_station, priority_words
from .reports import open_reports

if TYPE_CHECKING:
    from uuid import UUID

    from yba.record import Page
    from yba.web.edge import Visit

_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
_SOON: Final = timedelta(days=7)
_LISTED: Final = 20
_DIGIT: Final = re.compile(r"[0-9]")


class Waiting(NamedTuple):
    """One line of what waits: how many, of what, and where."""

    number: int
    words: str
    address: str


class Held(NamedTuple):
    """One role of the reader: where, and what it is for (the reasons of the roles file are Vietnamese: "" in English)."""

    role: str
    place: str
    why: str


class Ward(NamedTuple):
    """Somebody the citizen stands in for."""

    id: UUID
    name: str


_EMERGENCIES: Final = _n("lần mở khẩn cấp chờ kết luận")
_REPORTS: Final = _n("phản ánh của người dân chờ trả lời")
_REVIEWS: Final = _n("đợt rà soát quyền chưa ký")
_WHOLE: Final = _n("toàn tỉnh")
_CONFLICTS: Final = _n("trường hợp định danh chờ đối soát")
_UNKNOWN: Final = _n("người bệnh không rõ danh tính phải báo UBND xã")
_ALERTS: Final = _n("cảnh báo chưa ai tiếp nhận")
_DIFFERING: Final = _n("báo cáo đã khóa có số nay đã khác")
_NEVER: Final = _n("tài khoản chưa đăng nhập lần nào")


@open_to_all("home: shows to each reader only what the own rights open")
def home(visit: Visit) -> HttpResponse:
    """Show where to go."""
    if visit.persons and not visit.may(Right.IDENTITY_PERSON_FIND):
        return _own_home(visit)
    if may_work(visit):
        return desk(visit)
    if numbers := shell.first_board(visit):
        return director.first(visit, numbers)
    return _home(visit)


@open_to_all("home: shows to each reader only what the own rights open")
def board(visit: Visit) -> HttpResponse:
    """Show what waits and which roles are held, to who has the work list or a board of numbers for a first page."""
    return _home(visit)


@needs(Right.IDENTITY_PERSON_FIND)
def search(visit: Visit) -> HttpResponse:
    """Find people by anything; what is typed travels in the body, so that no history or log keeps it.

    A number that is one person's leads straight there; everything else, and every name, gives a list for who opens visits.
    """
    if not visit.posted:
        return HttpResponseRedirect("/")
    text = visit.text("number", LONGEST)
    desks = visit.may(Right.CARE_VISIT_WRITE)
    if desks and not _DIGIT.search(text):
        return _listed(visit, text)
    try:
        person = record.find_person(visit.conn, by=visit.by, number=_number(visit, text))
    except Invalid as wrong:  # caught here: the box is on every page, and home says it
        visit.wrong = words(wrong, visit.lang)
        return _home(visit, status=400)
    except NotFound:
        return _listed(visit, text) if desks else _not_found(visit, "none")
    except Conflict:  # caught here so that the trail keeps the search
        return _listed(visit, text) if desks else _not_found(visit, "many")
    return lead(visit, person)


def _listed(visit: Visit, text: str) -> HttpResponse:
    """Show who it may be: of each what may be known before any ground."""
    found = identity.seek(visit.conn, by=visit.by, text=text, limit=_LISTED)
    place = next(iter(sorted(visit.by.facilities or ())), "")
    registers, full = visit.may(Right.CARE_PERSON_REGISTER), len(found) == _LISTED
    shown: dict[str, Any] = {
        "found": found,
        "place": place,
        "registers": registers,
        "full": full,
        "priorities": priority_words(visit) if place else [],
    }
    return shell.answer(visit, "search", status=200 if found else 404, sought=text, **shown)


def _number(visit: Visit, text: str) -> str:
    """Return the number to find by: of a scanned citizen card the personal one, or the earlier one where only that is known.

    A card whose two numbers lead to two people asks a clerk whether these are one. Raises Invalid for a card that cannot be read.
    """
    if not identity.is_card_text(text):
        return text
    card = identity.read_card(text)
    identity.find_by_card(visit.conn, by=visit.by, card=card, facility=first_station(visit))
    return card.number if not card.old or identity.find(visit.conn, by=visit.by, id=card.number) else card.old


def lead(visit: Visit, person: UUID) -> HttpResponse:
    """Lead from a person found to what the reader may know of it; who may only find hears that there is one."""
    if visit.may(Right.RECORD_CLINICAL_READ):
        return HttpResponseRedirect(f"/record/{person}")
    if visit.may(Right.AUDIT_TRAIL_READ):
        return HttpResponseRedirect(f"/trail?person={person}")
    if visit.may(Right.IDENTITY_PERSON_READ):
        return HttpResponseRedirect(f"/person/{person}")
    return _home(visit, found="one")


def _not_found(visit: Visit, why: str) -> HttpResponse:
    return _home(visit, status=404, found=why)


def _home(visit: Visit, *, found: str = "", status: int = 200) -> HttpResponse:
    return shell.answer(visit, "home", status=status, waiting=_waiting(visit), held=_held(visit), found=found)


def _held(visit: Visit) -> list[Held]:
    """What the reader is, where and what for: who sees an empty page should know why it is empty."""
    called = places(visit, {code for grant in visit.by.grants for code in grant.facilities})
    known = specs.roles()
    return [
        Held(
            known[grant.role].vi if visit.lang == FIRST else known[grant.role].en,
            ", ".join([*(called[code] for code in sorted(grant.facilities)), *(_area(visit, code) for code in sorted(grant.areas))]),
            known[grant.role].why if visit.lang == FIRST else specs.reasons_in_english().get(known[grant.role].why, ""),
        )
        for grant in visit.by.grants
        if grant.role in known
    ]


def _area(visit: Visit, code: str) -> str:
    if code == PROVINCE:
        return visit.say(_WHOLE)
    return commune_name(visit, code)


def _waiting(visit: Visit) -> list[Waiting]:
    lines = []
    if visit.may(Right.ACCESS_EMERGENCY_READ):
        with visit.under(Right.ACCESS_EMERGENCY_READ) as (conn, by):
            counts = access.emergency_counts(conn, by=by, since=_EVER, until=clock.now())
        opened = sum(count for _, state, count in counts if state is EmergencyState.OPEN)
        lines.append(Waiting(opened, visit.say(_EMERGENCIES), "/emergencies"))
    if visit.may(Right.AUDIT_TRAIL_READ):
        with visit.under(Right.AUDIT_TRAIL_READ) as (conn, by):
            lines.append(Waiting(len(open_reports(conn, by=by)), visit.say(_REPORTS), "/reports"))
    if visit.may(Right.IDENTITY_REVIEW_READ):
        with visit.under(Right.IDENTITY_REVIEW_READ) as (conn, by):
            lines.append(Waiting(identity.desk_waiting(conn, by=by), visit.say(_CONFLICTS), "/clerk"))
    if visit.may(Right.IDENTITY_UNKNOWN_SETTLE):
        with visit.under(Right.IDENTITY_UNKNOWN_SETTLE) as (conn, by):
            lines.append(Waiting(identity.unknowns_untold(conn, by=by), visit.say(_UNKNOWN), "/unknown"))
    if visit.may(Right.WAREHOUSE_ALERT_READ):
        with visit.under(Right.WAREHOUSE_ALERT_READ) as (conn, by):
            lines.append(Waiting(sum(one.unanswered for one in alerts.counts(conn, by=by)), visit.say(_ALERTS), "/alerts"))
    if visit.may(Right.WAREHOUSE_REPORT_SIGN):
        with visit.under(Right.WAREHOUSE_REPORT_READ) as (_, by):
            lines.append(Waiting(len(reports.changed(by=by)), visit.say(_DIFFERING), "/reports-period#differing"))
    if visit.may(Right.ACCOUNTS_REVIEW_READ):
        with visit.under(Right.ACCOUNTS_REVIEW_READ) as (conn, by):
            lines.append(Waiting(len(accounts.access_reviews(conn, by=by)), visit.say(_REVIEWS), "/admin/review"))
    if visit.may(Right.ACCOUNTS_ACCOUNT_READ):
        with visit.under(Right.ACCOUNTS_ACCOUNT_READ) as (conn, by):
            never = sum(1 for one in accounts.accounts(conn, by=by) if one.active and one.last_seen is None)
        lines.append(Waiting(never, visit.say(_NEVER), "/admin/accounts?show=never"))
    return [line for line in lines if line.number]


def _own_home(visit: Visit) -> HttpResponse:
    own, page, notices = visit.own, None, []
    with visit.under(Right.RECORD_CLINICAL_READ) as (conn, by):
        if own is not None:
            page = _own_page(visit, own)
            notices = [one for one in access.notices_of(conn, by=by, person_id=own) if one.ends_at > clock.now()]
    wards = [Ward(person, _name(visit, person)) for person in visit.persons if person != own]
    return shell.answer(visit, "own_home", own=own, next=_next(page) if page else None, notices=notices, wards=wards)


def _name(visit: Visit, ward: UUID) -> str:
    with visit.under(Right.IDENTITY_PERSON_READ) as (conn, by):
        try:
            golden = identity.person(conn, by=by, person_id=ward).golden
        except NotFound:  # a record without demographics still opens
            return str(ward)
    return next((each["text"] for each in golden.get("name", []) if each.get("text")), str(ward))


def _own_page(visit: Visit, own: UUID) -> Page | None:
    with visit.under(Right.RECORD_CLINICAL_READ) as (conn, by):
        try:
            return record.page_of(conn, by=by, person_id=own, names=names(conn, by=by))
        except NotFound:  # nothing was ever sent about this person
            return None


def _next(page: Page) -> tuple[str, str, str] | None:
    """The one thing to think of: a medicine that ends within a week, an insurance card that ends, else nothing: (kind, what, ISO day)."""
    today = clock.today()
    soon = (today + _SOON).isoformat()
    ending = [one for one in page.medicines if one.ends_on and today.isoformat() <= one.ends_on <= soon]
    if ending:
        first = min(ending, key=lambda one: one.ends_on)
        return "medicine", first.name, first.ends_on
    cards = [card.end for card in page.insurance[:1] if card.end and card.end <= (today + 4 * _SOON).isoformat()]
    return ("card", "", cards[0]) if cards else None
