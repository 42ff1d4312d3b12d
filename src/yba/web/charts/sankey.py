"""Flows between places: two columns joined by bands as broad as the flow; what is small is drawn together."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from yba.web.words import FIRST, catalogue
from yba.web.words import marked as _n

from .drawing import WIDTH, empty, figure, letters, svg, tag, text, told_apart
from .numbers import finite, number

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from markupsafe import Markup

    from .model import Flow

_BODY: Final = 240.0  # units for all flows together, without what small ones need for their names
_NODE: Final = 8.0
_SLOT: Final = 30.0  # least height of a node with its two lines
_TOP: Final = 22.0
_OTHERS: Final = _n("%(n)s nơi khác")
_FROM: Final = _n("từ")
_TO: Final = _n("đến")
_NONE: Final = _n("không có luồng nào")
_TOLD: Final = _n("%(n)s luồng, tổng %(sum)s. Lớn nhất: %(which)s.")


_Key = TypeVar("_Key", bound="Hashable")


class Node(NamedTuple):
    """One place of one column: where its bar begins, how high it is, where its name stands."""

    name: str
    value: float
    top: float
    height: float
    slot: float


def sankey(flows: Sequence[Flow], *, title: str, desc: str = "", unit: str = "", lang: str = FIRST, most: int = 8, why: str = "") -> Markup:
    """Draw flows from the left to the right; of each side the ``most`` greatest places stand alone, the others together.

    Flows of the same two places are added up; what is not above zero is not drawn; without any it says ``why``, or of zeros that there was none.
    """
    known = [one for one in flows if (finite(one.value) or 0) > 0]
    if not known:
        return empty(title, desc, "sankey", lang, why or (catalogue(lang).gettext(_NONE) if flows else ""))
    scale = max(one.value for one in known)  # keeps sums of the greatest numbers finite
    joined_ = _together(known, scale, most, lang)
    whole = sum(joined_.values())
    sides = [_column(joined_, side, _BODY / whole) for side in (0, 1)]
    height = max(node.slot + _slot(node.height) for side in sides for node in side.values())
    parts = [
        text(0, 12, catalogue(lang).gettext(_FROM), "c-soft"), *([text(WIDTH / 2, 12, unit, "c-soft c-mid")] if unit else []),
        text(WIDTH, 12, catalogue(lang).gettext(_TO), "c-soft c-end"),
        *_bands(joined_, sides, _BODY / whole, scale, unit, lang),
        *(part for place, side in enumerate(sides) for node, name in _named(side) for part in _node(node, name, place, scale, lang)),
    ]  # fmt: skip
    said = " ".join(filter(None, (desc, _told(known, scale, unit, lang))))
    return figure(svg(parts, title=title, desc=said, width=WIDTH, height=height + 4), kind="sankey")


def _summed(pairs: Iterable[tuple[_Key, float]]) -> dict[_Key, float]:
    """Add up what has the same key, the greatest first."""
    sums: dict[_Key, float] = defaultdict(float)
    for key, value in pairs:
        sums[key] += value
    return dict(sorted(sums.items(), key=lambda one: -one[1]))


def _together(flows: Sequence[Flow], scale: float, most: int, lang: str) -> dict[tuple[str, str], float]:
    """Add flows up, places beyond the greatest as one; in shares of the greatest flow."""
    keep = []
    for side in (0, 1):
        sums = [*_summed((one[:2][side], one.value / scale) for one in flows)]
        left_out = len(sums) - most
        keep.append((set(sums[:most] if left_out > 1 else sums), catalogue(lang).gettext(_OTHERS) % {"n": left_out}))
    (sources, other_source), (targets, other_target) = keep
    return _summed(
        ((one.source if one.source in sources else other_source, one.target if one.target in targets else other_target), one.value / scale)
        for one in flows
    )


def _slot(height: float) -> float:
    return max(height, _SLOT) + 6


def _column(flows: Mapping[tuple[str, str], float], side: int, factor: float) -> dict[str, Node]:
    """Lay the places of one side one under the other, the greatest first."""
    found, at = {}, _TOP
    for name, value in _summed((pair[side], value) for pair, value in flows.items()).items():
        height = value * factor
        found[name] = Node(name, value, at, height, at)
        at += _slot(height)
    return found


def _bands(
    flows: Mapping[tuple[str, str], float], sides: Sequence[dict[str, Node]], factor: float, scale: float, unit: str, lang: str
) -> list[Markup]:
    left, right = sides
    used: dict[tuple[int, str], float] = defaultdict(float)
    found = []
    order = sorted(flows.items(), key=lambda one: (left[one[0][0]].top, right[one[0][1]].top))
    for (source, target), value in order:
        thick = value * factor
        a, b = left[source].top + used[0, source], right[target].top + used[1, target]
        used[0, source] += thick
        used[1, target] += thick
        x1, x2, middle = _NODE, WIDTH - _NODE, WIDTH / 2
        path = f"M{x1:.1f},{a:.1f}C{middle:.1f},{a:.1f} {middle:.1f},{b:.1f} {x2:.1f},{b:.1f}V{b + thick:.1f}"
        path += f"C{middle:.1f},{b + thick:.1f} {middle:.1f},{a + thick:.1f} {x1:.1f},{a + thick:.1f}z"
        found.append(tag("path", tag("title", f"{source} → {target}: {number(value * scale, lang, unit)}"), class_="c-flow", d=path))
    return found


def _named(side: Mapping[str, Node]) -> Iterable[tuple[Node, str]]:
    """Put to each node of a column its name as it is written."""
    return zip(side.values(), told_apart([*side], letters(WIDTH / 2 - 22)), strict=True)


def _node(node: Node, called: str, side: int, scale: float, lang: str) -> list[Markup]:
    x, align = (WIDTH - _NODE, " c-end") if side else (0.0, "")
    at = x - 4 if side else x + _NODE + 4
    bar = tag("rect", tag("title", node.name), class_="c-bar", x=x, y=node.top, width=_NODE, height=max(node.height, 1.0))
    name = text(at, node.top + 11, called, f"c-halo{align}", whole=node.name if called != node.name else "")
    return [bar, name, text(at, node.top + 25, number(node.value * scale, lang), f"c-halo c-big{align}")]


def _told(flows: Sequence[Flow], scale: float, unit: str, lang: str) -> str:
    sums = _summed((one[:2], one.value / scale) for one in flows)
    which = "; ".join(f"{source} → {target} {number(value * scale, lang)}" for (source, target), value in [*sums.items()][:5])
    return catalogue(lang).gettext(_TOLD) % {"n": len(sums), "sum": number(sum(sums.values()) * scale, lang, unit), "which": which}
