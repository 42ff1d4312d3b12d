"""FHIR as the desks write it, in the codes and places in which the claims mapping writes the same facts; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import access, terminology
from yba.kit.ids import derived_text
from yba.record import Write
from yba.specs import access as access_spec
from yba.specs import care_desk, systems, unborn

from .model import Doubt, NotPlausible

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from decimal import Decimal

    from yba.kit.actor import Actor

    from .model import Visit

Doc = dict[str, Any]
LOINC: Final = systems.system("loinc")
UCUM: Final = systems.system("ucum")
CHANNEL: Final = "https://yba.vn/care"  # meta.source of what our own desks write
STATUS: Final = {"waiting": "arrived", "open": "in-progress", "closed": "finished", "cancelled": "cancelled"}
VITAL_SIGNS: Final = [{"coding": [{"system": systems.system("observation-category"), "code": "vital-signs"}]}]
LABORATORY: Final = [{"coding": [{"system": systems.system("observation-category"), "code": "laboratory"}]}]
DIAGNOSIS: Final = [{"coding": [{"system": systems.system("condition-category"), "code": "encounter-diagnosis"}]}]
REVISIT: Final = "Tái khám"  # as the mapping of NGAY_TAI_KHAM
REFERRAL: Final = [{"coding": [{"system": systems.system("snomed"), "code": "3457005", "display": "Patient referral"}]}]


def of_desk(doc: Doc, facility: str, *, fresh: bool = False) -> Write:
    """Say that a document is written by our own desk: the third channel by which the record is told of a visit (specs/visits.toml).

    Raises NotPlausible for one whose words tell the sex of an unborn child: nobody writes that (Law 113/2025, BAOMAT-CB-R13).
    """
    refuse_sex_of_unborn(doc)
    return Write(doc["resourceType"], doc.get("id"), doc, facility, fresh=fresh, channel="desk")


def refuse_sex_of_unborn(doc: Doc) -> None:
    """Raise NotPlausible where any text of a document tells the sex of an unborn child; of results also by anatomy."""
    examined = doc["resourceType"] in {"DiagnosticReport", "Observation", "ServiceRequest"}
    if any(unborn.tells_sex(text, imaging=examined) for text in unborn.texts_of(doc)):
        vi = "Không được ghi giới tính thai nhi: hãy bỏ phần đó rồi lưu lại."
        raise NotPlausible([Doubt("fetal-sex", hard=True, vi=vi, en="The sex of an unborn child may not be recorded: leave it out.")])


def meta() -> Doc:
    """Say that our own desk wrote it."""
    return {"source": CHANNEL}


def subject(visit: Visit) -> Doc:
    """Refer to the person as this facility knows it."""
    return {"reference": f"Patient/{visit.patient_id}"}


def encounter(visit: Visit) -> Doc:
    """Refer to the visit."""
    return {"reference": f"Encounter/{visit.encounter}"}


def actor(by: Actor, facility: str) -> Doc:
    """Refer to who acts, as the trail names it, with the title under which it acts there (TT 32/2023 art. 52)."""
    named: Doc = {"identifier": {"system": systems.identifier("actor"), "value": by.name}}
    words = title(by, facility)
    return {**named, "display": words} if words else named


def title(by: Actor, facility: str) -> str:
    """Return the title of who acts at a facility: the role whose grant lets it write there; "" for machines."""
    if by.account is None:
        return ""
    known = access_spec.roles()
    held = (grant.role for grant in by.grants if facility in grant.facilities)
    return next((known[role].vi for role in held if any(access.Right.CARE_VISIT_WRITE in rule.rights for rule in known[role].may)), "")


def organization(facility: str) -> Doc:
    """Refer to a facility: by its Organization, and by its code for who looks for its name."""
    named = {"system": systems.identifier("facility"), "value": facility}
    return {"reference": f"Organization/{derived_text('Organization', facility)}", "identifier": named, "display": facility}


def new_encounter(visit: Visit, by: Actor) -> Doc:
    """Write the Encounter of a visit that begins."""
    kind = care_desk.visit_kinds()[visit.kind]
    doc: Doc = {
        "resourceType": "Encounter",
        "id": visit.encounter,
        "meta": meta(),
        "identifier": [{"system": systems.identifier("claim-link"), "value": visit.link}],
        "status": STATUS[visit.state.value],
        "class": {"system": systems.system("act-code"), "code": kind.act},
        "type": [{"coding": [{"system": systems.system("visit-type"), "code": kind.visit_type}], "text": kind.vi}],
        "subject": subject(visit),
        "participant": [{"individual": actor(by, visit.facility)}],
        "period": {"start": visit.opened_at.isoformat()},
        "serviceProvider": organization(visit.facility),
    }
    if visit.closed_at is not None:
        doc["period"]["end"] = visit.closed_at.isoformat()
    if visit.reason:
        doc["reasonCode"] = [{"id": "vv", "text": visit.reason}]
    if visit.department:
        place = {"reference": f"Location/{derived_text('Location', visit.facility, visit.department)}", "display": visit.department}
        doc["location"] = [{"id": "k1", "location": place}]
    return doc


def brought_to(doc: Doc, visit: Visit, outcome: str = "") -> Doc:
    """Return an Encounter brought to where its visit stands, with how it ended (code of KET_QUA_DTRI) where that was said."""
    if outcome:
        doc = {**doc, "extension": [*doc.get("extension", ()), {"url": systems.extension("outcome"), "valueCode": outcome}]}
    done = {**doc, "status": STATUS[visit.state.value]}
    return done | {"period": {**doc["period"], "end": visit.closed_at.isoformat()}} if visit.closed_at is not None else done


def quantity(value: Decimal | int, unit: str, shown: str = "") -> Doc:
    """Write a Quantity."""
    return {"value": value, "unit": shown or unit, "system": UCUM, "code": unit}


def observation(visit: Visit, by: Actor, at: datetime, loinc: str, text: str, category: list[Doc] | None = None, **value: Any) -> Doc:  # noqa: ANN401  FHIR elements
    """Write an Observation."""
    return {
        "resourceType": "Observation",
        "meta": meta(),
        "status": "final",
        "category": category or VITAL_SIGNS,
        "code": {"coding": [{"system": LOINC, "code": loinc}], "text": text} if loinc else {"text": text},
        "subject": subject(visit),
        "encounter": encounter(visit),
        "effectiveDateTime": at.isoformat(),
        "performer": [actor(by, visit.facility)],
        **value,
    }


def icd10(code: str, on: date) -> tuple[str, str, list[Doc]] | None:
    """Give a code as this day's edition spells it, its name, and its codings; None where the edition has no such code for a diagnosis."""
    found = terminology.lookup(terminology.lists.ICD10, code, on)
    if found is None or found.abstract:
        return None
    coding: list[Doc] = [{"system": systems.system("icd10"), "version": found.edition, "code": found.code}]
    bare = found.code.rstrip("*†+")
    if _is_who(bare):
        coding.append({"system": systems.system("who-icd10"), "code": bare})
    return found.code, found.display, coding


