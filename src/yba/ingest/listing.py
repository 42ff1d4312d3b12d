"""The messages that came last: where an operator finds the transaction code of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from yba import access, audit
from yba.access import Right
from yba.kit import clock
from yba.kit.db import reading

from . import store

if TYPE_CHECKING:
    from datetime import datetime

    from yba.kit.actor import Actor


@dataclass(frozen=True, slots=True)
class Listed:
    """One message in a list; ``rejected`` counts its claims that were not taken."""

    transaction: str
    filename: str
    received_at: datetime
    state: str
    facility: str
    claims_present: int
    rejected: int


def messages(*, by: Actor, limit: int = 50) -> list[Listed]:
    """The newest messages ``by`` may see (its own, or of its facilities; the operator all), newest first."""
    with reading(by=by) as conn:
        seen = access.predicate(conn, by=by, right=Right.INGEST_RECEIPT_READ, columns=store.MESSAGE)
        rows = store.newest_messages(conn, seen, limit)
        audit.note(conn, by=by, tag=audit.Tag.INGEST_RECEIPT_READ, about_type="Message", about_id="", detail={"listed": len(rows)})
    return [
        Listed(code, filename, received.astimezone(clock.VIETNAM), state, facility, present, rejected)
        for code, filename, received, state, facility, present, rejected in rows
    ]
