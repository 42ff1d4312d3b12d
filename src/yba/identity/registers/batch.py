"""Verifying a list of people at the register's pace: resumed where it stopped, one person at a time, with a report of verdicts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from time import sleep
from typing import TYPE_CHECKING, Any, Final

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.identity.store_read import A_SOURCE
from yba.kit import clock
from yba.kit.db import unit_of_work
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.kit.ids import new_id

from . import store
from .asking import ASKER, reach
from .model import FIELDS, HeldBack, Register, RegisterError, Verdict
from .verifying import population

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .verifying import Population

_PERSON: Final = access.Columns(facility=None, labels=None, rtype=None, at=A_SOURCE, alias="f")
_LEASE: Final = timedelta(minutes=10)  # longer than the longest question with its attempts
LARGEST: Final = 100_000
UNASKABLE: Final = "unaskable"


@dataclass(frozen=True, slots=True)
class BatchRun:
    """What one run did: people done in it, people left, why it stopped early ("" it did not; breaker, day), seconds until it is worth going on."""

    id: UUID
    done: int
    left: int
    stopped: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One person of a batch: outcome ("" not asked yet, "unaskable": no number, name or birth) and verdicts."""

    ordinal: int
    person_id: UUID
    outcome: str
    matches: dict[str, Verdict]
    at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchReport:
    """A batch as it stands: lines, people by outcome, and verdicts by field."""

    id: UUID
    purpose: str
    facility: str
    made_at: datetime
    lines: tuple[BatchLine, ...]
    outcomes: dict[str, int] = field(default_factory=dict)
    verdicts: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BatchHead:
    """A batch in one line: why, for whom, when, by whom, people in it and people asked for."""

    id: UUID
    purpose: str
    facility: str
    made_at: datetime
    who: str
    total: int
    done: int


def batches(conn: Connection[Any], *, by: Actor, limit: int = 50) -> list[BatchHead]:
    """List the batches this actor's units laid down, the newest first. Raises Denied; not audited (nobody is named)."""
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_REGISTER_READ, columns=ASKER)
    return [BatchHead(*row) for row in store.batches(conn, seen, limit)]


def due(conn: Connection[Any], *, by: Actor, facility: str = "", limit: int = LARGEST) -> list[UUID]:
    """List people with a personal number of whom this asker has no verdict that is still good. Raises Denied."""
    reach(conn, by, facility)
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_PERSON_READ, columns=_PERSON)
    return store.due(conn, seen, facility=facility, now=clock.now(), limit=limit)


def make_batch(conn: Connection[Any], *, by: Actor, purpose: str, people: Sequence[UUID], facility: str = "", consent: str = "") -> UUID:
    """Lay a batch down; nothing is asked yet; audited. Raises Denied, Invalid (purpose, consent, nobody, too many)."""
    population(by=by, purpose=purpose, facility=facility, consent=consent)  # refuses what a question would be refused for
    reach(conn, by, facility)
    chosen = list(dict.fromkeys(people))
    if not 0 < len(chosen) <= LARGEST:
        raise Invalid(f"Một đợt xác minh gồm 1 đến {LARGEST} người.")
    id_ = new_id()
    row = (id_, clock.now(), by.name, Register.POPULATION.value, purpose, consent.strip(), facility, len(chosen))
    store.add_batch(conn, row, facility, chosen)
    audit.note(
        conn, by=by, tag=Tag.REGISTER_ASK, about_type="RegisterBatch", about_id=str(id_), facility=facility or None, reason=purpose,
        detail={"people": len(chosen)}, under=Right.IDENTITY_REGISTER_ASK.value,
    )  # fmt: skip
    return id_


def run_batch(
    *, by: Actor, batch: UUID, patience: float = 900.0, most: int | None = None, progress: Callable[[int, int], None] | None = None
) -> BatchRun:
    """Ask for everybody of a batch who was not asked for yet, in order; several processes may run one batch side by side.

    The minute's limit is waited for, an open breaker up to ``patience`` seconds in all, the day's limit not at all: run it again. A question in
    vain is an outcome of its person, not the end. ``progress(done, total)`` after each. Raises Denied, NotFound, Invalid.
    """
    with unit_of_work(by=by) as conn:
        found = _batch(conn, by, batch)
    purpose, consent, facility, total, done, _ = found
    register = population(by=by, purpose=purpose, facility=facility, consent=consent, batch=batch)
    asked, waited = 0, 0.0
    while most is None or asked < most:
        with unit_of_work(by=by) as conn:
            reach(conn, by, facility)
            item = store.take_item(conn, batch, now=clock.now(), until=clock.now() + _LEASE)
        if item is None:
            break
        try:
            outcome, query = _ask(register, item[1])
        except HeldBack as held:
            _end(by, facility, batch, item[0], "", None)
            waited += held.seconds if held.why == "breaker" else 0.0
            if held.why == "day" or waited > patience:
                return BatchRun(batch, asked, total - done - asked, held.why, held.seconds)
            sleep(held.seconds)
            continue
        _end(by, facility, batch, item[0], outcome, query)
        asked += 1
        if progress is not None:
            progress(done + asked, total)
    return BatchRun(batch, asked, total - done - asked)


def report(conn: Connection[Any], *, by: Actor, batch: UUID) -> BatchReport:
    """Say what came of a batch so far, to whom it was asked for; audited. Raises Denied, NotFound."""
    purpose, _, facility, _, _, made_at = _batch(conn, by, batch, right=Right.IDENTITY_REGISTER_READ)
    lines = tuple(
        BatchLine(ordinal, person, outcome, {name: Verdict(one) for name, one in matches.items()}, at)
        for ordinal, person, outcome, matches, at in store.items(conn, batch)
    )
    verdicts = {name: dict(Counter(line.matches[name].value for line in lines if name in line.matches)) for name in FIELDS}
    audit.note(
        conn, by=by, tag=Tag.REGISTER_READ, about_type="RegisterBatch", about_id=str(batch), facility=facility or None, detail={"rows": len(lines)},
        under=Right.IDENTITY_REGISTER_READ.value,
    )  # fmt: skip
    return BatchReport(batch, purpose, facility, made_at, lines, dict(Counter(line.outcome for line in lines)), verdicts)


def _batch(conn: Connection[Any], by: Actor, batch: UUID, *, right: Right = Right.IDENTITY_REGISTER_ASK) -> tuple[Any, ...]:
    seen = access.predicate(conn, by=by, right=right, columns=ASKER)
    found = store.batch(conn, seen, batch)
    if found is None:
        raise NotFound("Không có đợt xác minh này.")
    return found


def _ask(register: Population, person: UUID) -> tuple[str, UUID | None]:
    try:
        answer = register.verify_person(person)
    except RegisterError as error:
        return error.outcome.value, None
    except (NotFound, Conflict, Invalid):
        return UNASKABLE, None
    return answer.outcome.value, answer.query


def _end(by: Actor, facility: str, batch: UUID, ordinal: int, outcome: str, query: UUID | None) -> None:
    with unit_of_work(by=by) as conn:
        reach(conn, by, facility)
        store.end_item(conn, batch, ordinal, outcome=outcome, query=query, now=clock.now())
