"""The whole province at once: weights learned from its own descriptions, proposals of merges and splits; nothing changes by itself."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit.clock import now
from yba.kit.errors import Conflict, Invalid
from yba.kit.settings import VAR
from yba.specs.identity.matching import releases, write_release

from . import store
from .likeness import LIKELY
from .matching import Features, Model, batch, current, level_column, link, own_releases, training
from .matching.engine import connect
from .state import Review

# ruff: noqa: S608  # statements are written from checked specs; no value of a user is in their text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb
    from psycopg import Connection

    from yba.kit.actor import Actor

SPLIT: Final = "likely-split"  # the kind of doubt: specs/identity/reviews.toml
_COLUMNS: Final = ", ".join(Features._fields)
_LEAST: Final = 20  # people who share a value before it may stand in a release
_ENOUGH: Final = 2_000  # descriptions below which nothing is learned
_AT_ONCE: Final = 1_000  # proposals opened in one statement
_MEMORY: Final = "3GB"


@dataclass(frozen=True, slots=True)
class Relinked:
    """What a run proposed: descriptions and people looked at, merges and splits seen, how many of them were not known before, the release."""

    descriptions: int
    people: int
    merges: int
    splits: int
    opened: int
    release: str


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training made: the release, from how many descriptions, how many pairs of one human it expects in them."""

    release: str
    descriptions: int
    matches: int
    path: Path


def train(conn: Connection[Any], *, by: Actor, name: str = "", use: bool = False) -> Trained:
    """Learn a release of weights from the descriptions of this installation; ``use`` makes it the one in force.

    Only values that twenty people share stand in it. Raises Denied, Invalid when there are too few descriptions, Conflict when the name is taken.
    """
    access.require(by, Right.IDENTITY_PERSON_RESOLVE)
    name = name or f"{now():%Y-%m-%d}"
    if name in releases() or name in releases(own_releases()):
        raise Conflict(f"Đã có bộ trọng số {name}.", advice="Một bộ đã ban hành không sửa; hãy đặt tên khác.")
    with _engine(conn) as (engine, count):
        if count < _ENOUGH:
            raise Invalid(f"Mới có {count} mô tả; cần ít nhất {_ENOUGH} để học trọng số.")
        model = current()
        batch.own_rarities(engine, model)
        batch.block(engine, model.set)
        batch.compare(engine, model.set)
        learned = training.learn(engine, model, name)
        batch.judge(engine, learned.model)
        made = training.publishable(engine, link.decide_precisely(engine, learned.model), least=_LEAST).release
    path = write_release(own_releases(), replace(made, trained=f"EM, {count} descriptions, {learned.rounds} rounds, {now():%Y-%m-%d}"))
    if use:
        (own_releases() / "current").write_text(name, "utf-8")
    audit.note(conn, by=by, tag=Tag.WEIGHTS_TRAIN, about_type="MatchingRelease", about_id=name, detail={"descriptions": count, "use": use})
    return Trained(name, count, round(learned.matches), path)


def relink(conn: Connection[Any], *, by: Actor) -> Relinked:
    """Compare all descriptions with one another under the release in force and open a doubt for each likely merge or split; twice is once.

    A doubt that a clerk has closed stays closed. Raises Denied.
    """
    access.require(by, Right.IDENTITY_PERSON_RESOLVE)
    model = current()
    with _engine(conn) as (engine, count):
        batch.release_rarities(engine, model)
        batch.block(engine, model.set)
        batch.compare(engine, model.set)
        batch.judge(engine, model)
        engine.execute("DELETE FROM scored WHERE (SELECT person_id FROM row WHERE number = l) = (SELECT person_id FROM row WHERE number = r)")
        batch.decide(engine, model)
        merges, splits = _merges(engine, model), _splits(engine, model)
        people = engine.execute("SELECT count(DISTINCT person_id) FROM row").fetchone()
    before = _open_doubts(conn)
    for kind, found in ((LIKELY, merges), (SPLIT, splits)):
        for at in range(0, len(found), _AT_ONCE):
            store.open_reviews(conn, _reviews(conn, kind, found[at : at + _AT_ONCE]))
    opened = _open_doubts(conn) - before
    told = {"descriptions": count, "merges": len(merges), "splits": len(splits), "opened": opened}
    audit.note(conn, by=by, tag=Tag.PERSON_RELINK, about_type="MatchingRelease", about_id=model.release.name, detail=told)
    return Relinked(count, people[0] if people else 0, len(merges), len(splits), opened, model.release.name)


Proposal = tuple[tuple[UUID, ...], dict[str, Any]]


