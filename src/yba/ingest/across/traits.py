"""What of a claim other claims of the same person are held against, as one number: a stay, chronic care, dialysis, and the disease."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from yba import terminology
from yba.ingest.checks.values import MINUTES, Remembered
from yba.specs.value_sets import value_set

if TYPE_CHECKING:
    from yba.ingest.model import ParsedClaim

STAYS: Final = frozenset({"03", "04", "06", "09"})
LONG_TERM: Final = frozenset({"05", "08"})
AMBULANT: Final = frozenset({"01", "02", "05", "07", "08"})
UNTOLD: Final = frozenset({"917", "4210"})
"""Decisions whose care types do not know chronic care."""
SERVICE_PARTS: Final = 3
_CATEGORY: Final = re.compile("([A-Z])([0-9]{2})")
_SHIFT: Final = 8
_PER_LETTER: Final = 100


STAY, CHRONIC, DIALYSIS = 1, 2, 4
"""The low bits: a bed from one minute to another; long-term care of a chronic disease that is named; regular haemodialysis without a stay."""


def _is_dialysis(code: str) -> bool:
    parts = terminology.service_base(code).split(".")
    return len(parts) == SERVICE_PARTS and value_set("chronic-dialysis").has(parts[-1])


DIALYSES: Final = Remembered[bool](_is_dialysis)


def traits_of(claim: ParsedClaim) -> int:
    """Give the traits of a claim; 0 for the many that no rule across claims can concern."""
    heads = claim.tables.get("XML1")
    if not heads:
        return 0
    head = heads[0]
    care = head.get("MA_LOAI_KCB", "").strip().zfill(2)
    traits = 0
    if care in STAYS:
        begun, ended = MINUTES[head.get("NGAY_VAO", "")], MINUTES[head.get("NGAY_RA", "")]
        traits = STAY if begun is not None and ended is not None and begun < ended else 0
    elif care in AMBULANT:
        if any(DIALYSES[row.get("MA_DICH_VU", "")] for row in claim.tables.get("XML3", ())):
            traits = DIALYSIS
        if care in LONG_TERM and claim.decision not in UNTOLD:
            traits |= _chronic(head.get("MA_BENH_CHINH", ""))
    return traits


def _chronic(code: str) -> int:
    """The flag with the category of the disease; nothing where no category is named."""
    found = _CATEGORY.match(code.strip().upper())
    if found is None:
        return 0
    letter, number = found.groups()
    return CHRONIC | ((ord(letter) - ord("A")) * _PER_LETTER + int(number) + 1) << _SHIFT


def disease(traits: int) -> str:
    """Give the category ("I10") of chronic care; "" for other claims."""
    packed = traits >> _SHIFT
    if not packed:
        return ""
    letter, number = divmod(packed - 1, _PER_LETTER)
    return f"{chr(letter + ord('A'))}{number:02}"
