"""Vital signs: checked, then written as Observations; blood pressure as one panel, the body mass index computed."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final

from yba import record
from yba.kit.errors import Invalid
from yba.specs import care_desk

from . import shapes
from .acts import again, hold, moment, write
from .model import Doubt, NotPlausible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Acted, Visit
    from .shapes import Doc

_PRESSURE: Final = ("systolic", "diastolic")


def doubts(values: Mapping[str, Decimal], confirmed: Collection[str] = ()) -> list[Doubt]:
    """Say what is wrong with values by name of vitals.toml: hard limits always, soft ones unless confirmed. Raises Invalid for an unknown name."""
    known = care_desk.vitals()
    unknown = sorted(set(values) - known.keys())
    if unknown:
        raise Invalid("Không có chỉ số này.", advice=f"Known: {', '.join(known)}.")
    found = [one for name, value in values.items() for one in _judged(known[name], value, name in confirmed)]
    if _PRESSURE[0] in values and _PRESSURE[1] in values and values[_PRESSURE[1]] >= values[_PRESSURE[0]]:
        vi = "Huyết áp tâm trương phải thấp hơn tâm thu."
        found.append(Doubt(_PRESSURE[1], hard=True, vi=vi, en="The diastolic pressure must be below the systolic one."))
    for one, other in (_PRESSURE, _PRESSURE[::-1]):
        if one in values and other not in values:
            found.append(Doubt(other, hard=True, vi=f"Thiếu {known[other].vi.lower()}.", en=f"{known[other].en} is missing."))
    return found


def _judged(vital: care_desk.Vital, value: Decimal, confirmed: bool) -> Iterator[Doubt]:  # noqa: FBT001  one call above
    if not value.is_finite() or not vital.hard.holds(value):
        low, high = vital.hard
        yield Doubt(
            vital.name, hard=True, vi=f"{vital.vi}: chỉ nhận từ {low} đến {high} {vital.shown}.",
            en=f"{vital.en}: only {low} to {high} {vital.shown} can be.",
        )  # fmt: skip
    elif not confirmed and not vital.soft.holds(value):
        yield Doubt(
            vital.name, hard=False, vi=f"{vital.vi} {value} {vital.shown}: có đúng không?", en=f"{vital.en} {value} {vital.shown}: is that right?"
        )


def measure(
    conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, values: Mapping[str, Decimal], confirmed: Collection[str] = (),
    at: datetime | None = None, key: str = "",
) -> Acted:  # fmt: skip
    """Write vital signs of a visit (names of vitals.toml, in their units). ``confirmed``: names whose unusual value is meant.

    Raises NotPlausible with everything that is wrong, Invalid, NotFound, Overtaken, Conflict, Denied.
    """
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    if not values:
        raise Invalid("Chưa nhập chỉ số nào.", advice="Give at least one value.")
    wrong = doubts(values, confirmed)
    if wrong:
        raise NotPlausible(wrong)
    docs = written(held.visit, by, at or moment(), values)
    saved = record.save(conn, by=by, writes=[shapes.of_desk(doc, held.visit.facility) for doc in docs])
    return write(conn, by=by, held=held, kind="measure", saved=saved)


def written(visit: Visit, by: Actor, at: datetime, values: Mapping[str, Decimal]) -> list[Doc]:
    """Write the Observations of checked values; pure."""
    known = care_desk.vitals()
    docs: list[Doc] = []
    for name, panel in care_desk.panels().items():
        parts = [_component(one, values[one.name]) for one in known.values() if one.panel == name and one.name in values]
        if parts:
            docs.append(shapes.observation(visit, by, at, panel.loinc, panel.vi, component=parts))
    docs += [
        shapes.observation(visit, by, at, one.loinc, one.vi, valueQuantity=_quantity(one, values[one.name]))
        for one in known.values()
        if not one.panel and one.name in values
    ]
    if "weight" in values and "height" in values:
        index = care_desk.bmi()
        value = body_mass_index(values["weight"], values["height"], index.decimals)
        docs.append(shapes.observation(visit, by, at, index.loinc, index.vi, valueQuantity=shapes.quantity(value, index.unit, index.shown)))
    return docs


def body_mass_index(weight: Decimal, height: Decimal, decimals: int = 1) -> Decimal:
    """Return kg/m² of kilograms and centimetres."""
    return (weight / (height / 100) ** 2).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _quantity(vital: care_desk.Vital, value: Decimal) -> Doc:
    kept = value.quantize(Decimal(1).scaleb(-vital.decimals), ROUND_HALF_UP)
    shorter = kept.normalize()
    return shapes.quantity(Decimal(f"{shorter:f}"), vital.unit, vital.shown)


def _component(vital: care_desk.Vital, value: Decimal) -> Doc:
    return {"code": {"coding": [{"system": shapes.LOINC, "code": vital.loinc}], "text": vital.vi}, "valueQuantity": _quantity(vital, value)}
