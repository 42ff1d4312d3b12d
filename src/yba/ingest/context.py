"""What the checks know of the world while a batch is prepared."""

from __future__ import annotations

from functools import cache

from yba.ingest.checks import Context
from yba.kit import clock


def context() -> Context:
    """The context of this day."""
    return _context(clock.today().toordinal())


@cache
def _context(_day: int) -> Context:
    return Context(today=clock.today())
