"""The SQL of households; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

_HOUSE: Final = 0x7962_06  # beside the other locks (0x7962_01 to 05)
_SNAPSHOT: Final = """
SELECT json_build_object(
    'open', EXISTS (SELECT FROM household h WHERE h.id = %(id)s AND h.until IS NULL), 'until', (SELECT h.until FROM household h WHERE h.id = %(id)s),
    'members', (SELECT coalesce(json_agg(json_build_object('person_id', m.person_id, 'relation', m.relation, 'since', m.since, 'until', m.until)
                                         ORDER BY m.person_id, m.since), '[]')
                  FROM household_member m WHERE m.household = %(id)s AND NOT m.taken_back))::text
"""
_READ: Final = """
SELECT h.commune, h.book, h.since, h.until, f.person_id, f.relation, f.since, f.until
  FROM household_member f JOIN household h ON h.id = f.household
 WHERE f.household = %(id)s AND f.until IS NULL AND NOT f.taken_back AND {seen}
"""
_SIZE: Final = """
SELECT count(*) FROM household_member own JOIN household h ON h.id = own.household AND h.commune = ANY (%(communes)s)
  JOIN household_member f ON f.household = own.household AND f.until IS NULL AND NOT f.taken_back
 WHERE own.person_id = %(person)s AND own.until IS NULL AND NOT own.taken_back AND {seen}
"""


def hold(conn: Connection[Any], household: UUID) -> None:
    """Hold a household until the end of the transaction."""
    conn.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_HOUSE, str(household)))


def add(conn: Connection[Any], id_: UUID, commune: str, book: str, since: date) -> bool:
    """Write a household; False when the number is in use in the commune."""
    done = conn.execute(
        "INSERT INTO household (id, commune, book, since) VALUES (%s, %s, %s, %s) ON CONFLICT (commune, book) WHERE until IS NULL DO NOTHING",
        (id_, commune, book, since),
    )
    return done.rowcount == 1


def close(conn: Connection[Any], id_: UUID, until: date) -> None:
    """End a household."""
    conn.execute("UPDATE household SET until = greatest(%s, since) WHERE id = %s", (until, id_))


def commune_of(conn: Connection[Any], id_: UUID) -> str:
    """Read the commune of a household."""
    row = conn.execute("SELECT commune FROM household WHERE id = %s", (id_,)).fetchone()
    return str(row[0]) if row else ""


def is_person(conn: Connection[Any], person: UUID) -> bool:
    """Whether there is such a person."""
    return conn.execute("SELECT 1 FROM person WHERE id = %s AND merged_into IS NULL", (person,)).fetchone() is not None


def lives_in(conn: Connection[Any], person: UUID) -> bool:
    """Whether a person is a member of a household; holds the person, so that two cannot take one in at once."""
    conn.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_HOUSE, f"person {person}"))
    return conn.execute("SELECT 1 FROM household_member WHERE person_id = %s AND until IS NULL AND NOT taken_back", (person,)).fetchone() is not None


def join(conn: Connection[Any], household: UUID, person: UUID, relation: str, since: date, who: str) -> None:
    """Write a member; one who left on the same day, or was noted in error then, is one again."""
    conn.execute(
        "INSERT INTO household_member (household, person_id, relation, since, source_type, source_id, who) VALUES (%s, %s, %s, %s, 'Desk', '', %s)"
        " ON CONFLICT (household, person_id, since) DO UPDATE SET relation = excluded.relation, until = NULL, taken_back = false, who = excluded.who",
        (household, person, relation, since, who),
    )


def leave(conn: Connection[Any], household: UUID, person: UUID, until: date) -> None:
    """Let a member leave."""
    conn.execute(
        "UPDATE household_member SET until = greatest(%s, since) WHERE household = %s AND person_id = %s AND until IS NULL AND NOT taken_back",
        (until, household, person),
    )


def relate(conn: Connection[Any], household: UUID, person: UUID, relation: str) -> None:
    """Write what a member is to the head."""
    conn.execute(
        "UPDATE household_member SET relation = %s WHERE household = %s AND person_id = %s AND until IS NULL AND NOT taken_back",
        (relation, household, person),
    )


def members(conn: Connection[Any], household: UUID) -> list[tuple[UUID, str]]:
    """Read (person, relation) of those who live there."""
    text = "SELECT person_id, relation FROM household_member WHERE household = %s AND until IS NULL AND NOT taken_back ORDER BY person_id"
    return conn.execute(text, (household,)).fetchall()


def read(conn: Connection[Any], household: UUID, seen: Predicate) -> list[tuple[Any, ...]]:
    """Read (commune, book, since, until, person, relation, since, until) of the members within reach."""
    return conn.execute(sql.SQL(_READ).format(seen=seen.sql), {"id": household, **seen.params}).fetchall()


def size(conn: Connection[Any], person: UUID, communes: Sequence[str], seen: Predicate) -> int:
    """Count those who live with a person in one of these communes, this one among them; 0 without a household there."""
    row = conn.execute(sql.SQL(_SIZE).format(seen=seen.sql), {"person": person, "communes": list(communes), **seen.params}).fetchone()
    return int(row[0]) if row else 0


def snapshot(conn: Connection[Any], household: UUID) -> dict[str, Any]:
    """Read how a household stands: what an act keeps of before and after."""
    row = conn.execute(_SNAPSHOT, {"id": household}).fetchone()
    found: dict[str, Any] = orjson.loads(row[0]) if row else {}
    return found


def restore(conn: Connection[Any], household: UUID, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Let a household stand as it did before: members of after alone are taken back, those of before are as they were."""
    stood = {(one["person_id"], one["since"]): one for one in before["members"]}
    for one in after["members"]:
        if (one["person_id"], one["since"]) not in stood:
            conn.execute(
                "UPDATE household_member SET taken_back = true WHERE household = %s AND person_id = %s AND since = %s",
                (household, one["person_id"], one["since"]),
            )
    for one in stood.values():
        conn.execute(
            "UPDATE household_member SET relation = %s, until = %s WHERE household = %s AND person_id = %s AND since = %s",
            (one["relation"], one["until"], household, one["person_id"], one["since"]),
        )
    conn.execute(
        "UPDATE household SET until = CASE WHEN %s THEN NULL ELSE coalesce(%s::date, until, since) END WHERE id = %s",
        (before["open"], before["until"], household),
    )


