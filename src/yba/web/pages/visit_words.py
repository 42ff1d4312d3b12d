"""What a visit's page says of the visit: boxes with the last value beside them, what was saved so far, who wrote in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from yba import accounts, care, record
from yba.specs import care_desk
from yba.web.facilities import places
from yba.web.words import FIRST
from yba.web.words import marked as _n

from . import visit_costs, visit_results

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from yba.record import Page
    from yba.web.edge import Visit

_LEADING: Final = 2  # a pressure has two numbers: the first is the systolic one

_ACTS: Final = {
    "start": _n("mở lượt khám"),
    "queue": _n("cho vào hàng chờ"),
    "measure": _n("ghi sinh hiệu"),
    "diagnose": _n("ghi chẩn đoán"),
    "order": _n("chỉ định"),
    "result": _n("ghi kết quả"),
    "prescribe": _n("kê đơn"),
    "refer": _n("viết giấy chuyển"),
    "appoint": _n("hẹn lại"),
    "close": _n("đóng lượt khám"),
    "cancel": _n("hủy lượt khám"),
    "take-back": _n("rút lại điều đã ghi"),
    "restore": _n("khôi phục điều đã rút"),
    "correct": _n("sửa kết quả"),
    "approve": _n("duyệt kết quả"),
    "papers": _n("ghi giấy tờ đã xem"),
}
_WARNED: Final = {
    "allergy": _n("Người bệnh có ghi nhận dị ứng với thuốc vừa kê: xem lại."),
    "duplicate": _n("Người bệnh đang có thuốc này: xem lại để tránh dùng hai lần."),
}


# What a claim lacks, by the fields `care.close` names.
_MISSING: Final = {
    "diagnosis": _n("Chưa có chẩn đoán."),
    "licence": _n("Tài khoản của bạn chưa khai số giấy phép hành nghề."),
    "address": _n("Chưa có địa chỉ của người bệnh."),
    "card": _n("Chưa có thẻ BHYT: ghi là không khám BHYT."),
}
_OTHER: Final = _n("Còn mục chưa đủ.")
_UNITS: Final = (_n("lần/phút"),)  # of vital signs, as far as they are words


class Box(NamedTuple):
    """One vital sign to fill in: its limits, the last value and its day (ISO), what is wrong with what was typed."""

    name: str
    words: str
    unit: str
    soft: tuple[str, str]
    hard: tuple[str, str]
    needed: bool
    last: str
    on: str
    doubt: care.Doubt | None


@dataclass(slots=True)
class Drawn:
    """With what a page is drawn again: the form (or list) one is at, what was typed, what is wrong, who wrote in between."""

    at: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, care.Doubt] = field(default_factory=dict)
    said: Sequence[care.Doubt] = ()
    between: Sequence[care.VisitAct] = ()
    sought: Mapping[str, str] = field(default_factory=dict)


def boxes(visit: Visit, page: Page, asks: Iterable[str], needed: Collection[str], doubts: Mapping[str, care.Doubt]) -> list[Box]:
    """Return the boxes of some vital signs, in their order."""
    known, last = care_desk.vitals(), last_values(page)
    return [
        Box(
            name,
            known[name].vi if visit.lang == FIRST else known[name].en,
            visit.say(known[name].shown),
            (str(known[name].soft.low), str(known[name].soft.high)),
            (str(known[name].hard.low), str(known[name].hard.high)),
            name in needed,
            *last.get(name, ("", "")),
            doubts.get(name),
        )
        for name in asks
    ]


def last_values(page: Page) -> dict[str, tuple[str, str]]:
    """Return (value, ISO day) of the newest of each vital sign in the record; a pressure's panel gives both its numbers."""
    panels = {panel.loinc: name for name, panel in care_desk.panels().items()}
    by_code = {one.loinc: name for name, one in care_desk.vitals().items()}
    found: dict[str, tuple[str, str]] = {}
    for result in page.results:
        if result.code in panels:
            parts = [one.name for one in care_desk.vitals().values() if one.panel == panels[result.code]]
            found |= {name: (value, result.when[:10]) for name, value in zip(parts, result.value.split("/"), strict=False)}
        elif result.code in by_code:
            found.setdefault(by_code[result.code], (result.value, result.when[:10]))
    return found


