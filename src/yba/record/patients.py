"""Patients as they are sent: the source's document, the person behind it, and the golden one, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit, identity
from yba.access import Home, Right
from yba.audit import Note, Tag
from yba.fhir import search
from yba.identity import patient_id
from yba.kit import clock
from yba.kit.errors import Conflict
from yba.kit.ids import derived, new_id

from . import awaited, store
from .lines import columns_of, whole
from .model import Put
from .patient_facts import facts_of, local_id
from .residence import commune_of
from .rest_docs import as_bytes
from .rest_model import ReadOnly, Saved, Write
from .rest_rights import FHIR, WRITE, platform, require_own
from .rest_steps import buried, check_deletion, check_version, taken
from .rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.identity import KnownPatient, PersonFacts, Resolution
    from yba.kit.actor import Actor

    from .rest_docs import Ready
    from .store.write import Current

_TYPE: Final = "Patient"
_RESOLVE: Final = Right.IDENTITY_PERSON_RESOLVE


class Written(NamedTuple):
    """What became of Patients, and what the act still has to write: rows that are certainly new."""

    saved: list[Saved]
    new: list[Put]
    notes: list[Note]
    people: dict[str, UUID]  # of Patients that were never here before, by their ids
    made: frozenset[UUID]  # people of whom nothing was stored before


class _Plan(NamedTuple):
    """One document, what it replaces, and whose source it is."""

    one: Ready
    uuid: UUID
    over: Current | None
    updated: datetime | None
    local: str

    @property
    def put(self) -> Put:
        """The put of the document; the person is still to be found."""
        one = self.one
        person = self.over.person_id if self.over else self.uuid
        return Put(
            _TYPE, one.id, person, one.doc, one.tokens, one.start, one.end, one.write.facility, self.uuid, (), FHIR, fresh=True, rows=one.rows,
        )  # fmt: skip


def identified(write: Write, facility: str) -> Write:
    """Give a Patient without an id the one of its source; without any identifier a new one."""
    local = local_id(write.doc, facility)
    if local:
        return write._replace(id=str(patient_id(facility, local)), facility=facility)
    return write._replace(id=str(new_id()), facility=facility, fresh=True)


def save(conn: Connection[Any], *, by: Actor, made: Sequence[Ready], moment: datetime, reason: str) -> Written:
    """Write source Patients over earlier ones, find or make their people, and write the golden Patients that changed; new ones are for the caller.

    Raises ReadOnly for a golden Patient, Conflict for a patient number of another human, VersionConflict, Denied.
    """
    if not made:
        return Written([], [], [], {}, frozenset())
    for facility in {one.write.facility for one in made}:
        access.require(by, _RESOLVE, facility=facility or None)
    with platform(conn, by) as (inner, who):
        own = {one.id: _own_source(one) for one in made}
        early = _asked_early(inner, who, made, own, moment)
        plans = _planned(inner, who, by, made, own, early.stored)
        going = [plan for plan in plans if plan.over is None or not plan.over.says(plan.put)]
        facts = [early.facts.get((plan.one.id, plan.local)) or _facts(plan.one, plan.uuid, plan.local, moment) for plan in going]
        going = [_settled(inner, who, plan, fact) for plan, fact in zip(going, facts, strict=True)]
        found = identity.resolve_many(inner, by=who, facts=facts, asked=early.near)
        _refuse_reused(found)
        new = _write(inner, going, found, moment)
        _settle(inner, who, facts, found)
    people = {plan.one.id: resolution.person_id for plan, resolution in zip(going, found, strict=True)}
    saved = [_saved(plan, people.get(plan.one.id), moment) for plan in plans]
    rows = [
        Note(Tag.RESOURCE_PUT, _TYPE, one.id, one.person_id, plan.one.write.facility or None, reason, None, str(one.version))
        for plan, one in zip(plans, saved, strict=True)
        if one.outcome != "unchanged"
    ]
    first = {plan.one.id: people[plan.one.id] for plan in going if plan.over is None}
    return Written(saved, new, rows, first, frozenset(one.person_id for one in found if one.made))


class _Early(NamedTuple):
    """What is asked in one message before anything of it is known."""

    stored: store.rest.Places
    facts: dict[tuple[str, str], PersonFacts]  # by id of the Patient and the source it is of
    near: identity.Ahead | None


def _asked_early(inner: Connection[Any], who: Actor, made: Sequence[Ready], own: Mapping[str, str], moment: datetime) -> _Early:
    """Ask where the ids stand, and whom the Patients may mean, where what they say alone tells the source they are of."""
    refs = [(_TYPE, one.id) for one in made if not one.write.fresh]
    store.rest.hold_ids(inner, refs)
    stored = store.rest.ask_people(inner, [id_ for _, id_ in refs])
    if any(not one.write.fresh and not own[one.id] for one in made):
        return _Early(stored, {}, None)
    places = [(one, _local(one, None, own[one.id])) for one in made]
    facts = {(one.id, local): _facts(one, columns_of(one.id)[0], local, moment) for one, local in places}
    return _Early(stored, facts, identity.ask_ahead(inner, by=who, facts=list(facts.values())))


def _planned(inner: Connection[Any], who: Actor, by: Actor, made: Sequence[Ready], own: Mapping[str, str], asked: store.rest.Places) -> list[_Plan]:
    there = store.rest.told_people(inner, asked)  # most are new: their place says so at a fifth of the price of looking for the rows
    stored = store.rest.current(inner, [(_TYPE, id_) for id_ in there]) if there else {}
    ids = {one.id: columns_of(one.id)[0] for one in made}
    chosen = [ids[one.id] for one in made if not one.write.fresh and not own[one.id]]
    known = identity.known_patients(inner, by=who, patients=chosen) if chosen else {}
    plans = []
    for one in made:
        over, _, updated = stored.get((_TYPE, one.id), (None, "", None))
        _refuse(inner, by, one, over, known.get(ids[one.id]))
        check_version(one.write, over)
        plans.append(_Plan(one, ids[one.id], over, updated, _local(one, known.get(ids[one.id]), own[one.id])))
    return plans


def _refuse(inner: Connection[Any], by: Actor, one: Ready, over: Current | None, known: KnownPatient | None) -> None:
    """A person's own Patient is made from its sources; another facility's source is that facility's: said to who has sent that person too."""
    compiled = known is not None and known.is_person
    if compiled or (over is not None and over.facility_id != one.write.facility):
        person = over.person_id if over is not None else columns_of(one.id)[0]
        if not store.rest.sent_by(inner, access.places(by, WRITE), {(_TYPE, one.id): person}):
            raise taken()
    if compiled:
        raise ReadOnly(
            "Đây là bản ghi tổng hợp của một người, do hệ thống lập từ các nguồn: hãy ghi Patient của cơ sở mình.",
            advice="This Patient is compiled from its sources: write your own facility's Patient, which it links to.",
        )
    if over is not None:
        require_own(by, over.facility_id, FHIR)
        if over.facility_id != one.write.facility:
            raise Conflict("Patient này của cơ sở khác.", advice="This Patient is another facility's.")


