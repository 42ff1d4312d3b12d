"""The sex of an unborn child never enters the record (Law 113/2025/QH15 art. 6, NĐ 90/2026 art. 97-99): it is cut from texts here."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

CUT: Final = "[lược bỏ theo luật]"
_BASE: Final = {ord("đ"): "d", ord("Đ"): "d", ord("Ð"): "d", ord("ð"): "d", 0xA0: " "}
_FETUS: Final = re.compile(r"\bth(?:ai|\?i)\b|\bf(?:o?etus|o?etal)\b")

_SEX: Final = r"(?:nam|nu|n\?|trai|tr\?i|gai|g\?i|male|female|boy|girl|xx|xy)(?!\w)"
_WORD_SEX: Final = r"gi(?:oi|\?i) ?t(?:inh|\?nh)"
_STRICT: Final = (
    # "giới tính thai nhi: nam", "giới tính thai: gái", "giới tính: trai" beside a fetus
    rf"{_WORD_SEX}(?:\s+(?:cua\s+)?(?:thai(?:\s+nhi)?|be|con|em be|phoi))?\s*[:=\-–]*\s*(?:la\s+|theo doi\s+|nghi\s+|kha nang\s+)*{_SEX}",
    # "thai trai", "thai nhi gái", "thai nhi là nam", "thai nhi giới nữ"
    rf"\bth(?:ai|\?i)(?:\s+nhi)?\s*[:,\-]?\s*(?:la\s+|gioi\s+|theo doi\s+)*(?:be\s+|con\s+)?{_SEX}",
    rf"\bgioi\s*[:=]\s*{_SEX}",
    r"\b(?:fetal|foetal)\s+(?:sex|gender)\s*[:=\-]*\s*\w+",
    r"\b46\s*,?\s*x[xy]\b",
    r"\bnhiem sac the\s+(?:gioi tinh\s*[:=]?\s*)?x[xy]\b",
)
_WIDE: Final = (
    rf"\b(?:be|b\?|con|em be|chau)\s+{_SEX}",
    r"\b(?:hinh anh|thay|co|quan sat)\s+(?:duong vat|biu|tinh hoan|moi lon|am ho|am vat)[^.;\n]*",
    r"\bthai\s+\w+\s+(?:duong vat|biu|tinh hoan|moi lon)[^.;\n]*",
)
_FIND_STRICT: Final = re.compile("|".join(_STRICT))
_FIND_WIDE: Final = re.compile("|".join((*_STRICT, *_WIDE)))


def without_fetal_sex(raw: str, *, imaging: bool) -> str:
    """Give the text with every mention of an unborn child's sex cut out; the very same object when there is none.

    `imaging` widens the net (`bé trai`, anatomy) for results read before birth; in notes and summaries those words name born children too.
    Works on folded letters, so lost diacritics, capitals and decomposed Unicode are caught as well.
    """
    if "h" not in raw and "H" not in raw and "f" not in raw and "F" not in raw:
        return raw
    text = raw if unicodedata.is_normalized("NFC", raw) else unicodedata.normalize("NFC", raw)
    folded = _fold(text)
    if not _FETUS.search(folded):
        return raw
    pattern = _FIND_WIDE if imaging else _FIND_STRICT
    spans = [match.span() for match in pattern.finditer(folded)]
    if not spans:
        return raw
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], CUT]
        at = end
    return "".join((*parts, text[at:]))


def _fold(text: str) -> str:
    """Fold letter by letter: the result has the length of the text, so that places agree."""
    if text.isascii():
        return text.lower()
    return text.translate(_TABLE).lower()


def _table() -> dict[int, str]:
    table = dict(_BASE)
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            table[code] = base
    return table


_TABLE: Final = _table()
