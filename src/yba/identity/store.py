"""The SQL of resolving: locks, one prefetch, one statement or COPY per table."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

import orjson

from yba.kit.db import ahead, arrived, behind, run
from yba.kit.few_rows import add_all
from yba.kit.holding import holding
from yba.kit.ids import derived
from yba.kit.prepared import Ask
from yba.specs.identity.desk import desk

from .state import IdFact, Owner, Person, Source, State
from .store_kin import LINK_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from psycopg import Connection

    from yba.kit.db import Coming

    from .normalise import Key
    from .state import Review, SourceKey

_IDENTIFIERS, _PEOPLE = 0x7962_01, 0x7962_02
_FEW_IDS: Final = 4  # of one claim: a statement for each number of them
_TOLD: Final = "told"  # beside the fields in the column kept
_DIED: Final = "died"  # as well
# LATERAL with OFFSET 0 keeps every look-up an index probe, whatever the statistics of a growing table say.
_NEAR: Final = b"""
WITH asked AS (SELECT a ->> 0 AS facility, a ->> 1 AS local_id FROM json_array_elements(%(places)s::json) a),
     ids AS (SELECT i ->> 0 AS type, i ->> 1 AS value FROM json_array_elements(%(ids)s::json) i)
SELECT 'place', a.facility, a.local_id, s.person_id FROM asked a CROSS JOIN LATERAL
       (SELECT person_id FROM person_source p WHERE p.facility = a.facility AND p.local_id = a.local_id OFFSET 0) s
UNION ALL
SELECT 'id', i.type, i.value, o.person_id FROM ids i CROSS JOIN LATERAL
       (SELECT person_id FROM identifier_owner p WHERE p.type = i.type AND p.value = i.value OFFSET 0) o
"""
_OWNERS: Final = """
SELECT 'o', json_build_array(o.type, o.value, o.person_id, o.sequence, o.claimed)::text
  FROM (SELECT i ->> 0 AS type, i ->> 1 AS value FROM json_array_elements(%(ids)s::json) i OFFSET 0) i CROSS JOIN LATERAL
       (SELECT * FROM identifier_owner p WHERE p.type = i.type AND p.value = i.value OFFSET 0) o
"""
_PERSONS: Final = """
SELECT 'p', json_build_array(p.id, p.golden_digest::text, held.keys)::text
  FROM unnest(%(people)s::uuid[]) AS n (id)
 CROSS JOIN LATERAL (SELECT * FROM person q WHERE q.id = n.id OFFSET 0) p
 CROSS JOIN LATERAL (SELECT json_agg(json_build_array(o.type, o.value)) FILTER (WHERE NOT o.claimed) AS keys
                       FROM identifier_owner o WHERE o.person_id = n.id OFFSET 0) held
"""
_SOURCES: Final = """
SELECT 's', json_build_array(s.facility, s.local_id, s.variant, s.person_id, s.patient_id, s.sent, s.kept,
                             extract(epoch FROM s.seen_at)::bigint, s.sequence, held.ids, s.withdrawn)::text
  FROM unnest(%(people)s::uuid[]) AS n (id)
 CROSS JOIN LATERAL (SELECT * FROM person_source q WHERE q.person_id = n.id OFFSET 0) s
 CROSS JOIN LATERAL (SELECT json_agg(json_build_array(i.type, i.value, i.first_seen, i.last_seen, i.valid_from, i.valid_to, i.registered_at)) AS ids
                       FROM identifier i WHERE i.facility = s.facility AND i.local_id = s.local_id AND i.variant = s.variant OFFSET 0) held
