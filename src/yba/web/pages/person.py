"""A person's record behind rights: under which right it opened, that something is masked, and no word of anybody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect

from yba import access, audit, care, identity, record
from yba.access import Denied, Right, needs
from yba.audit import Tag
from yba.kit import clock
from yba.record import words
from yba.specs import access as specs
from yba.specs import care_desk
from yba.web import glance, shell
from yba.web.facilities import names, places
from yba.web.glance import Task
from yba.web.label import qr
from yba.web.render import DETAILED, Act, Beside, laid_out, record_html
from yba.web.spelt import spelled_page
from yba.web.words import FIRST
from yba.web.words import marked as _n

from . import clerk_words
from .desk import may_work, programme_words
from .home import lead

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from yba.access import Reason
    from yba.record import Page
    from yba.web.edge import Visit

_EVERY: Final = 1 << 30

_OWN: Final = _n("hồ sơ của chính bạn")
_WARD: Final = _n("bạn là người giám hộ")
_KIND: Final = {
    "visit": _n("đang khám, điều trị tại %(place)s"),
    "order": _n("có chỉ định tại %(place)s"),
    "referral": _n("được chuyển đến %(place)s"),
    "enrolment": _n("ghi danh chương trình tại %(place)s"),
    "household": _n("cùng hộ thuộc địa bàn phụ trách"),
    "residence": _n("cư trú tại địa bàn phụ trách"),
    "emergency": _n("mở khẩn cấp, đến %(until)s"),
}
_PAST: Final = _n("đã khám tại %(place)s, đến %(until)s")
_ROLE: Final = _n("theo vai trò")
_PRINT: Final = _n("In hồ sơ")
_NEW_VISIT: Final = _n("Khám mới")
_FOLLOW: Final = _n("Theo dõi %(name)s")
_REVISIT: Final = _n("Tái khám")
_SUMMARY: Final = _n("Tóm tắt một trang")
_FORMS: Final = _n("Biểu mẫu")
_HOUSEHOLD: Final = _n("Hộ gia đình")
_LOOKS: Final = _n("Ai đã xem")
_YOU: Final = _n("cơ sở của bạn")
_NUMBERS: Final = {
    "SDDCN": _n("Số định danh cá nhân (CCCD)"),
    "CMND9": _n("Số CMND"),
    "HO_CHIEU": _n("Hộ chiếu"),
    "MA_BHXH": _n("Mã số BHXH"),
    "MA_THE_BHYT": _n("Thẻ BHYT"),
    "MA_TAM": _n("Mã tạm"),
}


@needs(Right.RECORD_CLINICAL_READ)
def person(visit: Visit, number: str) -> HttpResponse:
    """Show a record; any number but the person id leads to the address with the person id, which says nothing of the person."""
    person_id = _person_id(number)
    if person_id is None:
        if not visit.may(Right.IDENTITY_PERSON_FIND):
            raise Denied(Right.IDENTITY_PERSON_FIND)
        return lead(visit, record.find_person(visit.conn, by=visit.by, number=number[:60]))
    return opened(visit, person_id)


@needs(Right.RECORD_CLINICAL_READ)
def opened(visit: Visit, person: UUID, *, full: int = DETAILED, paper: bool = False) -> HttpResponse:
    """Show the record of a person within reach; out of reach it is refused, and the refusal leads to emergency access."""
    conn, by = visit.conn, visit.by
    why = access.reasons(conn, by=by, right=Right.RECORD_CLINICAL_READ, person_id=person)
    if not why:
        raise Denied(Right.RECORD_CLINICAL_READ)
    called = names(conn, by=by)
    page = record.page_of(conn, by=by, person_id=person, names=called)
    full = _EVERY if visit.asked("all") == "1" else full
    html = record_html(
        page,
        lang=visit.lang,
        right=told(visit, why[0], called),
        frame=shell.frame(visit),
        full=full,
        beside=_beside(visit, person, page),
        paper=paper,
    )
    return shell.harden(HttpResponse(html))


def _beside(visit: Visit, person: UUID, page: Page) -> Beside:
    """Return what may be done from a record, by the rights that are held."""
    links = []
    if visit.may(Right.RECORD_CLINICAL_PRINT):
        links.append((f"/record/{person}/print", visit.say(_PRINT)))
    if visit.by.facilities:
        links.append((f"/record/{person}/summary", visit.say(_SUMMARY)))
    if visit.may(Right.FORMS_DRAFT_KEEP):
        links.append((f"/record/{person}/forms", visit.say(_FORMS)))
    if visit.may(Right.CARE_HOUSEHOLD_WRITE):
        links.append((f"/person/{person}/household", visit.say(_HOUSEHOLD)))
    if visit.may(Right.AUDIT_LOOKS_READ):
        links.append((f"/record/{person}/looks", visit.say(_LOOKS)))
    lives = _household(visit, person)
    paper = qr(str(person)) if visit.request.path.endswith("/print") else None
    return Beside(tuple(links), acts=_acts(visit, person, page), due=_due(visit, person), qr=paper, household=lives)


def _household(visit: Visit, person: UUID) -> int:
    """Return how many live in the household, to the station of its commune; 0 to all others and without one."""
    if not (visit.may(Right.CARE_HOUSEHOLD_WRITE) and access.holds(visit.by, Right.IDENTITY_PERSON_READ)):  # in the page's own unit, as above
        return 0
    return identity.household_size(visit.conn, by=visit.by, person_id=person)


def _acts(visit: Visit, person: UUID, page: Page) -> tuple[Act, ...]:
    """Return what may be begun with this person: a visit, and the quick follow-up of the programmes whose illness stands in the record."""
    if not may_work(visit):
        return ()
    place = min(visit.by.facilities or ())
    codes = {one.code[:3] for one in page.problems}
    known = [name for name, one in care_desk.programmes().items() if one.diagnosis[:3] in codes]
    follows = [
        Act(visit.say(_FOLLOW) % {"name": programme_words(visit, name).lower()}, f"/follow/{person}/{name}", str(key))
        for key, name in enumerate(known, 1)
    ]
    begin = Act(visit.say(_NEW_VISIT), "/visit/start", "n", (("person", str(person)), ("facility", place)))
    return () if page.identity.deceased else (begin, *follows)


def _due(visit: Visit, person: UUID) -> tuple[Task, ...]:
    """Return the appointments of this person that are open at the reader's facilities."""
    if not (visit.by.facilities and access.holds(visit.by, Right.CARE_VISIT_READ)):  # in the page's own unit: one lock more, no savepoint
        return ()
    found = care.coming(visit.conn, by=visit.by, person_id=person)
    today, programmes = clock.today(), care_desk.programmes()
    return tuple(
        Task(
            "due",
            programme_words(visit, one.programme) or visit.say(_REVISIT),
            (one.on - today).days,
            f"/follow/{person}/{one.programme}" if one.programme in programmes else "",
        )
        for one in found
    )


