"""Prescription drafts: a MedicationRequest a drug, its quantity computed; allergies and duplicates are shown and stop nobody."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any, Final

from yba import record
from yba.kit import clock
from yba.kit.errors import Invalid
from yba.kit.text import fold
from yba.specs import care_desk, systems

from . import children, shapes, store
from .acts import again, hold, moment, write
from .model import Doubt, NotPlausible, Warned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Acted, Companion, Drug, Visit
    from .shapes import Doc

DRUG: Final = "drug"
LONGEST_COURSE: Final = 90  # TT 26/2025, annex VII
_MOST_TIMES, _MOST_EACH = 24, 100
_LONGEST: Final = 1_000
_LOOKED_AT: Final = frozenset({"AllergyIntolerance", "MedicationRequest", "Observation", "Patient"})


def prescribe(
    conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, drugs: Sequence[Drug], companion: Companion | None = None, key: str = ""
) -> Acted:
    """Draft a prescription: one MedicationRequest a line, status draft, intent plan; ``warned`` says what a prescriber should know.

    Under 72 months of age the child's weight of late must be known and ``companion`` say who came along; what is no medicine is refused
    (TT 26/2025). Issuing it is another room's. Raises NotPlausible for doses and courses nobody has, Invalid, NotFound, Overtaken, Conflict, Denied.
    """
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    if not drugs or any(not one.text.strip() for one in drugs):
        raise Invalid("Hãy chọn thuốc.", advice="Choose drugs, each with a name.")
    wrong = [doubt for one in drugs for doubt in _doubts(one)]
    if wrong:
        raise NotPlausible(wrong)
    stored = [one.exact for one in record.of_person(conn, by=by, person_id=held.visit.person_id) if one.rtype in _LOOKED_AT]
    child = children.asked(stored, held.visit.person_id, companion)
    warned = list(warnings(stored, drugs))
    docs = [children.told(_request(held.visit, by, one), child) for one in drugs]
    saved = record.save(conn, by=by, writes=[shapes.of_desk(doc, held.visit.facility) for doc in docs])
    used = [code for one in drugs if (code := one.registration or one.code)]  # list drug goes by registration numbers
    store.use(conn, held.visit.facility, DRUG, used, clock.today())
    return write(conn, by=by, held=held, kind="prescribe", saved=saved, warned=warned)


def is_no_medicine(drug: Drug) -> bool:
    """Whether a line is a functional food or a cosmetic, by its words or by the number it is declared under."""
    rules = care_desk.prescribing()
    words = f" {' '.join(re.findall(r'[a-z0-9]+', fold(f'{drug.text} {drug.words}')))} "
    numbers = f"{drug.registration} {drug.text}"
    return any(f" {one} " in words for one in rules.words) or any(re.search(one, numbers) for one in rules.numbers)


def quantity_of(drug: Drug) -> Decimal:
    """Return how many units the course needs: whole ones."""
    return (drug.each * drug.times * drug.days).to_integral_value(ROUND_CEILING)


def dose_text(drug: Drug) -> str:
    """Return the dosage as QĐ 130 writes it (LIEU_DUNG): "1 viên/lần * 2 lần/ngày * 5 ngày [10 viên]"."""
    each = f"{drug.each.normalize():f}".replace(".", ",")
    return f"{each} {drug.unit}/lần * {drug.times} lần/ngày * {drug.days} ngày [{quantity_of(drug)} {drug.unit}]"


def _doubts(drug: Drug) -> Iterator[Doubt]:
    if is_no_medicine(drug):
        vi = f"{drug.text[:60]}: thực phẩm chức năng, mỹ phẩm không được ghi trong đơn thuốc."
        yield Doubt(drug.text[:60], hard=True, vi=vi, en=f"{drug.text[:60]}: food supplements and cosmetics may not be prescribed.")
    if not drug.each.is_finite() or not 0 < drug.each <= _MOST_EACH or not 0 < drug.times <= _MOST_TIMES:
        yield Doubt(drug.text[:60], hard=True, vi=f"{drug.text[:60]}: liều dùng không hợp lệ.", en=f"{drug.text[:60]}: no dose anybody takes.")
    if not 0 < drug.days <= LONGEST_COURSE:
        vi, en = f"{drug.text[:60]}: số ngày từ 1 đến {LONGEST_COURSE}.", f"{drug.text[:60]}: 1 to {LONGEST_COURSE} days."
        yield Doubt(drug.text[:60], hard=True, vi=vi, en=en)
    if not drug.unit.strip():
        yield Doubt(drug.text[:60], hard=True, vi=f"{drug.text[:60]}: thiếu đơn vị.", en=f"{drug.text[:60]}: the unit is missing.")


def _request(visit: Visit, by: Actor, drug: Drug) -> Doc:
    dosage: Doc = {
        "text": dose_text(drug),
        "timing": {"repeat": {"frequency": drug.times, "period": 1, "periodUnit": "d", "boundsDuration": _days(drug.days)}},
        "doseAndRate": [{"doseQuantity": {"value": drug.each, "unit": drug.unit}}],
    }
    if drug.route:
        dosage["route"] = shapes.concept("drug-route", drug.route, "")
        dosage["route"].pop("text")
    if drug.words.strip():
        dosage["patientInstruction"] = drug.words.strip()[:_LONGEST]
    doc: Doc = {
        "resourceType": "MedicationRequest", "meta": shapes.meta(), "status": "draft", "intent": "plan",
        "medicationCodeableConcept": shapes.concept("drug", drug.code, drug.text.strip()), "subject": shapes.subject(visit),
        "encounter": shapes.encounter(visit), "authoredOn": moment().isoformat(), "requester": shapes.actor(by, visit.facility),
        "dosageInstruction": [dosage],
        "dispenseRequest": {"quantity": {"value": quantity_of(drug), "unit": drug.unit}, "expectedSupplyDuration": _days(drug.days)},
    }  # fmt: skip
    if drug.registration:
        coding = {"system": systems.system("drug-registration"), "code": drug.registration}
        doc["medicationCodeableConcept"].setdefault("coding", []).append(coding)
    if drug.strength.strip():
        doc["extension"] = [{"url": systems.extension("strength"), "valueString": drug.strength.strip()}]
    return doc


def _days(days: int) -> Doc:
    return {"value": days, "unit": "ngày", "system": shapes.UCUM, "code": "d"}


def warnings(stored: Sequence[Doc], drugs: Sequence[Drug]) -> Iterator[Warned]:
    """Say which drugs somebody is noted to be allergic to, and which are drafted twice or drafted already; by code and by words; pure."""
    allergies = [_names(one.get("code", {})) for one in stored if one["resourceType"] == "AllergyIntolerance"]
    requests = [one for one in stored if one["resourceType"] == "MedicationRequest"]
    same = [_names(one.get("medicationCodeableConcept", {})) for one in requests if one.get("status") in {"draft", "active"}]
    for at, drug in enumerate(drugs):
        mine = _names(shapes.concept("drug", drug.code, drug.text))
        if any(_alike(mine, other) for other in allergies):
            yield Warned("allergy", drug.text, f"Hồ sơ có ghi dị ứng với {drug.text}.", f"The record notes an allergy to {drug.text}.")
        if any(_alike(mine, other) for other in (*same, *(_names(shapes.concept("drug", one.code, one.text)) for one in drugs[:at]))):
            yield Warned("duplicate", drug.text, f"{drug.text} đã có trong đơn khác hoặc ở dòng trên.", f"{drug.text} is prescribed already.")


def _names(concept: Doc) -> set[str]:
    codes = {f"{one.get('system')}|{one.get('code')}" for one in concept.get("coding", ()) if one.get("code")}
    return codes | {word for word in (fold(str(concept.get("text", ""))),) if word}


def _alike(one: set[str], other: set[str]) -> bool:
    if one & other:
        return True
    words = [{word for word in names if "|" not in word} for names in (one, other)]
    return any(a in b or b in a for a in words[0] for b in words[1] if min(len(a), len(b)) > 3)  # noqa: PLR2004  shorter words are in too many
