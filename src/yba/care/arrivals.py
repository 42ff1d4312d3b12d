"""What is noted of a visit's arrival after it began: papers that were looked at, groups for which the person goes before others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yba import record
from yba.kit.errors import Conflict, Invalid

from . import priority, shapes
from .acts import again, hold, write
from .model import State
from .papers import papers_seen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Acted, Paper


def see_papers(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, papers: Sequence[Paper], key: str = "") -> Acted:
    """Note papers that were looked at: kind, form, who looked, when; no copy is kept. Raises Invalid, NotFound, Overtaken, Conflict, Denied."""
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    if not papers:
        raise Invalid("Chọn giấy tờ đã xem.", advice="Choose what was looked at.")
    ref = ("Encounter", held.visit.encounter)
    over = record.to_change(conn, by=by, refs=[ref])
    doc = papers_seen(over[ref], papers, by, held.visit.facility)
    saved = record.save(conn, by=by, writes=[shapes.of_desk(doc, held.visit.facility)], over=over)
    return write(conn, by=by, held=held, kind="papers", saved=saved)


def prioritise(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, groups: Sequence[str], key: str = "") -> Acted:
    """Say for which groups somebody who waits goes before others, in place of those said before; what record and age speak for stays.

    Raises Invalid for a group there is none of, Conflict for a visit that waits no more, NotFound, Overtaken, Denied.
    """
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    if held.visit.state is not State.WAITING:
        raise Conflict("Người bệnh đã được khám: không còn trong hàng chờ.", advice="The visit is open: nobody waits.")
    kept = [one for one in held.visit.priority if one.endswith(f":{priority.IN_RECORD}")]
    changed = held.visit._replace(priority=(*priority.said(groups), *kept))
    return write(conn, by=by, held=held, kind="queue", visit=changed, reason=", ".join(groups))
