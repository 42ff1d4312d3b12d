"""Search parameters indexed while everybody works: built in the background by batches, kept up by a job, used as soon as they cover the past.

Nobody who writes knows of them: rows are made of what is stored, up to a moment (`covered`), and a search looks at what was written since
itself. So a build takes no lock that a writer waits for, may be killed at any time and goes on where it was.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.fhir import parameters, search
from yba.kit import clock, exact
from yba.kit.db import unit_of_work
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.kit.jobs import enqueue

from . import store
from .model import TextRow
from .rows import rows_in, rows_of, token_row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import RangeRow
    from .store.added import Added, Read

JOB: Final = "record:index:build"
_BATCH: Final = 500  # resources a transaction
_MARGIN: Final = timedelta(seconds=10)  # clocks of machines that write differ by less
_PASSES: Final = 200  # batches of one round of keeping up
_LEAVE: Final = timedelta(seconds=60)  # after that every process has heard of a removal


class Index(NamedTuple):
    """One parameter that was indexed on wish: building, ready or leaving; ``done`` of ``total`` resources; ``fills``: only what was stored before."""

    rtype: str
    param: str
    state: str
    done: int
    total: int
    fills: bool


def indexes(conn: Connection[Any], *, by: Actor) -> list[Index]:
    """List them, by type and name. Raises Denied."""
    access.require(by, Right.RECORD_INDEX_WRITE)
    return [_shown(one) for one in store.added.every(conn)]


def _shown(one: Added) -> Index:
    state = "leaving" if one.leaving else "building" if one.covered is None else "ready"
    return Index(one.rtype, one.param, state, one.done, one.total, not one.own)


def add_index(conn: Connection[Any], *, by: Actor, rtype: str, param: str) -> None:
    """Have a search parameter indexed: noted, and left to the job, which `build_index` may go along with.

    Of a parameter that search_index.toml names as text or range the rows are filled in that are missing: of what was stored before it was named.
    Raises Denied, NotFound, Invalid (a kind that cannot be, or indexed from the start), Conflict (there already).
    """
    access.require(by, Right.RECORD_INDEX_WRITE)
    kind, own = _kind(rtype, param)
    seen = access.predicate(conn, by=by, right=Right.RECORD_SOURCE_READ)
    if not store.added.add(conn, seen, rtype=rtype, param=param, kind=kind, own=own, at=clock.now()):
        raise Conflict(f"Đã có chỉ mục {rtype} {param}.", advice="It is there already: `yba record index list`.")
    enqueue(conn, JOB, only_once=f"{JOB}:{rtype}:{param}", one_at_a_time=f"{JOB}:{rtype}:{param}", rtype=rtype, param=param)
    audit.note(conn, by=by, tag=Tag.INDEX_ADD, about_type="SearchParameter", about_id=f"{rtype}-{param}")
    store.added.forget_known()


def _kind(rtype: str, param: str) -> tuple[str, bool]:
    try:
        known = parameters.parameters(rtype)[param]
    except KeyError:
        raise NotFound(f"R4 không có tham số {rtype} {param}.", advice="No such search parameter of that type.") from None
    chosen = parameters.profile(rtype)
    if known in chosen.texts:
        return "text", False
    if known in chosen.ranges:
        return "range", False
    if known in chosen.tokens or known.expression in chosen.period:
        raise Invalid(f"{rtype} {param} đã có chỉ mục từ đầu.", advice="It is indexed from the start.")
    kinds = {"string": "text", "date": "range", "number": "range", "quantity": "range", "token": "token", "reference": "token", "uri": "token"}
    if known.type not in kinds or not known.expression or param.startswith("_"):
        raise Invalid(
            f"Không lập chỉ mục được loại {known.type}.",
            advice="Special parameters are judged, not indexed; of a composite, index the parameters it is made of.",
        )
    try:
        search.of_one(rtype, param)
    except ValueError as error:
        raise Invalid(f"Không lập chỉ mục được {rtype} {param}.", advice="Its expression cannot be compiled: it is judged, not indexed.") from error
    return kinds[known.type], True


def remove_index(conn: Connection[Any], *, by: Actor, rtype: str, param: str) -> None:
    """Let searches use an index no more; its rows go a minute later, by the job. Raises Denied, NotFound."""
    access.require(by, Right.RECORD_INDEX_WRITE)
    one = store.added.hold(conn, rtype, param)
    if one is None:
        raise NotFound(f"Không có chỉ mục {rtype} {param}.")
    store.added.note(conn, replace(one, leaving=one.leaving or clock.now()))
    audit.note(conn, by=by, tag=Tag.INDEX_REMOVE, about_type="SearchParameter", about_id=f"{rtype}-{param}")
    store.added.forget_known()


def build_index(*, by: Actor, rtype: str, param: str, progress: Callable[[Index], None] | None = None) -> bool:
    """Build one, batch by batch, each in a transaction of its own, from where the last builder came to; False: it is not there any more.

    Of two builders each does every other batch. Raises Denied.
    """
    while True:
        with unit_of_work(by=by) as conn:
            one = _batch(conn, by, rtype, param)
        if one is None:
            return False
        if progress is not None:
            progress(_shown(one))
        if one.covered is not None:
            store.added.forget_known()
            return True


def _batch(conn: Connection[Any], by: Actor, rtype: str, param: str) -> Added | None:
    access.require(by, Right.RECORD_INDEX_WRITE)
    one = store.added.hold(conn, rtype, param)
    if one is None or one.leaving or one.covered is not None:
        return None if one is None or one.leaving else one
    if one.begun is None:
        one = replace(one, begun=store.added.safe(conn, clock.now()) - _MARGIN)
    seen = access.predicate(conn, by=by, right=Right.RECORD_SOURCE_READ)
    found = store.added.next_of(conn, seen, one, _BATCH)
    if found:
        store.added.write(conn, one, [(read, _rows(one, read)) for read in found])
        one = replace(one, place=found[-1].person_id, place_id=found[-1].id, done=one.done + len(found))
    if len(found) < _BATCH:
        one = replace(one, covered=one.begun, total=one.done)
    store.added.note(conn, one)
    return one


def keep_up(*, by: Actor) -> int:
    """Index what was written since, and take away what leaves; returns the resources looked at. Twice equals once. Raises Denied."""
    access.require(by, Right.RECORD_INDEX_WRITE)
    with unit_of_work(by=by) as conn:
        listed = store.added.every(conn)
    looked = 0
    for one in listed:
        if one.leaving is not None:
            _leave(by, one)
        elif one.covered is not None and one.own:
            looked += _catch_up(by, one)
    return looked


def _catch_up(by: Actor, one: Added) -> int:
    """Go through what was written since, oldest first; what comes meanwhile is the next round's."""
    looked, after, since = 0, None, one.covered
    for _ in range(_PASSES):
        with unit_of_work(by=by) as conn:
            held = store.added.hold(conn, one.rtype, one.param)
            if held is None or held.leaving or since is None:
                return looked
            bound = store.added.safe(conn, clock.now()) - _MARGIN  # before what is read
            seen = access.predicate(conn, by=by, right=Right.RECORD_SOURCE_READ)
            found = store.added.written_since(conn, seen, one.rtype, since, after, _BATCH)
            store.added.write(conn, held, [(read, _rows(one, read)) for read in found])
            since, after = (found[-1].updated, found[-1].id) if found else (since, after)
            through = len(found) < _BATCH
            covered = bound if through else min(bound, since)
            store.added.note(conn, replace(held, covered=max(covered, held.covered or covered)))
        looked += len(found)
        if through:
            break
    return looked


def _leave(by: Actor, one: Added) -> None:
    if one.leaving is None or clock.now() - one.leaving < _LEAVE:
        return
    while one.own:  # rows that writers keep stay: the file names them
        with unit_of_work(by=by) as conn:
            if not store.added.remove_rows(conn, one, _BATCH):
                break
    with unit_of_work(by=by) as conn:
        store.added.drop(conn, one.rtype, one.param)
    store.added.forget_known()


def _rows(one: Added, read: Read) -> Sequence[TextRow | RangeRow]:
    """Make the rows of one resource for the parameter; a tombstone has none."""
    if read.doc is None:
        return ()
    doc = exact.numbers(read.doc)
    if not one.own:
        return [row for row in rows_of(one.rtype, search.index(one.rtype, doc)) or () if _is_of(one, row)]
    made = search.of_one(one.rtype, one.param)(doc)
    return [TextRow(one.param, token_row(token)) for token in made.tokens] if one.kind == "token" else rows_in(made)


def _is_of(one: Added, row: TextRow | RangeRow) -> bool:
    return row.param == one.param or row.param in parameters.within().get(one.param, ())
