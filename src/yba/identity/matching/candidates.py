"""Whom a description may belong to: one round trip for a batch, over bounded blocks; and the rows that are asked."""

# ruff: noqa: S608  # statements are written from checked specs and names of our own tables; no value of a user is in their text

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from yba.kit.db import arrived, behind, run
from yba.kit.prepared import Ask

from .features import Features, digest
from .sql import Dialect, level_column, score_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.db import Coming
    from yba.kit.prepared import Value

    from .model import Model

MOST: Final = 20  # candidates of one description
_WEIGHTIEST: Final = 3000  # beyond 30 bits nothing is more certain
_TYPES: Final = {"year": "int", "month": "int", "day": "int"}
_COLUMNS: Final = ", ".join(Features._fields)
_ROW: Final = ", ".join(f"{column} {_TYPES.get(column, 'text')}" for column in Features._fields)


_COARSE: Final = ("ordinals", "keys", "caps")
_FINE: Final = ("fine_ordinals", "fine_keys", "fine_caps", "unless", "nor")
_BESIDE: Final = ("later", "earlier")


class Asked(NamedTuple):
    """One description of a batch. ``wants`` False: it only stands there for the later ones to find. ``but``: a person who is not looked for."""

    row: Features
    wants: bool = True
    but: UUID | None = None


class Scored(NamedTuple):
    """One candidate: a person, or the place in the batch of an earlier description (then ``person_id`` is None).

    ``levels`` holds the number of each comparison's level in the order of the set; ``guard`` the number of the guard that held, 0 none.
    """

    person_id: UUID | None
    earlier: int | None
    weight: int
    zone: str
    guard: int
    levels: tuple[int, ...]
    row: Features


# LATERAL with LIMIT keeps every look-up an index probe. A key with more rows than its cap is left to finer blocks, which are asked only then:
# what agrees in more columns is among what agrees in fewer.
_SQL: Final = """
WITH asked AS MATERIALIZED (SELECT * FROM json_to_recordset(%(asked)s::json) AS a (ordinal int, but uuid, {row}, {tf})),
coarse AS MATERIALIZED (
    SELECT k.place, k.ordinal, k.cap, b.row_id FROM unnest(%(ordinals)s::int[], %(keys)s::bigint[], %(caps)s::int[])
      WITH ORDINALITY AS k (ordinal, key, cap, place)
     CROSS JOIN LATERAL (SELECT m.row_id FROM match_block m WHERE m.key = k.key LIMIT k.cap + 1) b),
full_ AS MATERIALIZED (SELECT place FROM coarse GROUP BY place, cap HAVING count(*) > cap),
fine AS MATERIALIZED (
    SELECT k.place, k.ordinal, k.cap, b.row_id
      FROM unnest(%(fine_ordinals)s::int[], %(fine_keys)s::bigint[], %(fine_caps)s::int[], %(unless)s::int[], %(nor)s::int[])
      WITH ORDINALITY AS k (ordinal, key, cap, unless, nor, place)
     CROSS JOIN LATERAL (SELECT m.row_id FROM match_block m WHERE m.key = k.key LIMIT k.cap + 1) b
     WHERE k.unless IN (SELECT place FROM full_) AND k.nor IN (SELECT place FROM full_)),
stored AS (
    SELECT ordinal, row_id FROM coarse WHERE place NOT IN (SELECT place FROM full_)
    UNION
    SELECT ordinal, row_id FROM fine WHERE place NOT IN (SELECT place FROM fine GROUP BY place, cap HAVING count(*) > cap)),
found AS (
    SELECT s.ordinal, NULL::int AS earlier, r.person_id, {columns} FROM stored s
     CROSS JOIN LATERAL (SELECT * FROM match_row q WHERE q.id = s.row_id OFFSET 0) r
    UNION ALL
    SELECT b.ordinal, b.earlier, NULL, {columns}
      FROM unnest(%(later)s::int[], %(earlier)s::int[]) AS b (ordinal, earlier) JOIN asked r ON r.ordinal = b.earlier),
scored AS ({scored}),
best AS (
    SELECT s.*, row_number() OVER (PARTITION BY s.ordinal, s.person_id, s.earlier ORDER BY s.weight DESC, s.digest) AS of_person FROM scored s),
ranked AS (
    SELECT b.*, row_number() OVER (PARTITION BY b.ordinal ORDER BY b.weight DESC, b.earlier NULLS FIRST, b.person_id) AS place
      FROM best b WHERE b.of_person = 1)
SELECT ordinal, person_id, earlier, weight, zone, guard, {levels}, {ranked} FROM ranked WHERE place <= %(most)s ORDER BY ordinal, place
"""