@needs(Right.RECORD_CLINICAL_READ)
def summary(visit: Visit, person: UUID) -> HttpResponse:
    """Show on one sheet what a colleague must know of somebody who was sent here, and what is new since the last visit at the reader's facility."""
    conn, by = visit.conn, visit.by
    why = access.reasons(conn, by=by, right=Right.RECORD_CLINICAL_READ, person_id=person)
    if not why:
        raise Denied(Right.RECORD_CLINICAL_READ)
    called, today = names(conn, by=by), clock.today()
    page = spelled_page(record.page_of(conn, by=by, person_id=person, names=called))
    return shell.answer(
        visit,
        "summary",
        paper=True,
        page=page,
        right=told(visit, why[0], called),
        since=glance.since(page, by.facilities or (), today),
        taken=glance.taken(page, today),
        values=glance.values(page, today),
        qr=qr(str(person)),
        **laid_out(page, visit.lang),
    )


@needs(Right.RECORD_CLINICAL_PRINT)
def printed(visit: Visit, person: UUID) -> HttpResponse:
    """Show the record whole, for paper; the print has its own line in the trail."""
    answer = opened(visit, person, full=_EVERY, paper=True)
    audit.note(visit.conn, by=visit.by, tag=Tag.PAGE_PRINT, about_type="Patient", about_id=str(person), person_id=person)
    return answer


@needs(Right.RECORD_CLINICAL_READ)
def own(visit: Visit) -> HttpResponse:
    """Lead to the own record."""
    mine = visit.own
    if mine is None:
        raise Denied(Right.RECORD_CLINICAL_READ)
    return HttpResponseRedirect(f"/record/{mine}")


@needs(Right.IDENTITY_PERSON_READ)
def clerk(visit: Visit, person: UUID) -> HttpResponse:
    """Show who a person is, by which numbers and which facilities; no clinical word."""
    found = identity.person(visit.conn, by=visit.by, person_id=person)
    if found.merged_into is not None:  # an old id keeps answering
        return HttpResponseRedirect(f"/person/{found.merged_into}")
    called = places(visit, {one.facility for one in found.sources} | {one.facility for one in found.identifiers})
    kinds = {kind: visit.say(words_) for kind, words_ in _NUMBERS.items()}
    names_ = [each.get("text", "") for each in found.golden.get("name", [])]
    doubts = [one for one in found.reviews if one.state is identity.ReviewState.OPEN]
    shorts = clerk_words.said(visit, clerk_words.SHORT)
    return shell.answer(visit, "person", person=found, places=called, kinds=kinds, names_=names_, doubts=doubts, shorts=shorts)


def told(visit: Visit, why: Reason, called: Callable[[Sequence[str]], Mapping[str, str]]) -> str:
    """Say in one line why the record opened, and in which role; ``called`` gives the names of facilities."""
    role = specs.roles()[why.role]
    named = role.vi if visit.lang == FIRST else role.en
    if why.kind is None:
        own_ = _WARD if why.role == "guardian" else _OWN
        return visit.say(own_ if why.where == "own-person" else _ROLE) + ("" if why.where == "own-person" else f" ({named})")
    code = why.unit.partition(":")[2].partition("/")[0] if why.unit.startswith(("facility:", "department:")) else ""
    place = places(visit, [code], called)[code] if code else visit.say(_YOU)
    until = words.moment(why.until.astimezone(clock.VIETNAM).isoformat()) if why.until else ""
    past = why.until is not None and why.kind == "visit" and why.until <= clock.now()
    return visit.say(_PAST if past else _KIND[why.kind]) % {"place": place, "until": until} + f" ({named})"


def _person_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
