"""One question from leave to answer: no transaction is open while the network is waited for, and nothing that was asked is forgotten."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from time import sleep
from typing import TYPE_CHECKING, Any, Final

import orjson
from django.db import DEFAULT_DB_ALIAS, connections

from yba import access, audit
from yba.access import Right
from yba.audit import Outcome as Ended
from yba.audit import Tag
from yba.kit import clock, log
from yba.kit.db import unit_of_work
from yba.kit.errors import Internal, Invalid
from yba.kit.ids import new_id

from . import pace, store
from .model import HeldBack, Outcome, Register, RegisterError, Reply
from .sealing import seal_reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.reach import Predicate
    from yba.specs.identity.registers import RegisterRules

    from .pace import Pace

_log = log.get(__name__)
ASKER: Final = access.Columns(person=None, facility="facility", labels=None, rtype=None, alias="f")


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it is written down: by hashes of what is asked, never by the words."""

    by: Actor
    register: Register
    mode: str
    purpose: str
    asked: UUID
    subject: UUID
    facility: str = ""
    consent: str = ""
    link: str = ""
    person_id: UUID | None = None
    batch: UUID | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """The answer to a question, kept or new."""

    id: UUID
    outcome: Outcome
    matches: dict[str, str]
    code: str
    facts: dict[str, str]
    read_at: datetime
    expires: datetime
    kept: bool


def ask(
    question: Question,
    speak: Callable[[str], Reply],
    rules: RegisterRules,
    limit: Pace,
    *,
    then: Callable[[Connection[Any], Given], None] | None = None,
    anew: bool = False,
) -> Given:
    """Answer from what is kept, or ask the register and keep what it says, with the audit row in the same transaction.

    ``speak(number)`` makes one exchange; ``then`` acts on a new answer in the transaction that keeps it. Raises Denied, HeldBack (nothing was
    asked), RegisterError (asked in vain: kept and audited as such), Invalid (purpose), Internal inside a transaction.
    """
    if connections[DEFAULT_DB_ALIAS].in_atomic_block:
        raise Internal("a register is never asked inside a transaction: it would be held open for as long as the network takes")
    if question.purpose not in rules.purposes:
        raise Invalid("Mục đích xác minh không đúng.", advice=", ".join(rules.purposes))
    with unit_of_work(by=question.by) as conn:
        seen = reach(conn, question.by, question.facility)
        given = None if anew else _kept(conn, seen, question)
        if given is None:
            pace.admit(conn, question.register, rules, limit)
            id_ = _begin(conn, question)
    if given is not None:
        return given
    reply, attempts, failure = _exchange(id_, question, speak, rules, limit)
    with unit_of_work(by=question.by) as conn:
        reach(conn, question.by, question.facility)
        made = _end(conn, id_, question, reply, attempts, failure, rules)
        if failure is None and then is not None:
            then(conn, made)
    if failure is not None:
        raise failure
    return made


def reach(conn: Connection[Any], by: Actor, facility: str, *, right: Right = Right.IDENTITY_REGISTER_ASK) -> Predicate:
    """Make sure that an actor may ask for this facility ("" = the province); opens row security that far. Raises Denied."""
    access.require(by, right, facility=facility)
    return access.predicate(conn, by=by, right=right, columns=ASKER)


def _kept(conn: Connection[Any], seen: Predicate, question: Question) -> Given | None:
    found = store.kept(conn, seen, asked=question.asked, facility=question.facility, purpose=question.purpose, now=clock.now())
    if found is None:
        return None
    id_, outcome, matches, read_at, expires, code, facts = found
    given = Given(id_, Outcome(outcome), _json(matches), code, _json(facts), read_at, expires, kept=True)
    _note(conn, question, Tag.REGISTER_READ, given.id, given.outcome, kept=True)
    return given


def _begin(conn: Connection[Any], question: Question) -> UUID:
    id_ = new_id()
    row = {
        "id": id_, "asked_at": clock.now(), "who": question.by.name, "register": question.register.value, "mode": question.mode,
        "purpose": question.purpose, "consent": question.consent, "facility": question.facility, "link": question.link,
        "person_id": question.person_id, "asked": question.asked, "subject": question.subject, "batch": question.batch,
    }  # fmt: skip
    store.begin(conn, row)
    return id_


def _exchange(
    id_: UUID, question: Question, speak: Callable[[str], Reply], rules: RegisterRules, limit: Pace
) -> tuple[Reply, int, RegisterError | None]:
    """Speak, again after a pause where that may help, each attempt with leave of breaker and pace."""
    failure: RegisterError | None = None
    for attempt in range(1, rules.limits.attempts + 1):
        if failure is not None and not _may_go_on(question, rules, limit, failure, attempt):
            return Reply(failure.outcome), attempt - 1, failure
        try:
            reply = speak(f"{id_.hex}{attempt:02d}")
        except RegisterError as error:
            failure = error
            _log.warning("register.failed", kind=question.register.value, outcome=error.outcome.value, attempt=attempt)
            with unit_of_work(by=question.by) as conn:
                if error.breaks:
                    pace.failed(conn, question.register, rules)
                else:
                    store.unprobe(conn, question.register.value)
            if not error.again:
                return Reply(error.outcome), attempt, error
        else:
            with unit_of_work(by=question.by) as conn:
                store.succeeded(conn, question.register.value)
            return reply, attempt, None
    return Reply(failure.outcome if failure else Outcome.AWAY), rules.limits.attempts, failure


def _may_go_on(question: Question, rules: RegisterRules, limit: Pace, failure: RegisterError, attempt: int) -> bool:
    usual = rules.limits.back_off_seconds[attempt - 2]
    sleep(max(failure.wait, usual * random.uniform(0.5, 1.5)))  # noqa: S311  so that processes do not come back together; no secret
    try:
        with unit_of_work(by=question.by) as conn:
            pace.admit(conn, question.register, rules, limit)
    except HeldBack:
        return False
    return True


def _end(
    conn: Connection[Any], id_: UUID, question: Question, reply: Reply, attempts: int, failure: RegisterError | None, rules: RegisterRules
) -> Given:
    now = clock.now()
    days = {Outcome.FOUND: rules.keep_found, Outcome.NOT_FOUND: rules.keep_not_found}.get(reply.outcome)
    expires = now + timedelta(days=days) if days is not None else None
    if reply.raw is not None:
        reply.raw = seal_reply(reply.raw, id_)
    store.end(conn, id_, reply, at=now, attempts=attempts, expires=expires)
    _note(conn, question, Tag.REGISTER_ASK, id_, reply.outcome, kept=False, failed=failure is not None)
    return Given(id_, reply.outcome, dict(reply.matches), reply.code, reply.facts or {}, now, expires or now, kept=False)


def _note(conn: Connection[Any], question: Question, tag: Tag, id_: UUID, outcome: Outcome, *, kept: bool, failed: bool = False) -> None:
    """Why, by which consent, what came of it: the number asked for stands nowhere in the trail."""
    detail = {"register": question.register.value, "mode": question.mode, "outcome": outcome.value, "kept": kept}
    more = {name: value for name, value in (("consent", question.consent), ("link", question.link)) if value}
    audit.note(
        conn, by=question.by, tag=tag, about_type="RegisterQuery", about_id=str(id_), person_id=question.person_id,
        facility=question.facility or None, reason=question.purpose, detail={**detail, **more}, outcome=Ended.FAILED if failed else None,
        under=Right.IDENTITY_REGISTER_ASK.value,
    )  # fmt: skip


def _json(text: str | None) -> dict[str, str]:
    return orjson.loads(text) if text else {}
