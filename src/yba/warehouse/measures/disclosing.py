"""Whether and how an answer is rounded for who asks: by how he asks and where his grants end (docs/decisions/0026)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.kit import keys
from yba.kit.keys import Purpose
from yba.specs.measures import Dimension
from yba.warehouse.settings import SMALLEST_CELL

from .rounding import Coarse, is_free

if TYPE_CHECKING:
    from collections.abc import Collection

    from yba.specs.measures import Measure

    from .periods import Period

_USE: Final = "rounding of measures"


def coarse(
    measure: Measure,
    period: Period,
    by: Collection[Dimension],
    *,
    reach: Collection[str] | None,
    facilities: Collection[str] | None = None,
    areas: Collection[str] | None = None,
    earlier: bool = False,
) -> Coarse | None:
    """Say how an answer is rounded; None: not at all.

    ``reach``: the facilities of the asker's grants, None = all; ``facilities`` and ``areas``: what is counted, None = all. Who asks for all that his
    grants reach has chosen nothing. ``earlier``: as the lake stood once.
    """
    narrowed = areas is not None or (facilities is not None and (reach is None or set(facilities) != set(reach)))
    if not is_free(measure, period, by, narrowed=narrowed or earlier):
        return None
    places = ((Dimension.FACILITY, facilities), (Dimension.COMMUNE, areas))
    only = tuple((name, tuple(sorted(codes))) for name, codes in places if codes is not None)
    return Coarse(keys.derived(Purpose.LAKE, about=_USE), SMALLEST_CELL(), only)
