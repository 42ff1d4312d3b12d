"""Verifying many people with the population database: lay a batch down, watch it, read what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.http import HttpResponseRedirect

from yba import accounts
from yba.access import Right, needs
from yba.identity import registers
from yba.kit import jobs
from yba.kit.errors import Invalid
from yba.kit.text import whole
from yba.web import shell
from yba.web.facilities import places
from yba.web.words import marked as _n

from .desk_places import station
from .registers import common

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse

    from yba.web.edge import Visit

_MOST: Final = 5000  # people of one batch from a page: a day's pace; larger ones are the operator's
_SHOWN: Final = 200
_SECONDS: Final = 5  # until a page of a running batch is asked for again
JOB: Final = "identity:register:batch"


_COUNT: Final = _n("Số người từ 1 đến %(n)s.")
_NOBODY: Final = _n("Không có ai cần xác minh: mọi người có số định danh đều còn kết quả trong hạn.")


@needs(Right.IDENTITY_REGISTER_ASK, Right.IDENTITY_REGISTER_READ, Right.IDENTITY_PERSON_READ)
def listed(visit: Visit) -> HttpResponse:
    """List the batches of the own unit and how the registers stand; lay a new one down: it is worked off beside the pages."""
    conn, by = visit.conn, visit.by
    if visit.posted:
        return HttpResponseRedirect(f"/registers/{_laid(visit)}")
    found = registers.batches(conn, by=by)
    values: dict[str, Any] = {
        "found": found,
        "standings": {register.value: one for register, one in registers.standings(conn, by=by).items()},
        "people": names(visit, [one.who for one in found]),
        "places": places(visit, [one.facility for one in found]),
        "most": _MOST,
        **common(visit),
    }
    return shell.answer(visit, "registers", **values)


@needs(Right.IDENTITY_REGISTER_ASK, Right.IDENTITY_REGISTER_READ)
def one(visit: Visit, batch: UUID) -> HttpResponse:
    """Show how far a batch is, its counts, and whom the register contradicts; verdicts only."""
    found = registers.report(visit.conn, by=visit.by, batch=batch)
    done = sum(1 for line in found.lines if line.outcome)
    wrong = [line for line in found.lines if any(verdict is registers.Verdict.NO for verdict in line.matches.values())]
    vain = [line for line in found.lines if line.outcome and line.outcome != "found"]
    values: dict[str, Any] = {
        "found": found, "done_count": done, "total": len(found.lines), "contradicted": wrong[:_SHOWN], "contradicted_count": len(wrong),
        "vain": vain[:_SHOWN], "vain_count": len(vain), "places": places(visit, [found.facility]), "shown": _SHOWN, **common(visit),
    }  # fmt: skip
    answer = shell.answer(visit, "registers_batch", **values)
    if done < len(found.lines):
        answer["Refresh"] = str(_SECONDS)  # progress without a script
    return answer


@needs(Right.IDENTITY_REGISTER_ASK, Right.IDENTITY_REGISTER_READ)
def resume(visit: Visit, batch: UUID) -> HttpResponse:
    """Go on with a batch that stopped, in the own name."""
    if not visit.posted:
        return one(visit, batch)
    registers.report(visit.conn, by=visit.by, batch=batch)  # only who may see it
    _enqueued(visit, batch)
    return HttpResponseRedirect(f"/registers/{batch}?done=resumed")


def names(visit: Visit, whos: Iterable[str]) -> dict[str, str]:
    """Return the names at work of those who asked."""
    known = {who: UUID(who.partition(":")[2]) for who in whos if who.startswith("user:")}
    found = accounts.names_of(visit.conn, by=visit.by, accounts=known.values())
    return {who: found.get(account, who) for who, account in known.items()}


def _laid(visit: Visit) -> UUID:
    count, facility = whole(visit.text("count", 5)) or 0, station(visit)
    if not 1 <= count <= _MOST:
        raise Invalid(visit.say(_COUNT) % {"n": _MOST})
    people = registers.due(visit.conn, by=visit.by, facility=facility, limit=count)
    if not people:
        raise Invalid(visit.say(_NOBODY))
    made = registers.make_batch(
        visit.conn, by=visit.by, purpose=visit.text("purpose", 40), people=people, facility=facility, consent=visit.text("consent", 200)
    )
    _enqueued(visit, made)
    return made


def _enqueued(visit: Visit, batch: UUID) -> None:
    """Leave the work to the processor, under the name of who asked: the rights of that person are asked for again there."""
    jobs.enqueue(visit.conn, JOB, only_once=f"{JOB}:{batch}", batch=str(batch), account=str(visit.by.account))
