"""Which questions are asked and what is calculated, given the answers: one truth for pages, checks, paper and what is stored."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from yba.fhir import fhirpath

from . import responses
from .model import Value
from .names import places
from .values import typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Answers, Condition, Form, Item, Place

_PASSES: Final = 4  # a value calculated from calculated ones settles in as many passes as the chain is long
_STEPS: Final = 200_000
NOWHERE: Final = fhirpath.Environment(steps=_STEPS)


@dataclass(slots=True)
class Settled:
    """Answers with everything that follows from them; ``shown`` holds the places that are asked, ``doc`` the QuestionnaireResponse."""

    form: Form
    answers: Answers
    shown: frozenset[Place]
    values: Mapping[Place, tuple[Value, ...]]
    doc: dict[str, Any] = field(repr=False)
    nodes: Mapping[Place, dict[str, Any]] = field(repr=False)

    def is_shown(self, link_id: str, rows: tuple[int, ...]) -> bool:
        """Whether an item is asked there."""
        return (link_id, rows) in self.shown


def settle(
    form: Form, answers: Answers, *, patient: dict[str, Any] | None = None, environment: fhirpath.Environment = NOWHERE
) -> Settled:  # fmt: skip
    """Decide what is shown and calculate, until nothing changes any more; ``patient`` is %patient of the expressions."""
    values = {place: found for place, found in answers.values.items() if not form.items[place[0]].calculated}
    calculated = [item for item in form.items.values() if item.calculated]
    known = {"patient": [fhirpath.root(patient)] if patient else []}
    made = _one(form, answers, values, known, environment)
    for _ in range(_PASSES if calculated else 0):
        fresh = dict(values)
        for item, rows in places(form.root, answers.rows):
            if item.calculated and made.is_shown(item.link_id, rows):
                found = _calculated(item, rows, made, known, environment)
                fresh |= {(item.link_id, rows): (found,)} if found else {}
        if fresh == made.values:
            break
        made = _one(form, answers, fresh, known, environment)
    return made


def _one(
    form: Form, answers: Answers, values: Mapping[Place, tuple[Value, ...]], known: dict[str, Any], environment: fhirpath.Environment
) -> Settled:
    found = _Conditions(form, answers, values)
    shown = frozenset((item.link_id, rows) for item, rows in places(form.root, answers.rows) if found.shown(item, rows))
    doc, nodes = responses.document(form, answers, values, shown)
    hidden = {at for at in shown if (text := form.items[at[0]].enabled_by) and not _true(text, doc, known, environment)}
    if hidden:
        shown = frozenset(at for at in shown - hidden if not _below(form, at, hidden))
        doc, nodes = responses.document(form, answers, values, shown)
    return Settled(form, replace(answers, values={at: one for at, one in values.items() if at in shown}), shown, values, doc, nodes)


def _below(form: Form, at: Place, hidden: set[Place]) -> bool:
    """Whether a place stands under a hidden item."""
    return any(at[0] in {one.link_id for one in form.items[link_id].walk()} and at[1][: len(rows)] == rows for link_id, rows in hidden)


def _true(text: str, doc: dict[str, Any], known: dict[str, Any], environment: fhirpath.Environment) -> bool:
    try:
        return fhirpath.compile(text)(doc, environment, **known) == [True]
    except fhirpath.FHIRPathError:
        return False


def _calculated(item: Item, rows: tuple[int, ...], made: Settled, known: dict[str, Any], environment: fhirpath.Environment) -> Value | None:
    """Evaluate a calculatedExpression; %context is the row it stands in. An expression that fails gives nothing: the person sees an empty box."""
    node = made.nodes.get((item.above[-1], rows)) if item.above else None
    context = fhirpath.root(node, "QuestionnaireResponse.item") if node else fhirpath.root(made.doc)
    try:
        found = fhirpath.compile(item.calculated).items(made.doc, environment, context=context, **known)
    except fhirpath.FHIRPathError:
        return None
    return of_result(item, fhirpath.plain(found[0])) if len(found) == 1 else None


def of_result(item: Item, found: Any) -> Value | None:  # noqa: ANN401  # what an expression gives
    """Return what an expression found as an answer of a question; None where it does not fit."""
    if found is None:
        return None
    if isinstance(found, bool):
        return Value("Boolean", found) if item.type == "boolean" else None
    if isinstance(found, (int, float, Decimal)):
        return _number(item, Decimal(str(found)))
    if isinstance(found, dict):
        return _complex(item, found)
    text = str(found).removeprefix("@")
    return typed(item, text) if item.type not in {"decimal", "integer", "quantity"} or text else None


def _number(item: Item, found: Decimal) -> Value | None:
    if item.type == "integer":
        return Value("Integer", int(found))
    if item.type == "decimal":
        return Value("Decimal", found)
    if item.type == "quantity":
        code, shown = item.unit
        unit = {"unit": shown, "system": "http://unitsofmeasure.org", "code": code} if code else {}
        return Value("Quantity", {"value": found, **unit})
    return Value("String", format(found, "f")) if item.type in {"string", "text"} else None


def _complex(item: Item, found: dict[str, Any]) -> Value | None:
    if "value" in found:  # a Quantity
        return Value("Quantity", found) if item.type == "quantity" else _number(item, Decimal(str(found["value"])))
    codings = found.get("coding") or ([found] if "code" in found else [])
    for coding in codings:
        option = next((one for one in item.options if one.value.type == "Coding" and one.key == coding.get("code")), None)
        if option is not None:
            return option.value
    if item.type in {"choice", "open-choice"} and item.value_set and codings:
        return Value("Coding", {key: codings[0][key] for key in ("system", "version", "code", "display") if key in codings[0]})
    words = found.get("text") or (codings[0].get("display") if codings else None)
    return typed(item, str(words)) if words and item.type in {"string", "text", "open-choice"} else None


class _Conditions:
    """Asks enableWhen; an answer of a question that is not asked does not count."""

    def __init__(self, form: Form, answers: Answers, values: Mapping[Place, tuple[Value, ...]]) -> None:
        self.form = form
        self.values = values
        self.counted = answers.rows
        self.known: dict[Place, bool] = {}
        self.parents = {child.link_id: item for item in form.root.walk() for child in item.children}

    def shown(self, item: Item, rows: tuple[int, ...]) -> bool:
        """Whether an item is asked: its own conditions hold, and those of everything it stands in."""
        place = (item.link_id, rows)
        if place not in self.known:
            self.known[place] = True  # two that wait for each other are both asked
            parent = self.parents.get(item.link_id)
            outer = (
                parent is None or not parent.link_id or self.shown(parent, rows[: len(parent.above) + (parent.type == "group" and parent.repeats)])
            )
            self.known[place] = outer and self._holds(item, rows)
        return self.known[place]

    def _holds(self, item: Item, rows: tuple[int, ...]) -> bool:
        if not item.enabled:
            return True
        told = (self._condition(one, item, rows) for one in item.enabled)
        return all(told) if item.every else any(told)

    def _condition(self, condition: Condition, item: Item, rows: tuple[int, ...]) -> bool:
        question = self.form.items[condition.question]
        own = (*item.above, item.link_id)
        common = 0
        while common < min(len(question.above), len(own), len(rows)) and question.above[common] == own[common]:
            common += 1
        found = [
            value
            for (link_id, at), given in self.values.items()
            if link_id == question.link_id and at[:common] == rows[:common] and self.shown(question, at)
            for value in given
        ]  # fmt: skip
        if condition.operator == "exists":
            return bool(found) is bool(condition.value.data)
        return any(compare(value, condition.operator, condition.value) for value in found)


def compare(value: Value, operator: str, other: Value) -> bool:
    """Compare an answer with that of an enableWhen."""
    left, right = _ordered(value), _ordered(other)
    if operator in {"=", "!="}:
        same = _same_coding(value.data, other.data) if isinstance(value.data, dict) and "code" in other.data else left == right
        return same is (operator == "=")
    if left is None or right is None or isinstance(left, str) is not isinstance(right, str):
        return False
    return bool({"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[operator])


def _ordered(value: Value) -> Any:  # noqa: ANN401  # a number or a text
    data = value.data.get("value") if isinstance(value.data, dict) and "value" in value.data else value.data
    return Decimal(str(data)) if isinstance(data, (int, float)) and not isinstance(data, bool) else data


def _same_coding(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.get("code") == other.get("code") and (not one.get("system") or not other.get("system") or one["system"] == other["system"])
