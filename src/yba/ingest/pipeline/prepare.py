"""What can be done to a claim without writing: read, check, recognise, map, index. Runs in parallel workers."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import orjson

from yba.fhir import search
from yba.ingest import mapping, row_keys
from yba.ingest.across import traits_of
from yba.ingest.checks import check
from yba.ingest.claims_xml import ASSESSMENT, read_assessment, read_claim
from yba.ingest.context import context
from yba.ingest.faults import finding
from yba.ingest.landing.scanner import Part
from yba.ingest.model import Finding, ParsedClaim, Severity
from yba.ingest.signatures import required
from yba.kit import ids
from yba.kit.text import name_key
from yba.record import NOBODY, Put, rows_of

from .births import TABLE, Birth, births_of, people
from .named import Named, named

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from yba.identity import PersonFacts
    from yba.ingest.landing.arrival import Task
    from yba.ingest.landing.vault import Vault
    from yba.ingest.stored import StoredClaim

_DIGEST: Final = 16
_WHO: Final = 8
_SHARED_KEPT: Final = 65_536
_shared_puts: dict[str, tuple[mapping.Doc, Put]] = {}
"""By id, beside the very document it was made from: the mapping gives one object for one code."""


@dataclass(slots=True)
class Prepared:
    """One claim ready to be written; without ``mapped`` it is rejected, and the findings say why."""

    task: Task
    claim: ParsedClaim
    findings: list[Finding]
    claim_id: UUID | None = None
    digest: bytes = b""
    mapped: Mapping | None = None
    first: int = 0
    """The landing at which this content came first, where it is written again; 0: that of the task."""
    traits: int = 0
    """What other claims of the person are held against it for (`across.traits_of`)."""

    @property
    def rejected(self) -> bool:
        """Whether a finding of severity REJECT stands against it."""
        return any(one.severity is Severity.REJECT for one in self.findings)


@dataclass(slots=True)
class Mapping:
    """The claim as resources: ``puts`` wait for their person; ``base`` is the version whose row keys were continued (0: none)."""

    puts: list[Put]
    shared: list[Put]
    facts: PersonFacts
    patient_id: UUID
    who: bytes
    started_at: datetime | None
    ended_at: datetime | None
    residue: bytes
    row_keys: bytes
    base: int
    release: str
    named: Named
    births: list[Birth]

    @property
    def people(self) -> list[PersonFacts]:
        """Its person, then the newborns it tells of."""
        return [self.facts, *people(self.births)] if self.births else [self.facts]

    @property
    def resource_ids(self) -> set[tuple[str, str]]:
        """Type and id of what the claim owns; only wanted where it replaces an earlier version."""
        return {(put.rtype, put.id) for put in self.puts}


def prepare(task: Task, *, again: bool = False) -> Prepared:
    """Read and check one claim; mapping waits until it is known what stands in the database.

    ``again``: it was taken in before (re-mapping, restoring), so sender and policy of today are not asked.
    """
    claim = read_assessment(task.data, task.envelope) if task.assessment else read_claim(task.data, task.envelope, lone=task.lone)
    if task.part is Part.UNFINISHED:
        return Prepared(task, claim, [finding("READ001"), *claim.reading])
    ready = Prepared(task, claim, [*claim.reading, *_judged(claim), *(() if again else _unfit(claim))])
    if not ready.rejected:
        ready.claim_id = ids.derived("assessment" if task.assessment else "claim", claim.facility, claim.link)
        ready.digest = digest(claim)
        ready.traits = traits_of(claim)
    return ready


def _judged(claim: ParsedClaim) -> list[Finding]:
    """What the checks find; that XML1 is missing (VR007) is not said where reading has said already why it could not be had."""
    found = check(claim, context())
    unreadable = any(one.severity is Severity.REJECT for one in claim.reading)
    return [one for one in found if one.rule != "VR007"] if unreadable else found


def _unfit(claim: ParsedClaim) -> list[Finding]:
    """Hold a claim against its sender and its facility's policy once more: what the face let in by mistake ends here."""
    found = []
    untold = not claim.facility and ASSESSMENT in claim.tables  # of several facilities of one sender
    if claim.envelope.only and claim.facility not in claim.envelope.only and not untold:
        found.append(finding("LAND009", table="XML1", row=1, field="MA_CSKCB", value=claim.facility))
    if claim.facility and required(claim.facility) and not claim.envelope.trusted:
        found.append(finding("LAND015"))
    return found


