"""Small courses of values drawn as SVG on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.record import Point

WIDTH: Final = 96
HEIGHT: Final = 24
_INSET: Final = 3
_FEWEST: Final = 2  # one value has no course


def sparkline(points: Sequence[Point], label: str) -> Markup:
    """Draw the course of at least two values, evenly spaced, the latest marked; "" for fewer. ``label`` is read aloud."""
    if len(points) < _FEWEST:
        return Markup("")
    values = [point.value for point in points]
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = (WIDTH - 2 * _INSET) / (len(values) - 1)
    tall = HEIGHT - 2 * _INSET
    places = [f"{_INSET + place * step:.1f},{HEIGHT - _INSET - (value - low) / span * tall:.1f}" for place, value in enumerate(values)]
    line = " ".join(places)
    x, y = places[-1].split(",")
    # Everything but the label is a number made here; the label is escaped by format.
    return Markup(
        '<svg class="spark" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{label}">'
        '<polyline points="{line}"/><circle cx="{x}" cy="{y}" r="2.5"/></svg>'
    ).format(w=WIDTH, h=HEIGHT, label=label, line=line, x=x, y=y)
