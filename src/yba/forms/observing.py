"""Observation-based extraction: a question with a code and `observationExtract` becomes an Observation, or a component of its group's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .names import places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .extracting import Setting
    from .model import Item, Place, Value

_CATEGORY: Final = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "survey"}]}


def observed(shared: Setting) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield an Observation for every answered question (or group of components) that is extracted."""
    settled = shared.settled
    for item, rows in places(settled.form.root, settled.answers.rows):
        if not item.code or not item.extract or not settled.is_shown(item.link_id, rows) or item.extract == "component":
            continue
        if shared.is_held(item, rows):
            continue
        place = (item.link_id, rows)
        if item.type == "group":
            parts = [_part(child, value) for child, value in _components(shared, item, rows)]
            if parts:
                yield place, _observation(shared, item, place, 0) | {"component": parts}
            continue
        for number, value in enumerate(settled.values.get(place, ())):
            yield place, _observation(shared, item, place, number) | _valued(item, value)


def _components(shared: Setting, group: Item, rows: tuple[int, ...]) -> Iterator[tuple[Item, Value]]:
    for child in group.children:
        if child.extract == "component" and child.code:
            for value in shared.settled.values.get((child.link_id, rows), ()):
                yield child, value


def _part(item: Item, value: Value) -> dict[str, Any]:
    return {"code": _concept(item)} | _valued(item, value)


def _concept(item: Item) -> dict[str, Any]:
    return {"coding": [dict(one) for one in item.code], **({"text": item.vi} if item.vi else {})}


def _observation(shared: Setting, item: Item, place: Place, number: int) -> dict[str, Any]:
    doc: dict[str, Any] = {
        "resourceType": "Observation",
        "id": shared.id_of("Observation", place[0], *place[1], number),
        "status": "final",
        "category": [dict(one) for one in item.category] or [_CATEGORY],
        "code": _concept(item),
        "subject": shared.subject,
    }
    if shared.encounter:
        doc["encounter"] = shared.encounter
    return doc | {"effectiveDateTime": shared.at, "derivedFrom": [{"reference": shared.response}]}


def _valued(item: Item, value: Value) -> dict[str, Any]:
    """Return value[x] as an Observation takes it: numbers with a unit are quantities, words of a list concepts."""
    match value.type:
        case "Decimal" | "Integer":
            if value.type == "Integer" and not item.unit[0]:
                return {"valueInteger": value.data}
            code, shown = item.unit
            unit = {"unit": shown, "system": "http://unitsofmeasure.org", "code": code} if code else {}
            return {"valueQuantity": {"value": value.data, **unit}}
        case "Coding":
            return {"valueCodeableConcept": {"coding": [value.data], "text": value.data.get("display", value.data.get("code", ""))}}
        case "Date":
            return {"valueDateTime": value.data}
        case "Uri":
            return {"valueString": value.data}
        case "Reference":
            return {"valueString": value.data["reference"]}
        case _:
            return value.fhir()
