"""What a prescription of a small child says besides: the weight of late and who came along (TT 26/2025, under 72 months); pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.kit import clock
from yba.specs import care_desk, systems

from .ages import full_months
from .model import Doubt, NotPlausible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from .model import Companion
    from .shapes import Doc

_COMPANION: Final = systems.extension("companion")
_MOST: Final = 200


class Child(NamedTuple):
    """The Observation of a child's weight, and who came along."""

    weight: Doc
    companion: Companion


def needs_companion(birth: str) -> bool:
    """Whether somebody of a birth (partial ISO) is, or may be, so small that a prescription names weight and companion."""
    months = full_months(birth, clock.today())
    return months is not None and months < care_desk.prescribing().months


def asked(stored: Sequence[Doc], person: UUID, companion: Companion | None) -> Child | None:
    """Return what stands on a small child's prescription; None for who is older, or has no birth. Raises NotPlausible naming what is missing.

    ``stored``: documents of the record, the golden Patient among them.
    """
    rules = care_desk.prescribing()
    patient = next((one for one in stored if one["resourceType"] == "Patient" and one.get("id") == str(person)), {})
    if not needs_companion(str(patient.get("birthDate", ""))):
        return None
    weight = _weight(stored, rules.weight_days)
    named = companion is not None and bool(companion.name.strip())
    missing = []
    if weight is None:
        vi = f"Trẻ dưới {rules.months} tháng: cân trẻ trước khi kê đơn (cân nặng phải ghi trong đơn)."
        missing.append(
            Doubt("weight", hard=True, vi=vi, en=f"Under {rules.months} months: weigh the child first, the weight stands on the prescription.")
        )
    if not named:
        vi = f"Trẻ dưới {rules.months} tháng: ghi tên người đưa trẻ đến khám."
        missing.append(Doubt("companion", hard=True, vi=vi, en=f"Under {rules.months} months: name who came with the child."))
    if missing or weight is None or companion is None:
        raise NotPlausible(missing)
    return Child(weight, companion)


def _weight(stored: Sequence[Doc], days: int) -> Doc | None:
    code, first = care_desk.vitals()["weight"].loinc, (clock.today() - timedelta(days=days)).isoformat()
    found = [
        one
        for one in stored
        if one["resourceType"] == "Observation" and "valueQuantity" in one and str(one.get("effectiveDateTime", ""))[:10] >= first
        and any(part.get("code") == code for part in one.get("code", {}).get("coding", ()))
    ]  # fmt: skip
    return max(found, key=lambda one: str(one["effectiveDateTime"]), default=None)


def told(request: Doc, child: Child | None) -> Doc:
    """Lay weight and companion into a MedicationRequest."""
    if child is None:
        return request
    words = " – ".join(filter(None, (child.companion.name.strip()[:_MOST], child.companion.relation.strip()[:_MOST])))
    amount = child.weight["valueQuantity"]
    shown = f"Cân nặng {amount['value']} {amount.get('unit', 'kg')}"
    return {
        **request,
        "supportingInformation": [{"reference": f"Observation/{child.weight['id']}", "display": shown}],
        "extension": [*request.get("extension", ()), {"url": _COMPANION, "valueString": words}],
    }
