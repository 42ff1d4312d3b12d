"""What is forecast, as data: `specs/forecasts.toml` names the series of weeks, `specs/holidays.csv` the days that move them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from .measures import Dimension, Kind, PeriodKind, Semantics, measures
from .reading import Reading, Words, table

SERIES: Final = Path(__file__).with_name("forecasts.toml")
HOLIDAYS: Final = Path(__file__).with_name("holidays.csv")


@dataclass(frozen=True, slots=True)
class Series:
    """One series of weeks: a measure that counts, of all or of one value of its detail; ``each_facility``: each facility's own too.

    ``adds_up``: the facts of a long time are those of its weeks together, so that one reading gives all weeks; not where a measure counts whom it
    counted before only once in a period.
    """

    name: str
    title: Words
    measure: str
    detail: str
    each_facility: bool
    adds_up: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """How all series are forecast; weeks unless said otherwise.

    ``settle_days``: after a week's end before it is taken as told. ``heard``: share of the usual visits whose facilities were heard, below which a
    week is a gap. ``least``: the median week of the last year, in the series' unit, below which it is not forecast. ``first_origin``: history a
    model needs; ``step`` between origins of the back-test, ``origins`` at most and ``fewest_origins`` at least; ``coverage``: share of tried weeks
    the 95 % interval must hold.
    """

    ahead: int
    history: int
    settle_days: int
    heard: float
    least: float
    first_origin: int
    step: int
    origins: int
    fewest_origins: int
    coverage: float


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days off: from a day to another (included); kind "tet" moves by the moon, "public" are the others."""

    kind: str
    first: date
    last: date


_TERMS: Final = {
    "ahead": int, "history": int, "settle_days": int, "heard": float, "least": float, "first_origin": int, "step": int, "origins": int,
    "fewest_origins": int, "coverage": float,
}  # fmt: skip
_KEYS: Final = ("title", "measure", "detail", "each_facility", "adds_up")
_KINDS: Final = ("tet", "public")


@cache
def _told() -> dict[str, Any]:
    return Reading(SERIES.name).toml(SERIES)


@cache
def terms() -> Terms:
    """Give the terms of all forecasts. Raises SpecError."""
    given = _told().get("terms", {})
    if set(given) != set(_TERMS) or not all(isinstance(value, int | float) and value > 0 for value in given.values()):
        raise Reading(SERIES.name).fault("terms", f"has the positive numbers {', '.join(_TERMS)}, no others")
    return Terms(**{key: made(given[key]) for key, made in _TERMS.items()})


@cache
def series() -> dict[str, Series]:
    """Give every series by name, in the order of the file. Raises SpecError naming key and rule."""
    return {name: _series(Reading(f"{SERIES.name}: series.{name}"), name, one) for name, one in _told().get("series", {}).items()}


def _series(at: Reading, name: str, told: dict[str, Any]) -> Series:
    at.keys(told, ("title", "measure"), _KEYS, "a series")
    spec, detail = measures().get(at.text("measure", told["measure"])), at.text("detail", told.get("detail", ""))
    rules = (
        ("measure", spec is not None and spec.kind is Kind.COUNT and spec.semantics is Semantics.FLOW, "names a count of what happens"),
        ("measure", spec is not None and PeriodKind.WEEK in spec.periods, "has weeks"),
        ("detail", not detail or (spec is not None and Dimension.DETAIL in spec.dimensions), "wants a measure with details"),
    )
    at.hold(rules)
    return Series(name, at.words("title", told["title"]), told["measure"], detail, told.get("each_facility") is True, told.get("adds_up") is True)


@cache
def holidays() -> tuple[Holiday, ...]:
    """Give the days off of Vietnam, in order of time. Raises SpecError."""
    at, (_, rows) = Reading(HOLIDAYS.name), table(HOLIDAYS)
    found = [Holiday(kind, date.fromisoformat(first), date.fromisoformat(last)) for kind, first, last in rows]
    for one in found:
        at.hold([(str(one.first), one.kind in _KINDS and one.first <= one.last, "kind is tet or public, and it ends no earlier than it begins")])
    return tuple(sorted(found, key=lambda one: one.first))
