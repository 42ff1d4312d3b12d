"""Writing to the trail, in the transaction of the act; reading it is an act too."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.kit.db import with_commit
from yba.kit.few_rows import FEW

from . import store
from .model import Noting, Outcome
from .tags import SECURITY, Store, Tag, store_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor, Origin
    from yba.kit.prepared import Ask
    from yba.kit.reach import Predicate

    from .model import Note, TrailEntry

PAGE: Final = 100
_Place = tuple[str | None, int | None, str | None, str | None]
_NOWHERE: Final[_Place] = (None, None, None, None)


def note(  # noqa: PLR0913  all by name; one act has this many sides
    conn: Connection[Any],
    *,
    by: Actor,
    tag: Tag,
    about_type: str,
    about_id: str,
    person_id: UUID | None = None,
    facility: str | None = None,
    reason: str = "",
    detail: dict[str, Any] | None = None,
    outcome: Outcome | None = None,
    version: str | None = None,
    under: str | None = None,
    late: bool = False,
) -> None:
    """Write one act to the trail; a refusal is written in a transaction of its own by the caller.

    ``outcome`` is DONE, for a tag that says "refused" REFUSED; ``version`` of the resource; ``under`` is the right it was done under.
    ``late``: nothing more is done in this unit that reads the trail, so the row may go in one message with COMMIT (`kit.db.with_commit`).
    """
    text = orjson.dumps(detail).decode() if detail is not None else None
    ended = outcome or (Outcome.REFUSED if tag.value.endswith("refused") else Outcome.DONE)
    act = (by.name, by.kind.value, by.purpose, tag.value, about_type, about_id, person_id, facility, reason, text, version)
    row = (*act, *_place(by), under, ended.value)
    if not (late and with_commit(conn, store.to_insert(store_of(tag), row))):
        store.insert(conn, store_of(tag), row)


def noting(*, by: Actor, tag: Tag, under: str | None = None) -> Noting:
    """Give what a reading statement carries so that each row it gives out is noted by the statement itself, in one round trip; no database.

    For hot reads of single resources, where nothing is decided between reading and noting: no row found, no note, as with `note`.
    """
    return _noting(by, by.origin, tag, under)[0]


def to_note(*, by: Actor, tag: Tag, about_type: str, about_id: str, person_id: UUID | None, detail: dict[str, Any], under: str) -> Ask:
    """Return the statement by which `note` writes, for a message of its own (`kit.db.one_read`)."""
    act = (by.name, by.kind.value, by.purpose, tag.value, about_type, about_id, person_id, None, "", orjson.dumps(detail).decode(), None)
    return store.to_insert(store_of(tag), (*act, *_place(by), under, Outcome.DONE.value), alone=True)


def noting_page(
    *, by: Actor, tag: Tag, under: str | None, about: str, most: int, parameters: list[str], person: UUID | None = None, about_id: str = ""
) -> Noting:
    """Give what a searching statement carries so that the search itself is noted by it, whatever it finds: one row, with how many rows it gave.

    ``most``: rows of a page, which the statement may look one beyond; ``about`` the type that was searched, ``parameters`` by name, ``person``
    the one asked about.
    """
    kept = _noting(by, by.origin, tag, under)[1]
    told = {
        "n_about": about,
        "n_about_id": about_id,
        "n_most": str(most),
        "n_parameters": orjson.dumps(parameters).decode(),
        "n_person": None if person is None else str(person),
    }
    return Noting(kept.text, {**kept.params, **told})


@lru_cache(maxsize=4096)
def _noting(by: Actor, origin: Origin | None, tag: Tag, under: str | None) -> tuple[Noting, Noting]:
    """Of rows and of a page; remembered with the origin, as places are."""
    address, port, device, role = _placed(by, origin)
    said = {"kind": by.kind.value, "purpose": by.purpose, "tag": tag.value, "role": role, "under": under}
    given = {"n_who": by.name, "n_address": address, "n_port": None if port is None else str(port), "n_device": device}
    where = store_of(tag)
    return Noting(store.of_found(where, said), given), Noting(store.of_page(where, said), given)


def note_many(conn: Connection[Any], *, by: Actor, rows: Iterable[Note], under: str | None = None, late: bool = False) -> int:
    """Write many acts of one actor in one statement (two when they belong to both stores) and return how many: INSERT for a few, COPY for more.

    ``under``, ``late``: as with `note`.
    """
    coming = iter(rows)
    few = list(islice(coming, FEW + 1))
    if len(few) <= FEW:
        return _note_few(conn, by, few, under, late=late)
    place = _place(by)
    placed = place != _NOWHERE
    ending = (*(place if placed else ()), *(() if under is None else (under,)))
    righted = under is not None
    security: list[tuple[object, ...]] = []
    count = store.copy(conn, Store.RECORD_ACCESS, _rows(by, chain(few, coming), ending, security), placed=placed, righted=righted)
    return count + (store.copy(conn, Store.SECURITY, security, placed=placed, righted=righted) if security else 0)


def _note_few(conn: Connection[Any], by: Actor, rows: Sequence[Note], under: str | None, *, late: bool) -> int:
    address, port, device, role = _place(by)
    same = {
        "who": by.name, "actor_kind": by.kind.value, "purpose": by.purpose, "address": address, "port": port, "device": device, "role": role,
        "under": under,
    }  # fmt: skip
    both: dict[Store, list[tuple[object, ...]]] = {Store.RECORD_ACCESS: [], Store.SECURITY: []}
    for row in rows:
        both[store_of(row.tag)].append(tuple(row))  # the enumeration of tags is written as its text
    return sum(store.add_few(conn, where, same, found, late=late) for where, found in both.items())


def _rows(by: Actor, rows: Iterable[Note], ending: tuple[object, ...], security: list[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """Yield what goes to the record-access store; what belongs to the other one is laid aside."""
    who, kind, purpose, dumps = by.name, by.kind.value, by.purpose, orjson.dumps
    for tag, about_type, about_id, person, facility, reason, detail, version in rows:
        text = None if detail is None else dumps(detail)
        row = (who, kind, purpose, tag.value, about_type, about_id, person, facility, reason, text, version, *ending)
        if tag in SECURITY:
            security.append(row)
        else:
            yield row


def _place(by: Actor) -> _Place:
    """From where and as what: address, port, device, roles; a machine's role is its kind and is not written."""
    return _placed(by, by.origin)


