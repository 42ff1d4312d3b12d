"""The thin seam to terminology: what the mapping asks it, remembered; where it knows nothing, only the national code stays."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from yba import terminology
from yba.specs import systems

from .codecs import CODECS

if TYPE_CHECKING:
    from datetime import date, datetime

TEXT: Final = CODECS["text"]
ICD9CM_MAP: Final = "service-icd9cm"
_WHO: Final = re.compile(r"([A-Z][0-9][0-9])\.?([0-9])?")


@lru_cache(maxsize=4_096)
def icd10_edition(on: date | None) -> str:
    """Give the id of the ICD-10 edition in force on a day; the newest when the day is unknown; "" when there was none."""
    edition = terminology.edition_on("icd10", on)
    return edition.info.id if edition else ""


@lru_cache(maxsize=32_768)
def who_icd10(code: str) -> str:
    """Give the WHO code a national ICD-10 code stands for: the same up to four characters, else ""."""
    match = _WHO.fullmatch(code.strip().upper().rstrip("*†+"))
    if match is None:
        return ""
    return f"{match[1]}.{match[2]}" if match[2] else match[1]


@lru_cache(maxsize=16_384)
def icd10_name(code: str, on: date | None) -> str:
    """Give the Vietnamese name of an ICD-10 code, "" when unknown."""
    concept = terminology.lookup("icd10", code, on)
    return concept.display if concept else ""


@lru_cache(maxsize=1_024)
def department_name(code: str) -> str:
    """Give the name of a department code (K01), "" when unknown."""
    concept = terminology.lookup("department", code)
    return concept.display if concept else ""


@lru_cache(maxsize=16_384)
def loinc(name: str, unit: str, service: str) -> str:
    """Give the LOINC code of a result line, "" when it is not certain."""
    found = terminology.labs.find(name, unit, service)
    return found.loinc if found else ""


@lru_cache(maxsize=4_096)
def ucum(unit: str) -> str:
    """Give the UCUM code of a unit as laboratories write it, "" when unknown."""
    return terminology.units.canonical(unit) or ""


@lru_cache(maxsize=16_384)
def icd9cm(service: str) -> tuple[str, ...]:
    """Give the ICD-9-CM codes of a service code (QĐ 4440), () when there are none."""
    return tuple(found.code for found in terminology.translate(ICD9CM_MAP, terminology.service_base(service)))


def day(moment: datetime | None) -> date | None:
    """Give the day of a moment."""
    return moment.date() if moment else None


def system(name: str) -> str:
    """Give the URI of a code system."""
    return systems.system(name)


def clean(name: str) -> str:
    """Give a name as it may be shown: without what FHIR cannot hold; "" when nothing is left."""
    return name if TEXT.encode(name) else TEXT.loose(name) or ""
