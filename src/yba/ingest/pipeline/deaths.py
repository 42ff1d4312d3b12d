"""VR178: nobody is treated after dying. A later visit meets the death, or a death told late meets the visit: both are told, neither is changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import identity
from yba.identity import Doubt
from yba.ingest.checks.plan import told
from yba.ingest.model import VALUE_LENGTH, Finding
from yba.ingest.store_visits import visits_after
from yba.kit.clock import VIETNAM
from yba.specs import rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.identity import PersonFacts, Resolution
    from yba.kit.actor import Actor

    from .prepare import Prepared

RULE: Final = "VR178"
_DATED: Final = len("2026-03-01")
_DAY: Final = timedelta(days=1, minutes=-1)


class _Visit(NamedTuple):
    """One claim of the round, its person known."""

    ready: Prepared
    facts: PersonFacts
    person: UUID
    after_death: str
    last: datetime | None
    """The last moment of the death it tells; None when it tells none, or none with a date."""


def judge(conn: Connection[Any], going: Sequence[Prepared], resolved: Sequence[Resolution], *, by: Actor) -> None:
    """Tell visits after a death; one round trip when a claim of the round tells a death, none otherwise."""
    visits = [
        _Visit(ready, ready.mapped.facts, found.person_id, found.after_death, _last(ready.mapped.facts.died))
        for ready, found in zip(going, resolved, strict=True)
        if ready.mapped
    ]
    for one in visits:
        if one.after_death:
            _tell(one.ready, "NGAY_VAO", one.after_death)
    deaths = [(number, one.person, one.last) for number, one in enumerate(visits) if one.last is not None]
    if deaths:
        standing = visits_after(conn, deaths, [one.ready.claim_id for one in visits if one.ready.claim_id])
        _told_late(conn, visits, standing, by=by)


def _told_late(conn: Connection[Any], visits: Sequence[_Visit], standing: dict[int, datetime], *, by: Actor) -> None:
    """Tell at the death what is in force already, or was written before it in this round."""
    doubts = []
    for number, one in enumerate(visits):
        if one.last is None:
            continue
        before = [other.facts.started_at for other in visits[:number] if other.person == one.person and other.facts.started_at]
        later = [start for start in (*before, standing.get(number, one.last)) if start > one.last]
        if later:
            began = min(later).astimezone(VIETNAM).isoformat()[: len("2026-03-01T10:30")]
            _tell(one.ready, "KET_QUA_DTRI", began)
            evidence = {"died": one.facts.died, "began": began, "sequence": one.facts.sequence}
            doubts.append(Doubt("visit-after-death", one.person, one.facts.facility, one.facts.local_id, evidence))
    if doubts:
        identity.report(conn, by=by, doubts=doubts)


def _last(died: str) -> datetime | None:
    if len(died) < _DATED:
        return None
    at = datetime.fromisoformat(died).replace(tzinfo=VIETNAM)
    return at + _DAY if len(died) == _DATED else at


def _tell(ready: Prepared, field: str, other: str) -> None:
    """Add the finding; it says when the other visit was, not where."""
    claim = ready.claim
    value = (claim.tables.get("XML1") or [{}])[0].get(field, "")[:VALUE_LENGTH]
    ready.findings.append(Finding(RULE, told(rules.rule(RULE)).severity, "XML1", 1, field, value, other, claim.decision))
