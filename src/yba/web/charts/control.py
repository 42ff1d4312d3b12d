"""The control chart: a course with its centre and limits; what lies outside is marked by shape and by word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.web.words import FIRST, catalogue
from yba.web.words import marked as _n

from .drawing import WIDTH, empty, figure, joined, measured_in, strokes, svg, tag, text
from .line import HEIGHT, crosses, curve, places, told, under
from .model import Point
from .numbers import Axis, axis, finite, number, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from .model import Watched

_LEFT, _RIGHT, _TOP, _FOOT = 52, 78, 18, 26
_MARKED: Final = 60
_ABOVE: Final = _n("trên giới hạn")
_BELOW: Final = _n("dưới giới hạn")
_OUTSIDE: Final = _n("Ngoài giới hạn: %(which)s.")
_INSIDE: Final = _n("Không có kỳ nào ngoài giới hạn.")
_SIGNALS: Final = _n("Dấu hiệu: %(which)s.")
_NAMES: Final = (("high", _n("giới hạn trên")), ("centre", _n("trung bình")), ("low", _n("giới hạn dưới")))


def control(points: Sequence[Watched], *, title: str, desc: str = "", unit: str = "", lang: str = FIRST) -> Markup:
    """Draw a course with the limits of each moment (steps where they change); a diamond with a word is outside, a ring has a signal.

    The limits are given, never computed here (warehouse/limits); values in ``unit``.
    """
    plain = [Point(one.label, one.value, one.why) for one in points]
    known = [(place, value) for place, one in enumerate(points) if (value := finite(one.value)) is not None]
    said = " ".join(filter(None, (desc, *told(plain, (), unit, lang), *_told(points, lang))))
    if not known:
        return empty(title, said, "control", lang)
    foot = HEIGHT - _FOOT
    limits = [value for one in points for value in (one.centre, one.low, one.high) if finite(value) is not None and value is not None]
    up, marks = axis([*(value for _, value in known), *limits], foot, _TOP, zero=False, most=4)
    along = places(len(points), _LEFT + 8, WIDTH - _RIGHT - 4)
    parts = [
        strokes([(up.at(one), number(one, lang)) for one in marks], _LEFT, WIDTH - _RIGHT), *measured_in(unit),
        *(_steps(points, name, along, up) for name, _ in _NAMES), _names(points, up, lang), curve(known, along, up), crosses(plain, along, foot),
        *(_mark(points[place], along[place], up.at(value), unit, lang) for place, value in known if len(points) <= _MARKED or outside(points[place])),
        under(plain, along, HEIGHT - 6),
    ]  # fmt: skip
    return figure(svg(parts, title=title, desc=said, width=WIDTH, height=HEIGHT), kind="control")


def outside(one: Watched) -> int:
    """Return 1 above the upper limit, -1 below the lower one, 0 within or where there is none."""
    value, low, high = finite(one.value), finite(one.low), finite(one.high)
    if value is None:
        return 0
    return 1 if high is not None and value > high else -1 if low is not None and value < low else 0


def _told(points: Sequence[Watched], lang: str) -> list[str]:
    say = catalogue(lang).gettext
    found = [f"{one.label} {say(_ABOVE if outside(one) > 0 else _BELOW)}" for one in points if outside(one)]
    odd = [f"{one.label} {one.signal}" for one in points if one.signal]
    return [say(_OUTSIDE) % {"which": "; ".join(found)} if found else say(_INSIDE)] + ([say(_SIGNALS) % {"which": "; ".join(odd)}] if odd else [])


def _steps(points: Sequence[Watched], name: str, along: Sequence[float], up: Axis) -> Markup:
    """Draw one limit: flat over each value, a step where it changes, nothing where there is none."""
    half = (along[1] - along[0]) / 2 if len(along) > 1 else 8.0
    parts, drawing = [], False
    for one, x in zip(points, along, strict=True):
        value = finite(getattr(one, name))
        if value is None:
            drawing = False
            continue
        y = up.at(value)
        parts.append(f"{'L' if drawing else 'M'}{max(x - half, _LEFT):.1f},{y:.1f}H{min(x + half, WIDTH - _RIGHT):.1f}")
        drawing = True
    return tag("path", class_="c-centre" if name == "centre" else "c-limit", d="".join(parts)) if parts else joined([])


def _names(points: Sequence[Watched], up: Axis, lang: str) -> Markup:
    """Write what each limit is, to the right of its last value."""
    last = [(words, value) for name, words in _NAMES if (value := _last(points, name)) is not None]
    at = spread([up.at(value) + 4 for _, value in last], 22, 12, HEIGHT - _FOOT)
    return joined(
        [
            joined(
                [
                    text(WIDTH - _RIGHT + 4, y - 5, number(value, lang), "c-soft"),
                    text(WIDTH - _RIGHT + 4, y + 5, catalogue(lang).gettext(words), "c-tiny"),
                ]
            )
            for (words, value), y in zip(last, at, strict=True)
        ]
    )


def _last(points: Sequence[Watched], name: str) -> float | None:
    return next((value for one in reversed(points) if (value := finite(getattr(one, name))) is not None), None)


def _mark(one: Watched, x: float, y: float, unit: str, lang: str) -> Markup:
    """Draw one value: a dot, a ring for a signal, a diamond with its word outside of the limits."""
    say, side = catalogue(lang).gettext, outside(one)
    words = say(_ABOVE if side > 0 else _BELOW) if side else one.signal
    title = tag("title", f"{one.label}: {number(one.value or 0, lang, unit)}{f' – {words}' if words else ''}")
    if side:
        place = max(y - 9, 10.0) if side > 0 else min(y + 17, float(HEIGHT - _FOOT - 2))
        class_ = "c-halo c-out " + ("c-end" if x > WIDTH / 2 else "")
        return joined([tag("path", title, class_="c-outside", d=f"M{x:.1f},{y - 6:.1f}l6,6l-6,6l-6-6z"), text(x, place, words, class_.strip())])
    return tag("circle", title, class_="c-ring" if one.signal else "c-dot", cx=x, cy=y, r=4.5 if one.signal else 2.5)
