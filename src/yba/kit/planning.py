"""Keeping the plan of a statement whose one plan is right for every value."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from .telling import send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .units import Conn

_KEEP: Final = b"SET LOCAL plan_cache_mode = force_generic_plan"
_AS_BEFORE: Final = b"SET LOCAL plan_cache_mode = auto"


@contextmanager
def kept_plan(conn: Conn) -> Iterator[None]:
    """Let PostgreSQL plan the prepared statements inside once and not for the values of each of the first five times.

    For a statement whose planning costs more than its run, and that finds its rows by one index whatever the values are. Two messages of some
    ten microseconds; to be used in a transaction.
    """
    send(conn, _KEEP)
    yield  # after an error the transaction or savepoint rolls back, and the setting with it
    send(conn, _AS_BEFORE)
