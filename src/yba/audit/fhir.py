"""A row of the trail as FHIR R4 AuditEvent, with the codes of DICOM and IHE BALP where they fit."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from yba.specs import systems

from .model import Outcome

if TYPE_CHECKING:
    from .model import TrailEntry

_DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem/"
# (what the tag begins with, DICOM event of CID 400); the first that fits.
_TYPES: Final = (
    ("accounts:sign:", ("110114", "User Authentication")),
    ("accounts:", ("110113", "Security Alert")),
    ("audit:", ("110101", "Audit Log Used")),
    ("directory:", ("110100", "Application Activity")),
    ("operations:", ("110100", "Application Activity")),
    ("ingest:claim:export", ("110106", "Export")),
    ("ingest:trust:", ("110113", "Security Alert")),
    ("ingest:", ("110107", "Import")),
    ("gateway:", ("110107", "Import")),
    ("identity:person:find", ("110112", "Query")),
    ("record:resource:search", ("110112", "Query")),
)
_RECORD: Final = ("110110", "Patient Record")
_SUBTYPES: Final = {
    "accounts:sign:in": ("110122", "Login"),
    "accounts:sign:in-refused": ("110122", "Login"),
    "accounts:sign:out": ("110123", "Logout"),
    "access:emergency:open": ("110127", "Emergency Override Started"),
}
_ACTIONS: Final = {
    "C": frozenset({"add", "accept", "create", "land", "open", "put", "assign"}),
    "R": frozenset({"read", "reply"}),
    "U": frozenset(
        {"replace", "update", "move", "merge", "settle", "reset", "change", "write", "disable", "end", "withdraw", "review", "sign", "decide"}
    ),
    "D": frozenset({"tombstone", "destroy", "remove"}),
}  # anything else (search, export, sign in, verify) is E, an execution
_OUTCOMES: Final = {Outcome.DONE: "0", Outcome.REFUSED: "4", Outcome.FAILED: "8"}
# HL7 v3 PurposeOfUse for our closed list of purposes (specs/access/rights.toml); others are told as text.
_PURPOSES: Final = {
    "treatment": "TREAT", "emergency": "ETREAT", "public-health": "PUBHLTH", "payment": "HPAYMT", "claims-intake": "HPAYMT",
    "administration": "HOPERAT", "operation": "HSYSADMIN", "own-record": "PATRQT", "oversight": "HCOMPL", "research": "HRESCH",
}  # fmt: skip


def as_fhir(entry: TrailEntry) -> dict[str, Any]:
    """Return the AuditEvent R4 of one row, ready for JSON; ``id`` is the row's number."""
    kind = next((code for start, code in _TYPES if entry.tag.startswith(start)), _RECORD)
    subtype = [{"system": systems.national("audit-tag"), "code": entry.tag}]
    if entry.tag in _SUBTYPES:
        subtype.insert(0, _coding(_DCM, _SUBTYPES[entry.tag]))
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": str(entry.id),
        "type": _coding(_DCM, kind),
        "subtype": subtype,
        "action": _action(entry.tag),
        "recorded": entry.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "outcome": _OUTCOMES.get(Outcome(entry.outcome), "0"),
        "purposeOfEvent": [_purpose(entry.purpose)],
        "agent": [_agent(entry)],
        "source": {
            "observer": {"display": "yba"},
            "type": [_coding(_TERMINOLOGY + "security-source-type", ("4", "Application Server"))],
        },
        "entity": _entities(entry),
    }
    if entry.reason:
        event["outcomeDesc"] = entry.reason
    return event


def _action(tag: str) -> str:
    verb = tag.rsplit(":", 1)[1].split("-", 1)[0]
    return next((action for action, verbs in _ACTIONS.items() if verb in verbs), "E")


def _coding(system: str, code: tuple[str, str]) -> dict[str, str]:
    return {"system": system, "code": code[0], "display": code[1]}


def _purpose(purpose: str) -> dict[str, Any]:
    code = _PURPOSES.get(purpose)
    coding = {"coding": [{"system": _TERMINOLOGY + "v3-ActReason", "code": code}]} if code else {}
    return {**coding, "text": purpose}


def _agent(entry: TrailEntry) -> dict[str, Any]:
    roles = entry.role.split(",") if entry.role else [entry.actor_kind]
    agent: dict[str, Any] = {
        "role": [{"coding": [{"system": systems.national("role"), "code": role}]} for role in roles],
        "who": {"identifier": {"system": systems.identifier("actor"), "value": entry.who}},
        "requestor": True,
    }
    if entry.under:
        agent["policy"] = [f"{systems.national('right')}#{entry.under}"]
    if entry.address:
        agent["network"] = {"address": f"{entry.address}:{entry.port}" if entry.port else entry.address, "type": "2"}
    if entry.device:
        agent["altId"] = entry.device
    return agent


def _entities(entry: TrailEntry) -> list[dict[str, Any]]:
    """Name the person first (BALP: patient), then the thing, then what else the row tells."""
    found: list[dict[str, Any]] = []
    if entry.person_id is not None:
        found.append({
            "what": {"reference": f"Patient/{entry.person_id}"},
            "type": _coding(_TERMINOLOGY + "audit-entity-type", ("1", "Person")),
            "role": _coding(_TERMINOLOGY + "object-role", ("1", "Patient")),
        })  # fmt: skip
    thing: dict[str, Any] = {
        "what": {"type": entry.about_type, "identifier": {"value": entry.about_id}},
        "type": _coding(_TERMINOLOGY + "audit-entity-type", ("2", "System Object")),
        "role": _coding(_TERMINOLOGY + "object-role", ("4", "Domain Resource")),
    }
    more = {"facility": entry.facility, "version": entry.version, "transaction": str(entry.transaction), **(entry.detail or {})}
    told = [{"type": key, "valueString": str(value)} for key, value in more.items() if value not in (None, "")]
    if not entry.about_id:
        del thing["what"]["identifier"]
    found.append({**thing, "detail": told} if told else thing)
    return found
