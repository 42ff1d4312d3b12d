"""Joins the rooms that find something due to the work list of the desks, which knows none of them by name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from yba import care

from . import rooms

if TYPE_CHECKING:
    from yba.care import DueProvider


def join() -> None:
    """Tell the desks how to find them; they are imported at the first work list."""
    care.provide_by(_find)


@cache
def _find() -> tuple[DueProvider, ...]:
    return rooms.found(rooms.WITH_DUE, "DUE")
