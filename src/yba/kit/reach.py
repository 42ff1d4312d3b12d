"""How far an act reaches into the rows: a Predicate is the first lock (a WHERE fragment), a Lock the second (what row security is told)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from psycopg import sql

_SCOPES: Final = ("", "bound", "province", "all")  # each shows what the one before it shows
EVERY: Final = "*"  # among labels of an opening: all restricted categories


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


class Opening(NamedTuple):
    """For whom restricted categories are open: rows whose labels are all among ``labels``, at one of these places, of one of these types.

    A place is every place, a facility, a person, or a relation of one of ``kinds`` to one of ``units`` that began before ``until`` and ended
    no earlier than ``since``. ``types``: empty = all.
    """

    labels: frozenset[str]
    everywhere: bool = False
    facilities: frozenset[str] = frozenset()
    persons: frozenset[UUID] = frozenset()
    units: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    types: frozenset[str] = frozenset()

    def told(self) -> dict[str, object]:
        """Return what function labels_open reads; what is not said opens nothing, but labels and types: all."""
        said: dict[str, object] = {"labels": sorted(self.labels)} if EVERY not in self.labels else {}
        if self.everywhere:
            said["everywhere"] = True
        persons = frozenset(map(str, self.persons))
        sets = (("facilities", self.facilities), ("persons", persons), ("units", self.units), ("kinds", self.kinds), ("types", self.types))
        said |= {name: found for name, values in sets if (found := sorted(values))}
        return said | {name: at.isoformat() for name, at in (("since", self.since), ("until", self.until)) if at}


UNMASKED: Final = frozenset({Opening(frozenset({EVERY}), everywhere=True)})  # every category, whoever's it is


@dataclass(frozen=True, slots=True)
class Lock:
    """What row security is told: a closed lock shows nothing, whatever the statement says.

    ``scope``: "" nothing, "bound" what the sets below name, "province" every place, "all" everything, restricted categories too (machines).
    ``units`` are those of table relation
    ("facility:01013", "user:<account>", "area:00004"), counted while the relation ended no earlier than ``since``.
    ``openings``: which restricted categories are not hidden, of whom; ``types``: resource types, empty = all.
    """

    scope: str = ""
    facilities: frozenset[str] = frozenset()
    persons: frozenset[UUID] = frozenset()
    units: frozenset[str] = frozenset()
    since: datetime | None = None
    openings: frozenset[Opening] = frozenset()
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
            openings=self.openings | other.openings,
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
            told_openings(self.openings),
            array(self.types) if self.types else "",
        )


CLOSED: Final = Lock()
SETTINGS: Final = ("yba.actor", "yba.scope", "yba.facilities", "yba.persons", "yba.units", "yba.since", "yba.labels", "yba.types")


def told_openings(openings: frozenset[Opening]) -> str:
    """Write what is open as setting yba.labels holds it: "" nothing, "*" everything (what policies ask first), else JSON."""
    if not openings:
        return ""
    return EVERY if openings >= UNMASKED else orjson.dumps(sorted((one.told() for one in openings), key=orjson.dumps)).decode()


def array(texts: Iterable[str]) -> str:
    """Write texts as a PostgreSQL array literal, in order."""
    return "{" + ",".join('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in sorted(texts)) + "}"
