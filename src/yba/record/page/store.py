"""The page's one query: only the types a page shows, only the columns it needs, decoded as text (a third of the price of whole rows)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from psycopg import sql

from yba.record.store import from_elsewhere

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

# Literals, so that the planner opens the partitions of these types and no others.
TYPES: Final = (
    "AllergyIntolerance", "Composition", "Condition", "Coverage", "DiagnosticReport", "DocumentReference", "Encounter", "Flag", "Immunization",
    "MedicationDispense", "MedicationRequest", "Observation", "Patient", "Procedure",
)  # fmt: skip
_PAGE: Final = sql.SQL(
    "SELECT rtype, coalesce(given_id, id::text), facility_id, labels, doc::text FROM resource"
    " WHERE rtype IN ({types}) AND person_id = %s AND NOT deleted"
    " AND (%s::text[] IS NULL OR facility_id = ANY(%s::text[]))"
).format(types=sql.SQL(", ").join(map(sql.Literal, TYPES)))


@dataclass(slots=True)
class PageRow:
    """One living resource as the page reads it; ``doc`` as stored, without its type and id."""

    rtype: str
    id: str
    facility_id: str
    labels: tuple[str, ...]
    doc: dict[str, Any]


def page_rows(conn: Connection[Any], *, by: Actor, person_id: UUID) -> list[PageRow]:
    """Read what a page shows of a person, within the actor's reach; row security is the second lock."""
    reach = None if by.facilities is None else sorted(by.facilities)
    rows = conn.execute(_PAGE, (person_id, reach, reach)).fetchall()
    refs = {ref: home for ref, home in from_elsewhere(conn, person_id).items() if ref[0] in TYPES}
    for home in dict.fromkeys(refs.values()):
        rows += [row for row in conn.execute(_PAGE, (home, reach, reach)).fetchall() if (row[0], row[1]) in refs]
    loads = orjson.loads
    return [PageRow(rtype, ident, facility, labels, loads(doc)) for rtype, ident, facility, labels, doc in rows]
