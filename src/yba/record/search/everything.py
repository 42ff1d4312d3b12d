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
from yba.record.store.by_person import LASTING, PEOPLE, Part

from .asking import Asking

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.prepared import Ask
    from yba.record.model import Ref, StoredResource
    from yba.record.store.by_person import Care, Order, Page

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

    @property
    def size(self) -> int:
        """Rows of a page."""
        return self.most or _PAGE

    def part(self, moment: datetime | None = None, after: Order | None = None) -> Part:
        """Which part of the record it is."""
        return Part(self.since, self.types, self.care, moment, after)


def _everything(asking: Asking, person_id: UUID, asked: _Asked) -> Found:
    if asked.cursor:
        return _following(asking, person_id, asked, asked.cursor)
    person, first = person_id, _read(asking, person_id, asked)
    if first is None and (person := access.person_now(asking.conn, by=asking.by, person_id=person)) != person_id:
        first = _read(asking, person, asked)  # an id from before a merge holds nothing
    if first is None:
        raise _nothing()
    now = first.moment or clock.now()
    rows, more = _cut(first, asked.part(now), asked.size)
    total = None
    if asked.is_whole:
        total = len(first.others) + (store.by_person.count(asking.run, asking.seen(person), person) if more else len(first.rows))
    along = _named(asking, rows) if asked.types is None else _named_of(asking, person, asked, now)
    following = _next(asking, person, asked, rows, now) if more else None
    return Found(rows, along, total, following, _told(asking, person, rows, first))


def _following(asking: Asking, person: UUID, asked: _Asked, cursor: str) -> Found:
    """A page after the first: as of the first one's moment, after the place where the last one ended."""
    if not _is_there(asking, person):
        person = access.person_now(asking.conn, by=asking.by, person_id=person)
        if not _is_there(asking, person):
            raise _nothing()
    place = cursors.read(asking.by, _question(person, asked), cursor)
    after, now = tuple(place["key"]), datetime.fromisoformat(place["moment"])
    part = asked.part(now, (after[0], after[1], after[2]))
    page = store.by_person.page(asking.run, asking.seen(person), person, part, limit=asked.size + 1, labelled=asking.by.standing)
    rows, more = _cut(page, part, asked.size)
    along = _named(asking, rows) if asked.types is None else []
    following = _next(asking, person, asked, rows, now) if more else None
    return Found(rows, along, None, following, _told(asking, person, rows, page))


def _read(asking: Asking, person: UUID, asked: _Asked) -> Page | None:
    """The first page, and what stands there from elsewhere; None where nothing of the person is within reach."""
    seen, noting = asking.seen(person), None
    if asking.unit is None and asked.is_all:
        noting = audit.noting_page(
            by=asking.by, tag=Tag.RESOURCE_SEARCH, under=asking.right.value, about="Person", about_id=str(person), most=_PAGE,
            parameters=_PARAMETERS, person=person,
        )  # fmt: skip
    found = store.by_person.page(asking.run, seen, person, asked.part(), limit=asked.size + 1, labelled=asking.by.standing, noting=noting)
    if not found.rows and not found.others and not _is_there(asking, person):
        return None
    asking.noted = noting is not None
    return found


def _is_there(asking: Asking, person: UUID) -> bool:
    return store.by_person.anything(asking.run, asking.seen(person), person)


def _nothing() -> NotFound:
    return NotFound("Không có hồ sơ này.", advice="There is no such record, or it is out of your reach.")


def _question(person: UUID, asked: _Asked) -> str:
    return f"everything/{person}/{asked.since}/{sorted(asked.types or ())}/{asked.care}"


def _next(asking: Asking, person: UUID, asked: _Asked, rows: Sequence[StoredResource], now: datetime) -> str:
    return cursors.written(asking.by, _question(person, asked), {"moment": now.isoformat(), "key": list(_order(rows[-1]))})


