"""Laboratory items by the name a hospital gives them: which item, and the LOINC code when the unit fits it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from yba.kit.text import fold

from . import files, lists, units
from .catalogue import open_edition
from .queries import translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from .model import Concept

LONGEST: Final = 300
_BRACKETS: Final = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_JUNK: Final = re.compile(r"[^a-z0-9%#]+")
_SIGN: Final = re.compile(r"\s*([%#])")
_ANNOTATION: Final = re.compile(r"\{[^{}]*\}")
_ENZYME_UNIT: Final = re.compile(r"^([kmun]?)U(?=/|$)")
_URINE: Final = re.compile(r"\b(?:nuoc tieu|nieu|urine)\b")
_BLOOD: Final = re.compile(r"\b(?:mau|huyet (?:thanh|tuong|hoc)|blood|serum)\b")
_OTHER: Final = re.compile(r"\b(?:dich|nao tuy|dnt|dom|mang phoi|khop|csf|(?<!toan )(?<!thanh )(?<!mot )phan(?! tich| tram| loai| ung| ly| bo))\b")
_LEADS: Final = (
    "tong phan tich",
    "dinh luong",
    "dinh tinh",
    "do hoat do",
    "do nong do",
    "nong do",
    "hoat do",
    "xet nghiem",
    "xn",
    "chi so",
    "so luong",
    "thoi gian",
    "do",
)
_TAILS: Final = ("trong mau", "huyet thanh", "huyet tuong", "mau toan phan", "mau", "bang may", "tu dong", "test nhanh")


@dataclass(frozen=True, slots=True)
class LabItem:
    """What a result line is about.

    ``key`` groups the same item whatever its unit (the LOINC of its usual unit); ``loinc`` is "" when the unit is
    missing where it decides, unknown, or of another kind: no code is better than a wrong one. ``ucum`` is the unit as
    given, in UCUM ("" unknown). ``verified``: the LOINC display was compared with the item.
    """

    key: str
    name_vi: str
    name_en: str
    loinc: str
    loinc_display: str
    ucum: str
    specimen: str
    verified: bool


@lru_cache(maxsize=32_768)
def find(name: str, unit: str = "", context: str = "") -> LabItem | None:
    """The item of a result line by its name (any tones, abbreviations); None when the name is not known.

    ``context`` is the name of the service it belongs to: "Tổng phân tích nước tiểu" turns Glucose into urine glucose.
    """
    if len(name) > LONGEST or len(context) > LONGEST:
        return None
    ucum = units.canonical(unit)
    may_be = _specimen(name, context)
    found = next((items for key in _keys(name) if (items := _index().get(key))), ())
    fitting = [item for item in found if may_be(item.properties.get("specimen", ""))]
    if len(fitting) > 1:
        fitting = [item for item in fitting if unit.strip() and _loinc_for(item, unit, ucum)]
    if len(fitting) != 1:
        return None
    return _answer(fitting[0], _loinc_for(fitting[0], unit, ucum), ucum)


def _specimen(name: str, context: str) -> Callable[[str], bool]:
    """Which specimens the words of the line allow; everything when they say nothing."""
    text = f"{fold(name)} {fold(context)}"
    if _URINE.search(text):
        return {"Nước tiểu"}.__contains__
    if _OTHER.search(text):
        return {"Đờm", "Dịch hô hấp"}.__contains__
    if context or _BLOOD.search(text):
        return lambda specimen: specimen != "Nước tiểu"
    return lambda _: True


def _answer(item: Concept, loinc: str, ucum: str) -> LabItem:
    said = item.properties
    usual = loinc == item.code
    ucum = _as_meant(ucum, said.get("ucum", ""))
    display = said.get("loinc_display", "") if usual else _display(loinc)
    return LabItem(
        item.code,
        item.display,
        item.display_en,
        loinc,
        display,
        ucum,
        said.get("specimen", ""),
        verified=said.get("check") == "display_seen" if usual else bool(display),
    )


def _display(loinc: str) -> str:
    concept = open_edition(lists.LOINC, "subset-1").find(loinc) if loinc else None
    return concept.display_en if concept else ""


def _loinc_for(item: Concept, raw_unit: str, ucum: str) -> str:
    """The LOINC code whose kind of quantity the unit measures, or ""."""
    usual = item.properties.get("ucum", "")
    others = translate(lists.LOINC_UNITS, item.code)
    if not raw_unit.strip():
        return "" if others else item.code
    if not ucum or not usual or _annotation(usual) - _annotation(ucum):
        return ""
    if units.commensurable(_as_meant(ucum, usual), usual):
        return item.code
    for target in others:
        unit = target.relation.partition(">")[2]
        if units.commensurable(ucum, unit):
            return target.code
    return ""


def _annotation(ucum: str) -> set[str]:
    """What a unit says beside the unit and must be said too (mg/L{FEU}, per 1.73 m²); a bare {INR} says nothing more."""
    return set() if ucum.startswith("{") else set(_ANNOTATION.findall(ucum))


def _as_meant(ucum: str, usual: str) -> str:
    """Laboratories write U and IU for one another: enzymes are measured in U, hormones and antibodies in [IU]."""
    return _ENZYME_UNIT.sub(r"\1[IU]", ucum) if "[IU]" in usual else ucum.replace("[IU]", "U")


@cache
def _index() -> dict[str, tuple[Concept, ...]]:
    """Every known spelling to the items it may mean."""
    extra = tomllib.loads((files.PACKAGED / "lab_names.toml").read_text("utf-8"))["names"]
    found: dict[str, dict[str, Concept]] = {}
    for item in open_edition(lists.LAB, "common-1").all():
        spellings = {key for name in (item.display, *extra.get(item.code, ())) for key in _keys(name)}
        for key in spellings:
            found.setdefault(key, {})[item.code] = item
    return {key: tuple(items.values()) for key, items in found.items()}


def _keys(name: str) -> tuple[str, ...]:
    """What to look for, in order: the whole, without what stands in brackets, what stands in brackets."""
    text = _SIGN.sub(r"\1", fold(unicodedata.normalize("NFKC", name)))
    inside = [_clean(part) for part in _BRACKETS.findall(text)]
    without = _clean(_BRACKETS.sub(" ", text))
    keys = [_clean(text), without, *inside]
    return tuple(dict.fromkeys(key for key in keys if key and key not in _WEAK))


_WEAK: Final = frozenset({"mau", "huyet thanh", "huyet tuong", "nuoc tieu", "dich", "serum", "blood", "urine", "phan", "%", "#"})


def _clean(text: str) -> str:
    """Only letters and digits, and without the words every item begins or ends with."""
    text = " ".join(_JUNK.sub(" ", text).split())
    for lead in _LEADS:
        text = text.removeprefix(f"{lead} ")
    for tail in _TAILS:
        text = text.removesuffix(f" {tail}")
    return text