def _is_who(code: str) -> bool:
    """Whether the national code is WHO's too: three characters, or four with a dot."""
    head, _, tail = code.partition(".")
    return len(head) == 3 and head[1:].isdigit() and (not tail or (len(tail) == 1 and tail.isdigit()))  # noqa: PLR2004  as ICD-10 is built


def condition(visit: Visit, by: Actor, at: datetime, coding: list[Doc], text: str) -> Doc:
    """Write a Condition."""
    code: Doc = {"coding": coding}
    if text:
        code["text"] = text
    return {
        "resourceType": "Condition",
        "meta": meta(),
        "category": DIAGNOSIS,
        "code": code,
        "subject": subject(visit),
        "encounter": encounter(visit),
        "recordedDate": at.isoformat(),
        "recorder": actor(by, visit.facility),
    }


def concept(name: str, code: str, text: str) -> Doc:
    """Write a CodeableConcept with a national code where there is one."""
    return {"coding": [{"system": systems.system(name), "code": code}], "text": text} if code else {"text": text}


def with_diagnoses(encounter_doc: Doc, principal: str, others: Iterable[tuple[str, str]]) -> Doc:
    """Name Conditions in an Encounter: the principal one first, the others with their code as a claim lists them."""
    listed: list[Doc] = [{"condition": {"reference": f"Condition/{principal}"}, "rank": 1}]
    listed += [
        {"id": f"kt{number}", "condition": {"reference": f"Condition/{id_}", "display": code}} for number, (id_, code) in enumerate(others, 1)
    ]  # fmt: skip
    return {**encounter_doc, "diagnosis": listed}
