"""The acts of a visit's page: what a small form says becomes one act of `yba.care`; answers with the address to go on at."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from yba import care, record
from yba.kit import Invalid, clock
from yba.kit.errors import NotFound
from yba.specs import care_desk
from yba.web.words import marked as _n

from . import take_back, visit_results
from .desk_places import to_day
from .visit_lists import concept_of, place_of_words, unit_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from yba.web.edge import Visit

_NUMBER: Final = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,4})?")
_MOST_DAYS: Final = 370


_NO_NUMBER: Final = _n("%(name)s: chỉ nhận số, ví dụ 36,5.")
_NO_WHOLE: Final = _n("%(name)s: chỉ nhận số nguyên.")
_EACH, _TIMES, _DAYS = _n("Mỗi lần"), _n("Lần/ngày"), _n("Số ngày")
_NO_RESULT: Final = _n("Chọn chỉ định hoặc gõ tên xét nghiệm, rồi ghi kết quả.")
_NO_DAY: Final = _n("Chọn ngày hẹn từ ngày mai đến một năm nữa.")


def act(visit: Visit, id_: UUID, kind: str) -> str:
    """Do one act and say where to go on. Raises NotPlausible, Overtaken, Invalid, Conflict, NotFound, Denied."""
    if kind not in _ACTS:
        raise NotFound(kind)
    return _ACTS[kind](visit, id_)


def measures(visit: Visit, names: list[str]) -> dict[str, Decimal]:
    """Return the vital signs that were typed, by name. Raises Invalid for what is no number."""
    known, found = care_desk.vitals(), {}
    for name in names:
        text = visit.text(name, 12).replace(" ", "")
        if text:
            found[name] = _decimal(visit, text, known[name].vi if visit.lang == "vi" else known[name].en)
    return found


def confirmed(visit: Visit) -> frozenset[str]:
    """Return the names of values that are meant although they are unusual."""
    return frozenset(str(one)[:40] for one in visit.request.POST.getlist("confirmed")[:40])


def _decimal(visit: Visit, text: str, name: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise Invalid(visit.say(_NO_NUMBER) % {"name": name})
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise Invalid(visit.say(_NO_NUMBER) % {"name": name}) from None


def _whole(visit: Visit, text: str, name: str) -> int:
    if not text.isdecimal():
        raise Invalid(visit.say(_NO_WHOLE) % {"name": name})
    return int(text)


def _seen(visit: Visit) -> tuple[int, str]:
    """The number the page was drawn with, and what makes this sending of it the same when it comes twice."""
    number = visit.text("number", 9)
    return int(number) if number.isdecimal() else -1, visit.text("key", 60)


def _vitals(visit: Visit, id_: UUID) -> str:
    number, key = _seen(visit)
    values = measures(visit, list(care_desk.vitals()))
    care.measure(visit.conn, by=visit.by, visit=id_, number=number, values=values, confirmed=confirmed(visit), key=key)
    return f"/visit/{id_}?at=icd10#diagnosis"


def _diagnosis(visit: Visit, id_: UUID) -> str:
    number, key = _seen(visit)
    held = care.visit_of(visit.conn, by=visit.by, visit=id_)
    page = record.page_of(visit.conn, by=visit.by, person_id=held.person_id)
    known = [one for each in page.visits if each.id == held.encounter for one in each.diagnoses]
    dropped = visit.text("drop", 20)
    chosen = [care.Diagnosis(code, text, principal=place == 0) for place, (code, text) in enumerate(known) if code != dropped]
    if not dropped:
        picked = concept_of(visit, "icd10", visit.text("pick", 20))
        chosen.append(care.Diagnosis(picked.code, picked.display, principal=not chosen))
    done = care.diagnose(visit.conn, by=visit.by, visit=id_, number=number, diagnoses=chosen, reason=visit.text("why", 200), key=key)
    paired = "&pair=" + ",".join(one.about for one in done.warned) if done.warned else ""
    return f"/visit/{id_}?at=icd10{paired}#diagnosis"


def _order(visit: Visit, id_: UUID) -> str:
    number, key = _seen(visit)
    picked = concept_of(visit, "service", visit.text("pick", 40))
    care.order(visit.conn, by=visit.by, visit=id_, number=number, orders=[care.Order(picked.code, picked.display)], key=key)
    return f"/visit/{id_}?at=service#order"


def _result(visit: Visit, id_: UUID) -> str:
    number, key = _seen(visit)
    asked, value, name = visit.text("request", 40), visit.text("value", 300), visit.text("name", 120)
    if not value or not (asked or name):
        raise Invalid(visit.say(_NO_RESULT))
    unit = visit.text("unit", 20)
    amount = _decimal(visit, value, name) if _NUMBER.fullmatch(value) else None
    one = care.Result(name, amount, unit if amount is not None else "", "" if amount is not None else value, request=asked or None)
    care.result(visit.conn, by=visit.by, visit=id_, number=number, results=[visit_results.detailed(visit, one)], key=key)
    return f"/visit/{id_}?at=result#result"


def _prescription(visit: Visit, id_: UUID) -> str:
    number, key = _seen(visit)
    picked = concept_of(visit, "drug", visit.text("pick", 40))
    unit, strength = unit_of(visit, picked, visit.text("unit", 20)), picked.properties.get("strength", "")
    each = _decimal(visit, visit.text("each", 6), visit.say(_EACH))
    times, days = _whole(visit, visit.text("times", 3), visit.say(_TIMES)), _whole(visit, visit.text("days", 3), visit.say(_DAYS))
    ingredient, route = (picked.properties.get(name, "") for name in ("ingredient", "route"))
    words = visit.text("words", 120)
    drug = care.Drug(ingredient, picked.display, unit, each, times, days, strength, route, words, registration=picked.code)
    name = visit.text("companion", 100)
    companion = care.Companion(name, visit.text("kin", 40)) if name else None
    done = care.prescribe(visit.conn, by=visit.by, visit=id_, number=number, drugs=[drug], companion=companion, key=key)
    warned = "&warned=" + ",".join(sorted({one.kind for one in done.warned})) if done.warned else ""
    return f"/visit/{id_}?at=drug{warned}#prescription"


def _referral(visit: Visit, id_: UUID) -> str:
    number, key = _seen(visit)
    to = visit.text("pick", 5) or place_of_words(visit, visit.text("to", 100))
    letter = care.Referral(to, visit.text("reason", 300), urgent=bool(visit.text("urgent", 1)))
    care.refer(visit.conn, by=visit.by, visit=id_, number=number, referral=letter, key=key)
    return f"/visit/{id_}#referral"


def _appointment(visit: Visit, id_: UUID) -> str:
    number, key = _seen(visit)
    after, today = visit.text("after", 3), clock.today()
    on = today + timedelta(days=int(after)) if after.isdecimal() else to_day(visit, visit.text("on", 10))
    if not today < on <= today + timedelta(days=_MOST_DAYS):
        raise Invalid(visit.say(_NO_DAY))
    care.appoint(visit.conn, by=visit.by, visit=id_, number=number, on=on, key=key)
    return f"/visit/{id_}#appointment"


def _close(visit: Visit, id_: UUID) -> str:
    number, key = _seen(visit)
    closed = care.close(visit.conn, by=visit.by, visit=id_, number=number, outcome=visit.text("outcome", 2), key=key)
    missing = ",".join(sorted({one.field for one in closed.missing}))
    return f"/visit/{id_}?missing={missing}" if missing else f"/desk?done=closed&visit={id_}"


def _cancel(visit: Visit, id_: UUID) -> str:
    number, key = _seen(visit)
    care.cancel(visit.conn, by=visit.by, visit=id_, number=number, reason=visit.text("reason", 200), key=key)
    return "/desk"


def _correct(visit: Visit, id_: UUID) -> str:
    return visit_results.correct(visit, id_, *_seen(visit))


def _approve(visit: Visit, id_: UUID) -> str:
    return visit_results.approve(visit, id_, *_seen(visit))


def _papers(visit: Visit, id_: UUID) -> str:
    return visit_results.see_papers(visit, id_, *_seen(visit))


def _take_back(visit: Visit, id_: UUID) -> str:
    return take_back.take(visit, id_, *_seen(visit))


def _restore(visit: Visit, id_: UUID) -> str:
    return take_back.restore(visit, id_, *_seen(visit))


_ACTS: Final[dict[str, Callable[[Visit, UUID], str]]] = {
    "vitals": _vitals,
    "diagnosis": _diagnosis,
    "order": _order,
    "result": _result,
    "prescription": _prescription,
    "referral": _referral,
    "appointment": _appointment,
    "close": _close,
    "cancel": _cancel,
    take_back.ACT: _take_back,
    take_back.RESTORE: _restore,
    visit_results.CORRECT: _correct,
    visit_results.APPROVE: _approve,
    visit_results.PAPERS: _papers,
}