def digest(claim: ParsedClaim) -> bytes:
    """16 bytes that are equal for equal content, however it was enveloped, encoded or ordered."""
    tables = {name: rows for name, rows in claim.tables.items() if rows}
    text = orjson.dumps([claim.decision, tables], option=orjson.OPT_SORT_KEYS)
    return blake2b(text, digest_size=_DIGEST).digest()


def add_mapping(ready: Prepared, vault: Vault, known: StoredClaim | None) -> None:
    """Map a claim, continuing the row keys of the version in force."""
    claim, task = ready.claim, ready.task
    keys = row_keys.matched(known.row_keys, claim.tables) if known else row_keys.fresh(claim.tables)
    mapped = mapping.map_claim(claim, keys)
    for facts in (mapped.facts, *mapped.births):
        facts.sequence, facts.claim = ready.first or task.landing, ready.claim_id
    puts: list[Put] = []
    shared: list[Put] = []
    facility, claim_id, fresh = claim.facility, ready.claim_id, known is None
    assert claim_id is not None  # noqa: S101  # mypy needs to know what the line above made sure of
    for one in mapped.resources:
        if one.shared:
            shared.append(_shared(one))
            continue
        doc = one.doc
        index = search.index(one.rtype, doc)
        tokens, begins, ends = index
        # by position, in the order of `Put`: names cost a third of the call
        puts.append(Put(one.rtype, one.id, NOBODY, orjson.dumps(doc), tokens, begins, ends, facility, claim_id, one.labels, mapping.CURRENT, fresh))
        if index.texts:  # a newborn's Patient
            puts[-1].rows = rows_of(one.rtype, index)
    start, end = mapped.period
    ready.mapped = Mapping(
        puts=puts,
        shared=shared,
        facts=mapped.facts,
        patient_id=ids.derived("Patient", mapped.facts.facility, mapped.facts.local_id),
        who=who(mapped.facts),
        started_at=None if task.assessment else start,  # a meeting of the council is no visit
        ended_at=end,
        residue=vault.seal_residue(task.key, orjson.dumps(mapped.residue)),
        row_keys=row_keys.pack(claim.tables, keys),
        base=known.version if known else 0,
        release=mapping.CURRENT,
        named=named(claim),
        births=births_of(mapped, puts) if TABLE in claim.tables else [],
    )


def _shared(one: mapping.Resource) -> Put:
    """Give an Organization, Location or Practitioner as a put; this process made it a moment ago for another claim, as a rule."""
    held = _shared_puts.get(one.id)
    if held is None or held[0] is not one.doc:
        index = search.index(one.rtype, one.doc)
        put = Put(one.rtype, one.id, NOBODY, orjson.dumps(one.doc), *index, "", None, one.labels, mapping.CURRENT, rows=rows_of(one.rtype, index))
        if len(_shared_puts) >= _SHARED_KEPT:
            _shared_puts.clear()
        held = _shared_puts[one.id] = one.doc, put
    return held[1]


def who(facts: PersonFacts) -> bytes:
    """Three 8-byte keyed hashes (name, birth, citizen number; zeros = not said) by which two people under one link id are told apart."""
    parts = (name_key(facts.name), facts.birth[:4], facts.citizen_number)
    return b"".join(ids.derived("who", part).bytes[-_WHO:] if part else bytes(_WHO) for part in parts)


def same_person(before: bytes, after: bytes) -> bool:
    """False only when everything that both versions say of the person differs, and at least two things are said by both."""
    pairs = [(before[at : at + _WHO], after[at : at + _WHO]) for at in range(0, 3 * _WHO, _WHO)]
    said = [(a, b) for a, b in pairs if any(a) and any(b)]
    return any(a == b for a, b in said) or len(said) < 2  # noqa: PLR2004  # one difference may be a typing error