def drawn(visit: Visit, held: care.Visit, page: Page, state: Drawn) -> dict[str, Any]:
    """Return what the page says beside its forms."""
    acts = care.acts_of(visit.conn, by=visit.by, visit=held.id)
    now = next((one for one in page.visits if one.id == held.encounter), None)
    kind = care_desk.visit_kinds()[held.kind]
    signs = {one.vi for one in care_desk.vitals().values()} | {one.vi for one in (*care_desk.panels().values(), care_desk.bmi())}
    orders = _written(visit, acts, "order", "ServiceRequest")
    return {
        "kind": kind.vi if visit.lang == FIRST else kind.en,
        "vitals": boxes(visit, page, care_desk.vitals(), (), state.doubts),
        "vitals_done": [f"{name}: {value}" for name, value, _ in now.results if name in signs] if now else [],
        "results": [f"{name}: {value}" for name, value, _ in now.results if name not in signs] if now else [],
        "diagnoses": [(code, text) for code, text in now.diagnoses] if now else [],
        "guidance": {code: told for code, _ in now.diagnoses if (told := care.guidance(code))} if now else {},
        "drugs": list(dict.fromkeys(now.medicines)) if now else [],
        "orders": [_said(one) for one in orders],
        "unanswered": [(one["id"], _said(one)) for one in orders if one.get("status") == "active"],
        "referrals": _letters(visit, _written(visit, acts, "refer", "ServiceRequest")),
        "appointments": [_said(one) for one in _written(visit, acts, "appoint", "Appointment")],
        "costs": visit_costs.shown(visit, held, acts) if held.state is not care.State.CANCELLED else None,
        "between": _between(visit, state.between),
        "warned": [visit.say(_WARNED[one]) for one in visit.asked("warned", 40).split(",") if one in _WARNED],
        "said": [one.vi if visit.lang == FIRST else one.en for one in state.said],
        "told": "",
        "units": care.lab_units(),
        "small": care.needs_companion(page.identity.birth),
        "papers": visit_results.paper_words(visit),
        "papers_noted": any(one.kind == visit_results.PAPERS for one in acts),
        "pairs": [one.vi if visit.lang == FIRST else one.en for one in _pairs(visit, now)],
        "missing": [visit.say(_MISSING.get(one, _OTHER)) for one in visit.asked("missing", 120).split(",") if one],
        **({"given": state.given} if state.given else {}),
    }


def _pairs(visit: Visit, now: Any) -> Sequence[care.Warned]:  # noqa: ANN401  a visit of the record's page
    """Return what is said of dagger and asterisk codes, after a diagnosis was written."""
    return care.pairs([code for code, _ in now.diagnoses]) if now and visit.asked("pair", 40) else ()


def _between(visit: Visit, acts: Sequence[care.VisitAct]) -> list[tuple[Any, str, str]]:
    if not acts:
        return []
    ids = {one.who: UUID(one.who.removeprefix("user:")) for one in acts if one.who.startswith("user:")}
    called = accounts.names_of(visit.conn, by=visit.by, accounts=ids.values())
    return [(one.at, called.get(ids[one.who], "") if one.who in ids else one.who, visit.say(_ACTS.get(one.kind, one.kind))) for one in acts]


def _written(visit: Visit, acts: Sequence[care.VisitAct], kind: str, rtype: str) -> list[dict[str, Any]]:
    """Return what the acts of a kind wrote, as it stands, the oldest first."""
    refs = [ref for one in reversed(acts) if one.kind == kind for ref in one.refs if ref.startswith(f"{rtype}/")]
    stored = [record.get(visit.conn, by=visit.by, rtype=rtype, id=ref.partition("/")[2]) for ref in refs]
    return [one.doc for one in stored if one is not None and not one.deleted]


def _letters(visit: Visit, docs: Sequence[dict[str, Any]]) -> list[str]:
    """Say of each referral where to, by its name, and why."""
    to = [next((_code(each) for each in one.get("performer") or ()), "") for one in docs]
    called = places(visit, to)
    reasons = [next((each.get("text", "") for each in one.get("reasonCode") or ()), "") for one in docs]
    return [" · ".join(filter(None, (called.get(code, code), reason))) for code, reason in zip(to, reasons, strict=True)]


def _code(organization: dict[str, Any]) -> str:
    """Return the code of a facility that a desk's document names: as its identifier, or for want of a name as what is displayed."""
    return str((organization.get("identifier") or {}).get("value") or organization.get("display", ""))


def _said(doc: dict[str, Any]) -> str:
    code = doc.get("code") or {}
    start = str(doc.get("start") or doc.get("requestedPeriod", [{}])[0].get("start", ""))
    day = f"{start[8:10]}/{start[5:7]}/{start[:4]}" if len(start) >= len("2026-12-05") else ""
    return " · ".join(filter(None, (code.get("text", ""), day)))
