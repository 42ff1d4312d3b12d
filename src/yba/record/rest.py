"""Writing resources one by one as FHIR clients do: created, replaced, deleted, in one act, each audited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from yba import audit
from yba.audit import Note, Tag
from yba.kit import clock
from yba.kit.errors import Invalid
from yba.kit.ids import new_id
from yba.specs import visits as specs

from . import awaited, beside, patients, store, visits
from .lines import columns_of, whole
from .model import NOBODY, Put
from .rest_docs import Ready, ready
from .rest_model import NotStorable, Problem, Saved, Write
from .rest_rights import facility_for, open_for_writing, require_own, require_rows, require_writer
from .rest_steps import buried, check_deletion, check_version, insert, keep_home
from .rows import has_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .changing import Changing
    from .model import Ref
    from .store.beside import Row
    from .store.write import Current


class _Plan(NamedTuple):
    """What becomes of one document: the put, and what it replaces."""

    put: Put
    over: Current | None
    updated: datetime  # of an unchanged one: when it was written

    @property
    def outcome(self) -> str:
        """The word for it."""
        if self.over is None or self.over.deleted:
            return "created"
        return "unchanged" if self.over.says(self.put) and self.over.person_id == self.put.person_id else "updated"


def identify(*, by: Actor, writes: Iterable[Write]) -> list[Write]:
    """Give writes their facility and those without an id the id they will have: what a transaction's references are resolved to.

    A Patient without an id gets the one of its source (facility and first identifier), so that one sent twice is one. Raises Denied, Invalid.
    """
    listed = list(writes)
    facilities = {named: facility_for(by, named) for named in {write.facility for write in listed}}
    return [_identified(write, facilities[write.facility]) for write in listed]


def _identified(write: Write, facility: str) -> Write:
    if write.id is not None:
        return write if write.facility == facility else write._replace(facility=facility)
    if write.rtype == "Patient":
        return patients.identified(write, facility)
    return write._replace(id=str(new_id()), facility=facility, fresh=True)


def lock_for(conn: Connection[Any], *, by: Actor, rtype: str, criteria: str) -> None:
    """Hold the criteria of a conditional act ("identifier=system|value") until the end of the transaction, before they are searched.

    Whoever asks the same waits, so that of two only one finds nothing. Raises Denied.
    """
    require_writer(by)
    store.rest.hold_criteria(conn, [f"{rtype}?{criteria}"])


def save(conn: Connection[Any], *, by: Actor, writes: Sequence[Write], reason: str = "", over: Changing | None = None) -> list[Saved]:
    """Create or replace resources in one act and return what became of each, in the order given.

    ``over``: what `to_change` returned in this same transaction: it is held, and not asked for again.

    Unchanged content makes no version; a deleted one comes back. References to Patients decide whose record a resource stands in: one that
    is not known, nor written in the same act, is expected (`awaited`), or refused where that is not allowed. Raises NotStorable with
    everything that is wrong, VersionConflict, ReadOnly, Conflict, Denied.
    """
    if wrong := {write.channel for write in writes} - set(specs.rules().written):
        raise Invalid(f"{', '.join(sorted(wrong))}: no channel by which resources are written.")
    named = identify(by=by, writes=writes)
    open_for_writing(conn, by)
    made = ready(named)
    moment = clock.now()
    sources = patients.save(conn, by=by, made=[one for one in made if one.rtype == "Patient"], moment=moment, reason=reason)
    saved = {(one.rtype, one.id): one for one in sources.saved}
    rest = [one for one in made if one.rtype != "Patient"]
    plans, grown = _planned(conn, by, rest, sources, over) if rest else ([], [])
    _write(conn, plans, moment, sources.new)
    if rest:
        known = {plan.put.id: plan.over.person_id for plan in plans if plan.over and plan.put.rtype == "Encounter"}
        told = [(one, plan.put.person_id) for one, plan in zip(rest, plans, strict=True) if not visits.says_the_same(one, plan.over)]
        anew, people = [one for one, _ in told], [person for _, person in told]
        visits.note(conn, by=by, made=anew, people=people, known=known.keys(), left=known.values(), unheard=sources.made)
        beside.settle(conn, by=by, grown=grown)
        saved |= {(plan.put.rtype, plan.put.id): _saved(plan, moment) for plan in plans}
    notes = _notes([saved[plan.put.rtype, plan.put.id] for plan in plans], [plan.put.facility_id for plan in plans], reason)
    audit.note_many(conn, by=by, rows=[*sources.notes, *notes], late=True)
    return [saved[write.rtype, write.id or ""] for write in named]


def _planned(
    conn: Connection[Any], by: Actor, made: Sequence[Ready], sources: patients.Written, over: Changing | None
) -> tuple[list[_Plan], list[Row]]:
    """Say what becomes of each document, with its labels, and what is stored that has more of them by this act."""
    held = over.rows if over is not None else {}
    given = [ref for one in made if not one.write.fresh and (ref := (one.rtype, one.id)) not in held]
    crossing = beside.borders(made)
    store.rest.hold_ids(conn, given)
    # One message, in this order: a merge takes a Patient's place before the rows.
    whose = store.rest.ask_people(conn, {ref for one in made for ref in one.patients} - sources.people.keys(), crossing=crossing)
    known = beside.ask(conn, crossing, {*sources.people.values()} - sources.made, whose)
    stored = store.rest.ask_current(conn, given)
    puts = _puts(conn, by, made, {**sources.people, **store.rest.told_people(conn, whose)})
    found = {**held, **store.rest.current_of(conn, stored)}
    allowed = over.allowed if over is not None else frozenset()
    require_rows(conn, by, [row for put in puts if (row := (put.rtype, put.person_id, put.facility_id)) not in allowed])
    now = clock.now()
    plans = []
    for one, put in zip(made, puts, strict=True):
        before, mapped_by, updated = found.get((one.rtype, one.id), (None, "", now))
        if before is not None:
            require_own(by, before.facility_id, mapped_by)
            put.also = put.also or ()
            put.facility_id, put.mapped_by = before.facility_id, mapped_by
        check_version(one.write, before)
        keep_home(conn, put, before, one.patients)
        plans.append(_Plan(put, before, updated))
    return plans, _spread(conn, by, made, plans) if crossing is not None and (crossing.gives or beside.told(conn, whose, known)) else []


def _spread(conn: Connection[Any], by: Actor, made: Sequence[Ready], plans: Sequence[_Plan]) -> list[Row]:
    standing = {(plan.put.rtype, plan.put.id): plan.over for plan in plans if plan.over is not None}
    grown = beside.spread(conn, by=by, puts=[plan.put for plan in plans], over=standing)
    for one, plan in zip(made, plans, strict=True):
        one.labels = plan.put.labels
    return grown


def _puts(conn: Connection[Any], by: Actor, made: Sequence[Ready], people: dict[str, UUID]) -> list[Put]:
    """Give documents their people. Raises NotStorable naming every reference to a Patient that is not known and cannot be expected.

    ``people``: Patients that are known, held or first written by this act, so that nobody else can move them before it ends.
    """
    missing = {ref: one.write.facility for one in made for ref in one.patients if ref not in people}
    if missing:
        people |= awaited.expect(conn, by=by, missing=missing)
    unknown = [
        Problem("not-found", one.place_of(ref), f"Không có Patient/{ref}.", f"Patient/{ref} is not known here.", (one.rtype, one.id))
        for one in made
        for ref in one.patients
        if ref not in people
    ]  # fmt: skip
    if unknown:
        raise NotStorable(unknown)
    return [_put(one, list(dict.fromkeys(people[ref] for ref in one.patients))) for one in made]


def _put(one: Ready, people: list[UUID]) -> Put:
    home, also = (people[0], tuple(people[1:])) if people else (NOBODY, ())
    source = columns_of(one.patients[0])[0] if one.patients else None
    return Put(
        one.rtype, one.id, home, one.doc, one.tokens, one.start, one.end, one.write.facility, source, one.labels, one.write.channel,
        fresh=one.write.fresh, also=also or None, rows=one.rows,
    )  # fmt: skip


def _write(conn: Connection[Any], plans: Sequence[_Plan], moment: datetime, sources: Sequence[Put]) -> None:
    """Write resources, and the ``sources`` that are new."""
    new = [plan.put for plan in plans if plan.over is None]
    changed = [plan for plan in plans if plan.over is not None and plan.outcome != "unchanged"]
    insert(conn, [*sources, *(put for put in new if put.fresh)], moment, sure=True)
    insert(conn, [put for put in new if not put.fresh], moment, sure=False)
    if changed:
        store.replace(conn, [store.Change(plan.put, plan.over) for plan in changed if plan.over], moment)
        store.rest.index_rows(conn, [plan.put for plan in changed], over=True)
    shared = [plan.put for plan in plans if plan.put.also is not None and plan.outcome != "unchanged"]
    if shared:
        store.share(conn, shared)


def _saved(plan: _Plan, moment: datetime) -> Saved:
    put, over, outcome = plan.put, plan.over, plan.outcome
    if outcome == "unchanged" and over is not None:
        return Saved(put.rtype, put.id, over.version, plan.updated, outcome, over.person_id, whole(put.rtype, put.id, over.doc))
    return Saved(put.rtype, put.id, over.version + 1 if over else 1, moment, outcome, put.person_id, put.doc.decode())


def _notes(saved: Sequence[Saved], facilities: Sequence[str], reason: str) -> list[Note]:
    return [
        Note(Tag.RESOURCE_PUT, one.rtype, one.id, one.person_id, facility or None, reason, None, str(one.version))
        for one, facility in zip(saved, facilities, strict=True)
        if one.outcome != "unchanged"
    ]


def delete(conn: Connection[Any], *, by: Actor, refs: Iterable[Ref], if_match: int | None = None, reason: str = "") -> list[Saved]:
    """Put tombstones over resources; those that do not exist, or out of reach, are passed over, those deleted before are "unchanged".

    A source Patient goes with what it said of its person, once nothing refers to it any more. Raises VersionConflict, ReadOnly, Conflict, Denied.
    """
    require_writer(by)
    open_for_writing(conn, by)
    wanted = list(dict.fromkeys(refs))
    sources = [ref for ref in wanted if ref[0] == "Patient"]
    gone = patients.delete(conn, by=by, ids=[id_ for _, id_ in sources], if_match=if_match, reason=reason)
    others = [ref for ref in wanted if ref[0] != "Patient"]
    store.rest.hold_ids(conn, others)
    found = store.rest.current(conn, others) if others else {}
    require_rows(conn, by, [(ref[0], over.person_id, over.facility_id) for ref, (over, _, _) in found.items()])
    for over, mapped_by, _ in found.values():
        require_own(by, over.facility_id, mapped_by)
        check_deletion(over, if_match)
    living = {ref: over for ref, (over, _, _) in found.items() if not over.deleted}
    moment = clock.now()
    if living:
        store.bury(conn, living, moment)
        store.rest.forget_rows(conn, [ref for ref in living if has_rows(ref[0])])
        visits.forget(conn, by=by, gone={ref: over.person_id for ref, over in living.items()}, reason=reason or "deleted")
        notes = [
            Note(Tag.RESOURCE_TOMBSTONE, rtype, id_, over.person_id, over.facility_id or None, reason, None, str(over.version + 1))
            for (rtype, id_), over in living.items()
        ]
        audit.note_many(conn, by=by, rows=notes)
    return gone + [buried(ref, over, updated, moment) for ref, (over, _, updated) in found.items()]