def candidates(conn: Connection[Any], model: Model, asked: Sequence[Asked]) -> list[list[Scored]]:
    """Return for each description the people, and the earlier descriptions of the batch, that may be the same human.

    One round trip; best first, at most 20 each, a person once with its best row; only those of zone review or link. The zone is the pair's; who
    of several is meant says `choose`.
    """
    found: list[list[Scored]] = [[] for _ in asked]
    if not asked:
        return found
    count = len(model.set.comparisons)
    for row in run(conn, Ask(_statement(model), _parameters(model, asked))):
        ordinal, person, earlier, weight, zone, guard = row[:6]
        found[ordinal].append(Scored(person, earlier, weight, zone, guard, tuple(row[6 : 6 + count]), Features(*row[6 + count :])))
    return found


_SHARED: Final = b"SELECT EXISTS (SELECT FROM match_block WHERE key = ANY (%(keys)s::bigint[]))"


def ask_shared(model: Model, row: Features) -> Ask:
    """Ask whether any description shares a block with this one: most often none does, and then it has no candidates (`is_shared`)."""
    return Ask(_SHARED, {"keys": _array(key.key for key in model.keys(row) if not key.within)})  # finer blocks hold nothing that coarser ones do not


def is_shared(conn: Connection[Any], asked: Coming) -> bool:
    """Read the answer to `ask_shared`."""
    return bool(arrived(conn, asked)[0][0])


def _statement(model: Model) -> bytes:
    text = _statements.get(model.release.name)
    if text is None or text[0] is not model:
        text = _statements[model.release.name] = (model, _written(model).encode())
    return text[1]


_statements: dict[str, tuple[Model, bytes]] = {}


def _written(model: Model) -> str:
    keep = ["l.ordinal AS ordinal", "r.person_id AS person_id", "r.earlier AS earlier", *(f"r.{column} AS {column}" for column in Features._fields)]
    pairs = "asked l JOIN found r ON r.ordinal = l.ordinal AND (l.but IS NULL OR r.person_id IS DISTINCT FROM l.but)"
    levels = ", ".join(level_column(each.name) for each in model.set.comparisons)
    return _SQL.format(
        row=_ROW,
        tf=", ".join(f"tf_{column} int" for column in model.set.tf_columns),
        columns=", ".join(f"r.{column}" for column in Features._fields),
        scored=score_sql(model, Dialect.POSTGRESQL, pairs, keep, least=str(model.release.review)),
        levels=levels,
        ranked=_COLUMNS,
    ).replace("s.weight DESC, s.digest", f"s.weight DESC, {', '.join(f's.{column}' for column in Features._fields)}")


def _parameters(model: Model, asked: Sequence[Asked]) -> dict[str, Value]:
    rows: list[dict[str, object]] = []
    coarse: list[tuple[int, int, int]] = []
    fine: list[tuple[int, int, int, int, int]] = []
    beside = _beside(model, asked)
    for ordinal, one in enumerate(asked):
        said = one.row._asdict()
        rows.append({"ordinal": ordinal, "but": one.but, **said, **model.rarities(said)})
        if not one.wants:
            continue
        keys = model.keys(one.row)
        places = {key.block: len(coarse) + at for at, key in enumerate((key for key in keys if not key.within), 1)}
        coarse += [(ordinal, key.key, key.cap) for key in keys if not key.within]
        fine += [(ordinal, key.key, key.cap, places[key.within[0]], places[key.within[-1]]) for key in keys if key.within]
    given: dict[str, Value] = {"asked": orjson.dumps(rows).decode(), "most": MOST}
    for names, columns in ((_COARSE, coarse), (_FINE, fine), (_BESIDE, beside)):
        given |= zip(names, map(_array, zip(*columns, strict=True)) if columns else ["{}"] * len(names), strict=True)
    return given


def _beside(model: Model, asked: Sequence[Asked]) -> list[tuple[int, int]]:
    """Return (place of a description that is asked about, place of an earlier one that shares a key with it)."""
    pairs: list[tuple[int, int]] = []
    there: dict[int, list[int]] = {}
    if len(asked) == 1:  # nobody stands beside it
        return pairs
    for ordinal, one in enumerate(asked):
        found: set[int] = set()
        for key in model.keys(one.row):
            earlier = there.setdefault(key.key, [])
            if one.wants and len(earlier) < key.cap:
                found.update(earlier)
            earlier.append(ordinal)
        pairs += [(ordinal, other) for other in sorted(found)]
    return pairs


