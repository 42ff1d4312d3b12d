"""The page's one query: only the types a page shows, only the columns it needs, documents as the bytes they are until their turn comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from psycopg.types.string import ByteaBinaryLoader

from yba.kit.planning import kept_plan
from yba.record.lines import locator_key

from .twice import Again

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

# Literals, so that the planner opens the partitions of these types and no others.
TYPES: Final = (
    "AllergyIntolerance", "Composition", "Condition", "Coverage", "DiagnosticReport", "DocumentReference", "Encounter", "Flag", "Immunization",
    "MedicationDispense", "MedicationRequest", "Observation", "Patient", "Procedure",
)  # fmt: skip
_LISTED: Final = ", ".join(f"'{rtype}'" for rtype in TYPES)
_AGAIN: Final = "="  # no resource type: what tells of a visit again
_LABELLED: Final = "!"  # nor this: something of the person is, or was, restricted
_BESIDE: Final = frozenset({"", _AGAIN, _LABELLED})
# OFFSET 0: what stands there from elsewhere is few rows, each looked up; joined the other way round every resource of the province would be.
_PAGE: Final = f"""
SELECT rtype, coalesce(given_id, id::text), facility_id, doc FROM resource
 WHERE rtype IN ({_LISTED}) AND person_id = %(person)s AND NOT deleted AND {{seen}}
UNION ALL
SELECT '', s.rtype || '/' || s.id, '', NULL::json
  FROM (SELECT rtype, id, key FROM secondary WHERE person_id = %(person)s OFFSET 0) s
 CROSS JOIN LATERAL (SELECT person_id FROM locator l WHERE l.key = s.key OFFSET 0) l WHERE l.person_id <> %(person)s
UNION ALL
SELECT '{_AGAIN}', id, primary_id, json_build_array(channel, primary_channel)
  FROM visit_link WHERE person_id = %(person)s AND {{seen}}
UNION ALL
SELECT '{_LABELLED}', '', '', NULL::json WHERE EXISTS (SELECT FROM labelled_person WHERE person_id = %(person)s)
"""  # noqa: S608  our own list
# What stands in a person's record is read as that person's, wherever it is at home.
_OTHERS: Final = f"""
SELECT rtype, coalesce(given_id, id::text), facility_id, doc
  FROM (SELECT rtype, id, given_id, facility_id, labels, doc, %(person)s::uuid AS person_id FROM resource
         WHERE rtype IN ({_LISTED}) AND NOT deleted
           AND person_id = ANY(ARRAY(SELECT l.person_id FROM locator l WHERE l.key = ANY(%(keys)s::uuid[])))) AS held WHERE {{seen}}
"""  # noqa: S608  our own list


@dataclass(slots=True)
class PageRow:
    """One living resource as the page reads it: the document as stored, without its type and id, in bytes."""

    rtype: str
    id: str
    facility_id: str
    stored: bytes

    @property
    def doc(self) -> dict[str, Any]:
        """The document, parsed anew."""
        found: dict[str, Any] = orjson.loads(self.stored)
        return found


Row = tuple[str, str, str, bytes]


class Found(NamedTuple):
    """What a page shows of a person, which visits are told twice, and whether anything could be masked (False: nothing was ever restricted)."""

    rows: list[PageRow]
    again: list[Again]
    labelled: bool


def _read(conn: Connection[Any], statement: bytes, given: dict[str, Any]) -> list[Row]:
    """Run a statement whose documents are left as bytes: a str would be widened for its marks, and written back as bytes to be parsed."""
    with conn.cursor(binary=True) as cursor, kept_plan(conn):
        cursor.adapters.register_loader("json", ByteaBinaryLoader)
        return cursor.execute(statement, given, prepare=True).fetchall()


def page_rows(conn: Connection[Any], seen: Predicate, person_id: UUID) -> Found:
    """Read what a page shows of a person within a right's predicate; row security is the second lock.

    What stands in the record and is at home in another's is named by the same statement, so that a merge cannot come between.
    """
    rows: list[Row] = []
    beside: list[Row] = []
    for row in _read(conn, seen.into(_PAGE), {"person": person_id, **seen.params}):
        (beside if row[0] in _BESIDE else rows).append(row)
    refs = {(rtype, ident) for kind, name, *_ in beside if not kind for rtype, _, ident in (name.partition("/"),) if rtype in TYPES}
    if refs:
        given = {"person": person_id, "keys": [locator_key(*ref) for ref in refs], **seen.params}
        rows += [row for row in _read(conn, seen.into(_OTHERS), given) if (row[0], row[1]) in refs]
    again = [Again(ident, primary, *orjson.loads(channels)) for kind, ident, primary, channels in beside if kind == _AGAIN]
    return Found([PageRow(*row) for row in rows], again, any(row[0] == _LABELLED for row in beside))
