"""The SQL of the trail: adding to the two stores and reading through their views, nothing else exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from psycopg import sql

from yba.kit.db import behind, copy_rows, with_commit
from yba.kit.prepared import Ask

from .model import TrailEntry
from .tags import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from psycopg import Connection

    from yba.kit.reach import Predicate

_ACT: Final = ("who", "actor_kind", "purpose", "tag", "about_type", "about_id", "person_id", "facility", "reason", "detail", "version")
_ACT_TYPES: Final = ("text", "text", "text", "text", "text", "text", "uuid", "text", "text", "jsonb", "text")
FROM_WHERE: Final = ("address", "port", "device", "role")
_FROM_WHERE_TYPES: Final = ("text", "int4", "text", "text")
_TOLD: Final = (*_ACT, *FROM_WHERE, "under", "outcome")
_VALUES: Final = "%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s, %s"
_INSERT: Final = {store: f"INSERT INTO {store.value} ({', '.join(_TOLD)}) VALUES ({_VALUES})" for store in Store}  # noqa: S608  constants
# A row for each row of `found` that a reading statement gives out, written by the same statement: nothing is read that is not told.
_TOLD_FOUND: Final = (*_ACT[:9], "version", *FROM_WHERE, "under", "outcome")
# What the files say (kind, purpose, tag, role, right) stands in the text: each value given beside it is read anew by every statement.
_OF_FOUND: Final = """
INSERT INTO {store} ({columns})
SELECT %(n_who)s::text, {kind}, {purpose}, {tag}, found.rtype, found.ident, found.person_id, found.facility_id, '',
       found.version::text, %(n_address)s::text, %(n_port)s::text::int, %(n_device)s::text, {role}, {under}, 'done' FROM found
"""
_OF_PAGE: Final = """
INSERT INTO {store} ({columns})
SELECT %(n_who)s::text, {kind}, {purpose}, {tag}, %(n_about)s::text, %(n_about_id)s::text, %(n_person)s::uuid, NULL, '',
       jsonb_build_object('rows', least((SELECT count(*) FROM found), %(n_most)s::text::bigint), 'parameters', %(n_parameters)s::text::jsonb), NULL,
       %(n_address)s::text, %(n_port)s::text::int, %(n_device)s::text, {role}, {under}, 'done'
"""
_READ: Final = """
SELECT id, at, transaction::text::bigint, who, actor_kind, purpose, tag, about_type, about_id, person_id, facility, reason, detail::text,
       store, address, port, device, role, under, outcome, version
  FROM audit_event WHERE {where} ORDER BY id {order} LIMIT %(limit)s
