"""The sex of an unborn child never enters the record (Law 113/2025/QH15 art. 6, NĐ 90/2026 art. 97-99): found in texts and cut from them here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from yba.kit.folding import composed, folded

if TYPE_CHECKING:
    from collections.abc import Iterator

CUT: Final = "[lược bỏ theo luật]"
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
    text = composed(raw)
    plain = folded(text)
    # every match of _FETUS holds one of these, and looking for them is a tenth of the price of the pattern
    if not ("thai" in plain or "th?i" in plain or "fet" in plain or "foet" in plain) or not _FETUS.search(plain):
        return raw
    pattern = _FIND_WIDE if imaging else _FIND_STRICT
    spans = [match.span() for match in pattern.finditer(plain)]
    if not spans:
        return raw
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], CUT]
        at = end
    return "".join((*parts, text[at:]))


def tells_sex(text: str, *, imaging: bool = False) -> bool:
    """Whether a text names the sex of an unborn child."""
    return without_fetal_sex(text, imaging=imaging) is not text


def texts_of(doc: Any) -> Iterator[str]:  # noqa: ANN401  any JSON
    """Yield every text in a document, however deep."""
    if isinstance(doc, str):
        yield doc
    elif isinstance(doc, dict):
        for value in doc.values():
            yield from texts_of(value)
    elif isinstance(doc, (list, tuple)):
        for value in doc:
            yield from texts_of(value)
