"""The SQL of the directory; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

from .model import Department, Facility, Known, Practitioner

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from psycopg import Connection

    from yba.kit.reach import Predicate

    Conn = Connection[tuple[Any, ...]]

_COLUMNS: Final = (
    "code, nullif(valid_from, '-infinity'), nullif(valid_to, 'infinity'), name, level, kind, province, commune, address,"
    " gln, successor, source, complete"
)
_NAMES: Final = tuple(Facility.__slots__)
# Rows come sorted, so that two transactions that see the same facilities wait for each other and never lock each other out.
_SEEN_FACILITIES: Final = """
WITH said AS (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS s (code, name, kind, province, address, source)
), marked AS (
    INSERT INTO facility_seen AS f SELECT code, %s::timestamptz, %s::timestamptz FROM said
    ON CONFLICT (code) DO UPDATE
       SET first_seen = least(f.first_seen, excluded.first_seen), last_seen = greatest(f.last_seen, excluded.last_seen)
), added AS (
    INSERT INTO facility (code, name, kind, province, address, source)
    SELECT * FROM said WHERE NOT EXISTS (SELECT FROM facility f WHERE f.code = said.code)
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT count(*) FROM added
"""
_SEEN_DEPARTMENTS: Final = """
WITH added AS (
    INSERT INTO department AS d (facility, code, first_seen, last_seen)
    SELECT facility, code, %s::timestamptz, %s::timestamptz FROM unnest(%s::text[], %s::text[]) AS s (facility, code)
    ON CONFLICT (facility, code) DO UPDATE
       SET first_seen = least(d.first_seen, excluded.first_seen), last_seen = greatest(d.last_seen, excluded.last_seen)
    RETURNING xmax = 0 AS new
)
SELECT count(*) FILTER (WHERE new) FROM added
"""
_SEEN_PRACTITIONERS: Final = """
WITH added AS (
    INSERT INTO practitioner AS p (licence, facility, name, first_seen, last_seen)
    SELECT licence, facility, name, %s::timestamptz, %s::timestamptz
      FROM unnest(%s::text[], %s::text[], %s::text[]) AS s (licence, facility, name)
    ON CONFLICT (licence, facility) DO UPDATE
       SET first_seen = least(p.first_seen, excluded.first_seen), last_seen = greatest(p.last_seen, excluded.last_seen),
           name = CASE WHEN excluded.name = '' THEN p.name ELSE excluded.name END
    RETURNING xmax = 0 AS new
)
SELECT count(*) FILTER (WHERE new) FROM added
"""


def see_facilities(conn: Conn, rows: Sequence[tuple[str, str, str, str, str, str]], at: datetime) -> int:
    """Note facilities (code, name, kind, province, address, source) as seen; returns how many were new."""
    return _count(conn, _SEEN_FACILITIES, (*_columns(rows, 6), at, at))


def see_departments(conn: Conn, rows: Sequence[tuple[str, str]], at: datetime) -> int:
    """Note departments (facility, code) as seen; returns how many were new."""
    return _count(conn, _SEEN_DEPARTMENTS, (at, at, *_columns(rows, 2)))


def see_practitioners(conn: Conn, rows: Sequence[tuple[str, str, str]], at: datetime) -> int:
    """Note practitioners (licence, facility, name) as seen; returns how many were new."""
    return _count(conn, _SEEN_PRACTITIONERS, (at, at, *_columns(rows, 3)))


def _columns(rows: Sequence[tuple[str, ...]], width: int) -> list[list[str]]:
    return [[row[at] for row in rows] for at in range(width)]


def _count(conn: Conn, statement: str, values: Sequence[object]) -> int:
    row = conn.execute(statement.encode(), values).fetchone()
    return int(row[0]) if row else 0


def facilities_at(conn: Conn, codes: Sequence[str], on: date) -> list[Facility]:
    """The rows of some codes in force on a day."""
    statement = f"SELECT {_COLUMNS} FROM facility WHERE code = ANY (%s) AND %s::date BETWEEN valid_from AND valid_to"  # noqa: S608  # our own column list
    return [_facility(row) for row in conn.execute(statement.encode(), (list(codes), on))]


_NAMED: Final = f"""
SELECT {_COLUMNS} FROM facility
 WHERE name <> '' AND %(on)s::date BETWEEN valid_from AND valid_to
   AND NOT EXISTS (SELECT FROM unnest(%(sought)s::text[]) AS s (word) WHERE position(' ' || s.word IN words) = 0)
 ORDER BY NOT starts_with(words, ' ' || %(first)s), name, code LIMIT %(limit)s
"""  # noqa: S608  # our own column list


def named(conn: Conn, sought: Sequence[str], on: date, limit: int) -> list[Facility]:
    """The rows in force on a day in whose name or code a word begins with each of these folded words; what begins with the first comes first."""
    given = {"on": on, "sought": list(sought), "first": sought[0], "limit": limit}
    return [_facility(row) for row in conn.execute(_NAMED.encode(), given)]


def history(conn: Conn, code: str, *, lock: bool = False) -> list[Facility]:
    """All rows of a code, oldest first; ``lock`` holds them for a change."""
    end = " FOR UPDATE" if lock else ""
    statement = f"SELECT {_COLUMNS} FROM facility WHERE code = %s ORDER BY valid_from{end}"  # noqa: S608  # our own column list
    return [_facility(row) for row in conn.execute(statement.encode(), (code,))]


def by_gln(conn: Conn, gln: str, on: date) -> Facility | None:
    """The row with a GLN in force on a day."""
    statement = f"SELECT {_COLUMNS} FROM facility WHERE gln = %s AND %s::date BETWEEN valid_from AND valid_to ORDER BY complete DESC LIMIT 1"  # noqa: S608  # same
    row = conn.execute(statement.encode(), (gln, on)).fetchone()
    return _facility(row) if row else None


def incomplete(conn: Conn, limit: int) -> list[Facility]:
    """Open rows nobody has confirmed, those seen last first."""
    statement = (
        f"SELECT {_COLUMNS} FROM facility LEFT JOIN facility_seen USING (code)"  # noqa: S608  # our own column list
        " WHERE NOT complete AND valid_to = 'infinity' ORDER BY last_seen DESC NULLS LAST, code LIMIT %s"
    )
    return [_facility(row) for row in conn.execute(statement.encode(), (limit,))]


def insert(conn: Conn, row: Facility) -> None:
    """Add one dated row."""
    conn.execute(
        "INSERT INTO facility (code, valid_from, valid_to, name, level, kind, province, commune, address, gln, successor, source, complete)"
        " VALUES (%s, coalesce(%s::date, '-infinity'), coalesce(%s::date, 'infinity'), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            row.code,
            row.valid_from,
            row.valid_to,
            row.name,
            row.level,
            row.kind,
            row.province,
            row.commune,
            row.address,
            row.gln,
            row.successor,
            row.source.value,
            row.complete,
        ),
    )


def rewrite(conn: Conn, row: Facility) -> None:
    """Replace what an unconfirmed row says; its first day stays."""
    conn.execute(
        "UPDATE facility SET name = %s, level = %s, kind = %s, province = %s, commune = %s, address = %s, gln = %s, source = %s, complete = %s"
        " WHERE code = %s AND valid_from = coalesce(%s::date, '-infinity')",
        (
            row.name,
            row.level,
            row.kind,
            row.province,
            row.commune,
            row.address,
            row.gln,
            row.source.value,
            row.complete,
            row.code,
            row.valid_from,
        ),
    )


def close(conn: Conn, row: Facility, valid_to: date, successor: str) -> None:
    """Give a row its last day."""
    conn.execute(
        "UPDATE facility SET valid_to = %s, successor = %s WHERE code = %s AND valid_from = coalesce(%s::date, '-infinity')",
        (valid_to, successor, row.code, row.valid_from),
    )


def departments(conn: Conn, facility: str, seen: Predicate) -> list[Department]:
    """The departments seen at a facility within reach."""
    query = sql.SQL("SELECT facility, code, first_seen, last_seen FROM department WHERE facility = %(at)s AND {} ORDER BY code").format(seen.sql)
    rows = conn.execute(query, {"at": facility, **seen.params})
    return [Department(*row) for row in rows]


def practitioner(conn: Conn, licence: str, seen: Predicate) -> Practitioner | None:
    """One practitioner over the facilities within reach that named it."""
    query = sql.SQL(
        "SELECT licence, coalesce(max(name) FILTER (WHERE name <> ''), ''), min(first_seen), max(last_seen), array_agg(facility ORDER BY facility)"
        "  FROM practitioner WHERE licence = %(licence)s AND {} GROUP BY licence"
    ).format(seen.sql)
    row = conn.execute(query, {"licence": licence, **seen.params}).fetchone()
    return Practitioner(row[0], row[1], row[2], row[3], tuple(row[4])) if row else None


def _facility(row: tuple[Any, ...]) -> Facility:
    said: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    return Facility(**said | {"source": Known(said["source"])})
