"""Reports of citizens that a look was wrong, and the privacy officer's answers: both are rows of the trail, so nobody can lose one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponseRedirect

from yba import access, audit
from yba.access import Right, needs
from yba.audit import Tag
from yba.kit.errors import Invalid, NotFound
from yba.web import shell
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse
    from psycopg import Connection

    from yba.audit import TrailEntry
    from yba.kit import Actor, Predicate
    from yba.web.edge import Visit

TRAIL: Final = access.Columns(person="person_id", facility="facility", labels=None, rtype=None)
_SHORTEST: Final = 10
_MANY: Final = 500  # rows of the trail asked for at once
PAGE: Final = 50


_WORDS: Final = _n("Cần viết ít nhất %(n)s ký tự.")
_GONE: Final = _n("Phản ánh này không có hoặc đã được trả lời.")


def open_reports(conn: Connection[Any], *, by: Actor) -> list[TrailEntry]:
    """Return the reports nobody has answered, oldest first."""
    seen = access.predicate(conn, by=by, right=Right.AUDIT_TRAIL_READ, columns=TRAIL)
    reports = list(_all(conn, by, seen, Tag.LOOKS_REPORT))
    answered = {one.about_id for one in _all(conn, by, seen, Tag.LOOKS_ANSWER)} if reports else set()
    return [one for one in reversed(reports) if str(one.id) not in answered]


def _all(conn: Connection[Any], by: Actor, seen: Predicate, tag: Tag) -> Iterator[TrailEntry]:
    """Every row of one act, newest first, however many: the oldest report waits longest and must not fall off the end."""
    before = None
    while True:
        found = audit.trail(conn, by=by, tag=tag, seen=seen, limit=_MANY, before=before)
        yield from found
        if len(found) < _MANY:
            return
        before = found[-1].id


@needs(Right.AUDIT_TRAIL_READ)
def reports(visit: Visit) -> HttpResponse:
    """List open reports; answering one closes it, and the citizen reads the answer beside the look."""
    conn, by = visit.conn, visit.by
    if visit.posted:
        told = next((one for one in open_reports(conn, by=by) if str(one.id) == visit.text("report", 30)), None)
        if told is None:
            raise NotFound(visit.say(_GONE))
        words = enough(visit, "words")
        audit.note(conn, by=by, tag=Tag.LOOKS_ANSWER, about_type="AuditEvent", about_id=str(told.id), person_id=told.person_id, reason=words)
        return HttpResponseRedirect("/reports?done=answered")
    found = open_reports(conn, by=by)
    return shell.answer(visit, "reports", found=found[:PAGE], more=len(found[PAGE:]))


def enough(visit: Visit, field: str) -> str:
    """Return a text of at least ten characters. Raises Invalid."""
    words = " ".join(visit.text(field, 500).split())
    if len(words) < _SHORTEST:
        raise Invalid(visit.say(_WORDS) % {"n": _SHORTEST})
    return words