def _told(asking: Asking, person: UUID, rows: Sequence[StoredResource], page: Page) -> bool:
    """Say whether anything is masked, and note the page unless its statement has."""
    masked = page.labelled is not False and asking.is_masked(person)
    if not asking.noted:
        asking.note(about_type="Person", about_id=str(person), person_id=person, detail={"rows": len(rows), "parameters": _PARAMETERS})
    return masked


def _cut(page: Page, part: Part, size: int) -> tuple[list[StoredResource], bool]:
    """Put a page in order with what stands there from elsewhere; whether there is more."""
    rows = sorted((*page.rows, *(one for one in page.others if _is_of(one, part))), key=_order)
    return rows[:size], len(rows) > size


def _is_of(row: StoredResource, part: Part) -> bool:
    """Whether a row is of a part of a record, as `store.by_person.page` says it of those at home there."""
    return (
        (part.types is None or row.rtype in part.types)
        and (part.since is None or row.updated >= part.since)
        and (part.moment is None or row.version > 1 or row.updated <= part.moment)
        and (part.after is None or _order(row) > part.after)
        and _cared(row, part.care)
    )


def _cared(row: StoredResource, care: Care) -> bool:
    """Whether a row is of a time; what says none is of every time, as people are; what began and may go on is of all time since."""
    first, last = (None if row.rtype in LASTING else care[0]), care[1]
    if row.rtype in PEOPLE:
        return True
    return (first is None or row.end is None or row.end >= first) and (last is None or row.start is None or row.start <= last)


def _order(row: StoredResource) -> Order:
    return row.rtype != "Patient", row.rtype, row.id if is_uuid(row.id) else str(columns_of(row.id)[0])


def _named_of(asking: Asking, person: UUID, asked: _Asked, now: datetime) -> list[StoredResource]:
    """What is named anywhere in the record, of the types asked for that stand in nobody's record: practitioners, places, medicines.

    The record goes by in parts of a page's size: a document that names none of these types, or what is known already, is not looked into.
    """
    outside = set(asked.types or ()) - compartment.definition().keys() - {"Patient"}
    if not outside:
        return []
    naming = re.compile(rf'"reference":\s*"((?:{"|".join(sorted(outside))})/[^"]*)"')
    have: set[Ref] = set()
    known: dict[str, Ref] = {}
    part, page = Part(asked.since, None, asked.care, now), None
    while page is None or len(page.rows) == _PAGE:
        page = store.by_person.page(asking.run, asking.seen(person), person, part, limit=_PAGE)
        rows = page.rows
        if part.after is None:
            have = {(one.rtype, one.id) for one in page.others}
            rows = rows + [one for one in page.others if _is_of(one, part)]
        for row in rows:
            if not all(said in known for said in naming.findall(row.json)):
                known |= {f"{rtype}/{id_}": (rtype, id_) for rtype, id_ in _references(row) if rtype in outside and (rtype, id_) not in have}
        part = part._replace(after=_order(page.rows[-1]) if page.rows else None)
    return _nobodys(asking, known.values())


def _within(reference: str, have: Collection[Ref]) -> bool:
    kind, _, id_ = reference.partition("/")
    return (kind, id_) in have or reference.startswith("#")


def _named(asking: Asking, page: Sequence[StoredResource]) -> list[StoredResource]:
    """Practitioners, organisations, places that the page names: nobody's, so that no other person's record comes along."""
    have = {(row.rtype, row.id) for row in page}
    refs = {
        ref: None
        for row in page
        if not all(_within(one, have) for one in _REFERENCE.findall(row.json))  # most name what is here: nothing to look into
        for ref in _references(row)
        if ref not in have
    }
    return _nobodys(asking, refs)


def _references(row: StoredResource) -> list[Ref]:
    return [(said.type, said.id) for said in values.references(row.rtype, row.doc) if said.url is None and said.type and said.id]


def _nobodys(asking: Asking, refs: Collection[Ref]) -> list[StoredResource]:
    return store.searching.by_refs(asking.run, asking.seen(), refs, home=NOBODY) if refs else []
