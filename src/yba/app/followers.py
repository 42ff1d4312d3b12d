"""Joins the rooms that follow a person through merges and splits to the record, which stands below them and knows none by name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from yba import record

from . import rooms

if TYPE_CHECKING:
    from yba.record import Follower


def join() -> None:
    """Tell the record how to find them; they are imported at the first merge."""
    record.follow_by(_find)


@cache
def _find() -> tuple[Follower, ...]:
    return rooms.found(rooms.WITH_FOLLOWERS, "FOLLOWER")
