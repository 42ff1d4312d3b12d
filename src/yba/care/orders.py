"""Services ordered in a visit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import record
from yba.kit import clock
from yba.kit.errors import Invalid

from . import shapes, store
from .acts import again, hold, moment, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Acted, Order, Visit
    from .shapes import Doc

SERVICE: Final = "service"
_LONGEST: Final = 2_000


def order(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, orders: Sequence[Order], key: str = "") -> Acted:
    """Order services: one ServiceRequest each. Raises Invalid, NotFound, Overtaken, Conflict, Denied."""
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    if not orders or any(not one.text.strip() or len(one.text) > _LONGEST for one in orders):
        raise Invalid("Hãy chọn dịch vụ.", advice="Choose services, each with a name.")
    writes = [shapes.of_desk(_request(held.visit, by, one), held.visit.facility) for one in orders]
    saved = record.save(conn, by=by, writes=writes)
    store.use(conn, held.visit.facility, SERVICE, [one.code for one in orders if one.code], clock.today())
    return write(conn, by=by, held=held, kind="order", saved=saved)


def _request(visit: Visit, by: Actor, one: Order) -> Doc:
    doc: Doc = {
        "resourceType": "ServiceRequest", "meta": shapes.meta(), "status": "active", "intent": "order",
        "code": shapes.concept("service", one.code, one.text.strip()), "subject": shapes.subject(visit), "encounter": shapes.encounter(visit),
        "authoredOn": moment().isoformat(), "requester": shapes.actor(by, visit.facility),
    }  # fmt: skip
    if one.note.strip():
        doc["note"] = [{"text": one.note.strip()[:_LONGEST]}]
    return doc
