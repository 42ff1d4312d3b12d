"""Searching: candidates by the index, the rest judged one by one, ordered, counted, cut into pages of one moment, with what comes along."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from yba import audit
from yba.audit import Tag
from yba.fhir import match
from yba.fhir import query as fq
from yba.record import cursors, store
from yba.record.lines import columns_of
from yba.record.rest_model import Found

from . import places
from .asking import Asking, too_costly
from .including import included
from .narrowing import narrow
from .rewriting import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.record.model import StoredResource

    from .narrowing import Narrow

_LONGEST: Final = timedelta(minutes=10)  # what a transaction can last: what changed before that is in every snapshot
_CHAIN: Final = 2_000  # resources that one step of a chain may lead over


@dataclass(slots=True)
class _Page:
    """Rows in order with their places, whether more follow, and how many there are where that was asked."""

    rows: list[tuple[places.Key, StoredResource]]
    more: bool
    total: int | None


@dataclass(frozen=True, slots=True)
class _Moment:
    """The snapshot a cursor holds: everything is shown as it stood then, from a place on (None: from the first)."""

    snap: str
    at: datetime
    key: places.Key | None
    rtype: str = ""  # of the row there, where several types are searched: ids are told apart by type
    also: bool = False  # what stands at the place itself comes after it: of a type that follows

    def is_after(self, key: places.Key) -> bool:
        """Whether a place comes after the one the last page ended at."""
        return self.key is None or key > self.key or (self.also and key == self.key)


def find(conn: Connection[Any], *, by: Actor, query: fq.Query, cursor: str | None = None) -> Found:
    """Return one page of what a query finds among what the actor may see, with what `_include` and `_revinclude` bring along.

    Raises TooCostly where the index does not narrow enough, BadCursor, Denied. Noted in the trail: type, parameters, number of rows.
    """
    return asked(Asking.begin(conn, by), query, cursor or query.cursor or "")


def asked(asking: Asking, query: fq.Query, cursor: str = "") -> Found:
    """Do what `find` does for a search that has begun."""
    place = cursors.read(asking.by, _question_of(query), cursor) if cursor else None
    moment = None if place is None else _moment(place)
    if moment is not None:
        asking.hold((moment.snap, moment.at))
    elif query.rtype is None:  # several statements are one search: what one sees later than another did is shown as it stood before them
        moment = _Moment(*asking.hold(store.searching.snapshot(asking.run)), None)
    types = [query.rtype] if query.rtype else list(query.types) or store.searching.types(asking.run)
    page, about = _searched(asking, query, types, moment)
    rows = [row for _, row in page.rows]
    following = None
    if page.more and rows:
        following = _place_after(asking.by, query, asking.snapshot or store.searching.snapshot(asking.run), page.rows[-1])
    along = included(asking, query, rows)
    masked = about is not None and asking.is_masked(about)
    if not asking.noted:
        _noted(asking, query, about, len(rows) + len(along))
    return Found(rows, along, page.total, following, masked)


def _moment(place: dict[str, Any]) -> _Moment:
    return _Moment(place["snap"], datetime.fromisoformat(place["moment"]), places.read(place["key"]), place.get("rtype", ""))


def _question_of(query: fq.Query) -> str:
    """What a cursor is good for."""
    return str(query.pairs(cursor=""))


def _place_after(by: Actor, query: fq.Query, snapshot: tuple[str, datetime], last: tuple[places.Key, StoredResource]) -> str:
    """Write where a page ended, and what its search saw."""
    place: dict[str, Any] = {"snap": snapshot[0], "moment": snapshot[1].isoformat(), "key": places.written(last[0])}
    if query.rtype is None:
        place["rtype"] = last[1].rtype
    return cursors.written(by, _question_of(query), place)


def _parameters_of(query: fq.Query) -> list[str]:
    """Name the parameters of a question, as the trail tells them."""
    return sorted({name for name, _ in query.pairs(cursor="") if name != "_filter"})


def _searched(asking: Asking, query: fq.Query, types: Sequence[str], moment: _Moment | None) -> tuple[_Page, UUID | None]:
    """Search each type; of several types the pages are merged."""
    wants_total = query.total in {"accurate", "estimate"} or query.page == 0
    about: UUID | None = None
    pages = []
    for rtype in types:
        criteria = [plain(asking, rtype, one, _STEPS) for one in query.criteria]
        made = narrow(asking, rtype, criteria)
        about = _one_of(made) or about
        own = replace(moment, also=rtype > moment.rtype) if moment is not None and moment.rtype else moment
        pages.append(_of_type(asking, rtype, made, query, own, wants_total=wants_total))
    if len(pages) == 1:
        return pages[0], about
    merged = sorted((one for page in pages for one in page.rows), key=lambda one: (one[0], one[1].rtype))
    more = len(merged) > query.page or any(page.more for page in pages)
    total = sum(page.total or 0 for page in pages) if wants_total else None
    return _Page(merged[: query.page], more, total), about


def _of_type(asking: Asking, rtype: str, made: Narrow, query: fq.Query, moment: _Moment | None, *, wants_total: bool) -> _Page:
    """One type's page: by SQL alone where it can say all, else judged one by one."""
    if made.nothing:
        return _Page([], more=False, total=0 if wants_total else None)
    if moment is None and asking.held and asking.snapshot is not None:  # by a step of a chain
        moment = _Moment(*asking.snapshot, None)
    order = places.in_sql(rtype, query.sort)
    exact = not made.rest and not made.shared and order is not None
    if exact and moment is None and query.rtype is not None:
        page = _by_sql(asking, rtype, made, query, order or "", wants_total=wants_total)
        if asking.noted or places.says_all(rtype, query.sort, [row for _, row in page.rows]):
            return page
    if exact and moment is not None and (condition := _condition(rtype, query, moment)) is not None:
        return _next_by_sql(asking, rtype, made, query, moment, condition, wants_total=wants_total)
    found = _judged(asking, rtype, made, moment)
    ordered = sorted(((places.key_of(rtype, row, query.sort), row) for row in found), key=lambda one: one[0])
    total = len(ordered) if wants_total else None
    if moment is not None:
        ordered = [one for one in ordered if moment.is_after(one[0])]
    return _Page(ordered[: query.page], len(ordered) > query.page, total)


