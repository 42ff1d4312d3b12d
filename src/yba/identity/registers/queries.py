"""Asking what was asked: the questions about a person, how the registers stand, and card look-ups to judge claims by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.specs.identity.registers import card, population

from . import pace, settings, store
from .asking import ASKER
from .model import Outcome, Register, Verdict
from .pace import Pace, Standing
from .subjects import card_subject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

LIMIT: Final = 100


@dataclass(frozen=True, slots=True)
class Asking:
    """One question about a person, as its asker may see it again."""

    id: UUID
    register: Register
    outcome: Outcome
    matches: dict[str, Verdict]
    asked_at: datetime
    expires: datetime | None
    purpose: str
    facility: str
    who: str
    code: str
    facts: dict[str, str]
    """What the insurer said of a card, for the facility that asked; the population database never has any."""


class Wanted(NamedTuple):
    """A card whose look-up a claim is judged by: which facility asked, between when."""

    number: int
    facility: str
    card: str
    since: datetime
    until: datetime


class Looked(NamedTuple):
    """A kept look-up: ``number`` of the Wanted it answers, the insurer's code, what it said, when it was asked."""

    number: int
    code: str
    facts: dict[str, str]
    asked_at: datetime


def asked_about(conn: Connection[Any], *, by: Actor, person_id: UUID, limit: int = LIMIT) -> list[Asking]:
    """List the questions about a person that this actor's unit asked, newest first; never another unit's (NĐ 69/2024). Raises Denied; audited."""
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_REGISTER_READ, columns=ASKER)
    found = [
        Asking(row[0], Register(row[1]), Outcome(row[2]), _verdicts(row[3]), row[4], row[5], row[6], row[7], row[8], row[9], orjson.loads(row[10]))
        for row in store.of_person(conn, seen, person=person_id, limit=limit)
    ]
    audit.note(
        conn, by=by, tag=Tag.REGISTER_READ, about_type="Person", about_id=str(person_id), person_id=person_id, detail={"rows": len(found)},
        under=Right.IDENTITY_REGISTER_READ.value,
    )  # fmt: skip
    return found


def standings(conn: Connection[Any], *, by: Actor) -> dict[Register, Standing]:
    """Say how the registers stand: failures in a row, until when the breaker is open, how many questions today. Raises Denied."""
    access.require(by, Right.IDENTITY_REGISTER_READ)
    limits = {
        Register.POPULATION: (population(), Pace(settings.POPULATION_PER_MINUTE(), settings.POPULATION_PER_DAY())),
        Register.CARD: (card(), Pace(settings.CARD_PER_MINUTE(), settings.CARD_PER_DAY())),
    }
    return {register: pace.standing(conn, register, rules, limit) for register, (rules, limit) in limits.items()}


def looked_up(conn: Connection[Any], *, by: Actor, wanted: Sequence[Wanted]) -> list[Looked]:
    """Read the newest kept look-up of each card by the facility of the claim within the time; one round trip, none when nothing is wanted.

    For judging claims while they are written: it never calls out. Raises Denied; not audited (the claim's own row says what was written).
    """
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_REGISTER_READ, columns=ASKER)
    if not wanted:
        return []
    rows = store.cards(conn, seen, [(one.number, one.facility, card_subject(one.card), one.since, one.until) for one in wanted])
    return [Looked(*row) for row in rows]


def _verdicts(text: str) -> dict[str, Verdict]:
    return {name: Verdict(one) for name, one in orjson.loads(text).items()}
