"""How facilities are called on the pages: the directory's names, asked once a page."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from yba import directory
from yba.kit import clock
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from psycopg import Connection

    from yba.kit import Actor
    from yba.web.edge import Visit


_NAMELESS: Final = _n("Cơ sở %(code)s")
_FORMER: Final = _n("%(name)s (xã cũ)")
_BEFORE_REFORM: Final = date(2025, 6, 30)  # old codes went on being written for months


def names(conn: Connection[Any], *, by: Actor) -> Callable[[Sequence[str]], Mapping[str, str]]:
    """Return what gives the names of facilities by code; one without a name keeps its code. No code is asked for twice."""
    known: dict[str, str] = {}

    def look_up(codes: Sequence[str]) -> dict[str, str]:
        new = [code for code in codes if code not in known]
        if new:
            found = directory.facilities_at(conn, by=by, codes=new, on=clock.today())
            known.update((code, found[code].name if code in found else "") for code in new)
        return {code: known[code] for code in codes if known[code]}

    return look_up


def places(visit: Visit, codes: Iterable[str], called: Callable[[Sequence[str]], Mapping[str, str]] | None = None) -> dict[str, str]:
    """Return what to call each of these facilities: its name, or "Cơ sở 01013" while the directory knows none; "" is no place.

    ``called``: what `names` gave and the page has asked before.
    """
    asked = sorted({code for code in codes if code})
    known = (called or names(visit.conn, by=visit.by))(asked) if asked else {}
    return {code: known.get(code) or visit.say(_NAMELESS) % {"code": code} for code in asked}


def commune_name(visit: Visit, code: str) -> str:
    """Return what a commune is called: its name of today, the one it had before 07/2025, or its code."""
    if here := directory.commune(code, clock.today()):
        return here.name
    former = directory.commune(code, _BEFORE_REFORM)
    return visit.say(_FORMER) % {"name": former.name} if former else code


def province_of(communes: Iterable[str]) -> str:
    """Return the province most of these communes (codes of today) are of, of several the first by code; "" where none is known."""
    found = Counter(area.province for code in communes if (area := directory.commune(code, clock.today())))
    return max(sorted(found), key=lambda code: found[code]) if found else ""
