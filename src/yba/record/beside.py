"""Labels across acts: what is written takes those of what is stored, what is stored takes those of what is written, by the links of `spreading`.

Labels are only added to what is stored, in place: no version, because nothing it says has changed. They go when a resource is written anew and
nothing that stands brings them any more.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from yba import access, audit, identity
from yba.access import Right
from yba.audit import Note, Tag
from yba.fhir import compartment, parameters, search
from yba.kit.db import unit_of_work
from yba.specs import visits as specs

from . import store, visits
from .model import NOBODY
from .rest_rights import platform
from .spreading import GATHERING, UNLABELLED, Crossing, Node, Web, crossing, gathers, named_in, type_of
from .store import beside as sql

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.db import Coming

    from .model import Put, Ref
    from .rest_docs import Ready
    from .store.beside import Row
    from .store.rest import Places
    from .store.write import Current

_VISIT: Final = "Encounter"
_DEEP: Final = 6  # steps of a chain, each of which looks through the whole record; then all that refers to anything is read, at once


def borders(made: Sequence[Ready]) -> Crossing | None:
    """Say what of an act may have to do with what is stored; None, as nearly always: nothing."""
    return crossing(made, _OF_PEOPLE)


_OF_PEOPLE: Final = frozenset(compartment.definition())


def ask(conn: Connection[Any], crossing: Crossing | None, people: Collection[UUID], whose: Places) -> list[Coming]:
    """Ask of whom anything restricted is stored that asking for Patients' places (``whose``) does not say; see `told`."""
    if crossing is None:
        return []
    wanted = {*people, NOBODY} if crossing.nobodys and not whose[0] else people
    return sql.ask_restricted(conn, wanted)


def told(conn: Connection[Any], whose: Places, asked: Iterable[Coming]) -> bool:
    """Whether anything restricted is stored of anybody of an act."""
    return bool(store.rest.told_restricted(conn, whose) | sql.told_restricted(conn, asked))


def spread(
    conn: Connection[Any], *, by: Actor, puts: Sequence[Put], over: Mapping[Ref, Current], apart: Collection[UUID] = (), takers: bool = True
) -> list[Row]:
    """Spread labels between the resources of an act and what is stored of their people; return what of that got more, noted in the trail.

    ``puts`` get theirs in place, before they are written. ``apart``: sources whose stored rows are left alone, ``takers`` False: of the act
    only what gathers takes any (claims: ingest decides what one says of itself). Their people are held where something stored may get more.
    """
    people = sorted({one for put in puts for one in (put.person_id, *(put.also or ()))} - {NOBODY})
    mine = [_of_act(put, takers=takers) for put in puts if put.rtype not in UNLABELLED]
    with platform(conn, by) as (inner, who):
        web = Web()
        web.add(mine)
        rows = {row.name: row for row in sql.labelled(inner, people, _asked(mine), apart)}
        web.add(map(_of_row, rows.values()))
        everybody = _who_name(inner, [node.name for node in mine if node.put and node.put.person_id == NOBODY and _may_be_named(node, over)])
        people = sorted({*people, *everybody})
        looked: tuple[set[str], set[str]] = (set(), set())
        for step in range(_DEEP + 1):
            names, mentions = _next(web, over, looked)
            if not (names or mentions) or not people:
                break
            if not step:
                _hold(inner, who, people)
            looked = (looked[0] | names, looked[1] | mentions)
            near = sql.near(inner, people, names=names, mentions=mentions, apart=apart) if step < _DEEP else sql.references(inner, people, apart)
            found = {row.name: row for row in near}
            rows = found | rows
            web.add(map(_of_row, found.values()))
        for node in mine:
            if node.grew and node.put is not None:
                node.put.labels = tuple(sorted(node.labels))
        grown = _restricted(inner, web, rows)
    _note(conn, by, grown)
    return grown


def _who_name(inner: Connection[Any], names: Sequence[str]) -> set[UUID]:
    """Return the people in whose records something names what is nobody's, by what searches find: a Medication, for whomever it is prescribed."""
    tokens = [search.token(param, name) for name in names for param in _naming()]
    return {row.person_id for row in sql.naming(inner, tokens)} if tokens else set()


@cache
def _naming() -> tuple[str, ...]:
    """The parameters under which references are found that stand in people's records."""
    same = parameters.same_as()
    every = (one for rtype in _OF_PEOPLE for one in parameters.profile(rtype).tokens if one.type == "reference")
    return tuple(sorted({same.get(one.code, one.code) for one in every}))


def _hold(inner: Connection[Any], who: Actor, people: Sequence[UUID]) -> None:
    store.rest.hold_patients(inner, people)  # first: whoever writes a visit beside it has a Patient's place, and waits for the people next
    identity.hold_people(inner, by=who, people=people)


