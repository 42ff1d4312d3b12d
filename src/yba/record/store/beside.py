"""Statements of labels that cross acts (yba.record.beside): what is stored with one, what stands beside it, and more labels for that."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple
from uuid import UUID

from psycopg import sql

from yba.kit.db import ahead, arrived
from yba.kit.prepared import Ask
from yba.record.lines import array, bare_array, columns_of, locator_key, tokens_literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from psycopg import Connection

    from yba.kit.db import Coming

    Conn = Connection[tuple[Any, ...]]


class Row(NamedTuple):
    """One stored resource, as far as labels go."""

    rtype: str
    id: str
    person_id: UUID
    facility_id: str
    version: int
    labels: tuple[str, ...]
    doc: str
    mapped_by: str

    @property
    def name(self) -> str:
        """As references say it: "Condition/c"."""
        return f"{self.rtype}/{self.id}"


_AMONG: Final = b"SELECT person FROM unnest(%(people)s::uuid[]) AS person WHERE is_restricted(person)"


def ask_restricted(conn: Conn, people: Iterable[UUID]) -> list[Coming]:
    """Ask of whom anything restricted is stored, in one message with what is asked besides; see `told_restricted`."""
    listed = bare_array(sorted(people))
    return ahead(conn, Ask(_AMONG, {"people": listed})) if listed != "{}" else []


def told_restricted(conn: Conn, asked: Iterable[Coming]) -> set[UUID]:
    """Say of whom anything restricted is stored, at whatever facility."""
    return {row[0] for coming in asked for row in arrived(conn, coming)}


_ROW: Final = "SELECT rtype, coalesce(given_id, id::text), person_id, facility_id, version, labels, doc::text, mapped_by FROM resource"
# Tombstones too: what names a diagnosis that was deleted still tells of it. What a claim says of itself, ingest decides.
_LABELLED: Final = f"""
{_ROW} WHERE labels IS NOT NULL AND person_id = ANY (%(people)s::uuid[]) AND (source_id IS NULL OR source_id <> ALL (%(apart)s::uuid[]))
UNION ALL
{_ROW} WHERE labels IS NOT NULL AND person_id = '{UUID(int=0)}' AND id = ANY (%(ids)s::uuid[])
"""  # our own texts


def labelled(conn: Conn, people: Collection[UUID], names: Iterable[str], apart: Iterable[UUID]) -> list[Row]:
    """Return what of some people has a label, but for what came from sources ``apart``, and of nobody's what is named."""
    given = {"people": bare_array(people), "ids": _ids(names), "apart": bare_array(apart)}
    return _rows(conn.execute(_LABELLED.encode(), given).fetchall())


# A document is cut at its references, once, however many names are asked for: a pattern for each of 500 took 5 s for 10,000 documents, this 0.04 s.
_NEAR: Final = f"""
{_ROW} WHERE person_id = ANY (%(people)s::uuid[]) AND NOT deleted AND (source_id IS NULL OR source_id <> ALL (%(apart)s::uuid[]))
   AND (id = ANY (%(ids)s::uuid[]) OR EXISTS (
       SELECT FROM unnest(string_to_array(doc::text, '"reference":"')) AS said
        WHERE split_part(split_part(left(said, 200), '"', 1), '/_history/', 1) = ANY (%(mentions)s::text[])))
"""  # our own texts


def near(conn: Conn, people: Collection[UUID], *, names: Iterable[str], mentions: Iterable[str], apart: Iterable[UUID]) -> list[Row]:
    """Return what of some people is named ("Encounter/v"), or mentions what is; all their documents are looked through, once."""
    given = {"people": bare_array(people), "ids": _ids(names), "apart": bare_array(apart), "mentions": array(mentions)}
    return _rows(conn.execute(_NEAR.encode(), given).fetchall())


# Through the view: under a policy an index of tokens is not used (decision 0004).
_NAMING: Final = f"""
{_ROW.replace("FROM resource", "FROM resource_seen")}
 WHERE tokens && %(tokens)s::bigint[] AND NOT deleted AND person_id <> '{UUID(int=0)}'
"""


def naming(conn: Conn, tokens: Sequence[int]) -> list[Row]:
    """Return what of anybody's is found by one of these tokens."""
    return _rows(conn.execute(_NAMING.encode(), {"tokens": tokens_literal([*tokens])}).fetchall())


_REFERRING: Final = f"""
{_ROW} WHERE person_id = ANY (%(people)s::uuid[]) AND NOT deleted AND (source_id IS NULL OR source_id <> ALL (%(apart)s::uuid[]))
   AND doc::text LIKE '%%"reference":"%%'
"""  # our own texts


def references(conn: Conn, people: Collection[UUID], apart: Iterable[UUID] = ()) -> list[Row]:
    """Return everything of some people that refers to anything."""
    return _rows(conn.execute(_REFERRING.encode(), {"people": bare_array(people), "apart": bare_array(apart)}).fetchall())


_PEOPLE: Final = "SELECT DISTINCT person_id FROM labelled_person WHERE person_id > %s ORDER BY person_id LIMIT %s"


def people(conn: Conn, after: UUID, limit: int) -> list[UUID]:
    """Return people of whom anything restricted is, or was, stored, in order of id."""
    return [row[0] for row in conn.execute(_PEOPLE, (after, limit))]


def _rows(found: Iterable[Any]) -> list[Row]:
    return [one._replace(labels=tuple(one.labels or ())) for one in map(Row._make, found)]


_MORE: Final[LiteralString] = """
UPDATE resource r SET labels = g.labels::text[] FROM unnest(%(persons)s::uuid[], %(ids)s::uuid[], %(labels)s::text[]) AS g (person_id, id, labels)
 WHERE r.rtype = {rtype} AND r.person_id = g.person_id AND r.id = g.id
"""
_FOUND_BY: Final = """
UPDATE {table} s SET labels = g.labels::text[] FROM unnest(%(keys)s::uuid[], %(labels)s::text[]) AS g (key, labels) WHERE s.key = g.key
"""


def restrict(conn: Conn, rows: Sequence[Row]) -> None:
    """Give stored resources, and what they are found by, the labels that stand in ``rows``: no new version, no later `updated`."""
    by_type: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_type[row.rtype].append(row)
    for rtype, some in by_type.items():
        given = {
            "persons": bare_array(row.person_id for row in some), "ids": bare_array(columns_of(row.id)[0] for row in some), "labels": _labels(some),
        }  # fmt: skip
        conn.execute(_of_type(rtype), given)
    given = {"keys": bare_array(locator_key(row.rtype, row.id) for row in rows), "labels": _labels(rows)}
    for table in ("search_text", "search_range"):
        conn.execute(_FOUND_BY.format(table=table).encode(), given)


def _labels(rows: Iterable[Row]) -> str:
    return array(array(row.labels) for row in rows)


@lru_cache(maxsize=256)
def _of_type(rtype: str) -> bytes:
    return sql.SQL(_MORE).format(rtype=sql.Literal(rtype)).as_bytes(None)


def _ids(names: Iterable[str]) -> str:
    return bare_array(columns_of(name.partition("/")[2])[0] for name in names)
