"""The funnel plot: each unit's value over its size, with the limits that chance alone explains; a picture of variation, not a league table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.web.words import FIRST, catalogue
from yba.web.words import marked as _n

from .drawing import WIDTH, empty, figure, joined, letters, linked, measured_in, strokes, svg, tag, text
from .numbers import Axis, axis, finite, number, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from .model import Band, Dot

HEIGHT: Final = 260
_LEFT, _RIGHT, _TOP, _FOOT = 52, 68, 16, 40
_NAMED: Final = 8  # units that get their name beside them
_LINE: Final = 13

_TOLD: Final = _n("%(n)s đơn vị, trung bình %(centre)s.")
_BEYOND: Final = _n("Ngoài giới hạn %(band)s: %(which)s.")
_WITHIN: Final = _n("Không đơn vị nào ngoài giới hạn.")
_SIZE: Final = _n("mẫu số")
_MEAN: Final = _n("trung bình")
_OUT: Final = _n("ngoài %(band)s")


def funnel(
    dots: Sequence[Dot], *, centre: float, bands: Sequence[Band], title: str, desc: str = "", unit: str = "", size: str = "", lang: str = FIRST
) -> Markup:
    """Draw units over their size with limits (95 %, 99.8 %, given as curves); outside one band is a triangle, outside all a diamond with its name.

    ``size``: what sizes count, in words. ``Dot.beyond`` says outside how many bands a unit lies: the exact limits decide, not the drawn ones.
    """
    shown = [one for one in dots if finite(one.value) is not None and finite(one.size) is not None]
    middle = finite(centre)
    said = " ".join(filter(None, (desc, _told(shown, middle, bands, unit, lang))))
    if not shown or middle is None:
        return empty(title, said, "funnel", lang)
    foot = HEIGHT - _FOOT
    along, under = axis([*(one.size for one in shown)], _LEFT, WIDTH - _RIGHT, zero=True, most=4, whole=True)
    values = [one.value for one in shown]
    drawn = [_clipped(band, max(one.size for one in shown)) for band in bands]
    # What is steeper at the left is cut.
    reach = [value for curve in drawn for size_, *both in curve if size_ >= along.high / 12 for value in both]
    up, marks = axis([*values, middle, *reach], foot, _TOP, zero=False, most=4)
    links = any(one.href for one in shown)
    parts = [
        strokes([(up.at(one), number(one, lang)) for one in marks], _LEFT, WIDTH - _RIGHT),
        *measured_in(unit),
        *(text(along.at(one), HEIGHT - 24, number(one, lang), "c-soft c-mid") for one in under),
        text((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 6, size or catalogue(lang).gettext(_SIZE), "c-soft c-mid", most=letters(WIDTH - _LEFT)),
        *(_band(curve, place, along, up) for place, curve in enumerate(drawn)),
        tag("line", class_="c-centre", x1=float(_LEFT), x2=float(WIDTH - _RIGHT), y1=up.at(middle), y2=up.at(middle)),
        _names(drawn, bands, middle, up, lang),
        *(_dot(one, len(bands), bands, along, up, unit, lang) for one in shown),
        _called(shown, along, up, foot),
    ]
    return figure(svg(parts, title=title, desc=said, width=WIDTH, height=HEIGHT, links=links), kind="funnel")


def _told(dots: Sequence[Dot], centre: float | None, bands: Sequence[Band], unit: str, lang: str) -> str:
    say = catalogue(lang).gettext
    if centre is None or not dots:
        return ""
    found = [say(_TOLD) % {"n": len(dots), "centre": number(centre, lang, unit)}]
    for place, band in reversed([*enumerate(bands, 1)]):
        which = [f"{one.label} {number(one.value, lang, unit)}" for one in dots if one.beyond == place]
        if which:
            found.append(say(_BEYOND) % {"band": band.words, "which": "; ".join(which)})
    return " ".join(found if len(found) > 1 else [*found, say(_WITHIN)])


def _clipped(band: Band, most: float) -> list[tuple[float, float, float]]:
    return [one for one in band.curve if all(finite(value) is not None for value in one) and 0 <= one[0] <= most]


def _band(curve: Sequence[tuple[float, float, float]], place: int, along: Axis, up: Axis) -> Markup:
    """Draw both limits of a band, the inner one finely broken, the outer one broken; what lies outside of the drawing is left out."""
    found = []
    for side in (1, 2):
        inside = [(one[0], one[side]) for one in curve if up.low <= one[side] <= up.high]
        if len(inside) > 1:
            points = " ".join(f"{along.at(size):.1f},{up.at(value):.1f}" for size, value in inside)
            found.append(tag("polyline", class_="c-limit c-fine" if place == 0 else "c-limit", points=points))
    return joined(found)


def _names(drawn: Sequence[Sequence[tuple[float, float, float]]], bands: Sequence[Band], centre: float, up: Axis, lang: str) -> Markup:
    words = [(catalogue(lang).gettext(_MEAN), up.at(centre))]
    for band, curve in zip(bands, drawn, strict=True):
        words += [(band.words, up.at(value)) for value in curve[-1][1:]] if curve else []
    at = spread([y + 4 for _, y in words], _LINE, 12, HEIGHT - _FOOT + 6)
    return joined([text(WIDTH - _RIGHT + 8, y, word, "c-tiny") for (word, _), y in zip(words, at, strict=True)])


def _dot(one: Dot, all_: int, bands: Sequence[Band], along: Axis, up: Axis, unit: str, lang: str) -> Markup:
    x, y = along.at(one.size), up.at(one.value)
    words = f"{one.label}: {number(one.value, lang, unit)} ({number(one.size, lang)})"
    if 0 < one.beyond <= all_:
        words += f" – {catalogue(lang).gettext(_OUT) % {'band': bands[one.beyond - 1].words}}"
    title = tag("title", words)
    if one.beyond and one.beyond >= all_:
        drawn = tag("path", title, class_="c-outside", d=f"M{x:.1f},{y - 6:.1f}l6,6l-6,6l-6-6z")
    elif one.beyond:
        drawn = tag("path", title, class_="c-near", d=f"M{x:.1f},{y - 5:.1f}l5,9h-10z")
    else:
        drawn = tag("circle", title, class_="c-dot", cx=x, cy=y, r=4.0)
    return linked(drawn, one.href, words)


def _called(dots: Sequence[Dot], along: Axis, up: Axis, foot: float) -> Markup:
    """Write the names of those that lie farthest out beside them."""
    out = sorted((one for one in dots if one.beyond), key=lambda one: -one.beyond)[:_NAMED]
    at = spread([up.at(one.value) + 4 for one in out], _LINE, 12, foot)
    parts = []
    for one, y in zip(out, at, strict=True):
        x = along.at(one.size)
        right = x < WIDTH * 0.55
        room = WIDTH - _RIGHT - x - 8 if right else x - _LEFT - 8
        parts.append(text(x + 8 if right else x - 8, y, one.label, "c-halo c-out" if right else "c-halo c-out c-end", most=letters(room)))
    return joined(parts)
