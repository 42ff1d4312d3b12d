"""How facilities are called on the pages: the directory's names, asked once a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yba import directory
from yba.kit import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from psycopg import Connection

    from yba.kit import Actor


def names(conn: Connection[Any], *, by: Actor) -> Callable[[Sequence[str]], Mapping[str, str]]:
    """Return what gives the names of facilities by code; one without a name keeps its code."""

    def look_up(codes: Sequence[str]) -> dict[str, str]:
        found = directory.facilities_at(conn, by=by, codes=codes, on=clock.today())
        return {code: facility.name for code, facility in found.items() if facility.name}

    return look_up
