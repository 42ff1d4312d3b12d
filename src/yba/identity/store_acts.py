"""The SQL of merging, splitting and undoing people; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from psycopg import sql

from .acts import ActKind, PersonAct
from .merging import Holding
from .store import lock_identifiers, lock_people, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

    from .acts import Plan
    from .state import SourceKey, State

_KEYS: Final = """
SELECT 'MA_BN', facility, local_id FROM person_source WHERE person_id = ANY (%(people)s)
UNION SELECT i.type, i.value, NULL FROM person_source s JOIN identifier i USING (facility, local_id, variant) WHERE s.person_id = ANY (%(people)s)
UNION SELECT type, value, NULL FROM identifier_owner WHERE person_id = ANY (%(people)s)
"""


def hold(conn: Connection[Any], people: Sequence[UUID]) -> State:
    """Read people and hold them, with every patient number and identifier they are found by, against claims and other acts.

    Identifiers come before people, as in `store.load`; a claim that gave them another one while we waited makes us begin again, because
    locks taken out of order could wait for each other in a circle.
    """
    asked = _keys(conn, people)
    while True:
        conn.execute("SAVEPOINT people_held")
        lock_identifiers(conn, asked)
        lock_people(conn, people)
        now = _keys(conn, people)
        if now <= asked:
            conn.execute("RELEASE SAVEPOINT people_held")
            return read(conn, *people)
        conn.execute("ROLLBACK TO SAVEPOINT people_held; RELEASE SAVEPOINT people_held")
        asked |= now


def _keys(conn: Connection[Any], people: Sequence[UUID]) -> set[tuple[str, ...]]:
    return {tuple(part for part in row if part is not None) for row in conn.execute(_KEYS, {"people": list(people)})}


def sources_seen(conn: Connection[Any], person: UUID, seen: Predicate) -> set[SourceKey]:
    """Read the sources of a person within reach, those that say nothing now too."""
    query = sql.SQL("SELECT f.facility, f.local_id, f.variant FROM person_source f WHERE f.person_id = %(whom)s AND {}").format(seen.sql)
    return {(row[0], row[1], row[2]) for row in conn.execute(query, {"whom": person, **seen.params})}


def merged_into(conn: Connection[Any], people: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Read whom people were merged into; people who do not exist are not there."""
    return dict(conn.execute("SELECT id, merged_into FROM person WHERE id = ANY (%s)", (list(people),)).fetchall())


def earlier_ids(conn: Connection[Any], person: UUID) -> list[UUID]:
    """Read the people who were merged into one."""
    return [row[0] for row in conn.execute("SELECT id FROM person WHERE merged_into = %s ORDER BY id", (person,))]


def point(conn: Connection[Any], pointers: Mapping[UUID, UUID | None]) -> None:
    """Say whom people are merged into; None: they live."""
    conn.execute(
        "UPDATE person p SET merged_into = n.target FROM unnest(%s::uuid[], %s::uuid[]) AS n (id, target) WHERE p.id = n.id",
        (list(pointers), list(pointers.values())),
    )


def add_person(conn: Connection[Any], person: UUID) -> None:
    """Make a person without sources."""
    conn.execute("INSERT INTO person (id) VALUES (%s)", (person,))


def give_sources(conn: Connection[Any], keys: Sequence[SourceKey], taker: UUID) -> None:
    """Give sources to a person."""
    conn.execute(
        "UPDATE person_source s SET person_id = %s FROM unnest(%s::text[], %s::text[], %s::smallint[]) AS n (facility, local_id, variant)"
        " WHERE s.facility = n.facility AND s.local_id = n.local_id AND s.variant = n.variant",
        (taker, *_columns(keys, 3)),
    )


def _columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    listed = list(rows)
    return [[row[at] for row in listed] for at in range(width)]


def owners(conn: Connection[Any], people: Sequence[UUID]) -> list[Holding]:
    """Read what people hold."""
    rows = conn.execute(
        "SELECT person_id, type, value, sequence, claimed, since::text FROM identifier_owner WHERE person_id = ANY (%s)"
        " ORDER BY type, value, person_id",
        (list(people),),
    )
    return [Holding._make(row) for row in rows]


