"""Numbers on charts: how they are written in each language, where the strokes of an axis stand, where a value lies on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.web.words import FIRST

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST: Final = 1e300  # what is larger is no measurement, and differences of two would leave the range of numbers
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_COUNTED: Final = (1.0, 2.0, 5.0, 10.0)
_FLAT: Final = 0.3  # of the highest value: a course within it begins its axis above zero, or it would be a straight line
_EXACT: Final = 1e15  # beyond it digits say nothing


def finite(value: float | None) -> float | None:
    """Return a value that can be drawn, else None."""
    return value if value is not None and math.isfinite(value) and abs(value) <= LARGEST else None


def number(value: float, lang: str = FIRST, unit: str = "", digits: int | None = None) -> str:
    """Write a number as the language does (1.234,5 or 1,234.5), with its unit; ``digits`` after the point, None: as many as tell something."""
    if not math.isfinite(value):
        return "–"
    if abs(value) >= _EXACT:
        text = f"{value:.2e}"
    else:
        after = digits if digits is not None else next((one for top, one in ((100, 0), (10, 1), (0.1, 2)) if abs(value) >= top), 4)
        text = f"{value:,.{after}f}"
        if digits is None and "." in text:
            text = text.rstrip("0").rstrip(".")
        text = text.removeprefix("-") if text.strip("-0.,") == "" else text
    if lang == FIRST:
        text = text.translate({ord(","): ".", ord("."): ","})
    return f"{text}\u00a0{unit}" if unit else text


class Axis(NamedTuple):
    """Values from ``low`` to ``high`` laid over units of the drawing from ``start`` to ``end`` (which may run backwards)."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return where a value lies; what is outside is laid on the edge."""
        part = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)


def axis(values: Iterable[float], start: float, end: float, *, zero: bool, most: int = 5, whole: bool = False) -> tuple[Axis, list[float]]:
    """Return the axis for values and where its strokes stand; ``zero``: it begins at zero (bars), else only where that loses nothing.

    ``whole``: what is counted has strokes at whole numbers only.
    """
    known = [one for one in map(finite, values) if one is not None] or [0.0, 1.0]
    low, high = min(known), max(known)
    if zero or (low >= 0 and high - low > _FLAT * high):
        low = min(low, 0.0)
        high = max(high, 0.0)
    if high - low <= abs(high) * 1e-9:
        low, high = (low - abs(low) * 0.1, high + abs(high) * 0.1) if high and not zero else (min(low, 0.0), max(high, 1.0))
    step = _step(high - low, most, _COUNTED) if whole else _step(high - low, most, _STEPS)
    step = max(step, 1.0) if whole else step
    first, last = math.floor(low / step), math.ceil(high / step)
    strokes = [place * step for place in range(int(first), int(last) + 1)]
    return Axis(min(strokes[0], low), max(strokes[-1], high), start, end), strokes  # a product may be a hair below what it was rounded from


def _step(span: float, most: int, steps: tuple[float, ...]) -> float:
    """Return the distance of strokes: one of some numbers times a power of ten, so that no more than ``most`` spaces are needed."""
    rough = max(span / most, 1e-300)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(one * power for one in steps if one * power >= rough * (1 - 1e-9))


def spread(places: Iterable[float], gap: float, low: float, high: float) -> list[float]:
    """Move places apart until texts at them do not lie on one another; they keep their order, and stay within where that can be."""
    order = sorted(enumerate(places), key=lambda one: one[1])
    moved = dict[int, float]()
    last = low - gap
    for index, place in order:
        last = moved[index] = max(place, last + gap)
    following = high + gap
    for index, _ in reversed(order):
        following = moved[index] = max(min(moved[index], following - gap), low)
    return [moved[index] for index in range(len(order))]