def _merges(engine: duckdb.DuckDBPyConnection, model: Model) -> list[Proposal]:
    """Pairs of people whose nearest descriptions weigh for one human; none whose descriptions a guard keeps apart."""
    apart = sum(not each.elsewhere for each in model.set.guards)  # they come first; too little known keeps nobody apart
    levels = [level_column(each.name) for each in model.set.comparisons]
    best = ", ".join(f"arg_max({column}, weight)" for column in ("decision", *levels))
    rows = engine.execute(
        f"""SELECT least(a.person_id, b.person_id), greatest(a.person_id, b.person_id), max(weight), {best}
        FROM decided d JOIN row a ON a.number = d.l JOIN row b ON b.number = d.r GROUP BY 1, 2
        HAVING max(weight) >= 0 AND count(*) FILTER (guard BETWEEN 1 AND {apart}) = 0 ORDER BY 1, 2"""
    ).fetchall()
    return [((UUID(row[0]), UUID(row[1])), _evidence(model, row[2], row[3], row[4:])) for row in rows]


def _evidence(model: Model, weight: int, zone: str, numbers: Sequence[int]) -> dict[str, Any]:
    levels = {each.name: each.levels[number].name for each, number in zip(model.set.comparisons, numbers, strict=True)}
    return {"by": "relink", "release": model.release.name, "weight": weight, "zone": zone, "levels": levels}


def _splits(engine: duckdb.DuckDBPyConnection, model: Model) -> list[Proposal]:
    """People one of whose descriptions resembles none of their others: it may be somebody else's."""
    engine.execute(
        "CREATE OR REPLACE TABLE own AS SELECT a.number AS l, b.number AS r FROM row a JOIN row b USING (person_id) WHERE a.number < b.number"
    )
    batch.compare(engine, model.set, pairs="own", into="own_compared")
    everything = replace(model, release=replace(model.release, review=-1_000_000))
    batch.judge(engine, everything, "own_compared", "own_scored")
    rows = engine.execute(
        f"""SELECT person_id, max(best), count(*) FROM (
            SELECT n.person_id, n.number, max(weight) AS best FROM
            (SELECT l AS one, weight FROM own_scored UNION ALL SELECT r, weight FROM own_scored) e
            JOIN row n ON n.number = e.one GROUP BY 1, 2) WHERE best < {model.release.review} GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    return [((UUID(person),), {"by": "relink", "release": model.release.name, "weight": best, "strangers": count}) for person, best, count in rows]


_PLACES: Final = """
SELECT n.id, s.facility, s.local_id FROM unnest(%s::uuid[]) AS n (id) CROSS JOIN LATERAL
       (SELECT facility, local_id FROM person_source p WHERE p.person_id = n.id ORDER BY sequence DESC LIMIT 1) s
"""


def _reviews(conn: Connection[Any], kind: str, found: Sequence[Proposal]) -> list[Review]:
    """Say of each proposal at which facility it arose: where the later of the two was seen last. People without a source are left out."""
    places = {row[0]: (row[1], row[2]) for row in conn.execute(_PLACES, ([person for people, _ in found for person in people],))}
    return [
        Review(kind, people, *places[people[-1]], {**evidence, "sequence": 0})
        for people, evidence in found
        if all(person in places for person in people)
    ]


def _open_doubts(conn: Connection[Any]) -> int:
    row = conn.execute("SELECT count(*) FROM review_item WHERE kind IN (%s, %s)", (LIKELY, SPLIT)).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _engine(conn: Connection[Any]) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
    """Give an engine with the descriptions in its table ``feature``; the copies on disk are ours alone (0700) and gone afterwards."""
    home = VAR() / "identity"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=home, prefix="relink-") as folder:
        path = Path(folder) / "rows.csv"
        _copy_out(conn, path)
        with connect(str(Path(folder) / "work.duckdb"), memory=_MEMORY) as engine:
            kinds = {"number": "BIGINT", "person_id": "VARCHAR"} | {name: _type(name) for name in Features._fields}
            columns = ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items())
            form = "auto_detect=false, header=false, delim=',', quote='\"', escape='\"', nullstr='', allow_quoted_nulls=false"
            engine.execute(f"CREATE TABLE feature AS SELECT * FROM read_csv($1, columns={{{columns}}}, {form})", [str(path)])
            path.unlink()
            count = engine.execute("SELECT count(*) FROM feature").fetchone()
            yield engine, count[0] if count else 0


def _copy_out(conn: Connection[Any], path: Path) -> None:
    """Write the descriptions as CSV; quoted is said, unquoted nothing is NULL."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    query = f"COPY (SELECT id, person_id, {_COLUMNS} FROM match_row ORDER BY id) TO STDOUT (FORMAT csv, FORCE_QUOTE *)"
    with os.fdopen(handle, "wb") as file, conn.cursor() as cursor, cursor.copy(query) as rows:
        for part in rows:
            file.write(part)


def _type(name: str) -> str:
    return "INT" if current().set.columns[name] == "int" else "VARCHAR"
