"""Dagger and asterisk codes (TT 06/2026 art. 4): which belong together, what the list's guidance says, and the pair as the record keeps it; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from yba import terminology
from yba.kit import clock

from .model import Warned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .shapes import Doc

MOST_PARTNERS: Final = 6
DUE_TO: Final = "http://hl7.org/fhir/StructureDefinition/condition-dueTo"
_MARKS: Final = "*†+"
_NAMED: Final = re.compile(r"\(([A-Z][0-9]{2}(?:\.[0-9])?)\.?-?\s*\*\)")  # "(M01.3-*)": so the guidance names an asterisk code


def guidance(code: str) -> str:
    """Return what the list of the day says beside a code: what it includes, what is coded elsewhere; "" where it says nothing."""
    known = terminology.lookup(terminology.lists.ICD10, code, clock.today())
    return known.properties.get("note", "") if known else ""


def partners(code: str) -> tuple[str, ...]:
    """Return the asterisk codes that belong to a dagger code: by the table of 2020, where that has none by the guidance of the day's list."""
    listed = [terminology.icd10.normalise(one).rstrip(_MARKS) for one in terminology.icd10.asterisks_of(code)]
    return tuple(dict.fromkeys(listed or _NAMED.findall(guidance(code))))


def pairs(codes: Sequence[str]) -> tuple[Warned, ...]:
    """Say which dagger codes stand without an asterisk code that belongs to them, and which asterisk codes without their dagger."""
    found = []
    bare = {code.rstrip(_MARKS) for code in codes}
    for code in codes:
        mine = partners(code)
        if mine and not any(belongs(one, mine) for one in bare):
            named = ", ".join(mine[:MOST_PARTNERS])
            found.append(Warned("pair", code, f"{code}†: thường kèm mã hoa thị {named}.", f"{code}†: an asterisk code belongs to it: {named}."))
        if is_asterisk(code) and dagger_of(code, codes) is None:
            found.append(Warned("pair", code, f"{code}: mã hoa thị cần mã chữ thập đi kèm.", f"{code}: an asterisk code needs its dagger code."))
    return tuple(found)


def is_asterisk(code: str) -> bool:
    """Whether the list of the day marks a code with an asterisk."""
    known = terminology.icd10.entry(code, clock.today())
    return known is not None and known.marker == "*"


def belongs(code: str, mine: Sequence[str]) -> bool:
    """Whether a code is one of these partners: the guidance names three characters for all that begin with them."""
    return any(code == one or ("." not in one and code.startswith(f"{one}.")) for one in mine)


def dagger_of(code: str, codes: Sequence[str]) -> str | None:
    """Return the dagger code to which an asterisk code of the same visit belongs."""
    bare = code.rstrip(_MARKS)
    return next((one for one in codes if one != code and belongs(bare, partners(one))), None)


def paired(docs: Mapping[str, Doc]) -> dict[str, Doc]:
    """Return the Conditions of a visit with each asterisk code due to its dagger code: claims list codes side by side, the record keeps the pair."""
    found = {}
    for code, doc in docs.items():
        others = [one for one in doc.get("extension", ()) if one.get("url") != DUE_TO]
        dagger = dagger_of(code, list(docs)) if is_asterisk(code) else None
        if dagger is not None:
            others.append({"url": DUE_TO, "valueReference": {"reference": f"Condition/{docs[dagger]['id']}", "display": dagger}})
        plain = {key: value for key, value in doc.items() if key != "extension"}
        found[code] = {**plain, "extension": others} if others else plain
    return found