"""
_PREFETCH: Final = f"{_PERSONS} UNION ALL {_SOURCES} UNION ALL {_OWNERS}".encode()


class Near(NamedTuple):
    """What the numbers of a batch lead to: people, and which patient numbers and identifiers are known at all."""

    people: set[UUID]
    places: set[tuple[str, str]]
    ids: set[Key]


def ask_near(conn: Connection[Any], places: set[tuple[str, str]], ids: set[Key], *more: Ask) -> list[Coming]:
    """Lock identifiers and patient numbers and ask whom they lead to, with whatever else is asked under these locks: one message; see `near`."""
    held = holding(_IDENTIFIERS, _texts([*(("MA_BN", *place) for place in places), *ids]))
    return ahead(conn, *held, _asked_near(places, ids), *more)[len(held) :]


def _asked_near(places: set[tuple[str, str]], ids: set[Key]) -> Ask:
    if len(places) > 1 or len(ids) > _FEW_IDS:
        return Ask(_NEAR, {"places": orjson.dumps(sorted(places)).decode(), "ids": orjson.dumps(sorted(ids)).decode()})
    ((facility, local_id),) = places
    values = {f"{part}{nth}": text for nth, key in enumerate(sorted(ids)) for part, text in zip(("type", "value"), key, strict=True)}
    return Ask(_near_one(len(ids)), {"facility": facility, "local_id": local_id, **values})


@cache
def _near_one(ids: int) -> bytes:
    """The same of one claim: without what takes lists apart it costs PostgreSQL a third."""
    place = (
        "SELECT 'place', %(facility)s::text, %(local_id)s::text, person_id FROM person_source"
        " WHERE facility = %(facility)s::text AND local_id = %(local_id)s::text"
    )
    owners = [
        f"SELECT 'id', %(type{nth})s::text, %(value{nth})s::text, person_id FROM identifier_owner"  # noqa: S608  a number of ours
        f" WHERE type = %(type{nth})s::text AND value = %(value{nth})s::text"
        for nth in range(ids)
    ]
    return " UNION ALL ".join([place, *owners]).encode()


def near(conn: Connection[Any], asked: Coming) -> Near:
    """Say whom identifiers and patient numbers lead to, whatever the number of claims."""
    found = Near(set(), set(), set())
    for kind, first, second, person in arrived(conn, asked):
        found.people.add(person)
        (found.places if kind == "place" else found.ids).add((first, second))
    return found


def load(conn: Connection[Any], people: Iterable[UUID], ids: set[Key]) -> State:
    """Lock people, always in sorted order and after identifiers, and read all that a decision can depend on: two round trips."""
    state, asked = State(), sorted(people)
    if asked:
        lock_people(conn, asked)
        _fill(state, run(conn, Ask(_PREFETCH, {"ids": orjson.dumps(sorted(ids)).decode(), "people": _literal(asked)})))
    return state


def read(conn: Connection[Any], *people: UUID) -> State:
    """Read people with their sources, locking nothing."""
    state = State()
    _fill(state, conn.execute(f"{_PERSONS} UNION ALL {_SOURCES}", {"people": list(people)}).fetchall())
    return state


def lock_identifiers(conn: Connection[Any], keys: Iterable[tuple[str, ...]]) -> None:
    """Hold identifiers (type, value) and patient numbers ("MA_BN", facility, number) until the end of the transaction; before people."""
    for ask in holding(_IDENTIFIERS, _texts(keys)):
        behind(conn, ask)


def lock_people(conn: Connection[Any], people: Iterable[UUID]) -> None:
    """Hold people until the end of the transaction."""
    for ask in holding(_PEOPLE, map(str, people)):
        behind(conn, ask)


def _texts(keys: Iterable[tuple[str, ...]]) -> Iterable[str]:
    return map("\0".join, keys)


def _literal(values: Iterable[object]) -> str:
    """Write numbers or UUIDs as an array literal: many times faster than the driver does."""
    return "{" + ",".join(map(str, values)) + "}"


class _Ids(dict[str, UUID]):
    """UUIDs by their text, each made once: a person stands in many rows."""

    def __missing__(self, text: str) -> UUID:
        made = self[text] = UUID(text)
        return made


def _fill(state: State, rows: list[tuple[Any, ...]]) -> None:
    sources: list[Source] = []
    uuid = _Ids()
    for kind, text in rows:
        row = orjson.loads(text)
        if kind == "p":
            id_ = uuid[row[0]]
            state.people[id_] = Person(id_, int(row[1]), holds={(a, b) for a, b in row[2] or ()})
        elif kind == "o":
            state.owners.setdefault((row[0], row[1]), []).append(Owner(uuid[row[2]], row[3], row[4]))
        else:
            facility, local_id, variant, person, patient, sent, kept, seen, sequence, held, withdrawn = row
            ids = {(i[0], i[1]): IdFact(*i[2:]) for i in held or ()}
            told, deaths = kept.pop(_TOLD, []), kept.pop(_DIED, {})
            sources.append(
                Source((facility, local_id, variant), uuid[person], UUID(patient), sent, kept, (seen, sequence), ids, deaths, withdrawn, told)
            )
    for source in sorted(sources, key=lambda s: s.key):
        state.add(source)
    for owners in state.owners.values():
        owners.sort(key=lambda owner: (owner.claimed, owner.sequence, owner.person_id))


def save(conn: Connection[Any], state: State, *, who: str) -> None:
    """Write what a batch did: COPY (into the partitions: a policy refuses it) for what is new, one statement per table for what changed."""
    people = state.people.values()
    sources = [source for places in state.sources.values() for source in places]
    copies: list[tuple[str, tuple[str, ...], tuple[str, ...], list[tuple[Any, ...]]]] = [
        ("person_all", ("id", "golden_digest"), ("uuid", "int8"), [(p.id, p.digest) for p in people if p.fresh]),
        ("person_source_all", *_SOURCE, [_source_row(s) for s in sources if s.fresh]),
        ("identifier_all", *_IDENTIFIER, [_identifier_row(s.key, k, f) for s in sources for k, f in s.ids.items() if f.fresh]),
        ("person_link_all", *LINK_COLUMNS, list(state.links)),
        ("identifier_owner_all", *_OWNER, [(*k, o.person_id, o.sequence, o.claimed) for k, os in state.owners.items() for o in os if o.fresh]),
        (
            "person_event",
            *_EVENT,
            [(who, h.person_id, h.kind, *h.source, h.reason, orjson.dumps(h.evidence)) for h in state.happenings],
        ),
    ]
    add_all(conn, copies)
    _update(conn, people, sources)
    open_reviews(conn, state.reviews)


_SOURCE: Final = (
    ("facility", "local_id", "variant", "person_id", "patient_id", "sent", "kept", "seen_at", "sequence"),
    ("text", "text", "int2", "uuid", "uuid", "jsonb", "jsonb", "timestamptz", "int8"),
)
_IDENTIFIER: Final = (
    ("facility", "local_id", "variant", "type", "value", "first_seen", "last_seen", "valid_from", "valid_to", "registered_at"),
    ("text", "text", "int2", "text", "text", "date", "date", "text", "text", "text"),
)
_OWNER: Final = (("type", "value", "person_id", "sequence", "claimed"), ("text", "text", "uuid", "int8", "bool"))
_EVENT: Final = (
    ("who", "person_id", "kind", "facility", "local_id", "variant", "reason", "evidence"),
    ("text", "uuid", "text", "text", "text", "int2", "text", "jsonb"),
)


def _source_row(source: Source) -> tuple[Any, ...]:
    seen = datetime.fromtimestamp(source.stamp[0], UTC)
    return (*source.key, source.person_id, source.patient, orjson.dumps(source.sent), orjson.dumps(_kept(source)), seen, source.stamp[1])


def _kept(source: Source) -> dict[str, Any]:
    if not (source.told or source.deaths):
        return source.kept
    more = ((_TOLD, source.told), (_DIED, source.deaths))
    return source.kept | {name: value for name, value in more if value}


def _identifier_row(key: SourceKey, id_: Key, fact: IdFact) -> tuple[Any, ...]:
    first, last = date.fromisoformat(fact.first), date.fromisoformat(fact.last)
    return (*key, *id_, first, last, fact.valid_from, fact.valid_to, fact.registered_at)


# Rows go over as one JSON text: the driver turns lists into arrays item by item, which costs more than the update.
_TOUCH: Final = b"""
UPDATE person_source s SET seen_at = to_timestamp(n.seen), sequence = n.sequence
  FROM json_to_recordset(%(rows)s::json) AS n (facility text, local_id text, variant smallint, seen bigint, sequence bigint)
 WHERE s.facility = n.facility AND s.local_id = n.local_id AND s.variant = n.variant
