"""The SQL of population and beds; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.kit.db import copy_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from psycopg import Connection

    from .counted import Beds, People

    Conn = Connection[tuple[Any, ...]]

_FORGET: Final = """
DELETE FROM area_population p USING unnest(%s::text[], %s::smallint[]) AS said (commune, year)
 WHERE p.commune = said.commune AND p.year = said.year
"""
_PUT_BEDS: Final = """
INSERT INTO facility_bed AS b (facility, since, beds, source)
SELECT * FROM unnest(%s::text[], %s::date[], %s::integer[], %s::text[])
    ON CONFLICT (facility, since) DO UPDATE SET beds = excluded.beds, source = excluded.source
 WHERE (b.beds, b.source) IS DISTINCT FROM (excluded.beds, excluded.source)
"""
_POPULATION: Final = """
SELECT commune, year, sum(people)::bigint, string_agg(DISTINCT source, '; ') FROM area_population p
 WHERE year = coalesce(%s::smallint, (SELECT max(year) FROM area_population n WHERE n.commune = p.commune))
 GROUP BY commune, year ORDER BY commune
"""
_COPIED: Final = {
    "facility": "SELECT code, nullif(valid_from, '-infinity'), nullif(valid_to, 'infinity'), name, level, kind, province, commune"
    " FROM facility ORDER BY code, valid_from",
    "facility_bed": "SELECT facility, since, lead(since) OVER (PARTITION BY facility ORDER BY since) - 1, beds, source"
    " FROM facility_bed ORDER BY facility, since",
    "area_population": "SELECT commune, year, sex, age_band, people, source FROM area_population ORDER BY commune, year, sex, age_band",
}


def put_population(conn: Conn, lines: Sequence[People]) -> None:
    """Write people in the place of what is known of the same communes and years."""
    said = sorted({(one.commune, one.year) for one in lines})
    conn.execute(_FORGET.encode(), ([one[0] for one in said], [one[1] for one in said]))
    columns = ("commune", "year", "sex", "age_band", "people", "source")
    copy_rows(conn, "area_population", columns, lines, types=("text", "int2", "text", "text", "int4", "text"))


def put_beds(conn: Conn, lines: Sequence[Beds]) -> None:
    """Write beds; the same facility and day is replaced."""
    conn.execute(_PUT_BEDS.encode(), tuple([one[at] for one in lines] for at in range(4)))


def population(conn: Conn, year: int | None) -> list[tuple[str, int, int, str]]:
    """People by commune, of a year or of the newest one known."""
    return conn.execute(_POPULATION.encode(), (year,)).fetchall()


def beds(conn: Conn, facility: str) -> list[tuple[str, date, int, str]]:
    """The rows of a facility, oldest first."""
    rows = conn.execute("SELECT facility, since, beds, source FROM facility_bed WHERE facility = %s ORDER BY since", (facility,))
    return rows.fetchall()


def copy(conn: Conn, table: str) -> Iterator[bytes]:
    """Give out a table as CSV."""
    with conn.cursor() as cursor, cursor.copy(f"COPY ({_COPIED[table]}) TO STDOUT (FORMAT csv)".encode()) as lines:
        yield from lines  # type: ignore[misc]  # bytes or memoryview, both written as they are
