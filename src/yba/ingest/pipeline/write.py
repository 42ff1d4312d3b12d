"""Write prepared claims: resolve persons, put resources, keep versions, outcomes, findings and audit, all in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from yba import audit, identity, record
from yba.ingest import across, mapping, store
from yba.ingest.channel import Outcome
from yba.ingest.faults import finding

from . import births, deaths, named, patients, relations
from .prepare import Prepared, add_mapping, same_person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from yba.identity import Resolution
    from yba.ingest.landing.vault import Vault
    from yba.ingest.stored import StoredClaim
    from yba.kit.actor import Actor
    from yba.record import Put

Rows = list[tuple[Any, ...]]


@dataclass(slots=True)
class Batch:
    """What one batch writes, table by table, and what it counts."""

    claims: Rows = field(default_factory=list)
    updates: Rows = field(default_factory=list)
    versions: Rows = field(default_factory=list)
    outcomes: Rows = field(default_factory=list)
    findings: Rows = field(default_factory=list)
    touches: Rows = field(default_factory=list)
    notes: list[audit.Note] = field(default_factory=list)
    relations: relations.Carried = field(default_factory=relations.Carried)
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    persons_new: set[UUID] = field(default_factory=set)
    persons: set[UUID] = field(default_factory=set)
    resources: int = 0
    assessments_rejected: int = 0
    again: bool = False

    def outcome(self, ready: Prepared, what: Outcome, *, person: UUID | None = None, new: bool = False, resources: int = 0) -> None:
        """Account for one claim."""
        task, claim = ready.task, ready.claim
        if not task.assessment:
            self.counts[what] += 1
        elif what is Outcome.REJECTED:
            self.assessments_rejected += 1
        self.outcomes.append((task.landing, ready.claim_id, person, len(ready.findings), resources, what, new, claim.facility, claim.link[:_LINK]))
        self.findings += [store.finding_row(task.landing, one) for one in ready.findings]

    def merge(self, other: Batch) -> None:
        """Add the counts of a batch that is already written."""
        self.findings += other.findings
        self.persons |= other.persons
        self.persons_new |= other.persons_new
        self.resources += other.resources
        self.assessments_rejected += other.assessments_rejected
        for what, count in other.counts.items():
            self.counts[what] += count

    @property
    def finding_count(self) -> int:
        """Findings of all claims of the batch."""
        return len(self.findings)


# A claim mapped or put into force again says nothing new: the trail tells it from a hospital's correction.
_TAGS: Final = {
    (False, False): audit.Tag.INGEST_CLAIM_ACCEPT,
    (False, True): audit.Tag.INGEST_CLAIM_REPLACE,
    (True, False): audit.Tag.INGEST_CLAIM_REPLAY,
    (True, True): audit.Tag.INGEST_CLAIM_REPLAY,
}
_LINK: Final = 200  # a link id of 400 digits is a finding, not a reason for a wide row


def apply_claims(conn: Connection[Any], vault: Vault, prepared: Sequence[Prepared], *, by: Actor, again: bool = False) -> Batch:
    """Write a batch of claims in order of landing.

    ``again`` writes a claim even if its content is the one in force (re-mapping, restoring after a withdrawal).
    """
    batch = Batch(again=again)
    rest = list(prepared)
    while rest:
        now, rest = _first_of_each(rest)
        _apply_round(conn, vault, now, batch, by=by, again=again)
    if again:  # what became of these claims was told when they landed
        batch.outcomes, batch.findings = [], []
    _flush(conn, batch, by=by)
    return batch


def _first_of_each(prepared: list[Prepared]) -> tuple[list[Prepared], list[Prepared]]:
    """A claim sent twice in one batch is written in two rounds, so that the second sees the first."""
    seen: set[UUID] = set()
    now: list[Prepared] = []
    later: list[Prepared] = []
    for ready in prepared:
        if ready.claim_id is not None and ready.claim_id in seen:
            later.append(ready)
        else:
            now.append(ready)
            if ready.claim_id is not None:
                seen.add(ready.claim_id)
    return now, later


def _apply_round(conn: Connection[Any], vault: Vault, prepared: list[Prepared], batch: Batch, *, by: Actor, again: bool) -> None:
    if batch.claims or batch.updates or batch.touches:  # an earlier round of this batch must be visible to this one
        _flush_claims(conn, batch, by=by)
    ids = [ready.claim_id for ready in prepared if ready.claim_id is not None]
    senders = store.hold_claims(conn, ids, {ready.claim.facility for ready in prepared})
    known = store.known_claims(conn, ids, lock=False)
    going = [ready for ready in prepared if _goes_on(vault, ready, _in_force(known, ready), batch, again=again)]
    puts = _moved_deaths(conn, going, known, by=by)
    facts = [one for ready in going if ready.mapped for one in ready.mapped.people]
    everybody = identity.resolve_many(conn, by=by, facts=facts)
    puts += patients.puts(everybody, facts)
    batch.relations.live(everybody, facts)
    batch.relations.arrive(going, senders)
    resolved = births.apart(going, everybody)
    if not again:
        written = [_written(ready, found) for ready, found in zip(going, resolved, strict=True) if not ready.task.assessment]
        across.judge(conn, written, senders)
        across.judge_cards(conn, written, by=by)
        deaths.judge(conn, going, resolved, by=by)
    for ready, found in zip(going, resolved, strict=True):
        puts += _take(ready, found, _in_force(known, ready), batch)
    puts += patients.shared(going)
    puts += _tombstone_vanished(conn, going, known, by=by)
    named.note(conn, [ready.mapped.named for ready in going if ready.mapped], by=by)
    counts = record.put_many(conn, by=by, puts=puts)
    batch.resources += counts.created + counts.changed


def _moved_deaths(conn: Connection[Any], going: Sequence[Prepared], known: dict[UUID, StoredClaim], *, by: Actor) -> list[Put]:
    """Take back what earlier versions said of another patient number's death; returns golden Patients."""
    moved = [
        (before.id, before.patient_id)
        for ready in going
        if ready.mapped and (before := _in_force(known, ready)) and before.patient_id != ready.mapped.patient_id
    ]
    return patients.take_back(conn, by=by, deaths=moved, reason="claim replaced")


