"""A right as a WHERE clause: the rules an actor holds, compiled over the columns of a table; opens row security as far."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from psycopg import sql

from yba.kit import clock
from yba.kit.db import lock_of, unmasked, widen
from yba.kit.reach import CLOSED, Lock, Predicate, array
from yba.specs.access import ALL, Where

from . import store
from .holding import holds, limit, terms
from .locks import narrowed, reach_of
from .model import RESOURCE, Denied
from .rights import Right

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .holding import Term
    from .model import Columns

_TRUE: Final = sql.SQL("true")
_FALSE: Final = sql.SQL("false")
_ORDINAL: Final = {right: number for number, right in enumerate(Right)}


class _Compiled(NamedTuple):
    sql: sql.Composable
    masked: sql.Composable
    params: dict[str, str]
    timed: bool
    text: str


def predicate(
    conn: Connection[Any], *, by: Actor, right: Right, columns: Columns = RESOURCE, person: UUID | None = None, single: bool = False
) -> Predicate:
    """Compile a right to the condition of the rows an actor may see, and open row security as far as it reaches, for this unit of work.

    ``person``: the statement is about this person alone; its relations are then looked up once, not for each row. ``single``: it reads one
    row by its key, of which a function asks the same at less than a sub-select's price. Raises Denied when the right is not held at all.
    One round trip at most (two for a person known by relation alone), none for machine roles or when the lock is open so far already.
    """
    if not holds(by, right):
        raise Denied(right)
    if not by.standing:
        widen(conn, narrowed(conn, reach_of(by, right, _today()), person, lock_of(by)), by=by)
    return _seen(by, right, columns, person, single)


def at_once(*, by: Actor, right: Right, columns: Columns = RESOURCE, person: UUID | None = None, single: bool = False) -> tuple[Predicate, Lock]:
    """Compile a right as `predicate` does, for `kit.db.one_read`: with the lock that is told in the message of the statement itself. No database.

    The lock is the right's whole reach, whoever ``person`` is. Raises Denied.
    """
    if not holds(by, right):
        raise Denied(right)
    return _seen(by, right, columns, person, single), CLOSED if by.standing else reach_of(by, right, _today())


def _today() -> datetime:
    """A whole day: the same lock all day, told once."""
    return clock.now().replace(hour=0, minute=0, second=0, microsecond=0)


def _seen(by: Actor, right: Right, columns: Columns, person: UUID | None, single: bool) -> Predicate:  # noqa: FBT001  # as below
    made = _compiled(by, right, columns, person is not None, single)
    prefix = f"a{_ORDINAL[right]}"
    params: dict[str, Any] = dict(made.params)
    if made.timed:
        params[f"{prefix}_now"] = clock.now().isoformat()
    if person is not None:
        params[f"{prefix}_person"] = person
    return Predicate(made.sql, params, made.masked, made.text)


def anything_masked(conn: Connection[Any], *, by: Actor, seen: Predicate, table: str, alias: str = "") -> bool:
    """Whether a restricted category hides any row of a table from this actor: all that may be said of what is masked.

    ``seen`` comes from `predicate` (with ``person=``, or the whole table is read). Row security hides these rows from every other statement.
    """
    if seen.masked == _FALSE:
        return False
    with unmasked(conn, by=by):
        return store.exists(conn, table, alias or table, seen.masked, seen.params)


def masked_within(*, by: Actor, seen: Predicate, table: str) -> str:
    """Return `anything_masked` as an expression of a statement under the same predicate; "" where it must be asked by itself.

    Row security hides nothing within a machine's reach; from people it hides what is masked, so that their statements cannot say it.
    """
    if not by.standing:
        return ""
    return "false" if seen.masked == _FALSE else f"EXISTS (SELECT FROM {table} WHERE {seen.masked.as_string(None)})"


@lru_cache(maxsize=4096)
def _compiled(by: Actor, right: Right, columns: Columns, one: bool, single: bool) -> _Compiled:  # noqa: FBT001  # parts of the key
    writer = _Writer(f"a{_ORDINAL[right]}", columns, one=one, single=single)
    seen, placed = writer.any_of(terms(by, right))
    within = limit(by, right)
    if within is not None:  # an operator bound to a role sees what both see
        seen_too, placed_too = writer.any_of(within)
        seen, placed = _all((seen, seen_too)), _all((placed, placed_too))
    if one and columns.person is not None:
        only = sql.SQL("{} = {}").format(writer.column(columns.person), writer.person)
        seen, placed = _all((only, seen)), _all((only, placed))
    text = _written(seen)
    if columns.labels is None or placed == seen:
        return _Compiled(sql.SQL(text), _FALSE, writer.params, writer.timed, text)
    hidden = sql.SQL("({} IS NOT NULL AND {} AND NOT {})").format(writer.column(columns.labels), placed, seen)
    return _Compiled(sql.SQL(text), sql.SQL(_written(hidden)), writer.params, writer.timed, text)


def _written(made: sql.Composable) -> str:
    """Put a condition together once for all the statements it will stand in: psycopg would walk through its parts each time."""
    return made.as_string(None)  # our own constants, quoted identifiers and placeholders


class _Writer:
    """Writes the terms of one right as SQL: what the files say as constants, what is the actor's own as parameters, equal ones shared."""

    def __init__(self, prefix: str, columns: Columns, *, one: bool, single: bool) -> None:
        self.prefix, self.columns, self.one, self.single = prefix, columns, one, single
        self.params: dict[str, str] = {}  # each value as PostgreSQL writes it, made once: psycopg would look through a list each time
        self.named: dict[tuple[str, str], str] = {}  # parameters by type and value
        self.timed = False  # whether the moment of asking is part of the condition
        self.person: sql.Composable = sql.Placeholder(f"{prefix}_person") + sql.SQL("::uuid")

    def column(self, name: str) -> sql.Identifier:
        """Name a column of the table, by its alias where it has one."""
        return sql.Identifier(self.columns.alias, name) if self.columns.alias else sql.Identifier(name)

    def any_of(self, held: Iterable[Term]) -> tuple[sql.Composable, sql.Composable]:
        """Return (seen, placed): true of rows one of the terms shows, and of rows one would show but for their labels."""
        seen, placed = [], []
        for term in held:
            place = self._place(term)
            if term.rule.aggregate or place is _FALSE:
                continue
            if term.rule.types and self.columns.rtype is not None:
                among = _constant(term.rule.types)
                place = _all((place, sql.SQL("{} = ANY ({})").format(self.column(self.columns.rtype), among)))
            placed.append(place)
            seen.append(_all((place, self._unlabelled(term))))
        return _any(seen), _any(placed)

    def _unlabelled(self, term: Term) -> sql.Composable:
        if self.columns.labels is None or ALL in term.rule.labels:
            return _TRUE
        column = self.column(self.columns.labels)
        if not term.rule.labels:
            return sql.SQL("{} IS NULL").format(column)
        return sql.SQL("({} IS NULL OR {} <@ {})").format(column, column, _constant(term.rule.labels))

    def _place(self, term: Term) -> sql.Composable:
        if term.everywhere:
            return _TRUE
        match term.rule.where:
            case Where.FACILITY:
                return self._at(term)
            case Where.OWN_PERSON:
                if self.columns.person is None or not term.persons:
                    return _FALSE
                return sql.SQL("{} = ANY ({})").format(self.column(self.columns.person), self._value(sorted(term.persons), "uuid[]"))
            case _:
                return self._related(term)

    def _at(self, term: Term) -> sql.Composable:
        codes = self._value(sorted(term.grant.facilities), "text[]") if term.grant.facilities else None
        if codes is None or (self.columns.facility is None and not self.columns.at):
            return _FALSE
        if self.columns.facility is None:
            alias = sql.Identifier(self.columns.alias) if self.columns.alias else sql.SQL("")
            return sql.SQL(self.columns.at).format(codes=codes, alias=alias)  # a constant of the calling store
        return sql.SQL("{} = ANY ({})").format(self.column(self.columns.facility), codes)

    def _related(self, term: Term) -> sql.Composable:
        if self.columns.person is None or not term.units:
            return _FALSE
        whom = self.person if self.one else self.column(self.columns.person)
        units, kinds = self._value(sorted(term.units), "text[]"), _constant(term.rule.kinds)
        self.timed = True
        now = sql.Placeholder(f"{self.prefix}_now") + sql.SQL("::timestamptz")
        since = sql.SQL("{} - make_interval(days => {})").format(now, sql.SQL(str(term.rule.days)))
        if term.grant.since is not None and term.rule.days:  # what ended before somebody came is not theirs to know
            since = sql.SQL("greatest({}, {})").format(since, self._value(term.grant.since, "timestamptz"))
        related = store.TIED if self.single else store.RELATED
        return related.format(whom=whom, units=units, kinds=kinds, now=now, since=since)

    def _value(self, value: Sequence[object] | datetime, kind: str) -> sql.Composable:
        text = value.isoformat() if isinstance(value, datetime) else array(map(str, value))
        name = self.named.get((kind, text))
        if name is None:
            name = self.named[kind, text] = f"{self.prefix}_{len(self.params)}"
            self.params[name] = text
        return sql.Placeholder(name) + sql.SQL(f"::{kind}")


def _constant(words: Iterable[str]) -> sql.Composable:
    """Write words of the files into the text: a value given beside it is read anew each time, and a role's text is its own anyway."""
    return sql.SQL("ARRAY[{}]::text[]").format(sql.SQL(", ").join(sql.Literal(word) for word in sorted(words)))


def _all(parts: Sequence[sql.Composable]) -> sql.Composable:
    kept = [part for part in parts if part != _TRUE]
    if any(part == _FALSE for part in kept):
        return _FALSE
    return _join(kept, " AND ", _TRUE)


def _any(parts: Sequence[sql.Composable]) -> sql.Composable:
    if any(part == _TRUE for part in parts):
        return _TRUE
    return _join([part for at, part in enumerate(parts) if part not in parts[:at]], " OR ", _FALSE)


def _join(parts: Sequence[sql.Composable], word: str, empty: sql.Composable) -> sql.Composable:
    if len(parts) < 2:  # noqa: PLR2004  # nothing to join
        return parts[0] if parts else empty
    return sql.SQL("({})").format(sql.SQL(word).join(parts))
