"""Answers <-> QuestionnaireResponse: what is stored, and what a stored one said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .model import Answers, Value
from .names import ANSWER, ROWS, UNIT, name_of, rows_at
from .reading import answers
from .values import written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from .model import Form, Item, Place


def document(
    form: Form, given: Answers, values: Mapping[Place, tuple[Value, ...]], shown: Collection[Place]
) -> tuple[dict[str, Any], dict[Place, dict[str, Any]]]:
    """Write the QuestionnaireResponse of what is shown and answered, and its items by place (of a row of a group: its number last)."""
    writer = _Writer(form, given, values, shown)
    doc: dict[str, Any] = {"resourceType": "QuestionnaireResponse", "questionnaire": form.canonical, "status": "in-progress"}
    items = list(writer.items(form.root.children, ()))
    return doc | ({"item": items} if items else {}), writer.nodes


class _Writer:
    def __init__(self, form: Form, given: Answers, values: Mapping[Place, tuple[Value, ...]], shown: Collection[Place]) -> None:
        self.form = form
        self.counted = given.rows
        self.values = values
        self.shown = shown
        self.nodes: dict[Place, dict[str, Any]] = {}

    def items(self, children: Sequence[Item], rows: tuple[int, ...]) -> Iterator[dict[str, Any]]:
        """Write the items of one level; what holds no answer is left out."""
        for item in children:
            if item.type == "group" and item.repeats:
                for row in range(rows_at(item, rows, self.counted)):
                    yield from self._group(item, (*rows, row))
            elif item.type == "group":
                yield from self._group(item, rows)
            elif item.is_question:
                yield from self._question(item, rows)

    def _group(self, item: Item, rows: tuple[int, ...]) -> Iterator[dict[str, Any]]:
        inside = list(self.items(item.children, rows)) if (item.link_id, rows) in self.shown else []
        if inside:
            node: dict[str, Any] = {"linkId": item.link_id, **({"text": item.vi} if item.vi else {}), "item": inside}
            self.nodes[item.link_id, rows] = node
            yield node

    def _question(self, item: Item, rows: tuple[int, ...]) -> Iterator[dict[str, Any]]:
        place = (item.link_id, rows)
        if place not in self.shown:
            return
        inside = list(self.items(item.children, rows))
        told: list[dict[str, Any]] = [one.fhir() for one in self.values.get(place, ())]
        if not told:
            return
        if inside:
            told[0] = {**told[0], "item": inside}
        node = {"linkId": item.link_id, **({"text": item.vi} if item.vi else {}), "answer": told}
        self.nodes[place] = node
        yield node


def read(form: Form, doc: Mapping[str, Any]) -> Answers:
    """Read a QuestionnaireResponse back as answers of a form; what the form does not ask (another version) is left out and said."""
    fields: dict[str, list[str]] = {}
    _read(form, doc.get("item", ()), {}, (), fields)
    return answers(form, fields)


def _read(form: Form, docs: Sequence[Mapping[str, Any]], counted: dict[Place, int], rows: tuple[int, ...], fields: dict[str, list[str]]) -> None:
    for doc in docs:
        item = form.items.get(str(doc.get("linkId")))
        inner = rows
        if item is not None and item.type == "group" and item.repeats:
            place = (item.link_id, rows)
            counted[place] = counted.get(place, 0) + 1
            inner = (*rows, counted[place] - 1)
            fields[ROWS + name_of(place)] = [str(counted[place])]
        for answer in doc.get("answer", ()):
            key = next((name for name in answer if name.startswith("value")), None)
            if key is not None:
                _field(item, str(doc.get("linkId")), rows, Value(key.removeprefix("value"), answer[key]), fields)
            _read(form, answer.get("item", ()), counted, inner, fields)
        _read(form, doc.get("item", ()), counted, inner, fields)


def _field(item: Item | None, link_id: str, rows: tuple[int, ...], value: Value, fields: dict[str, list[str]]) -> None:
    place = (link_id, rows if item is None else rows[: len(item.above)])
    text = written(item, value) if item is not None else str(value.data)
    fields.setdefault(ANSWER + name_of(place), []).append(text)
    if value.type == "Quantity" and value.data.get("code"):
        fields[UNIT + name_of(place)] = [value.data["code"]]
