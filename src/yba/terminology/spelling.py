"""How claims spell the codes of a list, and the one spelling we look up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST: Final = 64
# Markers of TT 06/2026 and what programs type instead: dagger † ‡ ✝ +, asterisk * ＊, with or without brackets.
_ICD: Final = re.compile(r"([A-Z])([0-9]{2})(?:\.?([0-9]{1,3}))?\.?\s*(?:\(?\s*[†‡✝+*＊]\s*\)?)*")
_SERVICE_TAIL: Final = re.compile(r"(?:\.K\.?[0-9A-Z]{5}|_(?:GT|TB|TT))+$")
_DEPARTMENT: Final = re.compile(r"K(?P<first>[0-9]{2})(?P<joined>(?:[0-9]{2})*)(?:\.(?P<sub>[0-9]))?(?:\.D(?P<unit>[0-9]{2}))?")


def icd10(raw: str) -> str:
    """``J189``, ``j18.9``, ``A17.0†`` -> ``J18.9``, ``A17.0``; "" when it is no ICD-10 code at all."""
    found = _ICD.fullmatch(raw.strip().upper())
    if found is None:
        return ""
    letter, two, rest = found.groups()
    return f"{letter}{two}.{rest}" if rest else f"{letter}{two}"


def service(raw: str) -> str:
    """The service code without its suffixes (_GT, _TB, _TT, .K.WWWWW): ``01.0009.0098_GT`` -> ``01.0009.0098``."""
    return _SERVICE_TAIL.sub("", raw.strip().upper())


def department(raw: str) -> str:
    """The listed code a department belongs to: ``K02.D35`` -> ``K02``, ``K16.2`` -> ``K16.2``, ``K0809`` -> ``K08``."""
    found = _DEPARTMENT.fullmatch(raw.strip().upper())
    if found is None:
        return ""
    base = f"K{found['first']}"
    return f"{base}.{found['sub']}" if found["sub"] and not found["joined"] else base


def department_parts(raw: str) -> tuple[str, ...]:
    """All departments of one code by the grammar of QD 1804: ``K0809`` -> (K08, K09); () when malformed."""
    found = _DEPARTMENT.fullmatch(raw.strip().upper())
    if found is None:
        return ()
    numbers = [found["first"], *re.findall("[0-9]{2}", found["joined"])]
    return tuple(f"K{number}" for number in numbers)


def registration(raw: str) -> str:
    """A registration number without blanks, in capitals: `` vd-22154-15`` -> ``VD-22154-15``."""
    return "".join(raw.split()).upper()


def upper(raw: str) -> str:
    """Outer blanks off, capitals."""
    return raw.strip().upper()


def plain(raw: str) -> str:
    """Outer blanks off."""
    return raw.strip()


def exact(raw: str) -> str:
    """As it is: case and blanks have a meaning."""
    return raw


SPELLINGS: Final[dict[str, Callable[[str], str]]] = {
    "icd10": icd10,
    "service": service,
    "department": department,
    "registration": registration,
    "upper": upper,
    "plain": plain,
    "exact": exact,
}