def set_owners(conn: Connection[Any], people: Sequence[UUID], rows: Sequence[Holding]) -> None:
    """Make these all that people hold."""
    conn.execute("DELETE FROM identifier_owner WHERE person_id = ANY (%s)", (list(people),))
    conn.execute(
        "INSERT INTO identifier_owner (person_id, type, value, sequence, claimed, since)"
        " SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bigint[], %s::boolean[], %s::timestamptz[])",
        _columns(rows, 6),
    )


def move_kin(conn: Connection[Any], giver: UUID, taker: UUID, keys: Sequence[SourceKey]) -> None:
    """Let what certificates say of mother and child follow the sources of either."""
    given: dict[str, Any] = {"giver": giver, "taker": taker}
    given["facilities"], given["local_ids"], given["variants"] = _columns(keys, 3)
    conn.execute(
        "UPDATE person_link k SET person_id = %(taker)s FROM unnest(%(facilities)s::text[], %(local_ids)s::text[], %(variants)s::smallint[])"
        " AS n (facility, local_id, variant)"
        " WHERE k.person_id = %(giver)s AND k.facility = n.facility AND k.local_id = n.local_id AND k.variant = n.variant",
        given,
    )
    conn.execute(
        "UPDATE person_link k SET other = %(taker)s FROM unnest(%(facilities)s::text[], %(local_ids)s::text[], %(variants)s::smallint[])"
        " AS n (facility, local_id, variant)"
        " WHERE k.other = %(giver)s AND k.facility = n.facility AND k.other_local_id = n.local_id AND k.other_variant = n.variant",
        given,
    )


def move_memberships(conn: Connection[Any], giver: UUID, taker: UUID, only: Sequence[Sequence[str]] | None = None) -> list[list[str]]:
    """Let a person's places in households go to another, those listed or all; one the other has already stays. Returns (household, since)."""
    given: dict[str, Any] = {"giver": giver, "taker": taker, "every": only is None}
    given["households"], given["sinces"] = _columns(only or (), 2)
    rows = conn.execute(
        "UPDATE household_member m SET person_id = %(taker)s WHERE person_id = %(giver)s AND (%(every)s OR EXISTS (SELECT FROM"
        " unnest(%(households)s::uuid[], %(sinces)s::date[]) AS n (household, since) WHERE n.household = m.household AND n.since = m.since))"
        " AND NOT EXISTS (SELECT FROM household_member o WHERE o.household = m.household AND o.since = m.since AND o.person_id = %(taker)s)"
        " RETURNING household::text, since::text",
        given,
    )
    return [list(row) for row in rows]


def close_reviews(conn: Connection[Any], people: Sequence[UUID], who: str) -> list[str]:
    """Settle the conflicts between people who are one now; returns their ids."""
    rows = conn.execute(
        "UPDATE review_item SET state = 'settled', settled_at = clock_timestamp(), settled_by = %s"
        " WHERE state = 'open' AND cardinality(persons) > 1 AND persons <@ %s::uuid[] RETURNING id::text",
        (who, list(people)),
    )
    return [row[0] for row in rows]


def reopen_reviews(conn: Connection[Any], ids: Sequence[str]) -> None:
    """Open conflicts again that an act had settled."""
    conn.execute(
        "UPDATE review_item SET state = 'open', settled_at = NULL, settled_by = NULL WHERE id = ANY (%s::uuid[]) AND state = 'settled'", (list(ids),)
    )


def close_reviews_named(conn: Connection[Any], ids: Sequence[str], who: str) -> list[str]:
    """Settle conflicts by their ids, those that are open; returns which."""
    rows = conn.execute(
        "UPDATE review_item SET state = 'settled', settled_at = clock_timestamp(), settled_by = %s"
        " WHERE state = 'open' AND id = ANY (%s::uuid[]) RETURNING id::text",
        (who, list(ids)),
    )
    return [row[0] for row in rows]


def set_digests(conn: Connection[Any], digests: Mapping[UUID, int]) -> None:
    """Note which golden documents were handed out last; 0 = none."""
    conn.execute(
        "UPDATE person p SET golden_digest = n.digest FROM unnest(%s::uuid[], %s::bigint[]) AS n (id, digest) WHERE p.id = n.id",
        (list(digests), list(digests.values())),
    )


