"""Which results belong to which service: pairs rows of XML4 with rows of XML3 before anything is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from yba.kit.ids import derived_text

from .words import words

if TYPE_CHECKING:
    from .model import Row, RowKeys

NUMBER, TEXT, NARRATIVE = "number", "text", "narrative"
_NUMERIC: Final = re.compile(r"\s*(?:[<>]=?|[≤≥])?\s*-?[0-9]{1,15}(?:\.[0-9]{1,6}|,[0-9]{1,2}|,[0-9]{4,6})?\s*")
"""A comma followed by three digits may be a thousands separator: such a value stays text."""


def result_kind(row: Row) -> str:
    """Tell what a row of XML4 is: a number, another value, or a report in words."""
    value = row.get("GIA_TRI")
    if value is None:
        return NARRATIVE if "MO_TA" in row or "KET_LUAN" in row else TEXT
    return NUMBER if _NUMERIC.fullmatch(value) else TEXT


def service_kind(row: Row) -> str:
    """Tell what a row of XML3 is by its cost group: report, procedure, supply, or "" for the rest (visit, bed, transport)."""
    kind: str | None = words("kind").get(row.get("MA_NHOM", "").strip())
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
    """Row of XML4 -> id of its Observation."""


def plan(services: list[Row], results: list[Row], keys: RowKeys, facility: str, link: str) -> Plan:
    """Pair the rows of one claim."""
    made = Plan()
    by_code: dict[str, list[int]] = {}
    for n, row in enumerate(services):
        code = row.get("MA_DICH_VU", "").strip()
        if code and service_kind(row) == "report":
            by_code.setdefault(code, []).append(n)
    grouped: dict[str, int] = {}
    used: set[int] = set()
    for n, row in enumerate(results):
        code = row.get("MA_DICH_VU", "").strip()
        narrative = result_kind(row) is NARRATIVE
        service = _service(services, by_code.get(code, ()), row, used if narrative else set())
        if service is not None:
            made.service_of[n] = service
        if narrative:
            if service is not None:
                used.add(service)
                made.told.add(service)
            continue
        made.observations[n] = derived_text("Observation", facility, link, "XML4", keys["XML4"][n], "observation")
        owner = ("XML3", service) if service is not None else ("XML4", grouped.setdefault(code, n))
        made.reports.setdefault(owner, Report(*owner)).results.append(n)
    for numbers in by_code.values():
        for n in numbers:
            if n not in made.told:
                made.reports.setdefault(("XML3", n), Report("XML3", n))
    return made


def _service(services: list[Row], among: list[int] | tuple[int, ...], result: Row, used: set[int]) -> int | None:
    """Choose the service row with the result's time, else its day, else the first that is free."""
    free = [n for n in among if n not in used]
    if len(free) < 2:  # noqa: PLR2004 - nothing to choose
        return free[0] if free else None
    at = result.get("NGAY_KQ", "").strip()
    for length in (12, 8):
        for n in free:
            if at and services[n].get("NGAY_KQ", "").strip()[:length] == at[:length]:
                return n
    return free[0]