def _tombstone_vanished(conn: Connection[Any], going: Sequence[Prepared], known: dict[UUID, StoredClaim], *, by: Actor) -> list[Put]:
    """Take out of the record what a claim's earlier version said and this one does not; returns golden Patients that changed with it."""
    kept = {ready.claim_id: ready.mapped.resource_ids for ready in going if ready.claim_id in known and ready.mapped}
    if not kept:
        return []
    before = record.refs_of_sources(conn, by=by, source_ids=list(kept))
    gone = [ref for source, refs in before.items() for ref in sorted(refs - kept[source])]
    if gone:
        record.tombstone_many(conn, by=by, refs=gone, reason="claim replaced")
    born = [UUID(id_) for rtype, id_ in gone if rtype == "Patient"]
    return patients.take_back(conn, by=by, births=born, reason="claim replaced")


def _in_force(known: dict[UUID, StoredClaim], ready: Prepared) -> StoredClaim | None:
    return known.get(ready.claim_id) if ready.claim_id is not None else None


def _goes_on(vault: Vault, ready: Prepared, known: StoredClaim | None, batch: Batch, *, again: bool) -> bool:
    """Decide what becomes of a claim that needs no writing; map the others against what is in force."""
    if ready.rejected:
        batch.outcome(ready, Outcome.REJECTED)
        return False
    if known is not None and not again:
        if known.landing > ready.task.landing and not known.withdrawn:
            batch.outcome(ready, Outcome.UNCHANGED, person=known.person_id)  # older than what is in force: history only
            return False
        if known.digest == ready.digest and not known.withdrawn:
            batch.touches.append((ready.task.landing, known.id))
            batch.outcome(ready, Outcome.UNCHANGED, person=known.person_id)
            return False
    base = known.version if known is not None else 0
    if ready.mapped is None or ready.mapped.base != base:
        add_mapping(ready, vault, known)
    # A link id taken back stays its patient's too: its resources come back with their earlier versions, which are read with the record they are in.
    earlier = known if known is not None and not again else None
    if earlier is not None and ready.mapped is not None and not same_person(earlier.who, ready.mapped.who):
        ready.findings.append(finding("READ018", table="XML1", row=1, field="MA_LK", value=ready.claim.link))
        batch.outcome(ready, Outcome.REJECTED)
        return False
    return True


def _written(ready: Prepared, found: Resolution) -> across.Written:
    mapped, claim_id = ready.mapped, ready.claim_id
    assert mapped is not None and claim_id is not None  # noqa: S101, PT018  # mypy needs to know what `_goes_on` made sure of
    return across.Written(
        ready.claim, claim_id, found.person_id, mapped.started_at, mapped.ended_at, ready.traits, ready.task.landing, ready.findings
    )


def _take(ready: Prepared, found: Resolution, known: StoredClaim | None, batch: Batch) -> list[Put]:
    """Give a claim's resources their person and write down its version; returns what is to be put."""
    mapped, claim, task = ready.mapped, ready.claim, ready.task
    assert mapped is not None  # noqa: S101  # mypy needs to know what the line above made sure of
    person = found.person_id
    for put in mapped.puts:
        put.person_id = person
    for birth in mapped.births:
        birth.give(person)
    version = known.version + 1 if known is not None else 1
    if found.review:
        ready.findings.append(patients.review_finding(found.review))
    row = (
        task.landing, mapped.started_at, mapped.ended_at, ready.claim_id, person, mapped.patient_id, version, claim.facility, claim.link,
        claim.decision, mapped.release, ready.digest, mapped.who, mapped.row_keys, ready.traits, found.place,
    )  # fmt: skip
    (batch.updates if known is not None else batch.claims).append(row)
    batch.relations.take(ready, found, known=known is not None)
    batch.versions.append((ready.claim_id, task.landing, version, len(mapped.puts), mapped.release, ready.digest, mapped.residue))
    for one in (found, *births.resolutions(mapped.births)):
        if one.new:
            batch.persons_new.add(one.person_id)
        batch.persons.add(one.person_id)
    what = Outcome.REPLACED if known is not None else Outcome.ACCEPTED
    batch.outcome(ready, what, person=person, new=found.new, resources=len(mapped.puts))
    note = audit.Note(
        tag=_TAGS[batch.again, known is not None],
        about_type="Claim",
        about_id=str(ready.claim_id),
        person_id=person,
        facility=claim.facility,
        detail={"version": version, "resources": len(mapped.puts), "landing": task.landing, "release": mapping.CURRENT},
    )
    batch.notes += [note, *births.notes(mapped.births, note)]
    return mapped.puts


def _flush_claims(conn: Connection[Any], batch: Batch, *, by: Actor) -> None:
    store.copy_claims(conn, batch.claims)
    store.update_claims(conn, batch.updates)
    store.touch_claims(conn, batch.touches)
    batch.claims, batch.updates, batch.touches = [], [], []
    batch.relations.write(conn, by=by)


def _flush(conn: Connection[Any], batch: Batch, *, by: Actor) -> None:
    _flush_claims(conn, batch, by=by)
    store.copy_versions(conn, batch.versions)
    store.copy_outcomes(conn, batch.outcomes)
    store.copy_findings(conn, batch.findings)
    audit.note_many(conn, by=by, rows=batch.notes)
