"""Earlier versions: one by its number, and the history of a resource, a type or the whole record, page by page."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit
from yba.access import RESOURCE, Right
from yba.audit import Tag
from yba.fhir import dates
from yba.kit import clock
from yba.kit.db import run
from yba.kit.errors import NotFound
from yba.kit.planning import kept_plan

from . import cursors, store
from .lines import columns_of
from .rest_model import HistoryPage

if TYPE_CHECKING:
    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.reach import Predicate

    from .model import Ref, StoredResource

_READ: Final = Right.RECORD_CLINICAL_READ
# How far back a page of changes looks: what changed lately is found by its block (BRIN). A little first, since all that is found is sorted: an
# hour of loading is a whole record; then more and more, everything at last. A look costs little more than what it finds: the plan is kept.
_FIRST: Final = timedelta(seconds=4)
_WIDER: Final = 4
_WIDEST: Final = timedelta(days=1000)
_ZONES: Final = timedelta(days=1)  # a moment said in any zone has a moment so long before it, or none is asked for


def version(conn: Connection[Any], *, by: Actor, rtype: str, id: str, version: int) -> StoredResource | None:  # noqa: A002  FHIR's word
    """Return one version of a resource, a tombstone too (`deleted`); None = there is none, or the actor may not see the resource as it is now."""
    seen = access.predicate(conn, by=by, right=_READ)
    now = store.get(conn, seen, rtype, id)
    if now is None:
        return None
    found = now if now.version == version else store.rest_history.version(conn, seen, rtype, id, version)
    if found is not None:
        _noted(conn, by, Tag.RESOURCE_READ, found)
    return found


def history_of(
    conn: Connection[Any],
    *,
    by: Actor,
    rtype: str | None = None,
    id: str | None = None,  # noqa: A002  FHIR's word
    since: datetime | None = None,
    at: tuple[datetime, datetime] | None = None,
    count: int = 100,
    cursor: str | None = None,
) -> HistoryPage:
    """Return one page of versions, newest first: of a resource (``rtype`` and ``id``), a type, or the whole record (neither).

    ``since``: written at or after; ``at``: current at some time between two moments. A version is shown only to who may see the resource as
    it is now. Raises NotFound for a resource out of reach, BadCursor, Denied.
    """
    question = f"history/{rtype}/{id}/{since}/{at}"
    place = cursors.read(by, question, cursor) if cursor else None
    seen = access.predicate(conn, by=by, right=_READ)
    if id is not None and rtype is not None:
        return _of_one(conn, by, seen, (rtype, id), _Asked(question, since, at, count, place))
    rows = _of_many(conn, by, seen, rtype, since, at, place, count + 1)
    audit.note(conn, by=by, tag=Tag.HISTORY_READ, about_type=rtype or "Resource", about_id="", detail={"rows": len(rows)}, under=_READ.value)
    more = len(rows) > count
    rows = rows[:count]
    return HistoryPage(rows, cursors.written(by, question, _place(rows[-1])) if more and rows else None, None)


class _Asked(NamedTuple):
    question: str
    since: datetime | None
    at: tuple[datetime, datetime] | None
    most: int
    place: dict[str, Any] | None


def _of_one(conn: Connection[Any], by: Actor, seen: Predicate, ref: Ref, asked: _Asked) -> HistoryPage:
    """Numbers and moments of all versions say which are on the page; documents are read of the page alone."""
    now = store.get(conn, seen, *ref)
    if now is None:
        raise NotFound(f"Không có {ref[0]}/{ref[1]}.", advice="There is no such resource, or it is out of your reach.")
    _noted(conn, by, Tag.HISTORY_READ, now)
    reading = partial(run, conn)
    told = [(now.version, now.updated), *store.rest_history.versions(reading, seen, *ref, before=now.version)]
    found = _between(told, asked.since, asked.at)
    left = [number for number in found if asked.place is None or number < asked.place["version"]]
    page = left[: asked.most]
    rows = [now] if now.version in page else []
    rows += store.rest_history.these(reading, seen, *ref, [number for number in page if number != now.version])
    following = cursors.written(by, asked.question, _place(rows[-1])) if len(left) > len(page) and rows else None
    return HistoryPage(rows, following, len(found))


def _between(told: list[tuple[int, datetime]], since: datetime | None, at: tuple[datetime, datetime] | None) -> list[int]:
    """Keep of all versions, newest first, the numbers of those written since, and those current at some time between."""
    kept = []
    superseded: datetime | None = None
    for number, updated in told:
        was_current = at is None or (updated <= at[1] and (superseded is None or superseded > at[0]))
        if was_current and (since is None or updated >= since):
            kept.append(number)
        superseded = updated
    return kept


def _of_many(
    conn: Connection[Any], by: Actor, seen: Predicate, rtype: str | None, since: datetime | None, at: tuple[datetime, datetime] | None,
    place: dict[str, Any] | None, limit: int,
) -> list[StoredResource]:  # fmt: skip
    now = access.predicate(conn, by=by, right=_READ, columns=RESOURCE.of("now"))
    keys: dict[str, Any] | None = None
    begin = at[1] if at else clock.now()
    if place is not None:
        begin = datetime.fromisoformat(place["updated"])
        keys = {"at": begin, "at_rtype": place["rtype"], "at_id": place["key"], "at_version": place["version"]}
    window = _FIRST
    with kept_plan(conn):  # 27 partitions twice over are planned for longer than a window of changes is read
        while True:
            floor = None if window > _WIDEST or begin - dates.EARLIEST < window + _ZONES else begin - window
            last = floor is None or (since is not None and floor <= since)
            bound = since if last else floor
            rows = store.rest_history.changes(partial(run, conn), seen, now, rtype=rtype, since=bound, at=at, place=keys, limit=limit)
            if last or len(rows) == limit:
                return rows
            window *= _WIDER


def _place(last: StoredResource) -> dict[str, Any]:
    key = str(columns_of(last.id)[0])
    return {"updated": last.updated.isoformat(), "rtype": last.rtype, "key": key, "version": last.version}


def _noted(conn: Connection[Any], by: Actor, tag: Tag, found: StoredResource) -> None:
    audit.note(
        conn, by=by, tag=tag, about_type=found.rtype, about_id=found.id, person_id=found.person_id, facility=found.facility_id,
        version=str(found.version), under=_READ.value,
    )  # fmt: skip
