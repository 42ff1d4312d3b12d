"""Bars beside one another, and the bullet: one value against what it should reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.web.words import FIRST, catalogue
from yba.web.words import marked as _n

from .drawing import WIDTH, empty, figure, joined, letters, linked, svg, tag, text, told_apart
from .numbers import Axis, axis, finite, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from .model import Bar, Level

MOST: Final = 20
_NAME: Final = 176  # units for a bar's name
_VALUE: Final = 66  # units for its number
_ROW: Final = 24
_TOLD: Final = _n("Cao nhất: %(high)s. Thấp nhất: %(low)s.")
_WITHOUT: Final = _n("Không có số: %(which)s.")
_MORE: Final = _n("còn %(n)s nữa trong bảng")
_NOTHING: Final = _n("không có số")
_REACHED: Final = _n("đạt")
_SHORT: Final = _n("chưa đạt")


def bars(
    rows: Sequence[Bar], *, title: str, desc: str = "", unit: str = "", levels: Sequence[Level] = (), lang: str = FIRST, most: int = MOST
) -> Markup:
    """Draw bars in the order given, the first ``most`` of them, from zero; targets are broken lines. Without a value a bar says why in words."""
    shown = rows[:most]
    known = [value for one in shown if (value := finite(one.value)) is not None]
    said = " ".join(filter(None, (desc, *_told(rows, unit, lang))))
    if not known:
        return empty(title, said, "bars", lang)
    held = [one for one in levels if finite(one.value) is not None]
    top = 18 if held or unit else 4
    along, _ = axis([*known, *(one.value for one in held)], _NAME, WIDTH - _VALUE, zero=True)
    height = top + len(shown) * _ROW + (20 if len(rows) > len(shown) else 4)
    parts = [text(_NAME - 6, 11, unit, "c-soft c-end", most=letters(_NAME))] if unit else []
    names = told_apart([one.label for one in shown], letters(_NAME - 6))
    parts += [_row(one, name, top + place * _ROW, along, unit, lang) for place, (one, name) in enumerate(zip(shown, names, strict=True))]
    parts += [_level(one, along, top, len(shown), unit, lang, first=one is held[0]) for one in held]
    zero = along.at(0)
    parts.append(tag("line", class_="c-base", x1=zero, x2=zero, y1=float(top), y2=float(top + len(shown) * _ROW - 6)))
    if len(rows) > len(shown):
        parts.append(text(_NAME, height - 5, catalogue(lang).gettext(_MORE) % {"n": len(rows) - len(shown)}, "c-soft"))
    links = any(one.href for one in shown)
    return figure(svg(parts, title=title, desc=said, width=WIDTH, height=height, links=links), kind="bars")


def _told(rows: Sequence[Bar], unit: str, lang: str) -> list[str]:
    say = catalogue(lang).gettext
    known = [(value, one.label) for one in rows if (value := finite(one.value)) is not None]
    found = []
    if known:
        low, high = (
            f"{name} {number(value, lang, unit)}" for value, name in (min(known, key=lambda one: one[0]), max(known, key=lambda one: one[0]))
        )
        found.append(say(_TOLD) % {"high": high, "low": low})
    without = [f"{one.label}{f' ({one.why})' if one.why else ''}" for one in rows if finite(one.value) is None]
    return [*found, say(_WITHOUT) % {"which": "; ".join(without[:MOST])}] if without else found


def _row(one: Bar, called: str, y: float, along: Axis, unit: str, lang: str) -> Markup:
    value = finite(one.value)
    name = text(0, y + 13, called, whole=one.label if called != one.label else "")
    if value is None:
        why = one.why or catalogue(lang).gettext(_NOTHING)
        return joined([linked(name, one.href, f"{one.label}: {why}"), text(_NAME + 4, y + 13, why, "c-soft c-none", most=letters(WIDTH - _NAME))])
    start, end = sorted((along.at(0), along.at(value)))
    words = f"{one.label}: {number(value, lang, unit)}"
    bar = tag("rect", tag("title", words), class_="c-bar", x=start, y=y + 2, width=max(end - start, 0.5), height=14.0)
    return joined([linked(joined([name, bar]), one.href, words), text(end + 5, y + 13, number(value, lang), "c-big c-halo")])


def _level(one: Level, along: Axis, top: float, count: int, unit: str, lang: str, *, first: bool) -> Markup:
    x = along.at(one.value)
    drawn = tag(
        "line",
        tag("title", f"{number(one.value, lang, unit)} – {one.words}"),
        class_="c-level",
        x1=x,
        x2=x,
        y1=top - 3.0,
        y2=top + count * _ROW - 6.0,
    )
    words = text(x, 11, number(one.value, lang, unit), "c-target c-mid" if x < WIDTH - 40 else "c-target c-end")
    return joined([drawn, words]) if first else drawn


def bullet(
    value: float | None,
    *,
    target: Level | None,
    title: str,
    desc: str = "",
    unit: str = "",
    top: float | None = None,
    why: str = "",
    lang: str = FIRST,
) -> Markup:
    """Draw one value as a bar with its target as a stroke, and say in words whether it is reached.

    ``top``: where the scale ends (100 for a share); None: after what is drawn. More is better: of a target from above say so in ``desc``.
    """
    known, say = finite(value), catalogue(lang).gettext
    aim = target if target is not None and finite(target.value) is not None else None
    if known is None:
        return empty(title, " ".join(filter(None, (desc, why))), "bullet", lang)
    along, _ = axis([known, *([aim.value] if aim else []), *([top] if top is not None else [])], 0, WIDTH - 4, zero=True)
    words = number(known, lang, unit)
    start, end = sorted((along.at(0), along.at(known)))
    parts = [
        tag("rect", class_="c-void", x=0.5, y=8.5, width=WIDTH - 4.0, height=19.0),
        tag("rect", tag("title", words), class_="c-bar", x=start, y=12.0, width=max(end - start, 0.5), height=12.0),
    ]
    if aim:
        x, reached = along.at(aim.value), say(_REACHED if known >= aim.value else _SHORT)
        parts.append(tag("line", tag("title", aim.words), class_="c-aim", x1=x, x2=x, y1=4.0, y2=32.0))
        parts.append(text(0, 46, f"{reached} · {number(aim.value, lang, unit)} {aim.words}", "c-soft", most=letters(WIDTH)))
        words += f", {reached} {number(aim.value, lang, unit)} ({aim.words})"
    said = " ".join(filter(None, (desc, f"{words}.")))
    return figure(svg(parts, title=title, desc=said, width=WIDTH, height=50 if aim else 36), kind="bullet")
