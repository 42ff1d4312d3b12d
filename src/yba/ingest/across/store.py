"""The one look-up of a round: claims in force of the same people around the same days, and the check-ins of the same visits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.ingest.store import as_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.ingest.model import Row


class Around(NamedTuple):
    """Which claims of a person to look for: those with one of the traits that touch the time between."""

    number: int
    person: UUID
    traits: int
    first: datetime
    last: datetime


class Arrived(NamedTuple):
    """Which check-ins to look for: under the link, or of the patient at that arrival, landed before the claim."""

    number: int
    facility: str
    link: str
    patient: str
    arrived: str
    landing: int


class Other(NamedTuple):
    """A claim in force."""

    id: UUID
    facility: str
    link: str
    start: datetime
    end: datetime
    traits: int


class CheckIn(NamedTuple):
    """A row of a check-in file; ``number`` is the claim's it was looked up for."""

    number: int
    landing: int
    link: str
    row: Row


# Both halves in one statement: one round trip, whatever there is to ask. The index claim_traits holds only claims with traits.
_LOOK_UP: Final = """
SELECT 1, w.n, c.id, c.facility, c.link, c.started_at, c.ended_at, c.traits, NULL::bigint, NULL::jsonb
FROM unnest(%(n)s::int[], %(person)s::uuid[], %(traits)s::int[], %(first)s::timestamptz[], %(last)s::timestamptz[])
    AS w(n, person, traits, first, last)
JOIN claim c ON c.person_id = w.person AND c.started_at <= w.last AND c.ended_at >= w.first
WHERE c.traits <> 0 AND c.traits & w.traits <> 0 AND NOT c.withdrawn
UNION ALL
SELECT 2, w.n, NULL, NULL, k.link, NULL, NULL, NULL, k.landing, k.row_values
FROM unnest(%(cn)s::int[], %(facility)s::text[], %(link)s::text[], %(patient)s::text[], %(arrived)s::text[], %(landing)s::bigint[])
    AS w(n, facility, link, patient, arrived, landing)
CROSS JOIN LATERAL (
    SELECT link, landing, row_values FROM check_in WHERE facility = w.facility AND link = w.link
    UNION
    SELECT link, landing, row_values FROM check_in
    WHERE facility = w.facility AND local_patient = w.patient AND local_patient <> '' AND row_values ->> 'NGAY_VAO' = w.arrived
) k
WHERE k.landing < w.landing
"""


def look_up(conn: Connection[Any], around: Sequence[Around], arrived: Sequence[Arrived]) -> tuple[list[tuple[int, Other]], list[CheckIn]]:
    """Claims as (number asked under, claim), and check-ins; asks nothing when there is nothing to ask."""
    if not around and not arrived:
        return [], []
    claims = dict(zip(("n", "person", "traits", "first", "last"), _columns(around, len(Around._fields)), strict=True))
    check_ins = dict(zip(("cn", "facility", "link", "patient", "arrived", "landing"), _columns(arrived, len(Arrived._fields)), strict=True))
    others: list[tuple[int, Other]] = []
    seen: list[CheckIn] = []
    for kind, number, id_, facility, link, start, end, traits, landing, values in conn.execute(_LOOK_UP, claims | check_ins).fetchall():
        if kind == 1:
            others.append((number, Other(id_, facility, link, start, end, traits)))
        else:
            seen.append(CheckIn(number, landing, link, as_json(values)))
    return others, seen


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
