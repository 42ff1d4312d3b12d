"""The fan: weeks that were as a line, weeks to come as a broken line within two bands, that widen as they lie further away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.web.words import FIRST, catalogue
from yba.web.words import marked as _n

from .drawing import WIDTH, empty, figure, joined, measured_in, strokes, svg, tag
from .line import HEIGHT, crosses, curve, places, told, under
from .model import Point
from .numbers import Axis, axis, finite, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from .model import Coming

_LEFT, _RIGHT, _TOP, _FOOT = 52, 14, 18, 26
_LABELS: Final = 6  # under it, the name of a week is a day
_TO_COME: Final = _n("Dự báo %(n)s tuần: %(label)s khoảng %(value)s, 95 lần trong 100 từ %(low)s đến %(high)s; xa nhất %(last)s khoảng %(then)s.")
_NOTHING: Final = _n("Không có dự báo.")


def fan(past: Sequence[Point], coming: Sequence[Coming], *, title: str, desc: str = "", unit: str = "", lang: str = FIRST) -> Markup:
    """Draw a course and what is forecast after it; the lighter band holds 95, the darker one 80 of a hundred.

    A forecast that is no number is left out. ``title`` and ``desc`` are read aloud; what the course and the forecast say in numbers is added.
    """
    ahead = [one for one in coming if all(finite(value) is not None for value in one[1:])]
    known = [(place, value) for place, one in enumerate(past) if (value := finite(one.value)) is not None]
    said = " ".join(filter(None, (desc, *told(past, (), unit, lang), _said(ahead, unit, lang))))
    if not known:
        return empty(title, said, "fan", lang)
    foot = HEIGHT - _FOOT
    up, marks = axis([*(value for _, value in known), *(value for one in ahead for value in (one.low95, one.high95))], foot, _TOP, zero=False, most=4)
    labels = [*past, *(Point(one.label, one.value) for one in ahead)]
    along = places(len(labels), _LEFT + 8, WIDTH - _RIGHT - 8)
    joint = [(known[-1][0], known[-1][1])] if known[-1][0] == len(past) - 1 else []
    middle = [*joint, *((len(past) + place, one.value) for place, one in enumerate(ahead))]
    parts = [
        strokes([(up.at(one), number(one, lang)) for one in marks], _LEFT, WIDTH - _RIGHT), *measured_in(unit),
        _band([(one.low95, one.high95) for one in ahead], joint, along[len(past) :], along, up, "c-fan c-fan95"),
        _band([(one.low80, one.high80) for one in ahead], joint, along[len(past) :], along, up, "c-fan c-fan80"),
        curve(known, along, up), curve(middle, along, up, "c-line c-coming"), crosses(past, along[: len(past)], foot),
        *(_dot(one, x, up, unit, lang) for one, x in zip(ahead, along[len(past) :], strict=True)),
        under(labels, along, HEIGHT - 6, most=_LABELS),
    ]  # fmt: skip
    return figure(svg(parts, title=title, desc=said, width=WIDTH, height=HEIGHT), kind="fan")


def _said(ahead: Sequence[Coming], unit: str, lang: str) -> str:
    say = catalogue(lang).gettext
    if not ahead:
        return say(_NOTHING)
    first, last = ahead[0], ahead[-1]
    low, high = number(first.low95, lang), number(first.high95, lang, unit)
    near = {"label": first.label, "value": number(first.value, lang, unit), "low": low, "high": high}
    return say(_TO_COME) % {**near, "n": len(ahead), "last": last.label, "then": number(last.value, lang, unit)}


def _band(
    limits: Sequence[tuple[float, float]], joint: Sequence[tuple[int, float]], x: Sequence[float], along: Sequence[float], up: Axis, class_: str
) -> Markup:
    """Draw one band, from the last week that is known, if it is the one before."""
    corners = [(along[place], up.at(value), up.at(value)) for place, value in joint]
    corners += [(at, up.at(low), up.at(high)) for at, (low, high) in zip(x, limits, strict=True)]
    if len(corners) < 2:  # noqa: PLR2004  one corner has no area
        return joined([])
    over = [f"{at:.1f},{high:.1f}" for at, _, high in corners]
    back = [f"{at:.1f},{low:.1f}" for at, low, _ in reversed(corners)]
    return tag("path", class_=class_, d=f"M{'L'.join([*over, *back])}Z")


def _dot(one: Coming, x: float, up: Axis, unit: str, lang: str) -> Markup:
    words = f"{one.label}: {number(one.value, lang, unit)} (80 %: {number(one.low80, lang)}–{number(one.high80, lang)}"
    words += f", 95 %: {number(one.low95, lang)}–{number(one.high95, lang)})"
    return tag("circle", tag("title", words), class_="c-ring", cx=x, cy=up.at(one.value), r=2.5)
