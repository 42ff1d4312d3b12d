"""Households: made, joined, left, headed; each act keeps how it was before, so that it can be taken back."""

# ruff: noqa: ARG001  # an act runs in a unit of the platform, which is a savepoint of the connection it is given

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from yba import access, audit, events
from yba.access import Relation, RelationKind, Right, UnitKind
from yba.audit import Tag
from yba.directory import commune as commune_at
from yba.events import News
from yba.kit import clock
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.kit.ids import derived, new_id
from yba.kit.platform import platform

from . import store_households as store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from psycopg import Connection

    from yba.kit.actor import Actor

WRITE: Final = Right.CARE_HOUSEHOLD_WRITE
RELATIONS: Final = ("head", "spouse", "child", "parent", "sibling", "other")
HEAD: Final = RELATIONS[0]
_MEMBER: Final = access.Columns(facility=None, labels=None, rtype=None, alias="f")
_LONGEST: Final = 40


class Member(NamedTuple):
    """One person of a household, ``relation`` to its head; ``until`` None: still there."""

    person_id: UUID
    relation: str
    since: date
    until: date | None


class Household(NamedTuple):
    """A household by its book number in a commune (2025 code), with those of its members the reader may see, the head first."""

    id: UUID
    commune: str
    book: str
    since: date
    until: date | None
    members: tuple[Member, ...]


class HouseholdAct(NamedTuple):
    """What was done with a household, by whom; ``undone`` when it was taken back."""

    id: UUID
    at: datetime
    who: str
    kind: str
    undone: datetime | None


def make_household(conn: Connection[Any], *, by: Actor, facility: str, commune: str, book: str, head: UUID, since: date | None = None) -> UUID:
    """Make a household with its head and return its id. Raises Invalid, Conflict (the book is in use, the head lives elsewhere), Denied."""
    on = _day(since)
    if commune_at(commune, clock.today()) is None or not book.strip() or len(book) > _LONGEST:
        raise Invalid("Hãy ghi xã và số hộ.", advice="Name the commune and the number of the household.")
    id_ = new_id()
    with _changing(by, facility, id_, "create", [head]) as inner:
        if not store.add(inner, id_, commune, book.strip(), on):
            raise Conflict("Số hộ này đã có trong xã.", advice="This number is in use in the commune.")
        _join(inner, by, id_, head, HEAD, on)
    return id_


def join_household(
    conn: Connection[Any], *, by: Actor, facility: str, household: UUID, person_id: UUID, relation: str, since: date | None = None
) -> None:
    """Let a person be a member. Raises Invalid, NotFound, Conflict for somebody who is a member of one already, Denied."""
    on = _day(since)
    if relation not in RELATIONS or relation == HEAD:
        raise Invalid("Hãy chọn quan hệ với chủ hộ.", advice=f"One of {', '.join(RELATIONS[1:])}; `head_household` names the head.")
    with _changing(by, facility, household, "join", [person_id]) as inner:
        _join(inner, by, household, person_id, relation, on)


def move_out(conn: Connection[Any], *, by: Actor, facility: str, household: UUID, person_id: UUID, until: date | None = None) -> None:
    """Let a member leave; with the last one the household ends. Raises Invalid, NotFound, Conflict while others remain without a head, Denied."""
    on = _day(until)
    with _changing(by, facility, household, "move-out", [person_id]) as inner:
        mine = _member(inner, household, person_id)
        others = [one for one in store.members(inner, household) if one[0] != person_id]
        if mine[1] == HEAD and others:
            raise Conflict("Hãy chọn chủ hộ mới trước.", advice="Name the new head first.")
        store.leave(inner, household, person_id, on)
        if not others:
            store.close(inner, household, on)


def head_household(conn: Connection[Any], *, by: Actor, facility: str, household: UUID, person_id: UUID, before: str = "other") -> None:
    """Let a member be the head; ``before``: what the one before is to the new head from now on. Raises Invalid, NotFound, Denied."""
    if before not in RELATIONS[1:]:
        raise Invalid("Hãy chọn quan hệ của chủ hộ cũ.", advice=f"One of {', '.join(RELATIONS[1:])}.")
    with _changing(by, facility, household, "head", [person_id]) as inner:
        _member(inner, household, person_id)
        for other, relation in store.members(inner, household):
            if relation == HEAD and other != person_id:
                store.relate(inner, household, other, before)
        store.relate(inner, household, person_id, HEAD)


def relate_member(conn: Connection[Any], *, by: Actor, facility: str, household: UUID, person_id: UUID, relation: str) -> None:
    """Correct what a member is to the head. Raises Invalid, NotFound, Conflict for the head, Denied."""
    if relation not in RELATIONS[1:]:
        raise Invalid("Hãy chọn quan hệ với chủ hộ.", advice=f"One of {', '.join(RELATIONS[1:])}.")
    with _changing(by, facility, household, "relation", [person_id]) as inner:
        if _member(inner, household, person_id)[1] == HEAD:
            raise Conflict("Chủ hộ chỉ đổi khi chọn chủ hộ mới.", advice="Name another head instead.")
        store.relate(inner, household, person_id, relation)