def add_act(conn: Connection[Any], act: Sequence[object], before: dict[str, Any], after: dict[str, Any]) -> None:
    """Write an act: id, household, moment, who, kind."""
    conn.execute(
        "INSERT INTO household_act (id, household, at, who, kind, before, after) VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s::jsonb)",
        (*act, orjson.dumps(before).decode(), orjson.dumps(after).decode()),
    )


def act(conn: Connection[Any], id_: UUID) -> tuple[UUID, dict[str, Any], dict[str, Any], datetime | None] | None:
    """Read (household, before, after, when it was taken back) of an act."""
    row = conn.execute("SELECT household, before::text, after::text, undone_at FROM household_act WHERE id = %s", (id_,)).fetchone()
    return (row[0], orjson.loads(row[1]), orjson.loads(row[2]), row[3]) if row else None


def mark_undone(conn: Connection[Any], id_: UUID, who: str, at: datetime) -> None:
    """Note who took an act back."""
    conn.execute("UPDATE household_act SET undone_by = %s, undone_at = %s WHERE id = %s", (who, at, id_))


def acts(conn: Connection[Any], household: UUID) -> list[tuple[Any, ...]]:
    """Read (id, at, who, kind, when it was taken back), newest first."""
    return conn.execute("SELECT id, at, who, kind, undone_at FROM household_act WHERE household = %s ORDER BY at DESC, id", (household,)).fetchall()