@lru_cache(maxsize=1024)
def _placed(by: Actor, origin: Origin | None) -> _Place:
    """Remembered with the origin: two actors are equal wherever they come from."""
    roles = None if by.standing or not by.grants else ",".join(sorted({grant.role for grant in by.grants}))
    return (None, None, None, roles) if origin is None else (origin.address, origin.port, origin.device, roles)


def trail(  # noqa: PLR0913  each narrows the question, all by name
    conn: Connection[Any],
    *,
    by: Actor,
    person: UUID | None = None,
    about: str | None = None,
    tag: Tag | None = None,
    who: str | None = None,
    facility: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    after: int | None = None,
    log: Store | None = None,
    human: bool | None = None,
    limit: int = PAGE,
    seen: Predicate | None = None,
    earlier: Iterable[UUID] = (),
) -> list[TrailEntry]:
    """Read the trail newest first (page on with ``before`` = the last id); with ``after`` oldest first. The reading itself is noted.

    ``earlier``: further ids of ``person`` (access.persons_of): what was written before a merge stays found.

    ``seen`` is the predicate of the right the caller reads under (columns ``person_id``, ``facility``, no labels); without it an actor bound
    to facilities sees the rows of these facilities only. ``log``: one of the two stores; ``human``: acts of people or of machines only.
    """
    asked: dict[str, Any] = {
        "person": None if person is None else sorted({person, *earlier}),
        "about": about,
        "tag": tag.value if tag else None,
        "who": who,
        "facility": facility,
        "facilities": None if by.facilities is None or seen is not None else sorted(by.facilities),
        "since": since,
        "until": until,
        "store": log.value if log else None,
        "human": human,
    }
    found = store.trail(conn, narrow={**asked, "before": before, "after": after}, seen=seen, limit=limit, newest_first=after is None)
    told = {key: str(value) for key, value in asked.items() if value is not None and key != "person"}
    note(
        conn,
        by=by,
        tag=Tag.TRAIL_READ,
        about_type="AuditEvent",
        about_id=about or "",
        person_id=person,
        facility=facility,
        detail={"rows": len(found), **told},
    )
    return found