def _condition(rtype: str, query: fq.Query, moment: _Moment) -> tuple[str, dict[str, Any]] | None:
    """Say in SQL what comes after the place; None: only `match` can say. Of several types the first page is as of a moment too, and has no place."""
    if moment.key is not None:
        return places.after(rtype, query.sort, moment.key, also=moment.also)
    return ("true", {}) if query.rtype is None and not query.sort else None


def _by_sql(asking: Asking, rtype: str, made: Narrow, query: fq.Query, order: str, *, wants_total: bool) -> _Page:
    seen = _seen(asking, made)
    if query.page == 0:
        return _Page([], more=False, total=store.searching.count(asking.run, seen, rtype, made.conditions, made.given))
    noting = _noting(asking, rtype, made, query)
    besides = store.searching.Besides(wants_total, _labelled(asking, made), noting, places.said_by(rtype, query.sort), made.few)
    cut = store.searching.candidates(
        asking.run, seen, rtype, made.conditions, made.given, order=order, limit=query.page + 1, besides=besides
    )  # fmt: skip
    asking.noted = noting is not None
    rows = asking.rows(cut, _one_of(made))
    more, page = len(rows) > query.page, rows[: query.page]
    keyed: list[tuple[places.Key, StoredResource]] = [((), row) for row in page]
    if more:  # of one type's page only the last place is asked for
        keyed[-1] = (places.key_of(rtype, page[-1], query.sort), page[-1])
    return _Page(keyed, more, cut.total if wants_total else None)


def _next_by_sql(
    asking: Asking, rtype: str, made: Narrow, query: fq.Query, moment: _Moment, condition: tuple[str, dict[str, Any]], *, wants_total: bool
) -> _Page:
    """A following page of an order that SQL has: rows unchanged since, and of those that changed what stood then."""
    seen = _seen(asking, made)
    stood = _stood(asking, rtype, made, moment)
    text, place = condition
    given = {**made.given, **place, "stood": [key for key, _ in stood], "moment": moment.at}
    conditions = [*made.conditions, text, "id <> ALL (%(stood)s::uuid[])", "(updated <= %(moment)s OR version > 1)"]
    rows = store.searching.candidates(
        asking.run, seen, rtype, conditions, given, order=places.in_sql(rtype, query.sort) or "", limit=query.page + 1
    ).rows  # fmt: skip
    judge = _judge(asking, rtype, made, whole=True)
    before = [row for _, row in stood if _was_there(row, moment) and judge(row)]
    keyed = sorted(_keyed(rtype, query.sort, [*rows, *before]), key=lambda one: one[0])
    keyed = [one for one in keyed if moment.is_after(one[0])]
    total = store.searching.count(asking.run, seen, rtype, made.conditions, made.given) if wants_total else None
    return _Page(keyed[: query.page], len(keyed) > query.page, total)


def _judged(asking: Asking, rtype: str, made: Narrow, moment: _Moment | None) -> list[StoredResource]:
    """All resources of a type that meet the criteria, as they stood at a moment."""
    seen = _seen(asking, made)
    if made.shared and not asking.held:  # what stands there from elsewhere comes by statements of its own
        moment = _Moment(*asking.hold(store.searching.snapshot(asking.run)), None)
    rows = asking.rows(
        store.searching.candidates(
            asking.run, seen, rtype, made.conditions, made.given, order=places.BY_PERSON, limit=asking.left + 1,
            besides=store.searching.Besides(labelled=_labelled(asking, made)),
        ),
        _one_of(made),
    )  # fmt: skip
    asking.spend(len(rows))
    if made.shared and made.about:
        rows += store.searching.of_others(asking.run, asking.seen(), rtype, store.searching.shared(asking.run, made.about, rtype))
    judge = _judge(asking, rtype, made, whole=made.shared)
    found = [row for row in rows if judge(row)]
    if moment is None:
        return found
    stood = dict(_stood(asking, rtype, made, moment))
    whole = _judge(asking, rtype, made, whole=True)
    kept = [row for row in found if _key(row) not in stood and (row.updated <= moment.at or row.version > 1)]
    return kept + [row for row in stood.values() if _was_there(row, moment) and whole(row)]


