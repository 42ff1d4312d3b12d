"""Who an unknown patient is: search by number or card, the two side by side, confirm, take it back; nothing is lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponseRedirect

from yba import access, identity, record
from yba.access import Right, needs
from yba.identity import ActKind, CitizenCard
from yba.kit.errors import Conflict, Invalid
from yba.web import shell
from yba.web.facilities import places
from yba.web.words import marked as _n

from .clerk_words import AGREE, FACTS, said
from .desk_places import LONGEST
from .unknown import back, clock_of, page

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from yba.web.edge import Visit

_PERSONAL, _OLD = 12, 9
_SHORTEST: Final = 5


_MANY: Final = _n("Nhiều người cùng mang số này: chuyển bàn đối soát.")
_SAME: Final = _n("Số này đã là của chính người bệnh này.")
_TYPED: Final = _n("Nhập 12 chữ số của thẻ căn cước (9 chữ số với CMND cũ), hoặc quét mã QR trên thẻ.")
_GROUND: Final = _n("Cần ghi căn cứ xác định danh tính.")
_NOT_MERGED: Final = _n("Không có lần gộp nào để hoàn tác.")


@needs(Right.IDENTITY_UNKNOWN_SETTLE, Right.IDENTITY_PERSON_FIND)
def seek(visit: Visit, code: str) -> HttpResponse:
    """Look for who it is by a number or a scanned card: somebody known here is shown side by side, papers of nobody here may be written."""
    if not visit.posted:
        return page(visit, code)
    text = visit.text("number", LONGEST)
    card = _card(visit, text)
    patient = identity.unknown(visit.conn, by=visit.by, code=code)
    if card is not None and identity.is_card_text(text):
        found = identity.find_by_card(visit.conn, by=visit.by, card=card, facility=patient.facility)
    else:
        found = identity.find(visit.conn, by=visit.by, id=text)
    others = [one for one in found if one != patient.person_id]
    if len(others) > 1:
        raise Conflict(visit.say(_MANY))
    if others:
        return HttpResponseRedirect(f"/unknown/{patient.code}/is/{others[0]}")
    if found:
        raise Conflict(visit.say(_SAME))
    if card is None:
        raise Invalid(visit.say(_TYPED))
    return page(visit, code, papers=card)


@needs(Right.IDENTITY_UNKNOWN_SETTLE, Right.IDENTITY_PERSON_READ, Right.IDENTITY_PERSON_MERGE)
def compare(visit: Visit, code: str, person: UUID) -> HttpResponse:
    """Show the unknown patient and who it may be side by side; confirmed, everything goes to the known record, and the code keeps answering."""
    conn, by = visit.conn, visit.by
    if visit.posted:
        return _confirmed(visit, code, person)
    patient = identity.unknown(conn, by=by, code=code)
    sides = [identity.person(conn, by=by, person_id=each) for each in (patient.person_id, person)]
    compared = identity.compare_people(sides[0], sides[1])
    plan = record.weigh(conn, by=by, plan=identity.plan_merge(conn, by=by, keep=person, drop=patient.person_id, reason=""))
    codes = {one.facility for side in sides for one in side.sources} | {patient.facility}
    values: dict[str, Any] = {
        "one": patient, "person": person, "sides": sides, "lines": [line for line in compared.lines if line.left or line.right], "plan": plan,
        "places": places(visit, codes), "facts": said(visit, FACTS), "agree": said(visit, AGREE), "clock": clock_of(patient),
    }  # fmt: skip
    return shell.answer(visit, "unknown_compare", **values)


def _confirmed(visit: Visit, code: str, person: UUID) -> HttpResponse:
    """Merge; above the sizes and behind the guards of merging.toml it is proposed to a second person, whose merge makes the patient known."""
    conn, by, reason = visit.conn, visit.by, visit.text("reason", 500)
    if len(reason) < _SHORTEST:
        raise Invalid(visit.say(_GROUND))
    patient = identity.unknown(conn, by=by, code=code)
    plan = record.weigh(conn, by=by, plan=identity.plan_merge(conn, by=by, keep=person, drop=patient.person_id, reason=reason))
    if plan.needs_second and not plan.refused:
        identity.propose(conn, by=by, plan=plan)
        return back(code, "proposed")
    record.identify_unknown(conn, by=by, code=code, known=person, reason=reason)
    return back(code, "known")


@needs(Right.IDENTITY_UNKNOWN_SETTLE, Right.IDENTITY_IDENTIFIER_WRITE)
def papers(visit: Visit, code: str) -> HttpResponse:
    """Write what the patient's papers say; where a number is somebody else's the province's officer is asked instead."""
    if not visit.posted:
        return page(visit, code)
    given = CitizenCard(
        number=visit.text("number", 20).replace(" ", ""), old=visit.text("old", 20).replace(" ", ""), name=visit.text("name", 100),
        birth=_day(visit.text("birth", 10)), sex=visit.text("sex", 10) or "unknown", address=visit.text("address", 300), issued="",
    )  # fmt: skip
    if len(given.number) != _PERSONAL or not given.number.isdigit() or not given.name:
        raise Invalid(visit.say(_TYPED))
    done = record.identify_by_papers(visit.conn, by=visit.by, code=code, papers=given, reason=visit.text("reason", 500))
    return back(code, "asked" if done is None else "known")


@needs(Right.IDENTITY_UNKNOWN_SETTLE, Right.IDENTITY_PERSON_MERGE)
def undo(visit: Visit, code: str) -> HttpResponse:
    """Take the identification back: the patient is unknown again, with the clock as it stood; refused with what happened since."""
    if not visit.posted:
        return page(visit, code)
    conn, by = visit.conn, visit.by
    patient = identity.unknown(conn, by=by, code=code)
    known = access.person_now(conn, by=by, person_id=patient.person_id)
    acts = identity.acts_of(conn, by=by, person_id=known) if known != patient.person_id else []
    act = next((one for one in acts if one.kind is ActKind.MERGE and one.giver == patient.person_id and one.reverted_by is None), None)
    if act is None:
        raise Conflict(visit.say(_NOT_MERGED))
    record.carry_out(conn, by=by, plan=record.weigh(conn, by=by, plan=identity.plan_undo(conn, by=by, act=act.id, reason=visit.text("reason", 500))))
    return back(code, "undone")


def _card(visit: Visit, text: str) -> CitizenCard | None:
    """A scanned card, or a number of a citizen typed alone; None for any other number (a code of ours, a patient number)."""
    if not text:
        raise Invalid(visit.say(_TYPED))
    if identity.is_card_text(text):
        return identity.read_card(text)
    digits = "".join(text.split())
    if not digits.isdigit() or len(digits) not in {_PERSONAL, _OLD}:
        return None
    return CitizenCard(digits if len(digits) == _PERSONAL else "", digits if len(digits) == _OLD else "", "", "", "unknown", "", "")


def _day(text: str) -> str:
    """dd/mm/yyyy or a year, as the page writes it, to a partial ISO date."""
    return "-".join(reversed(text.split("/"))) if "/" in text else text
