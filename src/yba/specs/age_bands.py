"""The age bands of every table and measure, in completed years, and which of them a group of a statistics office falls into."""

from __future__ import annotations

import re
from typing import Final

# (from, to before, name): as measures write them.
BANDS: Final = (
    (0, 1, "0"), (1, 5, "1-4"), (5, 15, "5-14"), (15, 25, "15-24"), (25, 40, "25-39"), (40, 60, "40-59"), (60, 80, "60-79"), (80, 200, "80+"),
)  # fmt: skip
NAMES: Final = tuple(name for _, _, name in BANDS)
_GROUP: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3})|(\+))?")
_OLDEST: Final = 199


def band_of(group: str) -> str | None:
    """Return the band that holds a group of ages wholly ("37", "5-9", "85+"); None where none does, or it is no group.

    >>> band_of("5-9"), band_of("85+"), band_of("0-4")
    ('5-14', '80+', None)
    """
    found = _GROUP.fullmatch(group.strip())
    if not found:
        return None
    first = int(found[1])
    last = int(found[2]) if found[2] else _OLDEST if found[3] else first
    return next((name for low, high, name in BANDS if low <= first <= last < high), None)