"""
_DETAIL: Final = 12
_NARROW: Final = {
    "person": "person_id = ANY (%(person)s::uuid[])",
    "about": "about_id = %(about)s",
    "tag": "tag = %(tag)s",
    "who": "who = %(who)s",
    "facility": "facility = %(facility)s",
    "facilities": "facility = ANY (%(facilities)s::text[])",
    "store": "store = %(store)s",
    "since": "at >= %(since)s",
    "until": "at < %(until)s",
    "before": "id < %(before)s",
    "after": "id > %(after)s",
    "not_after": "id <= %(not_after)s",
    "human": "actor_kind = ANY ('{user,operator}') = %(human)s",
}


def insert(conn: Connection[Any], store: Store, row: Sequence[object]) -> None:
    """Add one row: who, kind, purpose, tag, about, person, facility, reason, detail, version, address, port, device, role, right, outcome."""
    conn.execute(_INSERT[store], row)


_NAMED: Final = ", ".join(f"%(v{number})s{'::jsonb' if name == 'detail' else ''}" for number, name in enumerate(_TOLD))
_INSERT_NAMED: Final = {
    store: f"INSERT INTO {store.value} ({', '.join(_TOLD)}) VALUES ({_NAMED})".encode()  # noqa: S608  constants
    for store in Store
}


def of_found(store: Store, said: Mapping[str, str | None]) -> str:
    """Return the statement that notes each row of `found`; ``said``: kind, purpose, tag, role, under, which stand in the text."""
    return _OF_FOUND.format(store=store.value, columns=", ".join(_TOLD_FOUND), **_written(said)).strip()


def of_page(store: Store, said: Mapping[str, str | None]) -> str:
    """Return the statement that notes a search."""
    return _OF_PAGE.format(store=store.value, columns=", ".join(_TOLD), **_written(said)).strip()


def _written(said: Mapping[str, str | None]) -> dict[str, str]:
    return {name: sql.Literal(value).as_string(None).replace("%", "%%") + "::text" for name, value in said.items()}


_ALONE: Final = {store: b"WITH noted AS (" + text + b") SELECT true" for store, text in _INSERT_NAMED.items()}


def to_insert(store: Store, row: Sequence[Any], *, alone: bool = False) -> Ask:
    """Return the statement of `insert`, for a message with others, or (``alone``) one of its own, which says that it is done."""
    return Ask(_ALONE[store] if alone else _INSERT_NAMED[store], {f"v{number}": value for number, value in enumerate(row)})


# Who, why and from where is the same of all rows of an act: it goes over once.
_SAME: Final = {
    "who": "text", "actor_kind": "text", "purpose": "text", "address": "text", "port": "int4", "device": "text", "role": "text", "under": "text",
}  # fmt: skip
_EACH: Final = dict(zip(_ACT[3:], _ACT_TYPES[3:], strict=True))
_INSERT_FEW: Final = {
    store: (
        f"INSERT INTO {store.value} ({', '.join((*_SAME, *_EACH))}) SELECT {', '.join(f'%({name})s::{kind}' for name, kind in _SAME.items())}, g.*"  # noqa: S608  constants
        f" FROM json_to_recordset(%(rows)s::json) AS g ({', '.join(f'{name} {kind}' for name, kind in _EACH.items())})"
    ).encode()
    for store in Store
}


def add_few(conn: Connection[Any], store: Store, same: Mapping[str, str | int | None], rows: Sequence[Sequence[object]], *, late: bool) -> int:
    """Add some rows of one actor in one statement: ``same`` by the names of _SAME, ``rows`` from tag to version."""
    if rows:
        given = [dict(zip(_EACH, row, strict=True)) for row in rows]
        ask = Ask(_INSERT_FEW[store], {**same, "rows": orjson.dumps(given).decode()})
        if not (late and with_commit(conn, ask)):
            behind(conn, ask)
    return len(rows)


def copy(conn: Connection[Any], store: Store, rows: Iterable[Sequence[object]], *, placed: bool, righted: bool = False) -> int:
    """COPY rows; ``detail`` is JSON as bytes, ``placed``: address, port, device and role end each, ``righted``: the right."""
    columns, types = ((*_ACT, *FROM_WHERE), (*_ACT_TYPES, *_FROM_WHERE_TYPES)) if placed else (_ACT, _ACT_TYPES)
    if righted:
        columns, types = (*columns, "under"), (*types, "text")
    return copy_rows(conn, store.value, columns, rows, types=types)


def trail(conn: Connection[Any], *, narrow: dict[str, Any], seen: Predicate | None, limit: int, newest_first: bool = True) -> list[TrailEntry]:
    """Read rows by number; only the conditions that are given (keys of _NARROW, not None) stand in the statement, so that its plan is its own."""
    given = {key: value for key, value in narrow.items() if value is not None}
    parts: list[sql.Composable] = [sql.SQL(_NARROW[key]) for key in sorted(given)] + ([seen.sql] if seen else [])
    where = sql.SQL(" AND ").join(parts) if parts else sql.SQL("true")
    statement = sql.SQL(_READ).format(where=where, order=sql.SQL("DESC" if newest_first else "ASC"))
    rows = conn.execute(statement, {**given, **(seen.params if seen else {}), "limit": limit}).fetchall()
    return [TrailEntry._make((*row[:_DETAIL], orjson.loads(row[_DETAIL]) if row[_DETAIL] else None, *row[_DETAIL + 1 :])) for row in rows]


def prepare_partitions(conn: Connection[Any], ahead: int) -> int:
    """Make the month partitions of both stores up to ``ahead`` months from now; returns how many were missing."""
    row = conn.execute("SELECT audit_prepare_partitions(%s)", (ahead,)).fetchone()
    return int(row[0]) if row else 0
