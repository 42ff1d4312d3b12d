"""Statements of visits told twice: what is there to be linked, and the links (table visit_link). They hand out what linking asks, no document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from psycopg.rows import dict_row

from yba.record.lines import locator_key
from yba.specs import visits as specs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from yba.kit.db import Conn
    from yba.kit.reach import Predicate


class Link(NamedTuple):
    """One row of visit_link; ``labels`` of both Encounters."""

    person_id: UUID
    facility_id: str
    id: str
    primary_id: str
    channel: str
    primary_channel: str
    start_at: datetime | None
    end_at: datetime | None
    labels: tuple[str, ...]


# A claim alone is told once: only where something was written as a resource are a person's visits at that facility looked at. The literals are
# those of the index resource_written, without which ingest would read all Encounters of a batch's people.
_WRITTEN: Final = ", ".join(f"'{value}'" for value in specs.rules().written)
_TOLD: Final = f"""
SELECT 'told' AS what, r.person_id, r.facility_id, coalesce(r.given_id, r.id::text) AS id, r.mapped_by, r.start_at, r.end_at, r.labels,
       r.doc -> 'class' ->> 'code' AS kind, r.doc ->> 'status' AS status, r.doc -> 'identifier' AS identifiers, NULL AS primary_id, NULL AS channel
  FROM (SELECT DISTINCT w.person_id, w.facility_id FROM resource w
         WHERE w.rtype = 'Encounter' AND w.person_id = ANY (%(people)s::uuid[]) AND w.mapped_by IN ({_WRITTEN}) AND NOT w.deleted) AS n
 CROSS JOIN LATERAL (SELECT * FROM resource e WHERE e.rtype = 'Encounter' AND e.person_id = n.person_id AND e.facility_id = n.facility_id
                        AND NOT e.deleted OFFSET 0) AS r
 WHERE r.facility_id <> ''
UNION ALL
SELECT 'link', person_id, facility_id, id, channel, start_at, end_at, labels, NULL, NULL, NULL, primary_id, primary_channel
  FROM visit_link WHERE person_id = ANY (%(people)s::uuid[])
"""  # noqa: S608  our own list


def told(conn: Conn, people: Collection[UUID]) -> list[dict[str, Any]]:
    """Return what the Encounters of people say of their visits, where any was written as a resource, and the links that stand."""
    given = {"people": "{" + ",".join(map(str, people)) + "}"}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_TOLD.encode(), given, prepare=True).fetchall()


def standing(rows: Iterable[dict[str, Any]]) -> set[Link]:
    """The links among what `told` returned."""
    return {
        Link(
            row["person_id"], row["facility_id"], row["id"], row["primary_id"], row["mapped_by"], row["channel"], row["start_at"], row["end_at"],
            tuple(row["labels"] or ()),
        )
        for row in rows
        if row["what"] == "link"
    }  # fmt: skip


_FORGET: Final = "DELETE FROM visit_link WHERE key = ANY (%s::uuid[])"
_ADD: Final = """
INSERT INTO visit_link (person_id, facility_id, id, primary_id, channel, primary_channel, start_at, end_at, labels, key)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::uuid)
ON CONFLICT (key) DO UPDATE SET person_id = excluded.person_id, facility_id = excluded.facility_id, primary_id = excluded.primary_id,
    channel = excluded.channel, primary_channel = excluded.primary_channel, start_at = excluded.start_at, end_at = excluded.end_at,
    labels = excluded.labels
"""


def rewrite(conn: Conn, *, gone: Collection[Link], new: Collection[Link]) -> None:
    """Take links away and write others."""
    left = {link.id for link in gone} - {link.id for link in new}
    if left:
        conn.execute(_FORGET, ([locator_key("Encounter", id_) for id_ in sorted(left)],))
    rows = [(*link[:-1], list(link.labels) or None, locator_key("Encounter", link.id)) for link in sorted(new, key=lambda link: link.id)]
    if rows:
        with conn.cursor() as cursor:
            cursor.executemany(_ADD, rows)


_COUNTED: Final = "SELECT facility_id, count(*) FROM visit_link WHERE person_id = %(person)s AND {seen} GROUP BY facility_id"


def told_again(conn: Conn, seen: Predicate, person_id: UUID) -> dict[str, int]:
    """Count by facility the Encounters of a person that tell of a visit once more."""
    return dict(conn.execute(seen.into(_COUNTED), {"person": person_id, **seen.params}).fetchall())


_COUNTS: Final = """
SELECT 'r', rtype, count(*) FROM resource WHERE NOT deleted AND {seen} GROUP BY rtype
UNION ALL SELECT 'v', channel, count(*) FROM visit_link WHERE {seen} GROUP BY channel ORDER BY 1, 2
"""


def counted(conn: Conn, seen: Predicate) -> tuple[dict[str, int], dict[str, int]]:
    """Count living resources by type, and Encounters that tell of a visit once more by channel."""
    rows = conn.execute(seen.into(_COUNTS), seen.params).fetchall()
    return {what: count for kind, what, count in rows if kind == "r"}, {what: count for kind, what, count in rows if kind == "v"}


_OF_VISIT: Final = """
SELECT id, primary_id, channel, primary_channel FROM visit_link
 WHERE person_id = (SELECT l.person_id FROM locator l WHERE l.key = %(key)s::uuid)
   AND primary_id = coalesce((SELECT o.primary_id FROM visit_link o WHERE o.key = %(key)s::uuid), %(id)s) AND {seen}
 ORDER BY id
"""


def of_visit(conn: Conn, seen: Predicate, id_: str) -> list[tuple[str, str, str, str]]:
    """Return the links of the visit an Encounter tells of: (id, primary id, channel, channel of the primary)."""
    return conn.execute(seen.into(_OF_VISIT), {"key": locator_key("Encounter", id_), "id": id_, **seen.params}).fetchall()


_PEOPLE: Final = f"""
SELECT DISTINCT person_id FROM resource
 WHERE rtype = 'Encounter' AND mapped_by IN ({_WRITTEN}) AND NOT deleted AND person_id > %(after)s ORDER BY person_id LIMIT %(limit)s
"""  # noqa: S608  our own list


def people(conn: Conn, after: UUID, limit: int) -> list[UUID]:
    """Return people with an Encounter that was written as a resource, in order of id."""
    return [row[0] for row in conn.execute(_PEOPLE.encode(), {"after": after, "limit": limit})]


def people_linked(conn: Conn, after: UUID, limit: int) -> Sequence[UUID]:
    """Return people with links, in order of id."""
    statement = "SELECT DISTINCT person_id FROM visit_link WHERE person_id > %s ORDER BY person_id LIMIT %s"
    return [row[0] for row in conn.execute(statement, (after, limit))]
