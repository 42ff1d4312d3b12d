"""The map of a province by commune: classes of a value, what is not known apart from zero, what is not fresh hatched, every area a way to more."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

from yba.web.words import FIRST, catalogue
from yba.web.words import marked as _n

from .drawing import empty, figure, joined, linked, svg, tag, text
from .numbers import finite, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from markupsafe import Markup

    from .model import Level, Shade

CLASSES: Final = 5
_NAMED: Final = 5  # areas named in the description at either end
_NOTHING: Final = _n("không có số")
_HIDDEN: Final = _n("quá ít, được che")
_STALE: Final = _n("số cũ")
_UNHEARD: Final = _n("chưa cơ sở nào gửi trong kỳ")
_RANGE: Final = _n("%(low)s đến dưới %(high)s")
_FROM: Final = _n("từ %(low)s trở lên")
_TO: Final = _n("dưới %(high)s")
_TOLD: Final = _n("%(known)s trong %(all)s xã, phường có số. Cao nhất: %(high)s. Thấp nhất: %(low)s.")
_NONE: Final = _n("Chưa có bản đồ của tỉnh này.")
_AIM: Final = _n("chỉ tiêu")


class Geometry(NamedTuple):
    """A province as it is drawn: size, named frames of islands far out, (name, path) by code of the commune (units from 2025-07-01)."""

    name: str
    width: int
    height: int
    frames: tuple[tuple[int, int, int, int, str], ...]
    areas: dict[str, tuple[str, str]]


@cache
def geometry(province: str) -> Geometry | None:
    """Return the map of a province by its code since 2025-07-01; None where there is none."""
    path = files(__package__).joinpath("geo", f"{province}.json")
    if not (province.isascii() and province.isdigit() and path.is_file()):
        return None
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    areas = {code: (one["name"], one["d"]) for code, one in data["areas"].items()}
    return Geometry(data["name"], data["width"], data["height"], tuple(tuple(one) for one in data["frames"]), areas)


def area_map(
    province: str, shades: Mapping[str, Shade], *, title: str, desc: str = "", unit: str = "", levels: Sequence[Level] = (), lang: str = FIRST
) -> Markup:
    """Draw the communes of a province; one that is not in ``shades`` has no number. A target, where there is one, parts two classes.

    Zero is a class of its own, "không có số" is dotted, a number too small to be shown is ruled. What is not fresh is hatched over its class: an old
    number, and one of an area of which nobody was heard; there an area without a number is hatched too, so that silence is not taken for nothing.
    """
    found, say = geometry(province), catalogue(lang).gettext
    if found is None:
        return empty(title, f"{desc} {say(_NONE)}".strip(), "map", lang)
    known = {code: value for code, one in shades.items() if code in found.areas and (value := finite(one.value)) is not None}
    cuts = breaks(known.values(), levels)
    key = f"m{crc32(f'{province} {title}'.encode()):x}"  # patterns of two maps on one page are told apart
    drawn, over = [], []
    for code, (name, d) in found.areas.items():
        shade = shades.get(code)
        words, class_ = _told(name, shade, known.get(code), cuts, unit, lang)
        fresh = shade is None or not (shade.unheard or (shade.stale and code in known))
        area = tag("path", tag("title", words), class_=class_, d=d, fill=_fill(key, class_ if fresh or class_ != "c-none" else "c-stale"))
        drawn.append(linked(area, shade.href, words) if shade is not None and shade.href else area)
        if not fresh and class_ != "c-none":
            over.append(tag("path", d=d, fill=_fill(key, "c-stale")))
    frames = [
        part for x, y, w, h, name in found.frames for part in (tag("rect", class_="c-frame", x=x, y=y, width=w, height=h), _place(x, y + h, w, name))
    ]
    said = " ".join(filter(None, (desc, _summary(found, known, unit, lang))))
    links = any(one.href for one in shades.values())
    parts = [_patterns(key), *frames, *drawn, tag("g", *over, class_="c-over", aria_hidden="true") if over else joined([])]
    picture = svg(parts, title=title, desc=said, width=found.width, height=found.height, links=links, class_="c-area")
    return figure(picture, _legend(key, cuts, _seen(found, shades, known, cuts), levels, unit, lang), kind="map")


def _place(x: float, foot: float, width: float, name: str) -> Markup:
    return text(x + width / 2, foot - 10, name, "c-place c-mid")


def breaks(values: Iterable[float], levels: Sequence[Level] = ()) -> list[float]:
    """Return where classes part: so that each holds about as many areas, rounded; the first target inside takes the place of the nearest."""
    known = sorted(one for one in values if one)
    if not known:
        return []
    found = (
        {_rounded(known[len(known) * place // CLASSES]) for place in range(1, CLASSES)}
        if len(known) >= CLASSES
        else {_rounded(one) for one in known[1:]}
    )
    cuts = sorted(one for one in found if known[0] < one <= known[-1])
    aim = next((one.value for one in levels if finite(one.value) is not None and known[0] < one.value <= known[-1]), None)
    if aim is not None:
        cuts = sorted({*(cuts if len(cuts) < CLASSES - 1 else sorted(cuts, key=lambda one: abs(one - aim))[1:]), aim})
    return cuts


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")


def _class(value: float, cuts: Sequence[float]) -> int:
    """Return the class of a value: 0 for zero, from 1 for the lowest; few classes are laid apart, so that they are told from one another."""
    if not value:
        return 0
    place = sum(value >= one for one in cuts)
    return 1 + round(place * (CLASSES - 1) / len(cuts)) if cuts else CLASSES


def _told(name: str, shade: Shade | None, value: float | None, cuts: Sequence[float], unit: str, lang: str) -> tuple[str, str]:
    """Return what is said of an area, and its class of style."""
    say = catalogue(lang).gettext
    if shade is not None and value is not None:
        aged = "; ".join(filter(None, (shade.stale, shade.unheard)))
        return f"{name}: {number(value, lang, unit)}{f' ({aged})' if aged else ''}", f"c-k{_class(value, cuts)}"
    hidden = shade is not None and shade.hidden
    why = (shade.why if shade else "") or say(_HIDDEN if hidden else _NOTHING)
    if shade is not None and shade.unheard:
        why = shade.unheard if not hidden else f"{why}; {shade.unheard}"
    return f"{name}: {why}", "c-hide" if hidden else "c-none"


def _summary(found: Geometry, known: Mapping[str, float], unit: str, lang: str) -> str:
    order = sorted(known, key=lambda code: known[code])
    high, low = (
        "; ".join(f"{found.areas[code][0]} {number(known[code], lang, unit)}" for code in some) or "–"
        for some in (order[: -_NAMED - 1 : -1], order[:_NAMED])
    )
    return catalogue(lang).gettext(_TOLD) % {"known": len(known), "all": len(found.areas), "high": high, "low": low}


_PATTERNS: Final = {
    "c-stale": "M0,16L16,0",
    "c-hide": "M0,8H16",
    "c-none": "M2,4h3M10,12h3",
}  # strokes of a square of 16 units: hatched, ruled, dotted


def _patterns(key: str) -> Markup:
    """Draw the patterns of this map; what is laid over a class has a light edge, or it would be lost on a dark one."""
    found = []
    for name, d in _PATTERNS.items():
        edge = [tag("path", class_="c-ink c-light", d=d)] if name == "c-stale" else []
        shown = [*edge, tag("path", class_="c-ink", d=d)]
        found.append(tag("pattern", *shown, id=f"{key}-{name}", width=16, height=16, patternUnits="userSpaceOnUse"))
    return tag("defs", *found)


def _fill(key: str, class_: str) -> str | None:
    return f"url(#{key}-{class_})" if class_ in _PATTERNS else None


def _seen(found: Geometry, shades: Mapping[str, Shade], known: Mapping[str, float], cuts: Sequence[float]) -> set[str]:
    """Return which signs the map shows; "stale" and "unheard" are one sign that means either."""
    seen = {f"k{_class(value, cuts)}" for value in known.values()}
    drawn = {code: one for code, one in shades.items() if code in found.areas}
    hidden = {code for code, one in drawn.items() if code not in known and one.hidden}
    silent = {code for code, one in drawn.items() if one.unheard}
    seen |= {"hide"} if hidden else set()
    seen |= {"none"} if known.keys() | hidden | silent != found.areas.keys() else set()
    seen |= {"unheard"} if silent else set()
    return seen | ({"stale"} if any(shades[code].stale for code in known) else set())


def _legend(key: str, cuts: Sequence[float], seen: set[str], levels: Sequence[Level], unit: str, lang: str) -> Markup:
    """Write what the signs mean; only those that are seen, but all classes."""
    say = catalogue(lang).gettext
    aims = {one.value for one in levels}

    def cut(value: float, *, last: bool) -> str:
        return f"{number(value, lang, unit if last else '')}{f' ({say(_AIM)})' if value in aims else ''}"

    lines = [("k0", number(0, lang, unit))] if "k0" in seen else []
    if seen - {"k0", "none", "hide", "stale", "unheard"}:
        for place in range(len(cuts) + 1):
            class_ = 1 + round(place * (CLASSES - 1) / len(cuts)) if cuts else CLASSES
            low, high = cuts[place - 1] if place else None, cuts[place] if place < len(cuts) else None
            given = {"low": "" if low is None else cut(low, last=high is None), "high": "" if high is None else cut(high, last=True)}
            words = (
                say(_RANGE) if low is not None and high is not None else say(_FROM) if low is not None else say(_TO) if high is not None else "> 0"
            )
            lines.append((f"k{class_}", words % given if given["low"] or given["high"] else f"{words}\u00a0{unit}".strip()))
    lines += [(sign, say(words)) for sign, words in (("hide", _HIDDEN), ("none", _NOTHING)) if sign in seen]
    if aged := [say(words) for sign, words in (("stale", _STALE), ("unheard", _UNHEARD)) if sign in seen]:
        lines.append(("stale", " · ".join(aged)))
    return tag("ul", *(tag("li", _swatch(key, sign), words) for sign, words in lines), class_="c-legend")


def _swatch(key: str, sign: str) -> Markup:
    box = {"x": 0.5, "y": 0.5, "width": 21, "height": 13}
    parts = [tag("rect", class_="c-k2", **box)] if sign == "stale" else []
    parts.append(tag("rect", class_=f"c-{sign}", fill=_fill(key, f"c-{sign}"), **box))
    return tag("svg", *parts, viewBox="0 0 22 14", width=22, height=14, aria_hidden="true")
