"""Where a reader works, for forms that act at a facility, and how a typed number or scanned card becomes one person."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from yba import identity
from yba.kit import clock
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.specs import care_desk
from yba.web.facilities import names
from yba.web.words import FIRST
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from yba.web.edge import Visit

LONGEST = 1000  # characters: the QR text of a citizen card


_NONE = _n("Không có ai mang số này trong tầm nhìn của bạn.")
_MANY = _n("Nhiều người cùng mang số này: chuyển bàn đối soát.")


def stations(visit: Visit) -> list[tuple[str, str]]:
    """Return (code, name) of the facilities the reader works at: one needs no choice."""
    codes = sorted(visit.by.facilities or ())
    called = names(visit.conn, by=visit.by)(codes) if codes else {}
    return [(code, called.get(code, code)) for code in codes]


def station(visit: Visit) -> str:
    """Return the facility a form says, else the only one there is, else "" (which the act refuses)."""
    codes = sorted(visit.by.facilities or ())
    return visit.text("facility", 5) or (codes[0] if len(codes) == 1 else "")


def one_person(visit: Visit, text: str) -> UUID:
    """Return whom a typed number or scanned card leads to. Raises NotFound, Conflict, Invalid (a card that cannot be read)."""
    if identity.is_card_text(text):
        found = identity.find_by_card(visit.conn, by=visit.by, card=identity.read_card(text), facility=first_station(visit))
    else:
        found = identity.find(visit.conn, by=visit.by, id=text)
    if not found:
        raise NotFound(visit.say(_NONE))
    if len(found) > 1:
        raise Conflict(visit.say(_MANY))
    return found[0]


def first_station(visit: Visit) -> str:
    """Return the facility at which the reader reads a card, "" for the province's own people."""
    return next(iter(sorted(visit.by.facilities or ())), "")


def to_uuid(text: str) -> UUID:
    """Return the id a form carries. Raises NotFound for anything else: nobody types one."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(text[:40]) from None


def to_day(visit: Visit, text: str) -> date:
    """Return the day a reader typed as dd/mm/yyyy (also d/m/yy, or without strokes: 05122026). Raises Invalid."""
    parts = _PARTS.fullmatch(text.strip())
    try:
        day, month, year = (int(each) for each in parts.groups()) if parts else (0, 0, 0)
        return date(year + 2000 if year < 100 else year, month, day)  # noqa: PLR2004  # a year in two digits
    except ValueError:
        raise Invalid(visit.say(_DAY) % {"text": text[:20]}) from None


def to_birth(visit: Visit, text: str) -> str:
    """Return a partial ISO date of what is typed for a birth: a day, mm/yyyy, or a year. Raises Invalid, also for a day to come."""
    text = text.strip()
    if _YEAR.fullmatch(text):
        found = text
    elif month := _MONTH.fullmatch(text):
        found = f"{month[2]}-{int(month[1]):02d}"
    else:
        found = to_day(visit, text).isoformat()
    if found > clock.today().isoformat()[: len(found)]:
        raise Invalid(visit.say(_FUTURE))
    return found


_PARTS = re.compile(r"([0-9]{1,2})[/.\-]?([0-9]{1,2})[/.\-]?([0-9]{4}|[0-9]{2})")
_YEAR = re.compile(r"(?:18|19|20)[0-9]{2}")
_MONTH = re.compile(r"(0?[1-9]|1[0-2])[/.\-]([0-9]{4})")
_DAY = _n("Ngày không đọc được: %(text)s. Gõ như 05/12/2026.")
_FUTURE = _n("Ngày sinh ở tương lai: kiểm tra lại năm.")


def priority_words(visit: Visit) -> list[tuple[str, str]]:
    """Return the groups that go before others in a queue, with their words."""
    return [(name, one.vi if visit.lang == FIRST else one.en) for name, one in care_desk.priorities().items()]