"""
_CHANGE: Final = b"""
UPDATE person_source s SET seen_at = to_timestamp(n.seen), sequence = n.sequence, sent = n.sent, kept = n.kept, withdrawn = n.withdrawn
  FROM json_to_recordset(%(rows)s::json)
       AS n (facility text, local_id text, variant smallint, seen bigint, sequence bigint, sent jsonb, kept jsonb, withdrawn boolean)
 WHERE s.facility = n.facility AND s.local_id = n.local_id AND s.variant = n.variant
"""
_SEE: Final = b"""
UPDATE identifier i SET first_seen = n.first, last_seen = n.last,
       valid_from = n.valid_from, valid_to = n.valid_to, registered_at = n.registered_at
  FROM json_to_recordset(%(rows)s::json) AS n (facility text, local_id text, variant smallint, type text, value text,
       first date, last date, valid_from text, valid_to text, registered_at text)
 WHERE i.facility = n.facility AND i.local_id = n.local_id AND i.variant = n.variant AND i.type = n.type AND i.value = n.value
"""
_DIGEST: Final = (
    b"UPDATE person p SET golden_digest = n.digest FROM json_to_recordset(%(rows)s::json) AS n (id uuid, digest bigint) WHERE p.id = n.id"
)
_REVIEW: Final = """
INSERT INTO review_item (id, kind, persons, facility, local_id, evidence)
SELECT n.id, n.kind, n.persons::uuid[], n.facility, n.local_id, n.evidence::jsonb
  FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) AS n (id, kind, persons, facility, local_id, evidence)
 WHERE n.kind <> ALL (%s) OR NOT EXISTS (
       SELECT FROM review_item d WHERE d.persons @> n.persons::uuid[] AND d.persons <@ n.persons::uuid[] AND d.state = 'dismissed'
          AND d.kind = ANY (%s))