def _local(one: Ready, known: KnownPatient | None, own: str) -> str:
    """The source it is of: the one it always was, the one its identifier names (when the id is derived from it), else the id itself."""
    if known is not None and known.local_id and known.facility == one.write.facility:
        return known.local_id
    return own or awaited.source_of(one.id)


def _own_source(one: Ready) -> str:
    """The source whose facility and first identifier give the id, "" where they do not: then it is that source's, whoever asks."""
    local = local_id(one.write.doc, one.write.facility)
    return local if local and str(patient_id(one.write.facility, local)) == one.id else ""


def _facts(one: Ready, uuid: UUID, local: str, moment: datetime) -> PersonFacts:
    doc = {**one.write.doc, "id": one.id}
    claim = derived("fhir-patient", one.id)
    return facts_of(doc, facility=one.write.facility, local=local, patient=uuid, claim=claim, moment=moment)


def _settled(inner: Connection[Any], who: Actor, plan: _Plan, fact: PersonFacts) -> _Plan:
    """What was written of a Patient before it came goes to whom it means."""
    over = plan.over
    if over is None or over.version:
        return plan
    person = awaited.settle(inner, by=who, facts=fact, awaited=over.person_id)
    return plan._replace(over=over._replace(person_id=person))


def _refuse_reused(found: Sequence[Resolution]) -> None:
    """Under this number the facility has another human: two Patients cannot have one id."""
    if any(one.place is not None for one in found):
        raise Conflict(
            "Số bệnh nhân này cơ sở đã dùng cho một người khác: hãy dùng số mới.",
            advice="The facility uses this patient number for another human: give this one its own.",
        )


def _write(inner: Connection[Any], going: Sequence[_Plan], found: Sequence[Resolution], moment: datetime) -> list[Put]:
    """Write what replaces something; return what is new: `_planned` held the ids, and nobody has a golden Patient before it has sources."""
    new, changed = [], []
    for plan, resolution in zip(going, found, strict=True):
        put = plan.put
        put.person_id = resolution.person_id
        if plan.over is None:
            new.append(put)
        else:
            changed.append(store.Change(put, plan.over))
    golden = _golden(found)
    made = {str(one.person_id) for one in found if one.made}
    asked = [ref for ref in golden if ref[1] not in made]
    known = store.rest.current(inner, asked) if asked else {}
    for ref, put in golden.items():
        if ref not in known:
            new.append(put)
        elif not known[ref][0].says(put):
            changed.append(store.Change(put, known[ref][0]))
    if changed:
        store.replace(inner, changed, moment)
        store.rest.index_rows(inner, [change.put for change in changed], over=True)
    return new


