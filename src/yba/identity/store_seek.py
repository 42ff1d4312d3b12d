"""The one statement of the search box, put together from what was typed; private to this room."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson
from psycopg import sql

from yba import access

from . import store_read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

PERSON: Final = access.Columns(facility=None, labels=None, rtype=None, at=store_read.A_SOURCE, alias="f")
_NEAR: Final = 300  # rows of one beginning of a name that are looked at in the own communes
_FAR: Final = 300  # and in the whole province
_MOST: Final = 20_000  # of a very common given name: whoever is behind them is found by the whole name, a number, or in the own communes
# Every branch is an index probe or a bounded range of one. Only what is leakproof may use an index below a policy: equality and the order of
# texts are, LIKE is not, so beginnings are ranges; their order makes the planner stop at the LIMIT instead of reading a whole range.
_BRANCH: Final = {
    "number": """SELECT o.person_id, 'number' AS why, 0 AS rank FROM json_array_elements(%(keys)s::json) k
        CROSS JOIN LATERAL (SELECT person_id FROM identifier_owner i WHERE i.type = k ->> 0 AND i.value = k ->> 1 OFFSET 0) o""",
    "health": """SELECT person_now(h.person_id), 'number', 0 FROM health_identifier h WHERE h.value = %(value)s
        UNION ALL SELECT person_now(t.person_id), 'number', 0 FROM temporary_identifier t WHERE t.code = %(code)s AND t.person_id IS NOT NULL""",
    "local": """SELECT l.person_id, 'number', 0 FROM unnest(%(own)s::text[]) AS u (facility)
        CROSS JOIN LATERAL (
            SELECT person_id FROM person_source q WHERE q.facility = u.facility AND q.local_id = %(local)s AND NOT q.withdrawn OFFSET 0) l""",
    "phone": """SELECT m.person_id, 'phone', 1 FROM (SELECT row_id FROM match_block b WHERE b.key = %(phone_key)s LIMIT 50) k
        CROSS JOIN LATERAL (SELECT person_id FROM match_row r WHERE r.id = k.row_id AND r.phone = %(phone)s OFFSET 0) m""",
    "household": """SELECT m.person_id, 'household', 1 FROM unnest(%(communes)s::text[]) AS u (commune)
        CROSS JOIN LATERAL (SELECT id FROM household h WHERE h.commune = u.commune AND h.book = %(book)s AND h.until IS NULL OFFSET 0) h
        CROSS JOIN LATERAL (SELECT person_id FROM household_member q WHERE q.household = h.id AND q.until IS NULL AND NOT q.taken_back OFFSET 0) m""",
}
# A word that begins the given name (or the words that begin the whole name), the others anywhere as beginnings of words.
_GIVEN_NEAR: Final = """SELECT r.person_id, r.name FROM unnest(%(communes)s::text[]) AS u (commune) CROSS JOIN LATERAL (
    SELECT person_id, name FROM match_row r WHERE r.commune = u.commune AND r.given COLLATE "C" >= {low} AND r.given COLLATE "C" < {high} AND {rest}
     ORDER BY r.given COLLATE "C" LIMIT {near}) r"""
_GIVEN_FAR: Final = """SELECT r.person_id, r.name FROM (
    SELECT person_id, name FROM match_row m WHERE m.given COLLATE "C" >= {low} AND m.given COLLATE "C" < {high}
     ORDER BY m.given COLLATE "C" LIMIT {most}) r WHERE {rest} LIMIT {far}"""
_WHOLE: Final = """SELECT r.person_id, r.name FROM (
    SELECT person_id, name FROM match_row r WHERE r.name COLLATE "C" >= {low} AND r.name COLLATE "C" < {high}
     ORDER BY r.name COLLATE "C" LIMIT {far}) r"""
# Who is shown is decided before anything more is read of anybody.
_SHOWN: Final = """
SELECT c.person_id, said.name, said.birth, said.sex, place.commune, c.own, c.why FROM (
    SELECT f.person_id, f.why, f.rank, EXISTS (
               SELECT FROM (SELECT facility, withdrawn FROM person_source q WHERE q.person_id = f.person_id OFFSET 0) o
                WHERE o.facility = ANY (%(own)s::text[]) AND NOT o.withdrawn) AS own
      FROM ({found}) f WHERE {seen} ORDER BY own DESC, f.rank, f.person_id LIMIT %(limit)s) c
 CROSS JOIN LATERAL (SELECT q.sent ->> 'name' AS name, q.sent ->> 'birth' AS birth, q.sent ->> 'sex' AS sex FROM person_source q
                      WHERE q.person_id = c.person_id AND NOT q.withdrawn ORDER BY q.seen_at DESC, q.facility LIMIT 1) said
  LEFT JOIN LATERAL (SELECT m.commune FROM match_row m WHERE m.person_id = c.person_id AND m.commune <> '' ORDER BY m.id DESC LIMIT 1) place ON true
 ORDER BY c.own DESC, c.rank, said.name, c.person_id
