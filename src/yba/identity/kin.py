"""Kin and household of a person, and what was said of name and address before: dated facts, each with who said it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import store_kin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

    from .ladder import Me
    from .state import Person, Source, State

_FIELDS: Final = ("name", "birth", "address", "phone")
_DAY: Final = 10


class Kin(NamedTuple):
    """Somebody's mother or child, as a certificate of birth says; ``since`` the day of birth, ``facility`` who wrote it."""

    person_id: UUID
    kind: str
    since: date
    facility: str


class Membership(NamedTuple):
    """A place in a household: book number in a commune (2025 code), relation to its head, from when to when (None: still so), who said it."""

    household: UUID
    commune: str
    book: str
    relation: str
    since: date
    until: date | None
    source_type: str
    source_id: str


class Said(NamedTuple):
    """What a facility said of a field; ``on`` the day of the visit it was said last, None where only that it was said is known."""

    field: str
    value: str
    facility: str
    local_id: str
    on: date | None
    shown: bool
    """Whether the golden document shows it."""


class Link(NamedTuple):
    """A new line of person_link, in the order of its columns."""

    person_id: UUID
    kind: str
    other: UUID
    since: date
    facility: str
    local_id: str
    variant: int
    other_local_id: str
    other_variant: int
    ground_type: str
    ground_id: str


def of_birth(state: State, me: Me, source: Source, born_of: str) -> Link | None:
    """Tie a newborn to its mother, whose claim of this batch tells of it; None where she is not known here."""
    mothers = [one for one in state.sources.get((me.place[0], born_of), ()) if not one.sent.get("born_of") and not one.withdrawn]
    if not mothers:
        return None
    mother = next((one for one in mothers if one.stamp[1] == me.facts.sequence), mothers[0])
    born = me.facts.birth[:_DAY]
    since = date.fromisoformat(born) if len(born) == _DAY else me.facts.seen_at.date()
    return Link(source.person_id, "mother", mother.person_id, since, *source.key, born_of, mother.key[2], "Patient", str(source.patient))


def kin_of(conn: Connection[Any], person: UUID, seen: Predicate) -> tuple[Kin, ...]:
    """Read the mother and the children of a person, as far as the actor sees who said it."""
    return tuple(Kin._make(row) for row in store_kin.kin(conn, person, seen))


def memberships_of(conn: Connection[Any], person: UUID, seen: Predicate) -> tuple[Membership, ...]:
    """Read the households of a person, the newest first."""
    return tuple(Membership._make(row) for row in store_kin.memberships(conn, person, seen))


def said_of(person: Person, golden: dict[str, Any]) -> tuple[Said, ...]:
    """List what sources said of name, birth, address and phone, newest first; pure."""
    shown = {
        "name": next((one.get("text") for one in golden.get("name", ())), None),
        "birth": golden.get("birthDate"),
        "address": next((one.get("text") for one in golden.get("address", ())), None),
        "phone": next((one.get("value") for one in golden.get("telecom", ())), None),
    }
    found = dict.fromkeys(each for source in person.sources for each in _said(source, shown))
    return tuple(sorted(found, key=lambda one: (_FIELDS.index(one.field), -(one.on or date.min).toordinal(), one.value, one.facility, one.local_id)))


def _said(source: Source, shown: dict[str, Any]) -> Iterator[Said]:
    facility, local_id, _ = source.key
    dated = [(field, value, source.stamp[0]) for field, value in source.sent.items() if field in _FIELDS]
    dated += [(field, kept[2], kept[0]) for field, kept in source.kept.items() if field in _FIELDS]
    known = set()
    for field, value, seconds in sorted(dated, key=lambda one: -one[2]):
        text = value[0] if field == "address" else value
        if text and (field, text) not in known:
            known.add((field, text))
            yield Said(field, text, facility, local_id, datetime.fromtimestamp(seconds, UTC).date(), _shows(shown, field, text))
    for field, text in _earlier(source.told):
        if text and (field, text) not in known:
            known.add((field, text))
            yield Said(field, text, facility, local_id, None, _shows(shown, field, text))


def _earlier(told: Iterable[list[str]]) -> Iterator[tuple[str, str]]:
    for name, birth, _ in told:
        yield "name", name
        yield "birth", birth


def _shows(shown: dict[str, Any], field: str, text: str) -> bool:
    return bool(shown[field]) and shown[field] == (text[:_DAY] if field == "birth" else " ".join(text.split()))
