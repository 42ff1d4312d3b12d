"""Which files of side tables go: what neither the present nor a promised day needs; what a successor hides is said, never filled in."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from yba.warehouse.lake.model import SideFile


def thinned(files: Iterable[SideFile], days: Collection[int]) -> tuple[SideFile, ...]:
    """Keep of each part the newest file and those that the last export of a promised day (``days``) reads, oldest first.

    A file whose predecessor went bears from which export on nobody knows any more how the part stood (`SideFile.hides`). Files of an
    earlier layout of a table go too.
    """
    kept: list[SideFile] = []
    for _, some in groupby(sorted(files, key=lambda one: (one.table, one.part, one.seq)), key=lambda one: (one.table, one.part)):
        chain = list(some)
        hides = 0
        for place, one in enumerate(chain):
            after = chain[place + 1].seq if place + 1 < len(chain) else None
            needed = after is None or (one.layout == chain[-1].layout and any(one.seq <= day < after for day in days))
            if needed:
                kept.append(replace(one, hides=min(filter(None, (hides, one.hides)), default=0)))
                hides = 0
            else:
                hides = min(filter(None, (hides, one.hides, one.seq)))
    return tuple(sorted(kept, key=lambda one: (one.table, one.part, one.seq)))