"""
_BEST: Final = """
SELECT person_id, min(why) AS why, min(rank) AS rank FROM ({hits}) AS h (person_id, why, rank)
 GROUP BY person_id ORDER BY min(rank), person_id LIMIT 400
"""


@dataclass(slots=True)
class Asked:
    """What was typed, as the branches that can find it; ``own`` facilities, ``communes`` looked at first."""

    own: list[str]
    communes: list[str]
    branches: set[str] = field(default_factory=set)
    given: dict[str, Any] = field(default_factory=dict)

    def ask(self, branch: str, **given: Any) -> None:  # noqa: ANN401  parameters of a statement
        """Add a branch with what it asks."""
        self.branches.add(branch)
        self.given |= given


def seek(conn: Connection[Any], asked: Asked, seen: Predicate, limit: int) -> list[tuple[Any, ...]]:
    """Run the statement: (person, name, birth, sex, commune, own, why), own people first, then the nearest finding."""
    given: dict[str, Any] = {"own": asked.own, "communes": asked.communes, "limit": limit, **asked.given}
    parts: list[sql.Composable] = [sql.SQL(_BRANCH[one]) for one in sorted(asked.branches & _BRANCH.keys())]
    if "name" in asked.branches:
        parts += _named(asked.given["words"], given)
    if "keys" in given:
        given["keys"] = orjson.dumps(given["keys"]).decode()
    hits = sql.SQL(" UNION ALL ").join(parts)
    found = sql.SQL(_BEST).format(hits=hits)
    text = sql.SQL(_SHOWN).format(found=found, seen=seen.sql)
    given.pop("words", None)
    return conn.execute(text, {**given, **seen.params}).fetchall()


def _named(words: Sequence[Sequence[str]], given: dict[str, Any]) -> list[sql.Composed]:
    parts = []
    for at, spellings in enumerate(words):
        if max(map(len, spellings), default=0) < 2:  # noqa: PLR2004  one letter begins too many names
            continue
        rest = _others(words, at, given)
        for number, spelling in enumerate(spellings):
            low, high = f"low{at}_{number}", f"high{at}_{number}"
            given |= {low: spelling, high: after(spelling)}
            last = 2 if at == len(words) - 1 else 3  # the given name is said last
            parts += [_part(_GIVEN_NEAR, low, high, rest, last), _part(_GIVEN_FAR, low, high, rest, last + 2)]
    for number, whole in enumerate({" ".join(word[0] for word in words), " ".join(word[-1] for word in words)} if len(words) > 1 else ()):
        given |= {f"whole{number}": whole, f"end{number}": after(whole)}
        parts.append(_part(_WHOLE, f"whole{number}", f"end{number}", sql.SQL("true"), 1))
    return parts


def _part(text: str, low: str, high: str, rest: sql.Composable, rank: int) -> sql.Composed:
    inner = sql.SQL(text).format(
        low=sql.Placeholder(low), high=sql.Placeholder(high), rest=rest, near=sql.Literal(_NEAR), far=sql.Literal(_FAR), most=sql.Literal(_MOST)
    )  # fmt: skip
    return sql.SQL("SELECT n.person_id, 'name', {} FROM ({}) n").format(sql.Literal(rank), inner)


def _others(words: Sequence[Sequence[str]], but: int, given: dict[str, Any]) -> sql.Composable:
    tests = []
    for at, spellings in enumerate(words):
        if at != but:
            given[f"word{at}"] = [f"% {one}%" for one in spellings]
            tests.append(sql.SQL("' ' || r.name LIKE ANY ({}::text[])").format(sql.Placeholder(f"word{at}")))
    return sql.SQL(" AND ").join(tests) if tests else sql.SQL("true")


def after(text: str) -> str:
    """Return the first text that does not begin so, in the order of bytes."""
    return text[:-1] + chr(ord(text[-1]) + 1)


_PHONES: Final = """
SELECT DISTINCT ON (f.person_id) f.person_id, m.phone FROM unnest(%(people)s::uuid[]) AS f (person_id)
  JOIN match_row m ON m.person_id = f.person_id AND m.phone <> '' WHERE {seen} ORDER BY f.person_id, m.id DESC
"""
_THESE: Final = "SELECT i.id AS person_id, 'id' AS why, 0 AS rank FROM unnest(%(people)s::uuid[]) AS i (id)"


def phones(conn: Connection[Any], ids: Sequence[UUID], seen: Predicate) -> list[tuple[Any, ...]]:
    """Read (person, phone) of these people: the number that was said last."""
    return conn.execute(sql.SQL(_PHONES).format(seen=seen.sql), {"people": list(ids), **seen.params}).fetchall()


def people(conn: Connection[Any], ids: Sequence[UUID], own: Sequence[str], seen: Predicate) -> list[tuple[Any, ...]]:
    """Read what is shown of these people."""
    given = {"people": list(ids), "own": list(own), "limit": len(ids), **seen.params}
    return conn.execute(seen.into(_SHOWN, found=_THESE), given, prepare=True).fetchall()
