"""Definition-based extraction: the answers of one context laid into a resource by the paths their items name."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from yba.fhir import definitions, fhirpath
from yba.specs import systems

from .deciding import NOWHERE
from .model import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .extracting import Setting
    from .model import Item

_STEP: Final = re.compile(r"([A-Za-z]+)(\[x\])?(?::([A-Za-z0-9-]+))?\Z")
_SUBJECT: Final = ("subject", "patient", "beneficiary")
_FROM: Final = systems.extension("from-answers")
_SOURCE: Final = {"Observation": "derivedFrom"}  # elsewhere the response is told by an extension, as R4 has no element for it


def defined(shared: Setting, item: Item, rows: tuple[int, ...]) -> dict[str, Any] | None:
    """Return the resource of one context; None when nothing in it was answered (of a yes-no question: answered with no)."""
    answers = list(_answers(shared, item, rows))
    own = shared.settled.values.get((item.link_id, rows), ())
    if item.type == "boolean":
        if not (own and own[0].data is True):
            return None
    elif not answers and not own:
        return None
    doc: dict[str, Any] = {"resourceType": item.context, "id": shared.id_of(item.context, item.link_id, *rows)}
    slots: dict[tuple[str, str], int] = {}
    for fixed in item.fixed:
        found = fixed.value or _evaluated(shared, fixed.expression, item, rows)
        if found is not None:
            lay(doc, item.context, fixed.path, found, slots)
    for path, value in answers:
        lay(doc, item.context, path, value, slots)
    return _finished(shared, doc)


def _answers(shared: Setting, item: Item, rows: tuple[int, ...]) -> Iterator[tuple[str, Value]]:
    """Yield path and value of everything answered in a context, contexts of their own apart."""
    for one in _inside(item, top=True):
        path = one.definition.partition("#")[2]
        if path.partition(".")[0] != item.context:
            continue
        for place, given in shared.settled.values.items():
            if place[0] == one.link_id and place[1][: len(rows)] == rows and place in shared.settled.shown:
                for value in given:
                    yield path, value


def _inside(item: Item, *, top: bool = False) -> Iterator[Item]:
    if item.context and not top:
        return
    yield item
    for child in item.children:
        yield from _inside(child)


def _evaluated(shared: Setting, expression: str, item: Item, rows: tuple[int, ...]) -> Value | None:
    if not expression:
        return None
    node = shared.settled.nodes.get((item.link_id, rows))
    context = fhirpath.root(node, "QuestionnaireResponse.item") if node else fhirpath.root(shared.settled.doc)
    try:
        found = fhirpath.compile(expression)(shared.settled.doc, NOWHERE, context=context, authored=shared.at)
    except fhirpath.FHIRPathError:
        return None
    return Value("", found[0]) if found else None


def _finished(shared: Setting, doc: dict[str, Any]) -> dict[str, Any]:
    """Lay in whom it is about, during which visit, and which answers it came from."""
    fields = definitions.properties(doc["resourceType"])
    key = next((name for name in _SUBJECT if name in fields), None)
    if key:
        doc.setdefault(key, shared.subject)
    for name in ("encounter", "context"):
        if shared.encounter and name in fields and fields[name][1].type == "Reference":
            doc.setdefault(name, shared.encounter)
            break
    source = {"reference": shared.response}
    if doc["resourceType"] in _SOURCE:
        doc.setdefault(_SOURCE[doc["resourceType"]], []).append(source)
    else:
        doc.setdefault("extension", []).append({"url": _FROM, "valueReference": source})
    return doc


def lay(doc: dict[str, Any], rtype: str, path: str, value: Value, slots: dict[tuple[str, str], int]) -> None:
    """Lay one value at a path ("Patient.telecom:mobile.value"): a slice's name keeps entries of one array apart, no name means its first."""
    at: Any = doc
    type_ = rtype
    steps = path.split(".")[1:]
    for depth, step in enumerate(steps):
        found = _STEP.match(step)
        if found is None:
            return
        name, last = found[1], depth == len(steps) - 1
        fields = definitions.properties(type_)
        key = _key(fields, name, value, choice=bool(found[2]), last=last)
        if key is None:
            return
        element, kind = fields[key]
        if last:
            _put(at, key, kind.type, value, many=element.many)
            return
        at = _entered(at, key, (".".join(steps[: depth + 1]), found[3] or ""), slots) if element.many else at.setdefault(key, {})
        type_ = kind.type


def _entered(at: dict[str, Any], key: str, slot: tuple[str, str], slots: dict[tuple[str, str], int]) -> dict[str, Any]:
    entries: list[dict[str, Any]] = at.setdefault(key, [])
    if slot not in slots:
        if slot[1] or not entries:
            entries.append({})
            slots[slot] = len(entries) - 1
        else:
            slots[slot] = 0
    return entries[slots[slot]]


def _key(fields: Any, name: str, value: Value, *, choice: bool, last: bool) -> str | None:  # noqa: ANN401  # definitions' table
    if name in fields and not choice:
        return name
    kinds = [key for key, (element, _) in fields.items() if element.name == name]
    if not kinds or not last:
        return kinds[0] if kinds else None
    wanted = {"Coding": "CodeableConcept", "Decimal": "Quantity"}.get(value.type, value.type)
    return next((key for key in (f"{name}{wanted}", f"{name}{value.type}") if key in kinds), None)


def _put(at: dict[str, Any], key: str, type_: str, value: Value, *, many: bool) -> None:
    data = _as(type_, value)
    if data is None:
        return
    if many:
        at.setdefault(key, []).append(data)
    else:
        at[key] = data


def _as(type_: str, value: Value) -> Any:  # noqa: ANN401, PLR0911  # one way a type
    """Return a value as an element of a type takes it; None where it cannot."""
    data = value.data
    words = data.get("display") or data.get("code") if isinstance(data, dict) else data
    match type_:
        case "CodeableConcept":
            return (
                data
                if isinstance(data, dict) and value.type != "Coding"
                else {"coding": [data], "text": words}
                if isinstance(data, dict)
                else {"text": str(data)}
            )
        case "code" | "string" | "markdown" | "uri" | "id":
            return str(data.get("code")) if isinstance(data, dict) and type_ in {"code", "uri"} else _worded(words)
        case "Annotation":
            return {"text": _worded(words)}
        case "Quantity" | "SimpleQuantity" | "Age":
            return data if isinstance(data, dict) else {"value": data if isinstance(data, Decimal) else Decimal(str(data))}
        case "date":
            return str(data)[:10]
        case "Reference":
            return data if isinstance(data, dict) else {"display": str(data)}
        case "Range" | "Period":
            return data if isinstance(data, dict) else None
        case "positiveInt" | "unsignedInt" | "integer":
            return int(data) if not isinstance(data, dict) else None
        case _:
            return data


def _worded(data: Any) -> str:  # noqa: ANN401  # a text, number or yes-no
    return ("Có" if data else "Không") if isinstance(data, bool) else str(data)
