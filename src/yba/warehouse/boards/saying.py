"""Values and reasons in words, Vietnamese and English: what stands on a tile, in a digest and beside a place that stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.specs.reading import Words
from yba.warehouse.saying import rounded

from .model import Limit

if TYPE_CHECKING:
    from yba.specs.boards import Tile
    from yba.warehouse.measures import Cell


_SAME: Final = 0.05  # points of per cent: less is written as no change
_LIMITS: Final = {
    Limit.WITHIN: Words("trong giới hạn", "within limits"),
    Limit.WATCH: Words("ngoài giới hạn 95 %", "outside the 95 % limits"),
    Limit.BEYOND: Words("ngoài giới hạn 99,8 %", "outside the 99.8 % limits"),
}


def value_of(tile: Tile, cell: Cell | None, lang: str = "vi") -> str:
    """Write the value of a cell with its unit; "–" where there is none."""
    if cell is None or cell.value is None:
        return "–"
    unit = tile.spec.unit.vi if lang == "vi" else tile.spec.unit.en
    return f"{rounded(cell.value, lang)} {unit}"


def share_of(cell: Cell, lang: str = "vi") -> str:
    """Write a share with what it is made of: 61,2 % (152/248)."""
    return f"{rounded(cell.value or 0, lang)} % ({rounded(cell.numerator or 0, lang)}/{rounded(cell.denominator or 0, lang)})"


def limit_words(limit: Limit) -> Words:
    """Say where a place lies in the funnel."""
    return _LIMITS[limit]


def worse_words(cell: Cell, before: Cell | None, centre: float, limit: Limit) -> Words:
    """Say why a place is among the worst: its share, the whole's, the limit it is beyond, where it comes from."""
    said, moved = _LIMITS[limit], _moved(cell, before)
    return Words(
        f"{share_of(cell)}, chung {rounded(100 * centre)} %: {said.vi}{moved.vi}",
        f"{share_of(cell, 'en')}, all {rounded(100 * centre, 'en')} %: {said.en}{moved.en}",
    )


def improved_words(cell: Cell, before: Cell | None) -> Words:
    """Say why a place is among the improved: from where to where."""
    if before is None:
        return Words(share_of(cell), share_of(cell, "en"))
    points = abs((cell.value or 0) - (before.value or 0))
    return Words(
        f"{share_of(before)} → {share_of(cell)}: {rounded(points)} điểm %",
        f"{share_of(before, 'en')} → {share_of(cell, 'en')}: {rounded(points, 'en')} points",
    )


def _moved(cell: Cell, before: Cell | None) -> Words:
    """Say how a place moved since the period before; nothing where that is not known."""
    if before is None or before.value is None or cell.value is None:
        return Words("", "")
    change = cell.value - before.value
    if abs(change) < _SAME:
        return Words("; như kỳ trước", "; as in the period before")
    vi, en = ("tăng", "up") if change > 0 else ("giảm", "down")
    return Words(f"; {vi} {rounded(abs(change))} điểm % so với kỳ trước", f"; {en} {rounded(abs(change), 'en')} points since the period before")
