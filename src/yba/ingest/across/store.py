"""The one look-up of a round: claims in force of the same people around the same days, and the check-ins of the same visits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple

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


# The index claim_traits holds only claims with traits.
_CLAIMS: Final = """
SELECT 1, w.n, c.id, c.facility, c.link, c.started_at, c.ended_at, c.traits, NULL::bigint, NULL::jsonb
FROM unnest(%(n)s::int[], %(person)s::uuid[], %(traits)s::int[], %(first)s::timestamptz[], %(last)s::timestamptz[])
    AS w(n, person, traits, first, last)
JOIN claim c ON c.person_id = w.person AND c.started_at <= w.last AND c.ended_at >= w.first
WHERE c.traits <> 0 AND c.traits & w.traits <> 0 AND NOT c.withdrawn
"""
_CHECK_INS: Final = """
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
    """Claims as (number asked under, claim), and check-ins: one statement of the halves there is something to ask of, none without any."""
    halves: list[LiteralString] = []
    given: dict[str, Any] = {}
    if around:
        halves.append(_CLAIMS)
        given |= zip(("n", "person", "traits", "first", "last"), map(list, zip(*around, strict=True)), strict=True)
    if arrived:
        halves.append(_CHECK_INS)
        given |= zip(("cn", "facility", "link", "patient", "arrived", "landing"), map(list, zip(*arrived, strict=True)), strict=True)
    if not halves:
        return [], []
    others: list[tuple[int, Other]] = []
    seen: list[CheckIn] = []
    for kind, number, id_, facility, link, start, end, traits, landing, values in conn.execute("UNION ALL".join(halves), given).fetchall():
        if kind == 1:
            others.append((number, Other(id_, facility, link, start, end, traits)))
        else:
            seen.append(CheckIn(number, landing, link, as_json(values)))
    return others, seen