def _golden(found: Sequence[Resolution]) -> dict[tuple[str, str], Put]:
    docs = {one.person_id: one.golden for one in found if one.golden is not None}
    docs |= {other: golden or {} for one in found for other, golden in one.others}
    puts = {}
    for person, doc in docs.items():
        puts[_TYPE, str(person)] = _compiled(person, str(person), doc)
    return puts


def _compiled(person: UUID, id_: str, doc: dict[str, Any]) -> Put:
    """The put of a golden Patient."""
    index = search.index(_TYPE, doc)
    return Put(_TYPE, id_, person, as_bytes(doc), *index, "", None, (), FHIR, rows=rows_of(_TYPE, index))


def _settle(inner: Connection[Any], who: Actor, facts: Sequence[PersonFacts], found: Sequence[Resolution]) -> None:
    """Say where the people live whose golden Patient is new or changed: what opens their record to the commune's station."""
    homes = {
        one.person_id: (Home(one.person_id, commune_of(one.golden, fact.seen_at), fact.seen_at), one.made)
        for one, fact in zip(found, facts, strict=True)
        if one.golden is not None
    }
    for new in (True, False):  # nobody who is new has lived anywhere else
        some = [home for home, made in homes.values() if made is new and (home.commune or not new)]
        if some:
            access.reside_many(inner, by=who, homes=some, fresh=new)


def _saved(plan: _Plan, person: UUID | None, moment: datetime) -> Saved:
    over = plan.over
    if person is None and over is not None and plan.updated is not None:
        return Saved(_TYPE, plan.one.id, over.version, plan.updated, "unchanged", over.person_id, whole(_TYPE, plan.one.id, over.doc))
    outcome = "created" if over is None or over.deleted else "updated"
    return Saved(_TYPE, plan.one.id, over.version + 1 if over else 1, moment, outcome, person or plan.uuid, plan.one.doc.decode())


def delete(conn: Connection[Any], *, by: Actor, ids: Sequence[str], if_match: int | None, reason: str) -> list[Saved]:
    """Take source Patients back: their people forget what they said. Raises Conflict while something refers to one, ReadOnly, Denied.

    Those of people no facility of the actor has sent are passed over as if there were none: that there is one is nobody else's business.
    """
    if not ids:
        return []
    access.require(by, _RESOLVE)
    refs = [(_TYPE, id_) for id_ in ids]
    with platform(conn, by) as (inner, who):
        store.rest.hold_ids(inner, refs)
        found = store.rest.current(inner, refs)
        uuids = {ref: columns_of(ref[1])[0] for ref in found}
        known = identity.known_patients(inner, by=who, patients=list(uuids.values())) if found else {}
        reached = store.rest.sent_by(inner, access.places(by, WRITE), {ref: over.person_id for ref, (over, _, _) in found.items()})
        found = {ref: one for ref, one in found.items() if one[0].version and ref in reached}  # 0: named, and not sent yet
        for ref, (over, mapped_by, _) in found.items():
            if known[uuids[ref]].is_person:
                raise ReadOnly("Bản ghi tổng hợp của một người không xóa được.", advice="A person's compiled Patient is not deleted.")
            require_own(by, over.facility_id, mapped_by)
            check_deletion(over, if_match)
        living = {ref: over for ref, (over, _, _) in found.items() if not over.deleted}
        if store.rest.refers(inner, [uuids[ref] for ref in living]):
            raise Conflict(
                "Còn mục trong hồ sơ nói về Patient này.", advice="Something in the record still refers to this Patient: delete that first."
            )
        moment = clock.now()
        _bury(inner, who, living, [uuids[ref] for ref in living], moment)
    rows = [
        Note(Tag.RESOURCE_TOMBSTONE, *ref, over.person_id, over.facility_id or None, reason, None, str(over.version + 1))
        for ref, over in living.items()
    ]  # fmt: skip
    audit.note_many(conn, by=by, rows=rows)
    return [buried(ref, over, updated, moment) for ref, (over, _, updated) in found.items()]


def _bury(inner: Connection[Any], who: Actor, living: dict[tuple[str, str], Current], uuids: Sequence[UUID], moment: datetime) -> None:
    if not living:
        return
    store.bury(inner, living, moment)
    changed = identity.retract(inner, by=who, births=uuids)
    silent = [(_TYPE, str(person)) for person, golden in changed if golden is None]
    known = store.rest.current(inner, [(_TYPE, str(person)) for person, _ in changed])
    gone = {ref: known[ref][0] for ref in silent if ref in known and not known[ref][0].deleted}
    if gone:
        store.bury(inner, gone, moment)
    puts = [_compiled(known[_TYPE, str(person)][0].person_id, str(person), doc) for person, doc in changed if doc is not None]
    if puts:
        store.replace(inner, [store.Change(put, known[_TYPE, put.id][0]) for put in puts], moment)
        store.rest.index_rows(inner, puts, over=True)
    store.rest.forget_rows(inner, [*living, *gone])
