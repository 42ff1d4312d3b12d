"""Drawing: elements of SVG whose every text and attribute is escaped, and the frame of a chart that says in words what it shows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

from yba.web.words import catalogue
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH: Final = 420  # units of every chart but maps: at 360 px a text of 12 is read at 10, beside a table at 16
TEXT: Final = 12  # size of a text, in units
_UNIT: Final = 8  # letters over an axis, beside which words of targets begin
_LETTER: Final = 6.4  # width of a letter, in units, a little more than the mean
_NOTHING: Final = _n("không có số")
_NUMBERS: Final = _n("Bảng số của biểu đồ")


def tag(name: str, *children: str, **attributes: object) -> Markup:
    """Write an element; what is no Markup is escaped, None leaves an attribute out, ``class_`` is class, ``_`` is a hyphen, floats get one digit."""
    told = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(_told(value))}"' for key, value in attributes.items() if value is not None)
    inside = "".join(map(escape, children))
    return Markup(f"<{name}{told}>{inside}</{name}>" if children else f"<{name}{told}/>")  # noqa: S704  # each part was escaped


def _told(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def joined(parts: Iterable[Markup]) -> Markup:
    """Put elements one after the other."""
    return Markup("").join(parts)


def text(x: float, y: float, words: str, class_: str = "", *, most: int = 0, whole: str = "") -> Markup:
    """Write a line of text, cut after ``most`` letters; what was cut off is said by a title."""
    shown = _begun(words, most) if most else words
    full = whole or (words if shown != words else "")
    return tag("text", *([tag("title", full)] if full else []), shown, x=float(x), y=float(y), class_=class_ or None)


def letters(width: float) -> int:
    """Return how many letters fit into a width."""
    return max(int(width / _LETTER), 2)


def told_apart(names: Sequence[str], most: int) -> list[str]:
    """Cut names to ``most`` letters so that none is read as another: of those that begin alike the end is kept, where names of places differ."""
    alike = Counter(_begun(one, most) for one in set(names))
    return [_ended(one, most) if len(one) > most and alike[_begun(one, most)] > 1 else _begun(one, most) for one in names]


def _begun(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def _ended(words: str, most: int) -> str:
    """Keep the end, from the beginning of a word on where there is one."""
    end = words[1 - most :]
    return f"…{end.partition(' ')[2] or end}" if words[-most] != " " else f"…{end}"


def linked(element: Markup, href: str, label: str) -> Markup:
    """Make an element a way that a keyboard reaches and a reader hears; only addresses of our own lead anywhere."""
    return tag("a", element, href=href, aria_label=label) if href.startswith(("/", "?", "#")) and not href.startswith("//") else element


def svg(parts: Iterable[Markup], *, title: str, desc: str, width: float, height: float, links: bool = False, class_: str = "") -> Markup:
    """Close a drawing: what it is and says comes first, for who does not see it; one with ways inside is a group, or they would be unreachable."""
    role = "group" if links else "img"
    said = (tag("title", title), tag("desc", desc))
    view = f"0 0 {_told(float(width))} {_told(float(height))}"
    return tag("svg", *said, *parts, viewBox=view, role=role, aria_label=title, class_=class_ or None, width=float(width), height=float(height))


def figure(drawing: Markup, *more: Markup, kind: str) -> Markup:
    """Return a chart as pages take it."""
    return tag("figure", drawing, *more, class_=f"chart chart-{kind}")


def empty(title: str, desc: str, kind: str, lang: str, why: str = "") -> Markup:
    """Return a chart of nothing: it says so, or ``why``."""
    words = why or catalogue(lang).gettext(_NOTHING)
    parts = [tag("rect", class_="c-void", x=0.5, y=0.5, width=WIDTH - 1, height=59), text(WIDTH / 2, 34, words, "c-mid")]
    return figure(svg(parts, title=title, desc=f"{desc} {words}.".strip(), width=WIDTH, height=60), kind=kind)


def strokes(places: Sequence[tuple[float, str]], left: float, right: float) -> Markup:
    """Draw the strokes of an upright axis: (where, words)."""
    lines = (tag("line", class_="c-grid", x1=float(left), x2=float(right), y1=y, y2=y) for y, _ in places)
    return joined([*lines, *(text(left - 6, y + 4, words, "c-end c-soft") for y, words in places)])


def measured_in(unit: str) -> list[Markup]:
    """Write the unit of an upright axis over it: a number on paper has no mouse to ask what it counts."""
    return [text(0, 11, unit, "c-soft", most=_UNIT)] if unit else []


def beside(head: Sequence[str], rows: Iterable[Sequence[str]], lang: str) -> Markup:
    """Write the table of a chart, folded, for who reads numbers better than lines."""
    title = tag("summary", catalogue(lang).gettext(_NUMBERS))
    top = tag("thead", tag("tr", *(tag("th", one, scope="col") for one in head)))
    lines = (
        tag("tr", tag("th", first, scope="row"), *(tag("td", one, data_label=name) for name, one in zip(head[1:], rest, strict=False)))
        for first, *rest in rows
    )
    return tag("details", title, tag("table", top, tag("tbody", *lines), class_="list"), class_="more")
