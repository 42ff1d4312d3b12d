"""The SQL of where people live; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson

from yba.kit.db import behind
from yba.kit.prepared import Ask

from .store import copy_relations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from psycopg import Connection

    from .residence import Home

_NO_SOURCE: Final = UUID(int=0)  # one row a person and commune: it rests on no single claim
_MOVE: Final = b"""
WITH home AS MATERIALIZED (
    SELECT person_id, 'area:' || commune AS unit, since FROM json_to_recordset(%(homes)s::json) AS h (person_id uuid, commune text, since timestamptz)
), left_behind AS (
    UPDATE relation r SET end_at = greatest(r.start_at, home.since) FROM home
     WHERE r.person_id = home.person_id AND r.kind = 'residence' AND r.unit IS DISTINCT FROM home.unit AND r.end_at IS NULL
)
INSERT INTO relation AS r (start_at, end_at, person_id, source_id, unit, kind, ground_type, ground_id)
SELECT since, NULL, person_id, '00000000-0000-0000-0000-000000000000', unit, 'residence', 'Patient', person_id::text FROM home WHERE unit IS NOT NULL
ON CONFLICT (person_id, unit, kind, source_id) DO UPDATE SET start_at = excluded.start_at, end_at = NULL, void_at = NULL, void_reason = NULL
 WHERE r.end_at IS NOT NULL OR r.void_at IS NOT NULL
"""


def copy(conn: Connection[Any], rows: Iterable[tuple[datetime, UUID, str]]) -> None:
    """COPY homes of new people: (since, person, commune)."""
    made = [(since, None, person, _NO_SOURCE, f"area:{commune}", "residence", "Patient", str(person)) for since, person, commune in rows]
    if made:
        copy_relations(conn, made)


def move(conn: Connection[Any], homes: Sequence[Home]) -> None:
    """Write where people live now, one statement for all of them."""
    behind(conn, Ask(_MOVE, {"homes": orjson.dumps([home._asdict() for home in homes]).decode()}))