def _restricted(inner: Connection[Any], web: Web, rows: Mapping[str, Row]) -> list[Row]:
    """Give stored rows what they got."""
    grown = [rows[node.name]._replace(labels=tuple(sorted(node.labels))) for node in web.nodes.values() if node.grew and node.put is None]
    if grown:
        sql.restrict(inner, grown)
    return grown


def _note(conn: Connection[Any], by: Actor, grown: Sequence[Row]) -> None:
    if grown:
        notes = [Note(Tag.RESOURCE_PUT, row.rtype, row.id, row.person_id, row.facility_id or None, "", _DETAIL, str(row.version)) for row in grown]
        audit.note_many(conn, by=by, rows=notes, late=True)


_DETAIL: Final = {"beside": True}  # not the document: who may see it, because of what was written beside it


def _of_act(put: Put, *, takers: bool) -> Node:
    return Node(f"{put.rtype}/{put.id}", set(put.labels), named_in(put.doc), put.facility_id, put, takes=takers or put.rtype in GATHERING)


def _of_row(row: Row) -> Node:
    takes = row.rtype in GATHERING or (row.rtype not in UNLABELLED and row.mapped_by in specs.rules().written)
    return Node(row.name, set(row.labels), named_in(row.doc.encode()), row.facility_id, takes=takes)


def _asked(mine: Iterable[Node]) -> set[str]:
    return {name for node in mine for name in node.names if not gathers(type_of(name), type_of(node.name))}


def _next(web: Web, over: Mapping[Ref, Current], looked: tuple[set[str], set[str]]) -> tuple[set[str], set[str]]:
    """Return what is to be looked up: visits named by what gives labels, and what itself may be named by something stored.

    ``looked``: what of either was looked up before. A visit that was looked up by its name may be named by a Claim of it all the same.
    """
    names: set[str] = set()
    mentions: set[str] = set()
    for node in web.nodes.values():
        if not (node.labels and (node.grew or node.put is not None)):
            continue
        names |= {name for name in node.names if name not in web.nodes and gathers(type_of(name), type_of(node.name))}
        if _may_be_named(node, over):
            mentions.add(node.name)
    return names - looked[0], mentions - looked[1]


def _may_be_named(node: Node, over: Mapping[Ref, Current]) -> bool:
    """Whether something stored may name it that does not know of its labels yet."""
    if node.put is None:
        return True
    before = over.get((node.put.rtype, node.put.id))
    return bool(node.labels) and not node.put.fresh and not node.labels <= {*(before.labels if before is not None else ())}


def settle(conn: Connection[Any], *, by: Actor, grown: Iterable[Row]) -> None:
    """Make the links of visits anew whose Encounters got more labels; after everything is written."""
    people = {row.person_id for row in grown if row.rtype == _VISIT}
    if people:
        with platform(conn, by) as (inner, who):
            visits.settle(inner, by=who, people=people)


def of_claims(conn: Connection[Any], *, by: Actor, puts: Iterable[Put], over: Mapping[Ref, Current]) -> list[Row]:
    """Spread labels between stored resources of claims that get others and what did not come from these claims.

    A visit or a Claim keeps those it has of what was written beside it by other roads.
    """
    listed = list(puts)
    other = [put for put in listed if put.rtype not in UNLABELLED and (before := over.get((put.rtype, put.id))) and {*before.labels} != {*put.labels}]
    if not other:
        return []
    return spread(conn, by=by, puts=other, over=over, apart={put.source_id for put in listed if put.source_id is not None}, takers=False)


def derive_labels(*, by: Actor, progress: Callable[[int], object] | None = None) -> int:
    """Spread the labels of everybody's record anew, a transaction a person: of what was stored before labels crossed acts.

    Returns how many resources got more; twice equals once, and it may be stopped at any time. Raises Denied.
    """
    access.require(by, Right.RECORD_RESOURCE_WRITE)
    with unit_of_work(by=by) as conn:
        nobodys = [row.name for row in sql.labelled(conn, [NOBODY], (), ())]
        named = _who_name(conn, nobodys)
    changed, after = sum(_derived(by, person) for person in sorted(named)), NOBODY
    while True:
        with unit_of_work(by=by) as conn:
            listed = sql.people(conn, after, _AT_ONCE)
        if not listed:
            return changed
        for person in listed:
            changed += _derived(by, person)
        after = listed[-1]
        if progress is not None:
            progress(len(listed))


_AT_ONCE: Final = 500


def _derived(by: Actor, person: UUID) -> int:
    with unit_of_work(by=by) as conn:
        _hold(conn, by, [person])
        found = sql.references(conn, [person])
        web, nodes = Web(), [*map(_of_row, found)]
        found += sql.labelled(conn, [person], _asked(nodes), ())
        web.add([*nodes, *map(_of_row, found[len(nodes) :])])
        grown = _restricted(conn, web, {row.name: row for row in found})
        _note(conn, by, grown)
        settle(conn, by=by, grown=grown)
    return len(grown)
