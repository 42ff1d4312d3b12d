"""The alert rules as data: `specs/alerts/<name>.toml` says which number of which place is watched, and beyond what somebody is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .forecasts import series
from .measures import Dimension, Kind, PeriodKind, Semantics, measures
from .reading import Reading, Words

if TYPE_CHECKING:
    from datetime import date

FOLDER: Final = Path(__file__).with_name("alerts")
PLACES: Final = (Dimension.FACILITY, Dimension.COMMUNE, Dimension.DETAIL)  # an alert is about one of each at most


class RuleKind(StrEnum):
    """How a rule judges."""

    TARGET = "target"  # worse than the measure's target
    LIMITS = "limits"  # outside the control limits its own past makes
    RISING = "rising"  # higher each period than the one before, for so many periods
    SILENT = "silent"  # a facility that told of no visit for so many days
    ENDEMIC = "endemic"  # above the endemic channel: the same weeks of earlier years
    JUMP = "jump"  # one detail's share of all details jumps
    FORECAST = "forecast"  # outside the interval that was forecast


class Severity(StrEnum):
    """How soon somebody has to look."""

    INFO = "info"
    WARNING = "warning"
    URGENT = "urgent"


class Side(StrEnum):
    """Which side of a limit is told of."""

    ABOVE = "above"
    BELOW = "below"
    BOTH = "both"


class Every(StrEnum):
    """How often a rule is judged."""

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    ``by``: which places it judges one by one, () = the province; ``details``: only these values of the measure's own dimension, () = all of them.
    ``past``: periods (endemic: years) that make the limits, silence: days after which a facility is taken to be closed; ``fewest``: of them needed.
    ``least``: below this value (of a share its events, of a mean its size) nothing is told. ``settle``: days after its end before a period is
    judged, because what happened in it is still being sent. ``days``: of silence. ``factor``: rising: last ÷ first; jump: share ÷ share before.
    ``value``: the target.
    """

    name: str
    kind: RuleKind
    title: Words
    why: Words
    severity: Severity
    measure: str
    series: str
    period: PeriodKind
    by: tuple[Dimension, ...]
    details: tuple[str, ...]
    side: Side
    past: int
    fewest: int
    least: float
    settle: int
    days: int
    factor: float
    value: float | None
    every: Every
    source: str
    owner: str
    valid_from: date
    checked_by: str
    next_review: date


_TEXTS: Final = ("source", "owner", "checked_by")
_NUMBERS: Final = {"past": 0, "fewest": 0, "settle": 0, "days": 0}
_KNOWN: Final = frozenset(
    (*_TEXTS, *_NUMBERS, "kind", "title", "why", "severity", "measure", "series", "period", "by", "details", "side", "least", "factor", "value",
     "every", "valid_from", "next_review")
)  # fmt: skip


@cache
def alerts() -> dict[str, Rule]:
    """Give every rule by name, in order of names. Raises SpecError naming file, key and rule."""
    return load(FOLDER)


def load(folder: Path) -> dict[str, Rule]:
    """Read the rules of a folder. Raises SpecError naming file, key and rule."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}


def _read(path: Path) -> Rule:
    at = Reading(path.name)
    data = at.toml(path)
    at.keys(data, ("kind", "title", "why", "severity", *_TEXTS, "valid_from", "next_review"), _KNOWN, "a rule")
    made = _made(path, data, at)
    _check(at, made)
    return made


def _made(path: Path, data: dict[str, Any], at: Reading) -> Rule:
    value = data.get("value")
    told: dict[str, Any] = {key: int(_number(at, key, data.get(key, usual))) for key, usual in _NUMBERS.items()}
    told |= {key: str(data[key]) for key in _TEXTS} | {key: at.day(key, data[key]) for key in ("valid_from", "next_review")}
    return Rule(
        name=path.stem,
        kind=at.one("kind", RuleKind, data["kind"]),
        title=at.words("title", data["title"]),
        why=at.words("why", data["why"]),
        severity=at.one("severity", Severity, data["severity"]),
        measure=str(data.get("measure", "")),
        series=str(data.get("series", "")),
        period=at.one("period", PeriodKind, data.get("period", "week")),
        by=tuple(at.one("by", Dimension, one) for one in data.get("by", ())),
        details=tuple(data.get("details", ())),
        side=at.one("side", Side, data.get("side", "above")),
        least=_number(at, "least", data.get("least", 0)),
        factor=_number(at, "factor", data.get("factor", 0)),
        value=None if value is None else _number(at, "value", value),
        every=at.one("every", Every, data.get("every", "day")),
        **told,
    )


def _check(at: Reading, made: Rule) -> None:
    kind, spec = made.kind, measures().get(made.measure)
    measured = kind not in {RuleKind.SILENT, RuleKind.FORECAST}
    by = {*made.by, *((Dimension.DETAIL,) if made.details or kind is RuleKind.JUMP else ())}
    rules = (
        ("measure", (spec is not None) == measured, "names a measure, where the rule judges one"),
        ("measure", spec is None or spec.semantics is Semantics.FLOW or kind is RuleKind.TARGET, "a stock and a sum over the year have no limits"),
        ("measure", spec is None or kind is not RuleKind.LIMITS or not spec.ratio, "a share of sums has no limits that chance makes"),
        ("period", spec is None or made.period in spec.periods, "is one the measure has"),
        ("by", spec is None or by <= set(spec.dimensions), "is among the measure's dimensions"),
        ("by", set(made.by) <= set(PLACES) and len(set(made.by)) == len(made.by), "is facility, commune, detail, each once"),
        ("by", kind is not RuleKind.SILENT or made.by == (Dimension.FACILITY,), "only a facility is silent"),
        ("series", (made.series in series()) == (kind is RuleKind.FORECAST), "names a series of forecasts, where the rule judges one"),
        ("value", (kind is RuleKind.TARGET) == (made.value is not None), "is needed by a rule of targets, and only there"),
        ("past", kind in {RuleKind.TARGET, RuleKind.SILENT, RuleKind.FORECAST} or made.past > 0, "is needed: periods (endemic: years) before"),
        ("past", kind is not RuleKind.SILENT or made.past > made.days, "is needed: days after which a facility is taken to be closed"),
        ("fewest", made.fewest <= made.past or kind is RuleKind.ENDEMIC, "is no more than past"),
        ("days", (made.days > 0) == (kind is RuleKind.SILENT), "is needed by a rule of silence, and only there"),
        ("factor", (made.factor > 0) == (kind in {RuleKind.RISING, RuleKind.JUMP}), "is needed where something rises or jumps, and only there"),
        ("measure", kind not in {RuleKind.ENDEMIC, RuleKind.JUMP} or (spec is not None and spec.kind is Kind.COUNT), "counts"),
        ("period", kind is not RuleKind.ENDEMIC or made.period is PeriodKind.WEEK, "an endemic channel is of weeks"),
        ("next_review", made.next_review > made.valid_from, "comes after valid_from"),
    )
    at.hold(rules)


def _number(at: Reading, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise at.fault(key, "is a number of 0 or more")
    return float(value)