ON CONFLICT (id) DO NOTHING
"""


def _update(conn: Connection[Any], people: Iterable[Person], sources: list[Source]) -> None:
    known = [s for s in sources if not s.fresh]
    touched = [_stamped(s) for s in known if s.touched and not s.changed]
    changed = [_stamped(s) | {"sent": s.sent, "kept": _kept(s), "withdrawn": s.withdrawn} for s in known if s.changed]
    seen = [
        {
            "facility": s.key[0], "local_id": s.key[1], "variant": s.key[2], "type": k[0], "value": k[1], "first": f.first,
            "last": f.last, "valid_from": f.valid_from, "valid_to": f.valid_to, "registered_at": f.registered_at,
        }
        for s in known
        for k, f in s.ids.items()
        if f.changed and not f.fresh
    ]  # fmt: skip
    digests = [{"id": p.id, "digest": p.digest} for p in people if p.stale and not p.fresh]
    for statement, rows in ((_TOUCH, touched), (_CHANGE, changed), (_SEE, seen), (_DIGEST, digests)):
        if rows:
            behind(conn, Ask(statement, {"rows": orjson.dumps(rows).decode()}))


def _stamped(source: Source) -> dict[str, Any]:
    (facility, local_id, variant), (seen, sequence) = source.key, source.stamp
    return {"facility": facility, "local_id": local_id, "variant": variant, "seen": seen, "sequence": sequence}


def review_id(review: Review) -> UUID:
    """Return the id of a conflict: the same people and kind are one conflict, however often it is met."""
    place = (review.facility, review.local_id) if len(review.persons) == 1 else ()
    return derived("review", review.kind, *map(str, review.persons), *place)


_OF_PATIENTS: Final = "SELECT DISTINCT person_id FROM person_source WHERE patient_id = ANY(%s::uuid[]) ORDER BY 1"
_LET_GO: Final = """
DELETE FROM identifier_owner o WHERE o.person_id = ANY(%s::uuid[]) AND NOT EXISTS (
    SELECT FROM person_source s JOIN identifier i USING (facility, local_id, variant)
     WHERE s.person_id = o.person_id AND NOT s.withdrawn AND i.type = o.type AND i.value = o.value)
"""


def hold_patients(conn: Connection[Any], patients: Sequence[UUID]) -> State:
    """Read and hold the people whose source Patients these are."""
    people: list[UUID] = []
    while (now := [row[0] for row in conn.execute(_OF_PATIENTS, (list(patients),))]) != people:
        people = now
        lock_people(conn, people)  # a merge may have given them to somebody else while we waited
    return read(conn, *people) if people else State()


def let_go(conn: Connection[Any], people: Sequence[UUID]) -> None:
    """Take from people the identifiers that none of their sources tells any more."""
    conn.execute(_LET_GO, (list(people),))


def open_reviews(conn: Connection[Any], reviews: list[Review]) -> None:
    """Open conflicts that are not open (or closed) already; two of whom a clerk has said that they are two are not asked about again."""
    found = {review_id(review): review for review in reversed(reviews)}
    if not found:
        return
    rows = [
        (id_, r.kind, "{" + ",".join(map(str, r.persons)) + "}", r.facility, r.local_id, orjson.dumps(r.evidence).decode())
        for id_, r in sorted(found.items())
    ]
    same = list(desk().same_person)
    conn.execute(_REVIEW, [*(list(column) for column in zip(*rows, strict=True)), same, same])
