"""The wall of an operations centre: large, dark, one picture after the other by itself without a script, until somebody holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from yba.access import Right, needs
from yba.kit.errors import NotFound
from yba.web import board as view
from yba.web import shell
from yba.web.words import FIRST
from yba.web.words import marked as _n

from .director import asked, called, mapped_first, open_alerts, province_of, read, ways

if TYPE_CHECKING:
    from django.http import HttpResponse

    from yba.specs.boards import Board
    from yba.warehouse import boards
    from yba.web.edge import Visit

SECONDS: Final = 30  # until the next picture; numbers change with the export, every five minutes
_TILES: Final = 12  # on one picture of 1920 × 1080
_OVERVIEW: Final = _n("Toàn cảnh")
_TILES_WORDS: Final = _n("Số liệu %(n)s")


@needs(Right.WAREHOUSE_MEASURE_READ)
def wall(visit: Visit) -> HttpResponse:
    """Show a picture of a board (``slide``), the next one after half a minute; ``hold`` keeps it (WCAG 2.2.1: what moves can be stopped)."""
    chosen, _, _ = asked(visit)
    try:
        desk = read(visit, chosen, None, "")
    except NotFound:
        return shell.answer(visit, "wall_empty", title=_title(chosen, visit))
    names = called(visit, desk)
    pictures = _pictures(desk, visit)
    slide = int(asked_) if (asked_ := visit.asked("slide", 2)).isascii() and asked_.isdigit() and int(asked_) < len(pictures) else 0
    held = bool(visit.asked("hold", 1))
    mapped = mapped_first(desk)
    first = (slide - 1) * _TILES
    way = ways(chosen)
    answer = shell.answer(
        visit,
        "wall",
        title=_title(chosen, visit),
        until=view.stamp(desk.until, visit.say),
        pictures=[(words, address(chosen, number, held=True), number == slide) for number, words in enumerate(pictures)],
        held=held,
        stop=address(chosen, slide, held=not held),
        map=view.map_of(mapped, names, way=way, province=province_of(desk)) if mapped and not slide else None,
        mapped=view.seen(mapped, 0, names, opened=0, href="") if mapped else None,
        **open_alerts(visit),
        worst=view.stood(desk.worst, names, gains=False, way=way),
        improved=view.stood(desk.improved, names, gains=True, way=way),
        tiles=[
            view.seen(one, number, names, opened=0, href=f"/director?{urlencode({'board': chosen.name, 'open': number})}#open")
            for number, one in enumerate(desk.tiles, 1)
            if slide and first < number <= first + _TILES
        ],
    )
    if not held:
        answer["Refresh"] = f"{SECONDS}; url={address(chosen, (slide + 1) % len(pictures), held=False)}"
    return answer


def address(chosen: Board, slide: int, *, held: bool) -> str:
    """Return the address of one picture."""
    return f"/director/wall?{urlencode({'board': chosen.name, 'slide': slide, **({'hold': 1} if held else {})})}"


def _pictures(desk: boards.Desk, visit: Visit) -> list[str]:
    return [visit.say(_OVERVIEW), *(visit.say(_TILES_WORDS) % {"n": number + 1} for number in range(-(-len(desk.tiles) // _TILES)))]


def _title(chosen: Board, visit: Visit) -> str:
    return chosen.title.vi if visit.lang == FIRST else chosen.title.en
