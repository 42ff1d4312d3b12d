"""The insurer's replies at rest: sealed, because they carry the history of visits; opened for who asked, sealed anew when the key is rotated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import keys
from yba.kit.db import unit_of_work
from yba.kit.errors import NotFound
from yba.kit.keys import Purpose

from . import store
from .asking import ASKER
from .sealing import open_sealed, seal_reply

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

_BATCH = 500


def open_reply(conn: Connection[Any], *, by: Actor, query: UUID) -> bytes:
    """Open a reply exactly as it came, for the unit that asked. Raises Denied, NotFound (another unit's too); audited."""
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_REGISTER_READ, columns=ASKER)
    found = store.reply(conn, seen, query)
    if found is None:
        raise NotFound("Không có trả lời tra cứu này.")
    sealed, person, facility = found
    audit.note(
        conn, by=by, tag=Tag.REGISTER_READ, about_type="RegisterQuery", about_id=str(query), person_id=person, facility=facility or None,
        detail={"reply": True}, under=Right.IDENTITY_REGISTER_READ.value,
    )  # fmt: skip
    return open_sealed(sealed, query)


def reply_versions(conn: Connection[Any], *, by: Actor) -> dict[int, int]:
    """Count the replies by the version of the key that sealed them. Raises Denied."""
    access.require(by, Right.OPERATIONS_KEY_MANAGE)
    return store.reply_versions(conn)


def reseal_replies(*, by: Actor) -> int:
    """Seal every reply that an older key sealed by the newest one, some hundreds a transaction; returns how many. Raises Denied."""
    access.require(by, Right.OPERATIONS_KEY_MANAGE)
    newest, done = keys.ring().current(Purpose.SEALING).version, 0
    while True:
        with unit_of_work(by=by) as conn:
            old = store.replies_before(conn, newest, _BATCH)
            for query, was in old:
                store.put_reply(conn, query, seal_reply(open_sealed(was, query), query))
        done += len(old)
        if len(old) < _BATCH:
            return done
