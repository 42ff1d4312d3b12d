"""A citizen card shown at a desk: whom its two numbers lead to; where they lead to two, a clerk is asked whether these are one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.kit.actor import Actor
from yba.kit.db import unit_of_work

from . import store
from .model import IdType
from .queries import find
from .state import Review

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from .citizen_card import CitizenCard

# Whom a number leads to beyond the reader's reach is asked by the platform, and told to nobody but who decides about both.
_PLATFORM: Final = Actor.system("identity:card:read")
_KIND: Final = "identifiers-disagree"


def find_by_card(conn: Connection[Any], *, by: Actor, card: CitizenCard, facility: str = "") -> list[UUID]:
    """Find people by a card that was read, as far as the actor may find: by its personal number, else by the earlier one.

    Where the two numbers lead to different people (in reach or not), an item asks a clerk whether they are one (NĐ 70/2024 Art 11: numbers are
    cancelled and issued anew); ``facility`` is where the card was read. The caller writes the audit row. Raises Denied.
    """
    found = find(conn, by=by, id=card.number) or (find(conn, by=by, id=card.old) if card.old else [])
    now, before = _everybody(card.number), _everybody(card.old)
    if now and before and not set(now) & set(before):
        _ask(now[0], before[0], facility, IdType.OLD_CITIZEN)
    return found


def others_by_card(conn: Connection[Any], *, by: Actor, card: CitizenCard, person_id: UUID, facility: str) -> bool:  # noqa: ARG001  every act says who
    """Whether a number of a card leads to somebody else than this person; then an item asks the province's officer whether the two are one.

    Nothing is told of the other: who it is, or where known. Audited by the caller.
    """
    others = [one for one in dict.fromkeys([*_everybody(card.number), *_everybody(card.old)]) if one != person_id]
    for other in others:
        _ask(person_id, other, facility, IdType.CITIZEN)
    return bool(others)


def _everybody(number: str) -> list[UUID]:
    if not number:
        return []
    with unit_of_work(by=_PLATFORM) as conn:
        return find(conn, by=_PLATFORM, id=number)


def _ask(one: UUID, other: UUID, facility: str, by: IdType) -> None:
    with unit_of_work(by=_PLATFORM) as conn:
        store.open_reviews(conn, [Review(_KIND, tuple(sorted((one, other))), facility, "", {"by": by.value})])