def _array(numbers: Iterable[int]) -> str:
    """Write an array of numbers: many times faster than the driver does, item by item."""
    return f"{{{','.join(map(str, numbers))}}}"


class Choice(NamedTuple):
    """What a description's candidates come to: a zone, and for link and review the candidate meant."""

    zone: str
    best: Scored | None


def choose(model: Model, found: Sequence[Scored]) -> Choice:
    """Say which of the candidates, one a person, is meant: the best, and only for review where beside the others it is not certain enough."""
    if not found:
        return Choice("new", None)
    best = found[0]
    odds = [2.0 ** (min(one.weight, _WEIGHTIEST) / 100) for one in found]
    certain = odds[0] / (1 + sum(odds)) >= model.release.certain / 100
    return Choice("review" if best.zone == "link" and not certain else best.zone, best)


_REMEMBER: Final = """
WITH given AS MATERIALIZED (SELECT * FROM json_to_recordset(%(rows)s::json) AS g (place int, person_id uuid, digest bigint, {row})),
made AS (
    INSERT INTO match_row (person_id, digest, {columns}) SELECT person_id, digest, {columns} FROM given ORDER BY place
    ON CONFLICT (person_id, digest) DO NOTHING RETURNING id, person_id, digest)
INSERT INTO match_block (key, row_id)
SELECT k.key, made.id FROM made JOIN given g USING (person_id, digest)
  JOIN unnest(%(places)s::int[], %(keys)s::bigint[]) AS k (place, key) ON k.place = g.place ORDER BY k.key
"""
_REMEMBERED: Final = _REMEMBER.format(row=_ROW, columns=_COLUMNS).encode()


# The same of one description, which by far the most acts write: nothing is taken apart, joined or sorted.
_TYPED: Final = ", ".join(f"%({column})s::{_TYPES.get(column, 'text')}" for column in Features._fields)
_REMEMBERED_ONE: Final = f"""
WITH made AS (
    INSERT INTO match_row (person_id, digest, {_COLUMNS}) VALUES (%(person_id)s::uuid, %(digest)s::bigint, {_TYPED})
    ON CONFLICT (person_id, digest) DO NOTHING RETURNING id)
INSERT INTO match_block (key, row_id) SELECT k.key, made.id FROM made, unnest(%(keys)s::bigint[]) AS k (key)
""".encode()


def remember(conn: Connection[Any], model: Model, rows: Iterable[tuple[UUID, Features]]) -> None:
    """Keep descriptions of people for later candidates; one that is known of the person already is not kept twice. One round trip."""
    rows = list(dict.fromkeys(rows))
    if len(rows) == 1:
        ((person, row),) = rows
        keys_of_one = _array(sorted(each.key for each in model.keys(row)))
        behind(conn, Ask(_REMEMBERED_ONE, {"person_id": person, "digest": digest(row), **row._asdict(), "keys": keys_of_one}))
        return
    made, places, keys = [], [], []
    for place, (person, row) in enumerate(rows):
        made.append({"place": place, "person_id": person, "digest": digest(row), **row._asdict()})
        for each in model.keys(row):
            places.append(place)
            keys.append(each.key)
    if made:
        behind(conn, Ask(_REMEMBERED, {"rows": orjson.dumps(made).decode(), "places": _array(places), "keys": _array(keys)}))


_ROWS_OF: Final = f"SELECT id, person_id, {_COLUMNS} FROM match_row WHERE person_id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE"


def forget(conn: Connection[Any], model: Model, people: Sequence[UUID]) -> list[tuple[UUID, Features]]:
    """Take people's descriptions out of what is searched and return them: merge and split remember anew what each source says."""
    rows = conn.execute(_ROWS_OF, (list(people),)).fetchall()
    ids, keys = [], []
    for row in rows:
        for each in model.keys(Features(*row[2:])):
            ids.append(row[0])
            keys.append(each.key)
    conn.execute(
        "DELETE FROM match_block b USING unnest(%s::bigint[], %s::bigint[]) AS k (key, row_id) WHERE b.key = k.key AND b.row_id = k.row_id",
        (keys, ids),
    )
    conn.execute("DELETE FROM match_row WHERE id = ANY(%s::bigint[])", ([row[0] for row in rows],))
    return [(row[1], Features(*row[2:])) for row in rows]
