"""The whole record of a person as FHIR's $everything asks for it: what is in the compartment, and whom and what it names."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit
from yba.audit import Tag
from yba.fhir import compartment, values
from yba.kit import clock
from yba.kit.errors import NotFound
from yba.record import cursors, store
from yba.record.lines import columns_of, is_uuid
from yba.record.model import NOBODY
from yba.record.rest_model import Found

from .asking import Asking

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.prepared import Ask
    from yba.record.model import Ref, StoredResource
    from yba.record.store.read import Whole

Care = tuple["datetime | None", "datetime | None"]  # from and until, both within
_PEOPLE: Final = frozenset({"Patient", "Person", "RelatedPerson"})  # their time is a day of birth
_LASTING: Final = frozenset({"AllergyIntolerance", "Condition", "Flag", "FamilyMemberHistory"})  # theirs is when it began, or was noted
_PAGE: Final = 1_000
_PARAMETERS: Final = ["$everything"]
_REFERENCE: Final = re.compile(r'"reference":\s*"([^"]*)"')


def everything(
    conn: Connection[Any], *, by: Actor, person_id: UUID, since: datetime | None = None, types: Collection[str] | None = None,
    count: int | None = None, cursor: str | None = None, care: Care = (None, None),
) -> Found:  # fmt: skip
    """Return the living resources of a person's record, Patients first, then by type and id; ``included``: what they name outside of it.

    ``since``: changed at or after; ``types``: of these alone; ``care``: what was done, or held, at some time between two moments (both within,
    None: open), with what says no time. Pages hold the moment of the first one: what is written later is not in them.
    Raises NotFound where nothing of the person is within reach, BadCursor, Denied; noted in the trail.
    """
    return _everything(Asking.begin(conn, by), person_id, _Asked(since, types, count, cursor, care))


def everything_one(
    *, by: Actor, person_id: UUID, since: datetime | None = None, types: Collection[str] | None = None, count: int | None = None,
    cursor: str | None = None, proof: Ask | None = None, care: Care = (None, None),
) -> Found:  # fmt: skip
    """Do what `everything` does in single messages to PostgreSQL, for machines (`find_one`). Raises Unproven where that will not do."""
    return _everything(Asking.at_once(by, proof), person_id, _Asked(since, types, count, cursor, care))


class _Asked(NamedTuple):
    since: datetime | None
    types: Collection[str] | None
    most: int | None
    cursor: str | None
    care: Care

    @property
    def is_all(self) -> bool:
        """Whether it is the whole record, from its first page."""
        return self.is_whole and self.most is None and self.cursor is None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.since is None and self.types is None and self.care == (None, None)


def _everything(asking: Asking, person_id: UUID, asked: _Asked) -> Found:
    by, since, types, person = asking.by, asked.since, asked.types, person_id
    every, seen_at, labelled = _read(asking, person, asked)
    if not every and (person := access.person_now(asking.conn, by=by, person_id=person_id)) != person_id:  # an id from before a merge holds nothing
        every, seen_at, labelled = _read(asking, person, asked)
    question = f"everything/{person}/{since}/{sorted(types or ())}/{asked.care}"
    place = cursors.read(by, question, asked.cursor) if asked.cursor else None
    if not every:
        raise NotFound("Không có hồ sơ này.", advice="There is no such record, or it is out of your reach.")
    now = datetime.fromisoformat(place["moment"]) if place is not None else seen_at or clock.now()
    rows = sorted((row for row in every if _wanted(row, since, types, now) and _cared(row, asked.care)), key=_order)
    if place is not None:
        rows = [row for row in rows if _order(row) > tuple(place["key"])]
    size = asked.most or _PAGE
    page, more = rows[:size], len(rows) > size
    following = cursors.written(by, question, {"moment": now.isoformat(), "key": list(_order(page[-1]))}) if more else None
    along = _named(asking, page) if types is None else _named_of(asking, every, asked, now) if place is None else []
    masked = labelled is not False and asking.is_masked(person)
    if not asking.noted:
        asking.note(about_type="Person", about_id=str(person), person_id=person, detail={"rows": len(page), "parameters": _PARAMETERS})
    return Found(page, along, len(every) if place is None and asked.is_whole else None, following, masked)


def _read(asking: Asking, person: UUID, asked: _Asked) -> Whole:
    seen, noting = asking.seen(person), None
    if asking.unit is None and asked.is_all:
        noting = audit.noting_page(
            by=asking.by, tag=Tag.RESOURCE_SEARCH, under=asking.right.value, about="Person", about_id=str(person), most=_PAGE,
            parameters=_PARAMETERS, person=person,
        )  # fmt: skip
    found = store.whole_person(asking.run, seen, person, labelled=asking.by.standing, noting=noting)
    asking.noted = noting is not None
    return found


def _wanted(row: StoredResource, since: datetime | None, types: Collection[str] | None, now: datetime) -> bool:
    return (types is None or row.rtype in types) and (since is None or row.updated >= since) and (row.updated <= now or row.version > 1)


def _cared(row: StoredResource, care: Care) -> bool:
    """Whether a row is of a time; what says none is of every time, as people are; what began and may go on is of all time since."""
    first, last = (None if row.rtype in _LASTING else care[0]), care[1]
    if row.rtype in _PEOPLE:
        return True
    return (first is None or row.end is None or row.end >= first) and (last is None or row.start is None or row.start <= last)


def _order(row: StoredResource) -> tuple[bool, str, str]:
    return row.rtype != "Patient", row.rtype, row.id if is_uuid(row.id) else str(columns_of(row.id)[0])


def _named_of(asking: Asking, every: Sequence[StoredResource], asked: _Asked, now: datetime) -> list[StoredResource]:
    """What is named anywhere in the record, of the types asked for that stand in nobody's record: practitioners, places, medicines."""
    outside = set(asked.types or ()) - compartment.definition().keys() - {"Patient"}
    if not outside:
        return []
    rows = [row for row in every if _wanted(row, asked.since, None, now) and _cared(row, asked.care)]
    return [row for row in _named(asking, rows) if row.rtype in outside]


def _within(reference: str, have: Collection[Ref]) -> bool:
    kind, _, id_ = reference.partition("/")
    return (kind, id_) in have or reference.startswith("#")


def _named(asking: Asking, page: Sequence[StoredResource]) -> list[StoredResource]:
    """Practitioners, organisations, places that the page names: nobody's, so that no other person's record comes along."""
    have = {(row.rtype, row.id) for row in page}
    refs = {
        (said.type, said.id): None
        for row in page
        if not all(_within(one, have) for one in _REFERENCE.findall(row.json))  # most name what is here: nothing to look into
        for said in values.references(row.rtype, row.doc)
        if said.url is None and said.type and said.id and (said.type, said.id) not in have
    }
    found = store.searching.by_refs(asking.run, asking.seen(), list(refs)) if refs else []
    return [row for row in found if row.person_id == NOBODY]
