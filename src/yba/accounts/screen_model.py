"""What a screen is, as its administrator sees it and as it is handed over once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Screen:
    """A device on a wall; ``facility`` "" = the province's. It is open from its code until it runs out or is ended."""

    id: UUID
    name: str
    facility: str
    made_at: datetime
    made_by: str
    days: int
    expires_at: datetime
    code_until: datetime | None
    opened_at: datetime | None
    address: str
    browser: str
    last_seen_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None

    def is_open(self, at: datetime) -> bool:
        """Whether it sees anything at a moment."""
        return self.opened_at is not None and self.ended_at is None and at < self.expires_at


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code just made, to be typed at the screen: shown once, kept as a hash."""

    screen: UUID
    name: str
    code: str
    until: datetime
