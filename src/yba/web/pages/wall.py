"""The wall of an operations centre: large, dark, one picture after the other by itself without a script, until somebody holds it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode

from yba.access import Right, needs
from yba.kit.errors import NotFound, TooMuch
from yba.specs.measures import Dimension
from yba.warehouse import ManifestDamaged
from yba.web import board as view
from yba.web import shell
from yba.web.edge import words
from yba.web.facilities import province_of
from yba.web.words import FIRST
from yba.web.words import marked as _n

from .director import asked, called, mapped_first, open_alerts, read, ways

if TYPE_CHECKING:
    from django.http import HttpResponse

    from yba.specs.boards import Board
    from yba.warehouse import boards
    from yba.web.edge import Visit

AT_DESK: Final = "/director/wall"
AT_SCREEN: Final = "/screen/wall"
SECONDS: Final = 30  # until the next picture; numbers change with the export, every five minutes
AGAIN: Final = 60  # until a wall without numbers tries again
_TILES: Final = 12  # on one picture of 1920 × 1080
_OVERVIEW: Final = _n("Toàn cảnh")
_TILES_WORDS: Final = _n("Số liệu %(n)s")


class Picture(NamedTuple):
    """One picture: template and values, the header that asks for the next (None where it is held), and how it is answered."""

    template: str
    values: dict[str, Any]
    refresh: str | None = None
    status: int = 200


@needs(Right.WAREHOUSE_MEASURE_READ)
def wall(visit: Visit) -> HttpResponse:
    """Show a picture of a board (``slide``), the next one after half a minute; ``hold`` keeps it (WCAG 2.2.1: what moves can be stopped)."""
    shown = picture(visit, at=AT_DESK, leads=True)
    answer = shell.answer(visit, shown.template, status=shown.status, **shown.values)
    if shown.refresh:
        answer["Refresh"] = shown.refresh
    return answer


def picture(visit: Visit, *, at: str, leads: bool) -> Picture:
    """Make the picture that the address asks for; ``at``: where the wall hangs; ``leads``: whether its names lead to the desk, as for a person."""
    chosen, _, _ = asked(visit)
    try:
        desk = read(visit, chosen, None, "")
    except NotFound:
        return Picture("wall_empty", {"title": _title(chosen, visit), "leads": leads, "said": ""})
    except (ManifestDamaged, TooMuch) as error:  # a wall tries on by itself: nobody stands there who would reload it
        status = HTTPStatus.TOO_MANY_REQUESTS if isinstance(error, TooMuch) else HTTPStatus.SERVICE_UNAVAILABLE
        return Picture("wall_empty", {"title": _title(chosen, visit), "leads": leads, "said": words(error, visit.lang)}, str(AGAIN), int(status))
    pictures = _pictures(desk, visit)
    slide = int(asked_) if (asked_ := visit.asked("slide", 2)).isascii() and asked_.isdigit() and int(asked_) < len(pictures) else 0
    held = bool(visit.asked("hold", 1))
    values = {
        "title": _title(chosen, visit),
        "until": view.stamp(desk.until, visit.say),
        "pictures": [(named, address(chosen, number, held=True, at=at), number == slide) for number, named in enumerate(pictures)],
        "held": held,
        "stop": address(chosen, slide, held=not held, at=at),
        "desk": f"/director?{urlencode({'board': chosen.name})}" if leads else "",
        "leads": leads,
        "waits": desk.waiting,
        "ends": "",  # a screen says in time that it runs out
        **open_alerts(visit),
        **_drawn(visit, chosen, desk, slide, leads=leads),
    }
    following = address(chosen, (slide + 1) % len(pictures), held=False, at=at)
    return Picture("wall", values, None if held else f"{SECONDS}; url={following}")


def _drawn(visit: Visit, chosen: Board, desk: boards.Desk, slide: int, *, leads: bool) -> dict[str, Any]:
    """Draw what stands on a picture: the map and what stands out, or its tiles."""
    names, mapped = called(visit, desk), mapped_first(desk)
    province, first = province_of(view.codes(desk, Dimension.COMMUNE)), (slide - 1) * _TILES
    way = ways(chosen) if leads else _nowhere
    worst, improved = (view.stood(found, names, gains=gains, way=way) for found, gains in ((desk.worst, False), (desk.improved, True)))
    return {
        "map": view.map_of(mapped, names, way=way, province=province) if mapped and not slide else None,
        "mapped": view.seen(mapped, 0, names, opened=0, href="") if mapped else None,
        "worst": worst if leads else [one._replace(how="") for one in worst],
        "improved": improved if leads else [one._replace(how="") for one in improved],
        "tiles": [
            view.seen(one, number, names, opened=0, href=f"/director?{urlencode({'board': chosen.name, 'open': number})}#open" if leads else "")
            for number, one in enumerate(desk.tiles, 1)
            if slide and first < number <= first + _TILES
        ],
    }


def _nowhere(_dimension: Dimension, _code: str) -> str:
    """A screen's names lead nowhere: nobody is signed in there."""
    return ""


def address(chosen: Board, slide: int, *, held: bool, at: str) -> str:
    """Return the address of one picture."""
    return f"{at}?{urlencode({'board': chosen.name, 'slide': slide, **({'hold': 1} if held else {})})}"


def _pictures(desk: boards.Desk, visit: Visit) -> list[str]:
    return [visit.say(_OVERVIEW), *(visit.say(_TILES_WORDS) % {"n": number + 1} for number in range(-(-len(desk.tiles) // _TILES)))]


def _title(chosen: Board, visit: Visit) -> str:
    return chosen.title.vi if visit.lang == FIRST else chosen.title.en
