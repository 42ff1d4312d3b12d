"""Hold the claims of a round against what is in force and against each other, and add what is found to their findings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from yba.ingest.checks.plan import told
from yba.ingest.model import VALUE_LENGTH, Finding
from yba.specs import rules

from . import check_in, pairs
from .store import Around, Arrived, Other, look_up

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.ingest.checks.model import Fault
    from yba.ingest.model import ParsedClaim

    from .store import CheckIn

_FLAGS: Final = 0xFF


@dataclass(slots=True)
class Written:
    """A claim about to be written, its person known; ``findings`` grows."""

    claim: ParsedClaim
    claim_id: UUID
    person: UUID
    start: datetime | None
    end: datetime | None
    traits: int
    landing: int
    findings: list[Finding]

    def as_other(self) -> Other | None:
        """The claim as the others see it; None when no rule across claims can concern it."""
        if not self.traits or self.start is None or self.end is None:
            return None
        return Other(self.claim_id, self.claim.facility, self.claim.link, self.start, self.end, self.traits)


def judge(conn: Connection[Any], written: Sequence[Written], senders: Container[str]) -> None:
    """Add to each claim's findings what its person's other claims and its check-in say against it.

    ``written`` in the order of writing: a pair of one round is told at the later one. ``senders``: facilities that ever sent a check-in.
    One round trip when a claim has traits or its facility sends check-ins, none otherwise.
    """
    seen = [one.as_other() for one in written]
    around = [
        Around(number, written[number].person, other.traits & _FLAGS, *pairs.span(other)) for number, other in enumerate(seen) if other is not None
    ]
    arrived = [_arrived(number, one) for number, one in enumerate(written) if one.claim.facility in senders]
    found, check_ins = look_up(conn, around, arrived)
    _pairs(written, seen, found)
    _check_ins(written, check_ins)


def _arrived(number: int, one: Written) -> Arrived:
    head = one.claim.tables["XML1"][0]
    return Arrived(number, one.claim.facility, one.claim.link, head.get("MA_BN", "").strip(), head.get("NGAY_VAO", ""), one.landing)


def _pairs(written: Sequence[Written], seen: Sequence[Other | None], found: Sequence[tuple[int, Other]]) -> None:
    standing: dict[int, dict[UUID, Other]] = defaultdict(dict)
    for number, other in found:
        standing[number][other.id] = other
    before: dict[UUID, dict[UUID, Other]] = defaultdict(dict)
    anew: set[UUID] = set()
    for number, (one, own) in enumerate(zip(written, seen, strict=True)):
        anew.add(one.claim_id)
        if own is None:
            continue
        # what this round has written so far takes the place of what stood there
        others = [other for id_, other in standing[number].items() if id_ not in anew] + list(before[one.person].values())
        tell(one, pairs.faults(own, others))
        before[one.person][one.claim_id] = own


def _check_ins(written: Sequence[Written], check_ins: Sequence[CheckIn]) -> None:
    by_claim: dict[int, list[CheckIn]] = defaultdict(list)
    for one in check_ins:
        by_claim[one.number].append(one)
    for number, same in by_claim.items():
        claim = written[number].claim
        tell(written[number], (("VR177", fault) for fault in check_in.faults(claim.tables["XML1"][0], claim.link, same)))


def tell(one: Written, faults: Iterable[tuple[str, Fault]]) -> None:
    """Add faults (rule, fault) to a claim's findings."""
    for rule_id, fault in faults:
        one.findings.append(_finding(rule_id, fault, one.claim.decision))


def _finding(rule_id: str, fault: Fault, decision: str) -> Finding:
    rule = told(rules.rule(rule_id))
    severity = rule.lesser if fault.lesser else rule.severity
    return Finding(rule_id, severity, fault.table, fault.row, fault.field, fault.value[:VALUE_LENGTH], fault.expected[:VALUE_LENGTH], decision)
