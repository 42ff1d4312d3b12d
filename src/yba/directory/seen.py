"""What this process already told the database about facilities, departments and practitioners, per connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from psycopg import Connection

LARGEST: Final = 200_000  # keys of one kind; a province has 30,000 practitioners

Key = tuple[str, ...]
Days = tuple["date", "date"]
_known: WeakKeyDictionary[Connection[Any], tuple[dict[Key, Days], ...]] = WeakKeyDictionary()


def unseen(conn: Connection[Any], kind: int, keys: Iterable[Key], day: date) -> list[Key]:
    """The keys whose known days do not hold this one, sorted and once each."""
    known = _of(conn)[kind]
    fresh = set()
    for key in keys:
        days = known.get(key)
        if days is None or not days[0] <= day <= days[1]:
            fresh.add(key)
    return sorted(fresh)


def remember(conn: Connection[Any], kind: int, keys: Iterable[Key], day: date) -> None:
    """Widen the known days; call it once the rows are on disk."""
    known = _of(conn)[kind]
    if len(known) > LARGEST:
        known.clear()
    for key in keys:
        first, last = known.get(key, (day, day))
        known[key] = (min(first, day), max(last, day))


def forget() -> None:
    """Know nothing (for tests)."""
    _known.clear()


def _of(conn: Connection[Any]) -> tuple[dict[Key, Days], ...]:
    found = _known.get(conn)
    if found is None:
        found = _known[conn] = ({}, {}, {})
    return found
