"""The words of digests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from yba.specs.digests import digests
from yba.specs.reading import Words

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class Digest(NamedTuple):
    """One digest as it was made; ``number``: 1 the first of its period; ``until``: what the lake had seen; ``size`` in bytes, ``sha256`` in hex."""

    id: UUID
    name: str
    period: str
    number: int
    made_at: datetime
    made_by: str
    until: datetime
    size: int
    sha256: str

    @property
    def title(self) -> Words:
        """What it is called; its name where it is not in force any more."""
        found = digests().get(self.name)
        return found.title if found else Words(self.name, self.name)
