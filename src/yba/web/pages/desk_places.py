"""Where a reader works, for forms that act at a facility, and how a typed number or scanned card becomes one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yba import identity
from yba.kit.errors import Conflict, NotFound
from yba.web.facilities import names

if TYPE_CHECKING:
    from uuid import UUID

    from yba.web.edge import Visit

LONGEST = 1000  # characters: the QR text of a citizen card


def _n(text: str) -> str:
    return text


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
