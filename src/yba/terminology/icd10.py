"""ICD-10 as a typed thing: spelling, markers, the rule columns of TT 06/2026, the edits of QĐ 4469 and their ages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from . import lists, spelling
from .queries import lookup, translate

if TYPE_CHECKING:
    from datetime import date

    from .model import Concept

normalise = spelling.icd10


@dataclass(frozen=True, slots=True)
class AgeRule:
    """An age edit of QĐ 4469: both ends included; in days when under 28 days matter, else in full years."""

    text_vi: str
    unit: str  # "day" | "year"
    least: int
    most: int | None


AGE_RULES: Final = {
    "A3.1": AgeRule("Bệnh trẻ sơ sinh (phù hợp tuổi: 0 - 365 ngày)", "day", 0, 365),
    "A3.2": AgeRule("Bệnh trẻ nhỏ (tuổi hợp lệ: 0 ngày - 2 tuổi)", "year", 0, 2),
    "A3.3": AgeRule("Bệnh ở trẻ lớn (tuổi hợp lệ: 0 ngày – 10 tuổi)", "year", 0, 10),
    "A3.4": AgeRule("Bệnh ở thanh thiếu niên (tuổi hợp lệ: 0 ngày – 19 tuổi)", "year", 0, 19),
    "A3.5": AgeRule("Bệnh ở trẻ mới đẻ (tuổi hợp lệ: trên 27 ngày tuổi)", "day", 28, None),
    "A3.6": AgeRule("Bệnh trẻ em (tuổi hợp lệ: 1 tuổi trở lên)", "year", 1, None),
    "A3.7": AgeRule("Bệnh của tuổi dậy thì (tuổi hợp lệ: 8 – 19 tuổi)", "year", 8, 19),
    "A3.8": AgeRule("Bệnh sản phụ khoa (tuổi hợp lệ: 9 – 60 tuổi)", "year", 9, 60),
    "A3.9": AgeRule("Bệnh của người trưởng thành (tuổi hợp lệ: trên 15 tuổi)", "year", 16, None),
    "A3.10": AgeRule("Bệnh người lớn (tuổi hợp lệ: trên 30 tuổi)", "year", 31, None),
}


@dataclass(frozen=True, slots=True)
class Icd10:
    """One code with what the edition rules about it.

    ``never_main`` column 24 (or A2 of QĐ 4469) · ``discouraged_main`` 25 · ``unusable`` 26: a more specific code
    exists · ``death_only`` 27 · ``sex`` "female" (28), "male" (29) or "" · ``ages`` rules of QĐ 4469 · ``marker``
    "†", "*" or "".
    """

    code: str
    edition: str
    display: str
    display_en: str
    marker: str
    chapter: str
    block: str
    never_main: bool
    discouraged_main: bool
    unusable: bool
    death_only: bool
    sex: str
    ages: tuple[AgeRule, ...]


_entries: dict[tuple[str, str], Icd10] = {}  # never more than both editions have codes


def entry(raw: str, on: date | None = None) -> Icd10 | None:
    """The code (any spelling) in the edition in force on the day a visit ended; None when it is not a code there."""
    concept = lookup(lists.ICD10, raw, on)
    if concept is None or concept.abstract:
        return None
    key = (concept.edition, concept.code)
    return _entries.get(key) or _entries.setdefault(key, _typed(concept))


def _typed(concept: Concept) -> Icd10:
    said = concept.properties
    return Icd10(
        code=concept.code,
        edition=concept.edition,
        display=concept.display,
        display_en=concept.display_en,
        marker=said.get("marker", ""),
        chapter=said.get("chapter", ""),
        block=said.get("block", ""),
        never_main="never_main" in said,
        discouraged_main="discouraged_main" in said,
        unusable="unusable" in said,
        death_only="death_only" in said,
        sex=said.get("sex", ""),
        ages=tuple(AGE_RULES[rule] for rule in said.get("ages", "").split(";") if rule),
    )


def asterisks_of(dagger: str) -> tuple[str, ...]:
    """The asterisk codes that may stand beside a dagger code (pairs of the 2020 edition), dotted."""
    return tuple(target.code for target in translate(lists.ICD10_PAIRS, normalise(dagger)))


def successor(code_2020: str) -> str:
    """The same code in TT 06/2026, or "": for the 208 dropped codes no official conversion was found."""
    found = translate(lists.ICD10_TT06, normalise(code_2020))
    return found[0].code if found else ""