_ACT: Final = "id, at, kind, giver, taker, who, second, reason, sources::text, reverts, reverted_by"


def add_act(conn: Connection[Any], plan: Plan, who: str) -> int:
    """Write an act down; what it changes is added at its end."""
    given = (
        plan.kind.value, plan.giver, plan.taker, plan.approved.proposed_by if plan.approved else who, who if plan.approved else None, plan.reason,
        orjson.dumps([list(source.key) for source in plan.moving]).decode(), plan.reverts,
    )  # fmt: skip
    row = conn.execute(
        "INSERT INTO person_act (kind, giver, taker, who, second, reason, sources, reverts)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s) RETURNING id",
        given,
    ).fetchone()
    act = int(row[0]) if row else 0
    if plan.reverts is not None:
        conn.execute("UPDATE person_act SET reverted_by = %s WHERE id = %s", (act, plan.reverts))
    return act


def add_changed(conn: Connection[Any], act: int, changed: Mapping[str, Any]) -> None:
    """Add what an act changed."""
    conn.execute("UPDATE person_act SET changed = changed || %s::jsonb WHERE id = %s", (orjson.dumps(changed).decode(), act))


def acts_of(conn: Connection[Any], people: Sequence[UUID]) -> list[PersonAct]:
    """Read the acts on people, newest first."""
    query = f"SELECT {_ACT} FROM person_act WHERE giver = ANY (%(p)s) OR taker = ANY (%(p)s) ORDER BY id DESC"  # noqa: S608  our own list
    rows = conn.execute(query, {"p": list(people)})
    return [_act(row) for row in rows]


def act(conn: Connection[Any], id_: int) -> PersonAct | None:
    """Read one act."""
    row = conn.execute(f"SELECT {_ACT} FROM person_act WHERE id = %s", (id_,)).fetchone()  # noqa: S608  our own list
    return _act(row) if row else None


def changed_by(conn: Connection[Any], id_: int) -> dict[str, Any]:
    """Read what an act changed."""
    row = conn.execute("SELECT changed::text FROM person_act WHERE id = %s", (id_,)).fetchone()
    return dict(orjson.loads(row[0])) if row else {}


def _act(row: tuple[Any, ...]) -> PersonAct:
    id_, at, kind, giver, taker, who, second, reason, sources, reverts, reverted_by = row
    keys = tuple((facility, local_id, variant) for facility, local_id, variant in orjson.loads(sources))
    return PersonAct(id_, at, ActKind(kind), giver, taker, who, second, reason, keys, reverts, reverted_by)


_SOURCES_NOW: Final = """
SELECT md5(coalesce(string_agg(one, E'\\n' ORDER BY one), '')) FROM (
    SELECT concat_ws('|', s.facility, s.local_id, s.variant, s.person_id, s.sent, s.kept, s.withdrawn) AS one
      FROM person_source s WHERE s.person_id = ANY (%(people)s)
    UNION ALL
    SELECT concat_ws('|', i.facility, i.local_id, i.variant, i.type, i.value, i.first_seen, i.last_seen, i.valid_from, i.valid_to, i.registered_at)
      FROM person_source s JOIN identifier i USING (facility, local_id, variant) WHERE s.person_id = ANY (%(people)s)) said
"""
_OWNERS_NOW: Final = """
SELECT md5(coalesce(string_agg(concat_ws('|', type, value, person_id, sequence, claimed), E'\\n' ORDER BY type, value, person_id), ''))
  FROM identifier_owner WHERE person_id = ANY (%(people)s)
"""


def standing(conn: Connection[Any], people: Sequence[UUID]) -> dict[str, str]:
    """Take the marks of what stands of people now, by reason of specs/identity/merging.toml: an undo compares them."""
    marks = {}
    for reason, statement in (("sources", _SOURCES_NOW), ("owners", _OWNERS_NOW)):
        row = conn.execute(statement, {"people": list(people)}).fetchone()
        marks[reason] = str(row[0]) if row else ""
    return marks
