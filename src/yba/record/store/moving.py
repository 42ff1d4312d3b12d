"""Statements of a merge, split or undo: which rows of a person go to another, and where they are found from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.record.lines import locator_key, whole
from yba.record.model import Put

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from yba.kit.db import Conn


class Moved(NamedTuple):
    """One resource that went; ``names``: its document names the person it left."""

    rtype: str
    id: str
    names: bool


class Chosen(NamedTuple):
    """Which rows leave: those of documents, about Patients, Patients themselves, and those listed; ``others``: about Patients that stay."""

    documents: list[UUID]
    stay: list[UUID]
    tokens: list[int]
    others: list[int]
    patients: list[UUID]
    listed: list[tuple[str, str]]


_GIVE: Final = """
UPDATE resource r SET person_id = %(taker)s WHERE r.person_id = %(giver)s
RETURNING r.rtype, coalesce(r.given_id, r.id::text), position(%(name)s IN r.doc::text) > 0
"""
# A claim goes with its source, but what it says of a newborn goes with the newborn. What no document claims goes back with what it came with.
_SHARE: Final = """
UPDATE resource r SET person_id = %(taker)s
 WHERE r.person_id = %(giver)s AND CASE
       WHEN r.rtype = 'Patient' THEN r.id = ANY (%(patients)s::uuid[])
       WHEN r.tokens && %(others)s::bigint[] THEN false
       WHEN r.source_id = ANY (%(documents)s::uuid[]) THEN true
       WHEN r.tokens && %(born)s::bigint[] THEN true
       WHEN r.source_id = ANY (%(stay)s::uuid[]) THEN false
       ELSE r.tokens && %(tokens)s::bigint[]
            OR (r.rtype, coalesce(r.given_id, r.id::text)) IN (SELECT * FROM unnest(%(rtypes)s::text[], %(ids)s::text[])) END
RETURNING r.rtype, coalesce(r.given_id, r.id::text), position(%(name)s IN r.doc::text) > 0
"""
_LOCATE: Final = "UPDATE locator SET person_id = %s WHERE key = ANY (%s::uuid[])"


def give(conn: Conn, giver: UUID, taker: UUID) -> list[Moved]:
    """Give all rows of one person to another, golden documents too."""
    return _located(conn, taker, conn.execute(_GIVE, {"giver": giver, "taker": taker, "name": f"Patient/{giver}"}))


def share(conn: Conn, giver: UUID, taker: UUID, chosen: Chosen, born: list[int]) -> list[Moved]:
    """Give the chosen rows of one person to another; ``born``: tokens of newborns that leave, whose rows came in their mothers' documents."""
    given = {
        "giver": giver, "taker": taker, "name": f"Patient/{giver}", "documents": chosen.documents, "stay": chosen.stay, "tokens": chosen.tokens,
        "others": chosen.others, "patients": chosen.patients, "born": born, "rtypes": [rtype for rtype, _ in chosen.listed],
        "ids": [id_ for _, id_ in chosen.listed],
    }  # fmt: skip
    return _located(conn, taker, conn.execute(_SHARE, given))


def _located(conn: Conn, taker: UUID, rows: Any) -> list[Moved]:  # noqa: ANN401  a cursor
    moved = [Moved(*row) for row in rows]
    conn.execute(_LOCATE, (taker, [locator_key(one.rtype, one.id) for one in moved]))
    return moved


_SECOND: Final = """
UPDATE secondary s SET person_id = %(taker)s
 WHERE s.person_id = %(giver)s
   AND (%(every)s OR s.source_id = ANY (%(documents)s::uuid[])
        OR (s.key = ANY (%(keys)s::uuid[]) AND NOT coalesce(s.source_id = ANY (%(stay)s::uuid[]), false)))
   AND NOT EXISTS (SELECT FROM secondary o WHERE o.person_id = %(taker)s AND o.key = s.key)
RETURNING s.key::text
"""


def give_second(conn: Conn, giver: UUID, taker: UUID, chosen: Chosen | None, keys: Sequence[str]) -> list[str]:
    """Let what stands in one person's record from elsewhere stand in another's; None: all. One that stands there already stays."""
    given = {
        "giver": giver, "taker": taker, "every": chosen is None, "documents": chosen.documents if chosen else [],
        "stay": chosen.stay if chosen else [], "keys": list(keys),
    }  # fmt: skip
    return [row[0] for row in conn.execute(_SECOND, given)]


def as_puts(conn: Conn, taker: UUID, refs: Sequence[tuple[str, str]]) -> list[Put]:
    """Read living rows of a person as puts of what they say now."""
    rows = conn.execute(
        "SELECT rtype, coalesce(given_id, id::text), doc::text, start_at, end_at, facility_id, source_id, labels, mapped_by FROM resource"
        " WHERE person_id = %s AND NOT deleted AND (rtype, coalesce(given_id, id::text)) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
        (taker, [ref[0] for ref in refs], [ref[1] for ref in refs]),
    )
    return [
        Put(rtype, id_, taker, whole(rtype, id_, doc).encode(), [], start, end, facility, source, tuple(labels or ()), mapped_by)
        for rtype, id_, doc, start, end, facility, source, labels, mapped_by in rows
    ]


def golden_rows(conn: Conn, people: Sequence[UUID]) -> dict[UUID, tuple[str, bool]]:
    """Read of golden documents: person -> (release of the mapping, whether it is a tombstone)."""
    rows = conn.execute(
        "SELECT r.id, r.mapped_by, r.deleted FROM unnest(%s::uuid[], %s::uuid[]) AS n (id, key) JOIN locator l ON l.key = n.key"
        " JOIN resource r ON r.rtype = 'Patient' AND r.person_id = l.person_id AND r.id = n.id",
        (list(people), [locator_key("Patient", str(person)) for person in people]),
    )
    return {id_: (mapped_by, deleted) for id_, mapped_by, deleted in rows}


def golden_before(conn: Conn, person: UUID) -> str | None:
    """Read the last earlier version of a golden document; None where there is none or it was a tombstone."""
    row = conn.execute(
        "SELECT deleted, doc::text FROM resource_history WHERE rtype = 'Patient' AND id = %s ORDER BY version DESC LIMIT 1", (person,)
    ).fetchone()
    return None if row is None or row[0] else whole("Patient", str(person), row[1])


_STANDING: Final = """
SELECT count(*)::text || '/' || coalesce(sum(hashtextextended(concat_ws('|', rtype, id, version, person_id, deleted), 0)), 0)::text
  FROM resource WHERE person_id = ANY (%s::uuid[])
"""


def standing(conn: Conn, people: Sequence[UUID]) -> str:
    """Mark what stands in the records of people."""
    row = conn.execute(_STANDING, (list(people),)).fetchone()
    return str(row[0]) if row else ""


def size(conn: Conn, person: UUID) -> int:
    """Count the living rows of a person."""
    row = conn.execute("SELECT count(*) FROM resource WHERE person_id = %s AND NOT deleted", (person,)).fetchone()
    return int(row[0]) if row else 0
