"""Taking back what was written in a visit by mistake, and bringing it back: what may be, ticked, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import care, record
from yba.kit import Invalid
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from yba.web.edge import Visit

ACT: Final = "take-back"
RESTORE: Final = "restore"
# What an act wrote, and which of it may go back: a result that was given out is corrected, diagnoses are changed as one list.
_BACK: Final = {
    "measure": "Observation",
    "order": "ServiceRequest",
    "prescribe": "MedicationRequest",
    "refer": "ServiceRequest",
    "appoint": "Appointment",
}
_GROUPS: Final = {
    "measure": _n("Sinh hiệu"),
    "order": _n("Chỉ định"),
    "prescribe": _n("Đơn thuốc"),
    "refer": _n("Chuyển tuyến"),
    "appoint": _n("Hẹn lại"),
}
_MOST: Final = 40
_NOTHING: Final = _n("Đánh dấu ít nhất một mục.")
_NO_REASON: Final = _n("Ghi lý do.")


class Item(NamedTuple):
    """One thing that may be taken back: the resource, under which heading, what it says."""

    ref: str
    group: str
    words: str


def items(visit: Visit, id_: UUID) -> list[Item]:
    """Return what acts of this visit wrote and nobody has answered or taken back since, the oldest first."""
    found: list[Item] = []
    for group, rtype, ident in _written(visit, id_):
        stored = record.get(visit.conn, by=visit.by, rtype=rtype, id=ident)
        if stored is not None and not stored.deleted and stored.doc.get("status") not in {"completed", "cancelled", "entered-in-error"}:
            found.append(Item(f"{rtype}/{ident}", visit.say(group), _said(stored.doc)))
    return found


def gone(visit: Visit, id_: UUID) -> list[Item]:
    """Return what was taken back in this visit and may be brought back, as it stood, the oldest first."""
    found: list[Item] = []
    for group, rtype, ident in _written(visit, id_):
        versions = record.history(visit.conn, by=visit.by, rtype=rtype, id=ident)
        if versions and versions[0].deleted:
            found += [Item(f"{rtype}/{ident}", visit.say(group), _said(one.doc)) for one in versions if not one.deleted][:1]
    return found


def take(visit: Visit, id_: UUID, number: int, key: str) -> str:
    """Take back what was ticked. Raises Invalid without a tick or a reason, and what `care.take_back` raises."""
    refs, reason = _asked(visit)
    care.take_back(visit.conn, by=visit.by, visit=id_, number=number, refs=refs, reason=reason, key=key)
    return f"/visit/{id_}"


def restore(visit: Visit, id_: UUID, number: int, key: str) -> str:
    """Bring back what was ticked. Raises Invalid without a tick or a reason, and what `care.restore` raises."""
    refs, reason = _asked(visit)
    care.restore(visit.conn, by=visit.by, visit=id_, number=number, refs=refs, reason=reason, key=key)
    return f"/visit/{id_}"


def _written(visit: Visit, id_: UUID) -> list[tuple[str, str, str]]:
    """Return heading, type and id of what the acts of this visit wrote and may go back, each once, the oldest first."""
    found: dict[tuple[str, str], str] = {}
    for one in reversed(care.acts_of(visit.conn, by=visit.by, visit=id_)):
        for ref in one.refs:
            rtype, _, ident = ref.partition("/")
            if _BACK.get(one.kind) == rtype:
                found.setdefault((rtype, ident), _GROUPS[one.kind])
    return [(group, rtype, ident) for (rtype, ident), group in found.items()]


def _asked(visit: Visit) -> tuple[list[tuple[str, str]], str]:
    """Read what was ticked and why. Raises Invalid where either is missing."""
    ticked = [str(ref)[:80] for ref in visit.request.POST.getlist("ref")[:_MOST]]
    reason = visit.text("reason", 200)
    if not ticked:
        raise Invalid(visit.say(_NOTHING))
    if not reason:
        raise Invalid(visit.say(_NO_REASON))
    return _parted(ticked), reason


def _parted(refs: Sequence[str]) -> list[tuple[str, str]]:
    return [(rtype, ident) for rtype, _, ident in (ref.partition("/") for ref in refs)]


def _said(doc: dict[str, Any]) -> str:
    """Say what a resource says: its name, its value, its day."""
    code = doc.get("code") or doc.get("medicationCodeableConcept") or {}
    values = [_quantity(part.get("valueQuantity")) for part in doc.get("component") or (doc,)]
    to = next((each.get("display") or (each.get("identifier") or {}).get("value", "") for each in doc.get("performer") or ()), "")
    start = str(doc.get("start") or (doc.get("requestedPeriod") or [{}])[0].get("start", ""))[:10]
    to = to if doc["resourceType"] == "ServiceRequest" else ""
    return " · ".join(filter(None, (code.get("text", ""), "/".join(filter(None, values)), to, "/".join(reversed(start.split("-"))))))


def _quantity(value: dict[str, Any] | None) -> str:
    return f"{value['value']} {value.get('unit', '')}".strip().replace(".", ",") if value else ""
