"""The words of the clerk's desk that are ours: facts, kinds of number, agreement, what was decided; points and weights as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.specs import identity as specs
from yba.specs.identity.desk import desk
from yba.web.words import FIRST
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yba.identity import Comparison, ReviewItem
    from yba.web.edge import Visit


FACTS: Final = {
    "name": _n("Họ tên"), "birth": _n("Ngày sinh"), "sex": _n("Giới tính"), "address": _n("Địa chỉ"), "phone": _n("Điện thoại"),
    "citizen": _n("Số định danh cá nhân"), "SDDCN": _n("Số định danh cá nhân"), "CMND9": _n("Số CMND cũ"), "HO_CHIEU": _n("Hộ chiếu"),
    "MA_BHXH": _n("Mã số BHXH"), "MA_THE_BHYT": _n("Thẻ BHYT"), "MA_TAM": _n("Mã tạm"), "MA_BN": _n("Mã người bệnh"),
}  # fmt: skip
AGREE: Final = {"same": _n("giống"), "near": _n("gần giống"), "other": _n("KHÁC"), "nothing": _n("một bên không có")}
DECIDED: Final = {
    "merged": _n("Đã gộp: cùng một người"), "right": _n("Đúng là người này"), "different": _n("Hai người khác nhau"),
    "split": _n("Đã tách nguồn bị lẫn"), "asked": _n("Đã hỏi cơ sở"), "answered": _n("Cơ sở đã trả lời"), "proposed": _n("Chờ người thứ hai"),
    "declined": _n("Người thứ hai không đồng ý"), "undone": _n("Đã hoàn tác"),
}  # fmt: skip
ZONES: Final = {
    "link": _n("đủ chắc là một người"), "review": _n("chưa đủ chắc, cần người xem"), "new": _n("nhiều khả năng là hai người"),
}  # fmt: skip
_PRIOR: Final = _n("Hai người bất kỳ trong tỉnh")
_UNSAID: Final = _n("Điều một bên không có")
_SILENT: Final = "not_said"  # the level of every comparison of which one side says nothing
# Which comparison of the weights speaks of a fact.
_WEIGHED: Final = {
    "name": "name", "birth": "birth", "sex": "sex", "phone": "phone", "address": "place", "SDDCN": "citizen", "CMND9": "old", "MA_BHXH": "insurance",
}  # fmt: skip


SHORT: Final = {
    "number-shared": _n("Số định danh dùng chung"), "card-shared": _n("Thẻ dùng chung"), "local-number-reused": _n("Mã người bệnh dùng lại"),
    "identifiers-disagree": _n("Giấy tờ dẫn tới hai người"), "citizen-number-changed": _n("Số định danh thay đổi"),
    "demographics-differ": _n("Họ tên, ngày sinh khác"), "newborn-card": _n("Thẻ trẻ sơ sinh"), "visit-after-death": _n("Khám sau tử vong"),
    "death-dates-differ": _n("Ngày tử vong khác nhau"), "unknown-patient": _n("Không rõ danh tính"),
    "unknown-overdue": _n("Quá hạn báo UBND xã"),
    "register-disagrees": _n("Khác CSDL dân cư"), "likely-duplicate": _n("Có thể trùng người"),
    "likely-split": _n("Có thể lẫn hai người"),
}  # fmt: skip


class Reason(NamedTuple):
    """One ready reason of a form."""

    code: str
    text: str


class Weight(NamedTuple):
    """One line of the ladder: words, and how much it weighs ("+9,3"); ``speaks`` for, against, or neither."""

    words: str
    points: str
    speaks: str


def reasons(visit: Visit) -> dict[str, list[Reason]]:
    """Return the ready reasons of each decision in the reader's language."""
    return {act: [Reason(code, said.vi if visit.lang == FIRST else said.en) for code, said in found.items()] for act, found in desk().reasons.items()}


def reason_words(visit: Visit) -> dict[str, dict[str, str]]:
    """Return what was decided -> code of a ready reason -> its words."""
    ready = {act: {one.code: one.text for one in found} for act, found in reasons(visit).items()}
    acts = {
        "merged": "merge", "right": "right", "different": "different", "split": "split", "asked": "ask", "answered": "answer", "proposed": "merge",
        "declined": "decline", "undone": "undo",
    }  # fmt: skip
    return {kind: ready[act] for kind, act in acts.items()}


def kinds(visit: Visit) -> dict[str, str]:
    """Return the kinds of conflict in the reader's language; one the file does not know keeps its code."""
    found = {code: kind.vi if visit.lang == FIRST else kind.en for code, kind in specs.reviews().items()}
    return {code: found.get(code, code) for code in {*found, *desk().kinds}}


def said(visit: Visit, table: Mapping[str, str]) -> dict[str, str]:
    """Return one of the tables above in the reader's language."""
    return {key: visit.say(text) for key, text in table.items()}


def ladder(visit: Visit, compared: Comparison) -> list[Weight]:
    """Lay out the weights: what any two people start from, then each comparison that says something, the heaviest first."""
    weighed = compared.weights
    if weighed is None:
        return []
    spoken = sorted((part for part in weighed.parts if part.weight and part.level != _SILENT), key=lambda part: -abs(part.weight))
    silent = sum(part.weight for part in weighed.parts if part.level == _SILENT)
    lines = [_weight(visit.say(_PRIOR), weighed.prior, visit.lang)]
    lines += [_weight(part.vi if visit.lang == FIRST else part.en, part.weight, visit.lang) for part in spoken]
    return [*lines, _weight(visit.say(_UNSAID), silent, visit.lang)] if silent else lines


def verdicts(visit: Visit, compared: Comparison | None) -> dict[str, str]:
    """Return fact -> how far the sides agree, in the words of the weights where these say it more exactly than equal or not."""
    if compared is None or compared.weights is None:
        return {}
    parts = {part.comparison: part for part in compared.weights.parts if part.level != _SILENT}
    found = {fact: parts[name] for fact, name in _WEIGHED.items() if name in parts}
    exact = {line.fact for line in compared.lines if line.agreement.value in {"same", "near"}}
    return {fact: (part.vi if visit.lang == FIRST else part.en).partition(": ")[2] for fact, part in found.items() if fact in exact}


def points(weight: int, lang: str) -> str:
    """Write hundredths of a bit as people read a weight: +9,3."""
    text = f"{abs(weight) / 100:.1f}"
    return ("−" if weight < 0 else "+") + (text.replace(".", ",") if lang == FIRST else text)


def _weight(words: str, weight: int, lang: str) -> Weight:
    return Weight(words, points(weight, lang), "for" if weight > 0 else "against")


def evidence(visit: Visit, item: ReviewItem) -> list[tuple[str, Any]]:
    """Say what was met, in words; what the evidence holds beside is for machines."""
    facts = said(visit, FACTS)
    lines: list[tuple[str, Any]] = []
    told = item.evidence
    if told.get("by") in facts:
        lines.append((visit.say(_BY), facts[told["by"]]))
    contradicts = [facts[one] for one in told.get("contradicts", ()) if one in facts]
    if contradicts:
        lines.append((visit.say(_CONTRADICTS), ", ".join(contradicts).lower()))
    died = told.get("died")
    if died:
        lines.append((visit.say(_DIED), died if isinstance(died, list) else [died]))
    return lines


_BY: Final = _n("Gặp qua")
_CONTRADICTS: Final = _n("Mâu thuẫn ở")
_DIED: Final = _n("Ngày tử vong được ghi")
