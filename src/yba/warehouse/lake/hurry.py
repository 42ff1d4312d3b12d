"""An engine for who waits: after a moment it begins nothing any more, and what runs is broken off."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from .engine import EngineFailed, speaking_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from yba.warehouse.engines import Rows

    from .engine import Engine as DuckDB

BROKEN_OFF: Final = "InterruptException"  # `EngineFailed.kind` of what was not done in time
_AGAIN: Final = 0.05  # seconds between two interruptions: one that comes between two statements is of no use


@contextmanager
def hurried(engine: DuckDB, until: float) -> Iterator[Hurried]:
    """Give an engine that stops at a moment of `time.monotonic`."""
    over = threading.Event()
    breaker = threading.Thread(target=_break_off, args=(engine, until, over), daemon=True)
    breaker.start()
    try:
        yield Hurried(engine, until)
    finally:
        over.set()
        breaker.join()  # it may be breaking off this very moment


def _break_off(engine: DuckDB, until: float, over: threading.Event) -> None:
    left = until - time.monotonic()
    while not over.wait(max(0.0, left)):
        engine.interrupt()
        left = _AGAIN


class Hurried:
    """An engine that begins nothing any more after a moment."""

    def __init__(self, engine: DuckDB, until: float) -> None:
        """Take an engine and the moment."""
        self._engine, self._until = engine, until

    def execute(self, query: str, parameters: Mapping[str, object] | None = None, /) -> Rows:
        """Run a statement as DuckDB does. Raises EngineFailed, of kind BROKEN_OFF where it is too late to begin or to end."""
        if time.monotonic() > self._until:
            raise EngineFailed("too late to begin", kind=BROKEN_OFF)
        with speaking_of("a statement"):
            found: Any = self._engine.execute(query, parameters)
        return found  # type: ignore[no-any-return]  # DuckDB's own