def _was_there(row: StoredResource, moment: _Moment) -> bool:
    """Whether what stood then was a living resource: one made and changed since has a first version that nobody saw."""
    return not row.deleted and not (row.version == 1 and row.updated > moment.at)


def _stood(asking: Asking, rtype: str, made: Narrow, moment: _Moment) -> list[tuple[UUID, StoredResource]]:
    rows = store.searching.stood(
        asking.run, _seen(asking, made), rtype, made.people, snap=moment.snap, floor=moment.at - _LONGEST, limit=asking.left + 1
    )
    asking.spend(len(rows))
    return [(_key(row), row) for row in rows]


def _key(row: StoredResource) -> UUID:
    return columns_of(row.id)[0]


def _seen(asking: Asking, made: Narrow) -> Any:  # noqa: ANN401  a Predicate
    return asking.seen(_one_of(made))


def _labelled(asking: Asking, made: Narrow) -> UUID | None:
    """The one person asked about, where the statement itself can say that nothing is masked."""
    one = _one_of(made)
    return one if one and one not in asking.masked and asking.by.standing else None


def _one_of(made: Narrow) -> UUID | None:
    return made.about[0] if made.about and len(made.about) == 1 else None


def _judge(asking: Asking, rtype: str, made: Narrow, *, whole: bool) -> Any:  # noqa: ANN401  a function of a row
    """What judges a row: by what the index did not say, or (rows that did not come by it) by everything."""
    criteria = made.all if whole else made.rest
    if not criteria:
        return lambda _: True
    judges = [match.compile(one, rtype, asking.world()) for one in criteria]
    return lambda row: all(judge(row.doc) for judge in judges)


def _keyed(rtype: str, sort: Sequence[fq.Sort], rows: Sequence[StoredResource]) -> list[tuple[places.Key, StoredResource]]:
    return [(places.key_of(rtype, row, sort), row) for row in rows]


class _Steps:
    """Steps of chains: what they lead over is bounded, and its bound counts for the search."""

    def every(self, asking: Asking, rtype: str, criteria: Sequence[fq.Criterion]) -> list[StoredResource]:
        """All resources of a type that meet criteria."""
        return self._every(asking, rtype, self._narrow(asking, rtype, criteria))

    def ids(self, asking: Asking, rtype: str, criteria: Sequence[fq.Criterion]) -> list[str]:
        """Their ids alone: no document is read where the index says all."""
        made = self._narrow(asking, rtype, criteria)
        if made.nothing or made.rest or made.shared:
            return [one.id for one in self._every(asking, rtype, made)]
        most = min(asking.left, _CHAIN)
        found = store.leading.step(asking.run, _seen(asking, made), rtype, made.conditions, made.given, limit=most + 1)
        if len(found) > most:
            raise too_costly()
        asking.spend(len(found))
        if rtype == "Patient":
            asking.people |= {one.id: one for one in found}
        return [one.id for one in found]

    def _narrow(self, asking: Asking, rtype: str, criteria: Sequence[fq.Criterion]) -> Narrow:
        return narrow(asking, rtype, [plain(asking, rtype, one, self) for one in criteria])

    def _every(self, asking: Asking, rtype: str, made: Narrow) -> list[StoredResource]:
        if made.nothing:
            return []
        whole, asking.left = asking.left, min(asking.left, _CHAIN)
        found = _judged(asking, rtype, made, None)
        asking.left = whole - (min(whole, _CHAIN) - asking.left)
        return found


_STEPS: Final = _Steps()


def _noting(asking: Asking, rtype: str, made: Narrow, query: fq.Query) -> audit.Noting | None:
    """What notes a page within the statement that finds it: where that is a message of its own and nothing comes along."""
    if asking.unit is not None or query.includes or query.revincludes:
        return None
    return audit.noting_page(
        by=asking.by, tag=Tag.RESOURCE_SEARCH, under=asking.right.value, about=rtype, most=query.page, parameters=_parameters_of(query),
        person=_one_of(made),
    )  # fmt: skip


def _noted(asking: Asking, query: fq.Query, about: UUID | None, rows: int) -> None:
    told = {"rows": rows, "parameters": _parameters_of(query)}
    asking.note(about_type=query.rtype or "Resource", person_id=about, detail=told)
