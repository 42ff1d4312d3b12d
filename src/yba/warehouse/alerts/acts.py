"""Seeing alerts and answering them: who takes one on, who closes it, with what word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit, events
from yba.access import Columns, Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.kit.platform import platform
from yba.specs.alerts import Severity

from . import store
from .judging import news

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Alert, RuleStanding

    Conn = Connection[Any]

COLUMNS: Final = Columns(person=None, facility="facility", labels=None, rtype=None)
NOTE: Final = 1000  # characters of a word with an answer


class Open(NamedTuple):
    """How many alerts of a severity are open, and how many of these nobody has taken on."""

    severity: Severity
    open: int
    unanswered: int


def standing(conn: Conn, *, by: Actor, closed: bool = False, rule: str = "", limit: int = 200) -> list[Alert]:
    """Read the alerts an actor may see: open ones, the most urgent first; ``closed``: those that are over, the newest first.

    Who holds the right at a facility sees what is about it alone; an alert about the province or a commune is for whoever holds it everywhere.
    The reading is noted. Raises Denied.
    """
    seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_ALERT_READ, columns=COLUMNS)
    found = store.find(conn, seen, closed=closed, rule=rule, id_=None, limit=limit)
    _note_reading(conn, by, "closed" if closed else "open", len(found))
    return found


def alert(conn: Conn, *, by: Actor, id: UUID) -> Alert:  # noqa: A002  what it is called
    """Read one alert; the reading is noted. Raises NotFound, Denied."""
    seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_ALERT_READ, columns=COLUMNS)
    found = store.find(conn, seen, closed=False, rule="", id_=id, limit=1)
    if not found:
        raise NotFound("Không có cảnh báo này.", advice="There is no such alert.")
    _note_reading(conn, by, str(id), 1)
    return found[0]


def counts(conn: Conn, *, by: Actor) -> list[Open]:
    """Count the open alerts an actor may see, by severity, the most urgent first; not noted: it is a number on a menu. Raises Denied."""
    seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_ALERT_READ, columns=COLUMNS)
    found = store.count(conn, seen)
    return [
        Open(one, sum(n for name, _, n in found if name == one), sum(n for name, taken, n in found if name == one and not taken))
        for one in (Severity.URGENT, Severity.WARNING, Severity.INFO)
    ]


def judged(conn: Conn, *, by: Actor) -> list[RuleStanding]:
    """Read how each rule was judged last, also those that have no source yet. Raises Denied."""
    access.predicate(conn, by=by, right=Right.WAREHOUSE_ALERT_READ, columns=COLUMNS)
    return store.judged(conn)


def acknowledge(conn: Conn, *, by: Actor, id: UUID, note: str = "") -> Alert:  # noqa: A002  as above
    """Take an alert on. Raises NotFound, Conflict (somebody did, or it is over), Invalid (a note of more than 1,000 characters), Denied."""
    found = _held(conn, by, id)
    text = _word(note)
    if not store.acknowledge(conn, id, at=clock.now(), who=by.name, note=text):
        raise Conflict("Đã có người tiếp nhận, hoặc cảnh báo đã đóng.", advice="Somebody has taken it on, or it is over: look at it again.")
    return _told(conn, by, found, Tag.ALERT_ACKNOWLEDGE, "acknowledged", text)


def close(conn: Conn, *, by: Actor, id: UUID, note: str) -> Alert:  # noqa: A002  as above
    """Close an alert with a word; it is not raised again for the same period. Raises NotFound, Conflict (it is over), Invalid (no word), Denied."""
    found = _held(conn, by, id)
    text = _word(note)
    if not text:
        raise Invalid("Muốn đóng, cần ghi đã tìm thấy gì, đã làm gì.", advice="An alert is closed with a word: what was found, what was done.")
    if not store.close(conn, [id], at=clock.now(), who=by.name, note=text):
        raise Conflict("Cảnh báo đã đóng trước đó.", advice="It is over already: look at it again.")
    return _told(conn, by, found, Tag.ALERT_CLOSE, "closed", text)


def _held(conn: Conn, by: Actor, id_: UUID) -> Alert:
    """Return an alert within the reach of the right to answer it."""
    seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_ALERT_ACKNOWLEDGE, columns=COLUMNS)
    found = store.find(conn, seen, closed=False, rule="", id_=id_, limit=1)
    if not found:
        raise NotFound("Không có cảnh báo này.", advice="There is no such alert.")
    return found[0]


def _word(note: str) -> str:
    text = note.strip()
    if len(text) > NOTE:
        raise Invalid(f"Ghi chú dài tối đa {NOTE} ký tự.", advice=f"A note has at most {NOTE} characters, this one {len(text)}.")
    return text


def _told(conn: Conn, by: Actor, one: Alert, tag: Tag, act: str, note: str) -> Alert:
    detail = {"rule": one.rule, "period": one.period}
    audit.note(
        conn, by=by, tag=tag, about_type="Alert", about_id=str(one.id), facility=one.place.facility, reason=note, detail=detail,
        under=Right.WAREHOUSE_ALERT_ACKNOWLEDGE.value,
    )  # fmt: skip
    with platform(by) as (inner, who):
        events.announce(inner, by=who, news=[news(act, one)])
    seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_ALERT_ACKNOWLEDGE, columns=COLUMNS)
    return store.find(conn, seen, closed=False, rule="", id_=one.id, limit=1)[0]


def _note_reading(conn: Conn, by: Actor, what: str, count: int) -> None:
    under = Right.WAREHOUSE_ALERT_READ.value
    audit.note(conn, by=by, tag=Tag.ALERT_READ, about_type="Alert", about_id=what, detail={"count": count}, under=under)
