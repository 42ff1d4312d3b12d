"""How often somebody may come: credits in the database, shared by all processes of the installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import store_limits
from .limits import place_of

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor


def spend_pace(conn: Connection[Any], *, by: Actor, what: str, whom: UUID | str, per_minute: int, amount: int = 1) -> int:  # noqa: ARG001  # by= is the rule
    """Spend credits of an account (its id) or of an address for a class of acts; 0, or the seconds until there are so many again. One statement."""
    watched = f"edge {what} {place_of(whom) if isinstance(whom, str) else whom}"
    return store_limits.spend(conn, watched, per_minute=per_minute, amount=amount)
