"""Results on the visit page: how they were examined, approving them, correcting one that was given out; and papers that were looked at."""

from __future__ import annotations

import re
from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import care, record
from yba.kit import Invalid, clock
from yba.specs import care_desk
from yba.web.words import FIRST
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from uuid import UUID

    from yba.web.edge import Visit

CORRECT, APPROVE, PAPERS = "correct", "approve", "papers"
_HOUR: Final = re.compile(r"([0-9]{1,2})[:h]([0-9]{2})")
_NUMBER: Final = re.compile(r"-?[0-9]{1,7}(?:[.,][0-9]{1,4})?")
_NO_HOUR: Final = _n("Giờ ghi như 07:45.")
_NO_LIMIT: Final = _n("Khoảng tham chiếu: chỉ nhận số, ví dụ 3,9 và 5,6.")
_PICK: Final = _n("Chọn kết quả cần sửa.")


class GivenOut(NamedTuple):
    """One result of this visit: report and Observation, what it says, whether it still has to be approved."""

    report: str
    observation: str
    words: str
    waits: bool


def detailed(visit: Visit, one: care.Result) -> care.Result:
    """Add what the page says of how a result came about: range, method, specimen, hours of today, whether somebody else approves it."""
    return one._replace(
        low=_limit(visit, "low"), high=_limit(visit, "high"), method=visit.text("method", 100), specimen=visit.text("specimen", 100),
        taken=_hour(visit, "taken"), received=_hour(visit, "received"), released=not visit.text("later", 1),
    )  # fmt: skip


def _limit(visit: Visit, name: str) -> Decimal | None:
    text = visit.text(name, 14).replace(" ", "")
    if text and not _NUMBER.fullmatch(text):
        raise Invalid(visit.say(_NO_LIMIT))
    return Decimal(text.replace(",", ".")) if text else None


def _hour(visit: Visit, name: str) -> datetime | None:
    text = visit.text(name, 5)
    if not text:
        return None
    found = _HOUR.fullmatch(text)
    if found is None or int(found[1]) >= 24 or int(found[2]) >= 60:  # noqa: PLR2004  hours and minutes
        raise Invalid(visit.say(_NO_HOUR))
    return datetime.combine(clock.today(), time(int(found[1]), int(found[2])), clock.VIETNAM)


def given_out(visit: Visit, id_: UUID) -> list[GivenOut]:
    """Return the results this visit wrote, the oldest first; read only where they are asked for."""
    acts = care.acts_of(visit.conn, by=visit.by, visit=id_)
    refs = dict.fromkeys(ref for one in reversed(acts) for ref in one.refs if ref.startswith("DiagnosticReport/"))
    found = []
    for ref in refs:
        report = _doc(visit, ref)
        for part in report.get("result", ()):
            doc = _doc(visit, part["reference"])
            if doc:
                found.append(GivenOut(report["id"], doc["id"], _said(doc), report["status"] == "preliminary"))
    return found


def _doc(visit: Visit, ref: str) -> dict[str, Any]:
    rtype, _, ident = ref.partition("/")
    found = record.get(visit.conn, by=visit.by, rtype=rtype, id=ident)
    return found.doc if found is not None and not found.deleted else {}


def _said(doc: dict[str, Any]) -> str:
    amount = doc.get("valueQuantity")
    value = f"{amount['value']} {amount.get('unit', '')}".strip().replace(".", ",") if amount else doc.get("valueString", "")
    return f"{doc['code'].get('text', '')}: {value}"


def correct(visit: Visit, id_: UUID, number: int, key: str) -> str:
    """Correct one result that was given out. Raises Invalid without a choice, and what `care.correct` raises."""
    report, _, observation = visit.text("of", 80).partition("/")
    if not observation:
        raise Invalid(visit.say(_PICK))
    value = visit.text("value", 300)
    amount = Decimal(value.replace(",", ".")) if _NUMBER.fullmatch(value) else None
    one = care.Result("", amount, visit.text("unit", 20) if amount is not None else "", "" if amount is not None else value)
    care.correct(
        visit.conn, by=visit.by, visit=id_, number=number, report=report, observation=observation, result=one, reason=visit.text("reason", 200),
        key=key,
    )  # fmt: skip
    return f"/visit/{id_}?at=correct#correct"


def approve(visit: Visit, id_: UUID, number: int, key: str) -> str:
    """Approve every result of this visit that waits for it."""
    reports = [one.report for one in given_out(visit, id_) if one.waits]
    care.approve(visit.conn, by=visit.by, visit=id_, number=number, reports=reports, key=key)
    return f"/visit/{id_}?at=correct#correct"


def see_papers(visit: Visit, id_: UUID, number: int, key: str) -> str:
    """Note a paper that was looked at."""
    paper = care.Paper(visit.text("kind", 30), visit.text("shown", 10))
    care.see_papers(visit.conn, by=visit.by, visit=id_, number=number, papers=[paper], key=key)
    return f"/visit/{id_}"


def paper_words(visit: Visit) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the kinds of paper and the forms in which they are shown, with their words."""
    place = 0 if visit.lang == FIRST else 1
    kinds, forms = care_desk.papers()
    return [(name, words[place]) for name, words in kinds.items()], [(name, words[place]) for name, words in forms.items()]
