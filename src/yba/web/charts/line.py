"""The course of a value: a line that breaks where nothing is known, with the targets it is held against."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from yba.web.words import FIRST, catalogue
from yba.web.words import marked as _n

from .drawing import WIDTH, empty, figure, joined, letters, measured_in, strokes, svg, tag, text
from .numbers import Axis, axis, finite, number, spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup

    from .model import Level, Point

HEIGHT: Final = 210
SMALL: Final = 88  # of a tile
_NARROW: Final = 270  # units of a tile, which is as broad in pixels: its texts are read as they are
_LEFT, _RIGHT, _TOP, _FOOT = 52, 14, 18, 26
_LABELS: Final = 7  # under the line
_MARKED: Final = 60  # values, above which only the line is drawn
_LINE: Final = 13  # between two texts
_OWN: Final = 36  # units at the end of a tile's course for its number
_LETTER: Final = 6.4  # units, as `drawing.letters` counts them
_APART: Final = 12  # units between two names under the line
_BELOW: Final = 12  # units from a target's stroke down to words that stand under it

_SPAN: Final = _n("Từ %(first)s đến %(last)s: gần nhất %(now)s, thấp nhất %(low)s (%(low_at)s), cao nhất %(high)s (%(high_at)s).")
_GAPS: Final = _n("Không có số ở %(n)s kỳ: %(which)s.")
_TARGET: Final = _n("Chỉ tiêu: %(words)s.")


def line(
    points: Sequence[Point], *, title: str, desc: str = "", unit: str = "", levels: Sequence[Level] = (), lang: str = FIRST, small: bool = False
) -> Markup:
    """Draw a course; a value that is not known breaks the line and is a cross at the foot. ``small``: for a tile, without strokes.

    ``title`` and ``desc`` are read aloud; what the course says in numbers is added. Values in ``unit``; those that are not finite count as not known.
    """
    known = [(place, value) for place, one in enumerate(points) if (value := finite(one.value)) is not None]
    said = " ".join(filter(None, (desc, *told(points, levels, unit, lang))))
    if not known:
        return empty(title, said, "line", lang)
    width, height, left = (_NARROW, SMALL, 4) if small else (WIDTH, HEIGHT, _LEFT)
    right, foot = width - _RIGHT, height - (22 if small else _FOOT)
    held = [one for one in levels if finite(one.value) is not None]
    drawn = [*(value for _, value in known), *(one.value for one in held)]
    whole = all(value == round(value) for value in drawn)  # what is counted has no half strokes
    up, marks = axis(drawn, foot, _TOP, zero=False, most=2 if small else 4, whole=whole)
    along = places(len(points), left + 8, right - (44 if small else 8))
    parts = [] if small else [strokes([(up.at(one), number(one, lang)) for one in marks], left, right), *measured_in(unit)]
    at, ends = [up.at(one.value) for one in held], (left, right - _OWN if small else right)
    parts += [
        *(tag("line", class_="c-level", x1=float(ends[0]), x2=float(ends[1]), y1=y, y2=y) for y in at),
        curve(known, along, up),
        crosses(points, along, foot),
        _dots(points, known, along, up, unit, lang),
        _named(held, at, ends, up.start, unit, lang),
    ]
    last, value = known[-1]
    if small and last == len(points) - 1:  # an older one beside the end would be read as that of now
        parts.append(text(width - 2, min(max(up.at(value) + 4, 12), height - 4), number(value, lang), "c-end c-big"))
    parts.append(under(points, along, height - 6, most=2 if small else _LABELS, width=width))
    return figure(svg(parts, title=title, desc=said, width=width, height=height), kind="line")


def told(points: Sequence[Point], levels: Iterable[Level], unit: str, lang: str) -> list[str]:
    """Say a course in words."""
    say = catalogue(lang).gettext
    known = [(value, one.label) for one in points if (value := finite(one.value)) is not None]
    found = []
    if known:
        (low, low_at), (high, high_at) = min(known, key=lambda one: one[0]), max(known, key=lambda one: one[0])
        given = {"first": points[0].label, "last": points[-1].label, "now": number(known[-1][0], lang, unit), "low_at": low_at, "high_at": high_at}
        found.append(say(_SPAN) % {**given, "low": number(low, lang, unit), "high": number(high, lang, unit)})
    gaps = [one.label for one in points if finite(one.value) is None]
    if gaps:
        which = ", ".join(gaps[:_LABELS]) + (", …" if len(gaps) > _LABELS else "")
        found.append(say(_GAPS) % {"n": len(gaps), "which": which})
    return found + [say(_TARGET) % {"words": f"{number(one.value, lang, unit)} – {one.words}"} for one in levels]


def places(count: int, left: float, right: float) -> list[float]:
    """Return where values stand, evenly spaced."""
    return [(left + right) / 2] if count == 1 else [left + place * (right - left) / (count - 1) for place in range(count)]


def runs(known: Iterable[tuple[int, float]]) -> list[list[tuple[int, float]]]:
    """Return values that follow one another without a gap."""
    return [[one for _, one in group] for _, group in groupby(enumerate(known), key=lambda one: one[1][0] - one[0])]


def curve(known: Iterable[tuple[int, float]], along: Sequence[float], up: Axis, class_: str = "c-line") -> Markup:
    """Draw lines through values, one for each run."""
    drawn = (" ".join(f"{along[place]:.1f},{up.at(value):.1f}" for place, value in run) for run in runs(known) if len(run) > 1)
    return joined([tag("polyline", class_=class_, points=one) for one in drawn])


def crosses(points: Sequence[Point], along: Sequence[float], foot: float) -> Markup:
    """Mark what is not known at the foot."""
    if len(points) > _MARKED:
        return joined([])
    gaps = ((x, one) for x, one in zip(along, points, strict=True) if finite(one.value) is None)
    return joined(
        [
            tag("path", tag("title", f"{one.label}: {one.why or '–'}"), class_="c-gap", d=f"M{x - 3:.1f},{foot - 7:.1f}l6,6m0-6l-6,6")
            for x, one in gaps
        ]
    )


def _dots(points: Sequence[Point], known: Sequence[tuple[int, float]], along: Sequence[float], up: Axis, unit: str, lang: str) -> Markup:
    shown = known if len(points) <= _MARKED else known[-1:]
    return joined(
        [
            tag(
                "circle", tag("title", f"{points[place].label}: {number(value, lang, unit)}"), class_="c-dot",
                cx=along[place], cy=up.at(value), r=4 if place == known[-1][0] else 2.5,
            )
            for place, value in shown
        ]
    )  # fmt: skip


def _named(levels: Sequence[Level], at: Sequence[float], ends: tuple[float, float], foot: float, unit: str, lang: str) -> Markup:
    """Write the words of targets above their strokes, or under them where another one is close above; last, so that no course crosses them out."""
    left, right = ends
    named = spread([y + _BELOW if any(0 < y - other < _LINE + 4 for other in at) else y - 4 for y in at], _LINE, 10, foot)
    most = letters(right - left - 24)
    return joined(
        [
            text(left + 4, y, f"{number(one.value, lang, unit)} {one.words}", "c-halo c-target", most=most)
            for one, y in zip(levels, named, strict=True)
        ]
    )


def under(points: Sequence[Point], along: Sequence[float], y: float, most: int = _LABELS, width: float = WIDTH) -> Markup:
    """Write the names of some values under them, the last one always; no more than stand apart on a telephone."""
    longest = max((len(one.label) for one in points), default=0)
    most = min(most, max(int((along[-1] - along[0]) / (longest * _LETTER + _APART)) + 1, 2)) if points else most
    step = max(-(-len(points) // most), 1)
    chosen = [place for place in range(len(points)) if (len(points) - 1 - place) % step == 0]
    room = (along[-1] - along[0]) / max(len(chosen) - 1, 1) if len(points) > 1 else width

    def class_(x: float) -> str:
        half = 20
        return "c-soft c-end" if x + half > width else "c-soft" if x - half < 0 else "c-soft c-mid"

    return joined([text(along[place], y, points[place].label, class_(along[place]), most=letters(room)) for place in chosen])
