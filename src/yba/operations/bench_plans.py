"""Whether the statements the rooms send for hot reads keep their index as the app role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from psycopg import sql

from yba import identity, record
from yba.fhir import search
from yba.kit import Actor, Grant
from yba.kit.db import reading
from yba.kit.units import acting

from .bench_world import COMMUNE, DOCTOR, FACILITY, ICD, SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Connection

    from yba.kit.prepared import Ask


class _Sent(NamedTuple):
    query: sql.Composable | bytes | str
    params: Any


_SCANNED: Final = re.compile(r"Seq Scan on (\w+)")
_LARGE: Final = "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= 1000"


def plans_kept(made: dict[UUID, list[str]]) -> tuple[int, int]:
    """Run the hot reads as users, catch what the rooms send, and read the plan of each as the app role in the same unit."""
    person, idents = next(iter(made.items()))
    nurse = Actor.user(UUID(int=8), [Grant("station-nurse", frozenset({FACILITY}), frozenset({COMMUNE}))], purpose="treatment")
    citizen = Actor.user(UUID(int=9), [Grant("citizen", persons=frozenset({person}))], purpose="own-record")
    token = [search.token("code", ICD, "I10")]
    reads: list[tuple[Actor, Callable[[Connection[Any], Actor], object]]] = []
    for by in (DOCTOR, nurse, citizen):
        reads += [
            (by, lambda conn, by: record.get(conn, by=by, rtype="Condition", id=idents[0])),
            (by, lambda conn, by: record.history(conn, by=by, rtype="Condition", id=idents[0])),
            (by, lambda conn, by: record.of_person(conn, by=by, person_id=person)),
            (by, lambda conn, by: record.page_of(conn, by=by, person_id=person)),
            (by, lambda conn, by: record.coverage_of_data(conn, by=by, person_id=person)),
        ]
    for by in (DOCTOR, nurse):
        reads.append((by, lambda conn, by: record.with_tokens(conn, by=by, rtype="Condition", tokens=token, person_id=person)))
        reads.append((by, _find))
    with reading(by=SYSTEM) as conn:
        large = {name for (name,) in conn.execute(_LARGE.encode())}  # an empty partition is read whole, and rightly
    plans = [plan for by, read in reads for plan in _plans_of(by, read)]
    return sum(large.isdisjoint(_SCANNED.findall(plan)) for plan in plans), len(plans)


def _find(conn: Connection[Any], by: Actor) -> object:
    return identity.find(conn, by=by, id="011159001234")


def _plans_of(by: Actor, read: Callable[[Connection[Any], Actor], object]) -> list[str]:
    sent: list[_Sent] = []
    with reading(by=by) as conn:
        real = conn.execute

        def catch(query: Any, params: Any = None, **named: Any) -> Any:  # noqa: ANN401  # psycopg's own
            sent.append(_Sent(query, params))
            return real(query, params, **named)

        prepared = acting.preparing(conn)
        bind = prepared.bound

        def catch_bound(ask: Ask) -> Any:  # noqa: ANN401  # as it is
            sent.append(_Sent(ask.statement, ask.params))
            return bind(ask)

        vars(conn)["execute"], vars(prepared)["bound"] = catch, catch_bound
        read(conn, by)
        del vars(conn)["execute"], vars(prepared)["bound"]
        return ["\n".join(str(row[0]) for row in real(_explained(one.query, conn), one.params)) for one in sent if _reads(one.query, conn)]


def _text(query: sql.Composable | bytes | str, conn: Connection[Any]) -> str:
    return query.as_string(conn) if isinstance(query, sql.Composable) else query.decode() if isinstance(query, bytes) else query


def _reads(query: sql.Composable | bytes | str, conn: Connection[Any]) -> bool:
    text = _text(query, conn).lstrip().upper()
    return text.startswith(("SELECT", "WITH")) and " FROM " in text.replace("\n", " ") and "SET_CONFIG" not in text


def _explained(query: sql.Composable | bytes | str, conn: Connection[Any]) -> sql.SQL:
    return sql.SQL("EXPLAIN " + _text(query, conn))
