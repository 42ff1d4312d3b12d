"""Which results belong to which service: pairs rows of XML4 with rows of XML3 before anything is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .words import words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from .model import Row

NUMBER, TEXT, NARRATIVE = "number", "text", "narrative"
NONE: Final[frozenset[int]] = frozenset()
_NUMERIC: Final = re.compile(r"\s*(?:[<>]=?|[≤≥])?\s*-?[0-9]{1,15}(?:\.[0-9]{1,6}|,[0-9]{1,2}|,[0-9]{4,6})?\s*")
"""A comma followed by three digits may be a thousands separator: such a value stays text."""


def result_kind(row: Row) -> str:
    """Tell what a row of XML4 is: a number, another value, or a report in words."""
    value = row.get("GIA_TRI")
    if value is None:
        return NARRATIVE if "MO_TA" in row or "KET_LUAN" in row else TEXT
    return _short_kind(value) if len(value) <= 64 else _value_kind(value)  # noqa: PLR2004 - as codecs.LONGEST_REMEMBERED


def _value_kind(value: str) -> str:
    return NUMBER if _NUMERIC.fullmatch(value) else TEXT


_short_kind: Final = lru_cache(maxsize=16_384)(_value_kind)


def service_kind(row: Row) -> str:
    """Tell what a row of XML3 is by its cost group: report, procedure, supply, or "" for the rest (visit, bed, transport)."""
    kind: str | None = words("kind").get(row["MA_NHOM"].strip()) if "MA_NHOM" in row else None
    if kind is None and "MA_VAT_TU" in row and "MA_DICH_VU" not in row:
        return "supply"
    return kind or ""


@dataclass(slots=True)
class Report:
    """One DiagnosticReport: the row it belongs to and the rows of XML4 (positions) that are its results."""

    table: str
    index: int
    results: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """The pairs of one claim. Positions count from 0."""

    reports: dict[tuple[str, int], Report] = field(default_factory=dict)
    """Reports by the row that owns them."""
    service_of: dict[int, int] = field(default_factory=dict)
    """Row of XML4 -> row of XML3 it was done under."""
    told: set[int] = field(default_factory=set)
    """Rows of XML3 whose report is the narrative row of XML4."""
    conclusions: dict[int, str] = field(default_factory=dict)
    """Row of XML4 -> its conclusion as the record shows it."""
    readers: dict[int, dict[str, str]] = field(default_factory=dict)
    """Row of XML4 -> who read it."""
    observations: dict[int, str] = field(default_factory=dict)
    """Row of XML4 -> id of its Observation, once it is made."""
    services: list[str] = field(default_factory=list)
    """Kind of each row of XML3."""
    results: list[str] = field(default_factory=list)
    """Kind of each row of XML4."""


def plan(services: list[Row], results: list[Row]) -> Plan:
    """Pair the rows of one claim."""
    made = Plan(services=[service_kind(row) for row in services], results=[result_kind(row) for row in results])
    by_code = _reports_by_code(services, made.services)
    grouped: dict[str, int] = {}
    for n, (row, kind) in enumerate(zip(results, made.results, strict=True)):
        code = row.get("MA_DICH_VU", "").strip()
        narrative = kind is NARRATIVE
        service = _service(services, by_code.get(code, ()), row, made.told if narrative else NONE)
        if service is not None:
            made.service_of[n] = service
        if narrative:
            if service is not None:
                made.told.add(service)
            continue
        owner = ("XML3", service) if service is not None else ("XML4", grouped.setdefault(code, n))
        report = made.reports.get(owner)
        if report is None:
            report = made.reports[owner] = Report(*owner)
        report.results.append(n)
    for numbers in by_code.values():
        for n in numbers:
            if n not in made.told:
                made.reports.setdefault(("XML3", n), Report("XML3", n))
    return made


def _reports_by_code(services: list[Row], kinds: list[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for n, (row, kind) in enumerate(zip(services, kinds, strict=True)):
        code = row.get("MA_DICH_VU", "").strip() if kind == "report" else ""
        if code:
            found.setdefault(code, []).append(n)
    return found


def _service(services: list[Row], among: Sequence[int], result: Row, used: AbstractSet[int]) -> int | None:
    """Choose the service row with the result's time, else its day, else the first that is free."""
    free = [n for n in among if n not in used] if used else among
    if len(free) < 2:  # noqa: PLR2004 - nothing to choose
        return free[0] if free else None
    at = result.get("NGAY_KQ", "").strip()
    for length in (12, 8):
        for n in free:
            if at and services[n].get("NGAY_KQ", "").strip()[:length] == at[:length]:
                return n
    return free[0]