def undo_household(conn: Connection[Any], *, by: Actor, facility: str, act: UUID) -> None:
    """Take an act back: the household is as it was before. Raises NotFound, Conflict where it was changed since, Denied."""
    access.require(by, Right.CARE_HOUSEHOLD_WRITE, facility=facility)
    with platform(by) as (inner, who):
        found = store.act(inner, act)
        if found is None:
            raise NotFound("Không có việc này.", advice="There is no such act.")
        household, before, after, undone = found
        store.hold(inner, household)
        if undone is not None or store.snapshot(inner, household) != after:
            raise Conflict("Hộ này đã thay đổi sau việc đó.", advice="The household was changed since, or the act was taken back already.")
        store.restore(inner, household, before, after)
        store.mark_undone(inner, act, by.name, clock.now())
        _relate_all(inner, who, household, after)
        _noted(inner, by, who, facility, household, "undo", [UUID(one["person_id"]) for one in after["members"]])


def household(conn: Connection[Any], *, by: Actor, household_id: UUID) -> Household:
    """Return a household with the members within reach; those who left are not among them. Raises NotFound, Denied."""
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_PERSON_READ, columns=_MEMBER)
    rows = store.read(conn, household_id, seen)
    if not rows:
        raise NotFound("Không có hộ này.", advice="There is no such household, or it is out of your reach.")
    members = sorted((Member(*row[4:]) for row in rows), key=lambda one: (RELATIONS.index(one.relation), one.since, one.person_id))
    commune, book, since, until = rows[0][:4]
    return Household(household_id, commune, book, since, until, tuple(members))


def household_size(conn: Connection[Any], *, by: Actor, person_id: UUID) -> int:
    """Count those who live in a person's household, 0 where it is in none of the actor's communes. Noted by the caller. Raises Denied.

    Who reaches one member by a visit alone would count too few; the station of the commune reaches them all.
    """
    communes = sorted({code for grant in by.grants for code in grant.areas})
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_PERSON_READ, columns=_MEMBER)
    return store.size(conn, person_id, communes, seen) if communes else 0


def household_acts(conn: Connection[Any], *, by: Actor, household_id: UUID) -> list[HouseholdAct]:
    """Return what was done with a household within reach, newest first. Raises NotFound, Denied."""
    household(conn, by=by, household_id=household_id)
    return [HouseholdAct(*row) for row in store.acts(conn, household_id)]


def _day(day: date | None) -> date:
    on = day or clock.today()
    if on > clock.today():
        raise Invalid("Ngày không được sau hôm nay.", advice="The day lies in the future.")
    return on


@contextmanager
def _changing(by: Actor, facility: str, household_id: UUID, kind: str, people: list[UUID]) -> Iterator[Connection[Any]]:
    """Hold a household, keep how it was before and after, say it in the trail and the outbox, open and end what follows for the station."""
    access.require(by, Right.CARE_HOUSEHOLD_WRITE, facility=facility)
    with platform(by) as (inner, who):
        store.hold(inner, household_id)
        before = store.snapshot(inner, household_id)
        if kind != "create" and not before["open"]:
            raise NotFound("Không có hộ này.", advice="There is no such household.")
        yield inner
        after = store.snapshot(inner, household_id)
        store.add_act(inner, (new_id(), household_id, clock.now(), by.name, kind), before, after)
        _relate_all(inner, who, household_id, before)
        _noted(inner, by, who, facility, household_id, kind, people)


def _join(inner: Connection[Any], by: Actor, household_id: UUID, person_id: UUID, relation: str, on: date) -> None:
    person = access.person_now(inner, by=by, person_id=person_id)
    if not store.is_person(inner, person):
        raise NotFound("Không có người này.", advice="There is no such person.")
    if store.lives_in(inner, person):
        raise Conflict(
            "Người này đang ở một hộ khác: hãy ghi chuyển đi trước.", advice="This person is a member of a household: let them move out first."
        )
    store.join(inner, household_id, person, relation, on, by.name)


def _member(inner: Connection[Any], household_id: UUID, person_id: UUID) -> tuple[UUID, str]:
    found = next((one for one in store.members(inner, household_id) if one[0] == person_id), None)
    if found is None:
        raise NotFound("Người này không ở trong hộ.", advice="This person is no member of the household.")
    return found


def _relate_all(inner: Connection[Any], who: Actor, household_id: UUID, before: dict[str, Any]) -> None:
    """Open the record of each member to the station of the commune, and end that for those who are none any more."""
    now = store.members(inner, household_id)
    commune = store.commune_of(inner, household_id)
    gone = {UUID(one["person_id"]) for one in before["members"]} - {one[0] for one in now}
    if gone:
        access.end_relations(inner, by=who, source_ids=[_source(household_id, person) for person in sorted(gone)], at=clock.now())
    access.relate_many(inner, by=who, relations=[_relation(household_id, commune, person) for person, _ in now])


def _relation(household_id: UUID, commune: str, person: UUID) -> Relation:
    source = _source(household_id, person)
    return Relation(person, UnitKind.AREA, commune, RelationKind.HOUSEHOLD, clock.now(), None, "Household", str(household_id), source)


def _source(household_id: UUID, person: UUID) -> UUID:
    return derived("household", str(household_id), str(person))


def _noted(inner: Connection[Any], by: Actor, who: Actor, facility: str, household_id: UUID, kind: str, people: list[UUID]) -> None:
    for person in people:
        audit.note(
            inner, by=by, tag=Tag.HOUSEHOLD_WRITE, about_type="Household", about_id=str(household_id), person_id=person, facility=facility,
            detail={"act": kind}, under=WRITE.value,
        )  # fmt: skip
    events.announce(inner, by=who, news=[News("identity:household:changed", "Household", str(household_id), None, facility, {"act": kind})])
