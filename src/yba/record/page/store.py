"""The page's one query: only the types a page shows, only the columns it needs, decoded as text (a third of the price of whole rows)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.record.lines import locator_key

from .twice import Again

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate
    from yba.record.model import Ref

# Literals, so that the planner opens the partitions of these types and no others.
TYPES: Final = (
    "AllergyIntolerance", "Composition", "Condition", "Coverage", "DiagnosticReport", "DocumentReference", "Encounter", "Flag", "Immunization",
    "MedicationDispense", "MedicationRequest", "Observation", "Patient", "Procedure",
)  # fmt: skip
_LISTED: Final = ", ".join(f"'{rtype}'" for rtype in TYPES)
_AGAIN: Final = "="  # no resource type: what tells of a visit again
_PAGE: Final = f"""
SELECT rtype, coalesce(given_id, id::text), facility_id, doc::text FROM resource
 WHERE rtype IN ({_LISTED}) AND person_id = %(person)s AND NOT deleted AND {{seen}}
UNION ALL
SELECT '', s.rtype || '/' || s.id, '', NULL
  FROM secondary s JOIN locator l ON l.key = s.key WHERE s.person_id = %(person)s AND l.person_id <> s.person_id
UNION ALL
SELECT '{_AGAIN}', id, primary_id, json_build_array(channel, primary_channel)::text
  FROM visit_link WHERE person_id = %(person)s AND {{seen}}
"""  # noqa: S608  our own list
# What stands in a person's record is read as that person's, wherever it is at home.
_OTHERS: Final = f"""
SELECT rtype, coalesce(given_id, id::text), facility_id, doc::text
  FROM (SELECT rtype, id, given_id, facility_id, labels, doc, %(person)s::uuid AS person_id FROM resource
         WHERE rtype IN ({_LISTED}) AND NOT deleted
           AND person_id = ANY(ARRAY(SELECT l.person_id FROM locator l WHERE l.key = ANY(%(keys)s::uuid[])))) AS held WHERE {{seen}}
"""  # noqa: S608  our own list


@dataclass(slots=True)
class PageRow:
    """One living resource as the page reads it; ``doc`` as stored, without its type and id."""

    rtype: str
    id: str
    facility_id: str
    doc: dict[str, Any]


def _elsewhere(found: list[tuple[Any, ...]]) -> Iterator[Ref]:
    """What stands in the record and is at home in another's: read with the rest in one statement, so that a merge cannot come between."""
    for row in found:
        if not row[0]:
            rtype, _, ident = row[1].partition("/")
            yield rtype, ident


def page_rows(conn: Connection[Any], seen: Predicate, person_id: UUID) -> tuple[list[PageRow], list[Again]]:
    """Read what a page shows of a person and which visits are told twice, within a right's predicate; row security is the second lock."""
    found = conn.execute(seen.into(_PAGE), {"person": person_id, **seen.params}).fetchall()
    rows = [row for row in found if row[0] and row[0] != _AGAIN]
    refs = {ref for ref in _elsewhere(found) if ref[0] in TYPES}
    if refs:
        given = {"person": person_id, "keys": [locator_key(*ref) for ref in refs], **seen.params}
        rows += [row for row in conn.execute(seen.into(_OTHERS), given).fetchall() if (row[0], row[1]) in refs]
    loads = orjson.loads
    again = [Again(ident, primary, *loads(channels)) for rtype, ident, primary, channels in found if rtype == _AGAIN]
    return [PageRow(rtype, ident, facility, loads(doc)) for rtype, ident, facility, doc in rows], again
