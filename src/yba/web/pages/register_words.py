"""What the pages about registers say: outcomes, verdicts, what a card look-up means at the desk, why nothing was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.kit.text import name_key
from yba.web.words import marked as _n

from .clerk_words import said

if TYPE_CHECKING:
    from yba.web.edge import Visit

__all__ = ["CARD_FACTS", "FIELDS", "MEANINGS", "OUTCOMES", "VERDICTS", "card_verdict", "failure", "said"]


FIELDS: Final = {
    "number": _n("Số định danh cá nhân"), "name": _n("Họ tên"), "birth": _n("Ngày sinh"), "sex": _n("Giới tính"), "address": _n("Nơi ở"),
    "household": _n("Hộ gia đình"),
}  # fmt: skip
VERDICTS: Final = {"yes": _n("khớp"), "no": _n("KHÔNG KHỚP"), "not-known": _n("chưa rõ")}
OUTCOMES: Final = {
    "": _n("chưa hỏi"), "found": _n("có trong hệ thống được hỏi"), "not-found": _n("không tìm thấy"),
    "wrong-person": _n("trả về người khác, đã bỏ"), "bad-answer": _n("trả lời hỏng"), "refused": _n("từ chối tài khoản của đơn vị"),
    "away": _n("không trả lời"), "failed": _n("lỗi xử lý bên được hỏi"), "asked": _n("chưa có trả lời"),
    "unaskable": _n("thiếu số, họ tên hoặc ngày sinh"),
}  # fmt: skip
# What the desk does with what a look-up means (card.toml): the colour of the banner; red only where care on this card would not be paid.
MEANINGS: Final = {
    "good": "ok", "changed": "late", "expired": "alert", "gone": "alert", "name": "alert", "birth": "alert", "unknown": "late", "other": "late",
}  # fmt: skip
CARD_FACTS: Final = {
    "card": _n("Mã thẻ"), "name": _n("Họ tên"), "birth": _n("Ngày sinh"), "sex": _n("Giới tính"), "insurance": _n("Mã số BHXH"),
    "valid_from": _n("Có giá trị từ"), "valid_to": _n("Có giá trị đến"), "registered_at": _n("Nơi đăng ký khám ban đầu"),
    "five_years_from": _n("Đủ 5 năm liên tục từ"), "new_card": _n("Thẻ mới"), "new_valid_from": _n("Thẻ mới từ"), "new_valid_to": _n("Thẻ mới đến"),
}  # fmt: skip
_HELD: Final = {
    "breaker": _n("Hệ thống ngoài không trả lời nhiều lần liên tiếp, đang tạm ngừng hỏi. Thử lại sau %(wait)s giây."),
    "minute": _n("Đã dùng hết lượt hỏi của phút này. Thử lại sau %(wait)s giây."),
    "day": _n("Đã dùng hết lượt hỏi của hôm nay."),
}
_FAILED: Final = _n("Đã hỏi nhưng chưa được trả lời dùng được: %(why)s. Lần hỏi này vẫn được ghi lại.")
_SEXES: Final = {"nam": "male", "nữ": "female", "1": "male", "2": "female"}


def failure(visit: Visit) -> str:
    """Say why the question before gave nothing, from the codes in the address; "" when it did, or nothing was asked."""
    why, held, wait = visit.asked("failed", 20), visit.asked("held", 10), visit.asked("wait", 6)
    if why in OUTCOMES and why:
        return visit.say(_FAILED) % {"why": visit.say(OUTCOMES[why])}
    return visit.say(_HELD[held]) % {"wait": wait if wait.isdigit() else "60"} if held in _HELD else ""


def card_verdict(fact: str, ours: str, answered: str) -> str:
    """Say whether what the insurer writes is what is known here: yes, no, "" where there is nothing to compare."""
    if fact not in {"name", "birth", "sex"} or not ours:
        return ""
    if fact == "name":
        return "yes" if name_key(ours) == name_key(answered) else "no"
    if fact == "sex":
        known = _SEXES.get(answered.casefold(), "")
        return "" if not known or ours == "unknown" else "yes" if known == ours else "no"
    day = "-".join(reversed(answered.split("/")))
    short = min(len(day), len(ours))
    return "yes" if day[:short] == ours[:short] else "no"
