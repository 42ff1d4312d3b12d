"""The SQL of price lists; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .model import Basis, Price, PriceList

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from psycopg import Connection

    from .model import PriceLine

    Conn = Connection[tuple[Any, ...]]

_PUT: Final = """
WITH said AS (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::numeric[], %s::text[], %s::text[], %s::text[])
        AS s (list, code, basis, amount, name, unit, tender)
), put AS (
    INSERT INTO facility_price AS p (facility, list, code, basis, since, amount, name, unit, tender, document)
    SELECT %s, list, code, basis, %s::date, amount, name, unit, tender, %s FROM said ORDER BY list, code, basis
    ON CONFLICT (facility, list, code, basis, since) DO UPDATE
       SET amount = excluded.amount, name = excluded.name, unit = excluded.unit, tender = excluded.tender, document = excluded.document
     WHERE (p.amount, p.name, p.unit, p.tender, p.document)
           IS DISTINCT FROM (excluded.amount, excluded.name, excluded.unit, excluded.tender, excluded.document)
    RETURNING xmax = 0 AS new
)
SELECT count(*) FILTER (WHERE new), count(*) FILTER (WHERE NOT new) FROM put
"""
_AT: Final = """
SELECT DISTINCT ON (list, code, basis) facility, list, code, basis, since, amount, name, unit, tender, document
  FROM facility_price
 WHERE facility = %s AND since <= %s::date AND (list = ANY (%s) OR (list, code) IN (SELECT * FROM unnest(%s::text[], %s::text[])))
 ORDER BY list, code, basis, since DESC
"""


def put(conn: Conn, facility: str, document: str, since: date, lines: Sequence[PriceLine]) -> dict[str, int]:
    """Write the lines of a list for one facility; how many were new, how many said something else for the same day."""
    plain = [line._replace(list=line.list.value, basis=line.basis.value) for line in lines]  # type: ignore[arg-type]  # as SQL has them
    columns = [[line[at] for line in plain] for at in range(7)]
    row = conn.execute(_PUT.encode(), (*columns, facility, since, document)).fetchone()
    return {"added": int(row[0]), "changed": int(row[1])} if row else {}


def at(conn: Conn, facility: str, on: date, wanted: Sequence[tuple[PriceList, str]], whole: Sequence[PriceList]) -> list[Price]:
    """Read the prices in force: of some codes, and of whole lists."""
    lists, codes = [list_.value for list_, _ in wanted], [code for _, code in wanted]
    rows = conn.execute(_AT.encode(), (facility, on, [one.value for one in whole], lists, codes))
    return [Price(row[0], PriceList(row[1]), row[2], Basis(row[3]), *row[4:]) for row in rows if row[5] is not None]
