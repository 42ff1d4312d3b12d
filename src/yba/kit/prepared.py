"""Statements a connection has prepared once, run by name with their values in the text: several of them make one message to PostgreSQL."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg.adapt import AdaptersMap, Loader, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection
    from psycopg.pq.abc import PGresult

Value = str | int | UUID | None
_MOST: Final = 400  # of one connection: a right's shape times a resource type has a text of its own
_PLACE: Final = re.compile(rb"%(?:\((\w+)\)s|%)")
# Gone behind our back: psycopg deallocates everything after a ROLLBACK, a migration changes what a plan gives.
LOST: Final = frozenset({"26000", "0A000"})


class Ask(NamedTuple):
    """A statement with ``%(name)s`` where values go (nothing else of ours in it but constants), and the values.

    ``kept``: one plan is right whatever the values are (few rows, one index), so it is made once, also where PostgreSQL's guess of how many rows
    an unknown value meets would have it plan each time; where the statement is a message of its own (`kit.db.one_read`).
    """

    statement: bytes
    params: Mapping[str, Value]
    kept: bool = False


class Statement:
    """A statement written with $1 and the values it is sent with, put together once: what is said with nearly every message."""

    __slots__ = ("before", "text", "values")

    def __init__(self, text: bytes, values: list[bytes | None], before: tuple[str, ...] | None = None) -> None:
        """Take text and values; ``before`` is for who made it."""
        self.text, self.values, self.before = text, values, before


class Coming:
    """A statement that was asked for early and goes with whatever is sent next; ``result`` is there once it has run."""

    __slots__ = ("ask", "proves", "result")

    def __init__(self, ask: Ask, *, proves: bool = False) -> None:
        """Take what is asked; ``proves``: it raises `division_by_zero` where who acts was guessed wrongly."""
        self.ask, self.proves = ask, proves
        self.result: PGresult | None = None


class _Moments(Loader):
    """Reads timestamptz as PostgreSQL writes it in ISO, a twentieth of the price of psycopg's and Django's own; what is not one, as they do."""

    def __init__(self, oid: int, context: Any = None) -> None:  # noqa: ANN401  # an AdaptContext
        super().__init__(oid, context)
        theirs = context.connection.adapters.get_loader(oid, self.format)
        self._theirs = theirs(oid, context).load

    def load(self, data: Any) -> Any:  # noqa: ANN401  # as Loader says it
        try:
            return datetime.fromisoformat(bytes(data).decode())
        except ValueError:  # infinity, a year beyond Python's
            return self._theirs(data)


class _Reading:
    """How rows of these statements are read: as the connection reads others, moments quicker."""

    def __init__(self, conn: Connection[Any]) -> None:
        self.connection = conn
        self.adapters = AdaptersMap(conn.adapters)
        self.adapters.register_loader("timestamptz", _Moments)


class Prepared:
    """What one connection has prepared. Not for two threads at once, as the connection is not."""

    def __init__(self, conn: Connection[Any]) -> None:
        """Begin with nothing."""
        self.conn = conn
        self._names: dict[bytes, bytes] = {}
        self._numbers = count(1)
        self._reader = Transformer(_Reading(conn))
        self._hear(conn)

    def _hear(self, conn: Connection[Any]) -> None:
        """Learn of it when psycopg deallocates everything (after a ROLLBACK or DROP it sees), before an EXECUTE fails within a transaction."""
        theirs: Any = conn._prepared  # noqa: SLF001  # it tells nobody
        clear = theirs.clear

        def cleared() -> bool:
            self.forget()
            return bool(clear())

        theirs.clear = cleared

    def call(self, ask: Ask) -> bytes:
        """Return the text that runs a statement, preparing it first where this connection has not: then one message more. Raises psycopg.Error."""
        text, places = _numbered(ask.statement)
        name = self._names.get(text) or self._prepare(text)
        if not places:
            return b"EXECUTE " + name
        params = ask.params
        return b"EXECUTE %b(%b)" % (name, b",".join([literal(params[place]) for place in places]))

    def bound(self, ask: Ask | Statement | Coming) -> tuple[bytes, list[bytes | None]]:
        """Return the name of a statement and its values, for libpq's own message, preparing it first where this connection has not."""
        if isinstance(ask, Statement):
            return self._names.get(ask.text) or self._prepare(ask.text), ask.values
        if isinstance(ask, Coming):
            ask = ask.ask
        text, places = _numbered(ask.statement)
        name = self._names.get(text) or self._prepare(text)
        return name, _encoded(ask.params, places)

    def rows(self, result: PGresult) -> list[tuple[Any, ...]]:
        """Read the rows of a result. Raises psycopg.Error for one that is an error."""
        if result.status != ExecStatus.TUPLES_OK:
            raise error_of(result)
        self._reader.set_pgresult(result)
        return self._reader.load_rows(0, result.ntuples, tuple)

    def forget(self) -> None:
        """Take it that nothing is prepared any more."""
        self._names.clear()

    def _prepare(self, text: bytes) -> bytes:
        if len(self._names) >= _MOST:
            oldest = next(iter(self._names))
            self._run(b"DEALLOCATE " + self._names.pop(oldest))
        name = b"yba_%d" % next(self._numbers)
        self._run(b"PREPARE %b AS %b" % (name, text))
        self._names[text] = name
        return name

    def _run(self, text: bytes) -> None:
        result = self.conn.pgconn.exec_(text)
        if result.status != ExecStatus.COMMAND_OK:
            raise error_of(result)


def error_of(result: PGresult) -> psycopg.Error:
    """Return the exception psycopg raises for a result; a connection that went away has no code."""
    error = error_from_result(result)
    return error if error.sqlstate else psycopg.OperationalError(str(error))


@lru_cache(maxsize=2048)
def _numbered(statement: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return a statement as PREPARE takes it ($1), and the names of its values in their order."""
    numbers: dict[str, int] = {}

    def place(found: re.Match[bytes]) -> bytes:
        return b"%" if found[1] is None else b"$%d" % numbers.setdefault(found[1].decode(), len(numbers) + 1)

    return _PLACE.sub(place, statement), tuple(numbers)


def _text(value: object) -> str:
    if value.__class__ is str:
        return str(value)
    if isinstance(value, str | int | UUID):
        return str(value)
    message = f"no literal is written of {type(value).__name__}"
    raise TypeError(message)


def _encoded(params: Mapping[str, Value], places: tuple[str, ...]) -> list[bytes | None]:
    """Write values as the protocol takes them, in the order of their places. Raises psycopg.DataError for U+0000, TypeError."""
    made: list[bytes | None] = []
    for place in places:
        value = params[place]
        if value is None:
            made.append(None)
            continue
        text = value if value.__class__ is str else _text(value)
        if "\0" in text:
            message = "PostgreSQL keeps no U+0000"
            raise psycopg.DataError(message)
        made.append(text.encode())
    return made


def literal(value: Value) -> bytes:
    """Write a value as a literal of no type yet, whatever `standard_conforming_strings` says. Raises psycopg.DataError for U+0000, TypeError."""
    if value is None:
        return b"NULL"
    text = _text(value)
    if "\0" in text:
        message = "PostgreSQL keeps no U+0000"
        raise psycopg.DataError(message)
    if "'" in text:
        text = text.replace("'", "''")
    if "\\" in text:
        return b" E'" + text.replace("\\", "\\\\").encode() + b"'"
    return b"'" + text.encode() + b"'"
