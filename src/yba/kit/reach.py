"""How far an act reaches into the rows: a Predicate is the first lock (a WHERE fragment), a Lock the second (what row security is told)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from psycopg import sql

_SCOPES: Final = ("", "bound", "province", "all")  # each shows what the one before it shows
EVERY: Final = "*"  # among labels: all restricted categories


class Predicate(NamedTuple):
    """Which rows an actor may see under one right: ``… WHERE {seen.sql}`` with ``{**params, **seen.params}``.

    ``masked`` takes the same parameters and is true of rows that would be seen but for a restricted category: that something is masked
    may be said, never which category, how much, when or where. ``text`` is ``sql`` written out.
    """

    sql: sql.Composable
    params: dict[str, Any]
    masked: sql.Composable
    text: str

    def into(self, statement: LiteralString, /, **parts: str) -> bytes:
        """Return a statement with this condition at ``{seen}`` and our own constants at other names, put together once and kept.

        For hot reads: psycopg composes a Composable anew each time. Parts are never a value.
        """
        return _put_together(statement, self.text, tuple(parts.items()))


@lru_cache(maxsize=2048)
def _put_together(statement: LiteralString, seen: str, parts: tuple[tuple[str, str], ...]) -> bytes:
    return statement.format(seen=seen, **dict(parts)).encode()


@dataclass(frozen=True, slots=True)
class Lock:
    """What row security is told: a closed lock shows nothing, whatever the statement says.

    ``scope``: "" nothing, "bound" what the sets below name, "province" every place, "all" everything, restricted categories too (machines).
    ``units`` are those of table relation
    ("facility:01013", "user:<account>", "area:00004"), counted while the relation ended no earlier than ``since``.
    ``labels``: restricted categories that are not hidden; ``types``: resource types, empty = all.
    """

    scope: str = ""
    facilities: frozenset[str] = frozenset()
    persons: frozenset[UUID] = frozenset()
    units: frozenset[str] = frozenset()
    since: datetime | None = None
    labels: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()

    def wider(self, other: Lock) -> Lock:
        """Return the lock that shows what either shows."""
        if not self.scope or not other.scope:
            return self if self.scope else other
        sinces = [one.since for one in (self, other) if one.units and one.since is not None]
        return Lock(
            scope=max(self.scope, other.scope, key=_SCOPES.index),
            facilities=self.facilities | other.facilities,
            persons=self.persons | other.persons,
            units=self.units | other.units,
            since=min(sinces, default=None),
            labels=frozenset({EVERY}) if EVERY in self.labels | other.labels else self.labels | other.labels,  # policies look for it alone
            types=self.types | other.types if self.types and other.types else frozenset(),
        )

    def told(self, actor: str) -> tuple[str, ...]:
        """Return the values of SETTINGS, in their order."""
        return (
            actor,
            self.scope,
            array(self.facilities),
            array(map(str, self.persons)),
            array(self.units),
            self.since.isoformat() if self.since else "",
            array(self.labels),
            array(self.types) if self.types else "",
        )


CLOSED: Final = Lock()
SETTINGS: Final = ("yba.actor", "yba.scope", "yba.facilities", "yba.persons", "yba.units", "yba.since", "yba.labels", "yba.types")


def array(texts: Iterable[str]) -> str:
    """Write texts as a PostgreSQL array literal, in order."""
    return "{" + ",".join('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in sorted(texts)) + "}"
