"""What an account's own token is, as its owner sees it, as it is handed over once, and as the edge of the API reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from yba.kit.actor import Actor


@dataclass(frozen=True, slots=True)
class Token:
    """One token that is good; ``proven``: made in a session that had used its second factor."""

    id: UUID
    account: UUID
    name: str
    made_at: datetime
    made_by: str
    address: str
    proven: bool
    expires_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made: shown once, kept as a hash."""

    id: UUID
    name: str
    token: str
    expires_at: datetime


class Presented(NamedTuple):
    """Who a bearer token speaks for; ``proven`` whether sensitive rights may be used with it (software of facilities has none)."""

    actor: Actor
    proven: bool
    acting: bool = False  # the unit of work was told already that it goes on as this actor
