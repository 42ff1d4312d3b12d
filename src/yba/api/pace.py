"""How often somebody may come: what the API asks of the shield, which counts for every face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from uuid import UUID


class Pace(Protocol):
    """Credits by class of addresses and caller."""

    def take(self, what: str, whom: UUID | str) -> bool:
        """Spend a credit this process holds; False when it holds none."""

    def fetch(self, what: str, whom: UUID | str, per_minute: int) -> int:
        """Fetch a lot of credits, in a unit of work of its own, and spend one; 0, or the seconds to wait."""
