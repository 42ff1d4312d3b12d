"""Element paths of the mapping files: how to write at one, how to read at one.

`code.text` an element · `note[]` the only item of a list · `coding[drug]` the item with that system · `identifier[card]` with that
identifier system · `ext[claim-line]` our extension of that name · `sub[insured]` a part of it · `note[#kl]` the item with that element id ·
`diagnosis[*kt]` one item for each part of a ";" list, ids kt1, kt2, ….
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from yba.specs import systems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Doc

_SEGMENT: Final = re.compile(r"(?P<key>\w+)(?P<list>\[(?P<sign>[#*]?)(?P<name>[\w./:-]*)\])?")


class Many(Enum):
    """How a step meets a list."""

    NO = "object"
    ONLY = "only item"
    PICK = "item told by one of its elements"
    EACH = "every item of a tag"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path; `mark` is the element (name, value) by which an item is known."""

    key: str
    many: Many = Many.NO
    mark: tuple[str, str] | None = None

    def fresh(self) -> Doc:
        """Give a new object for this step, with its mark."""
        return {self.mark[0]: self.mark[1]} if self.mark and self.many is Many.PICK else {}


def parse(path: str) -> tuple[Step, ...]:
    """Read a path; ValueError when it is not one, KeyError when it names an unknown system."""
    steps = []
    for part in path.split("."):
        match = _SEGMENT.fullmatch(part)
        if match is None:
            message = f"{path}: {part} is not a path segment"
            raise ValueError(message)
        steps.append(_step(match["key"], match["list"] is not None, match["sign"] or "", match["name"] or ""))
    return tuple(steps)


def _step(key: str, listed: bool, sign: str, name: str) -> Step:  # noqa: FBT001 - private, one caller
    if not listed:
        return Step(key)
    if key == "ext":
        return Step("extension", Many.PICK, ("url", systems.extension(name)))
    if key == "sub":
        return Step("extension", Many.PICK, ("url", name))
    if sign == "*":
        return Step(key, Many.EACH, ("id", name))
    if sign == "#":
        return Step(key, Many.PICK, ("id", name))
    if not name:
        return Step(key, Many.ONLY)
    uri = systems.identifier(name) if key == "identifier" else systems.system(name)
    return Step(key, Many.PICK, ("system", uri))


def find(doc: Doc, steps: tuple[Step, ...]) -> Any:  # noqa: ANN401 - any JSON value
    """Read the value at a path without EACH; None when it is not there."""
    node: Any = doc
    for step in steps:
        node = node.get(step.key) if isinstance(node, dict) else None
        if node is None:
            return None
        if step.many is Many.ONLY:
            node = node[0] if node else None
        elif step.many is Many.PICK:
            name, value = step.mark or ("", "")
            node = next((item for item in node if item.get(name) == value), None)
    return node


def find_each(doc: Doc, steps: tuple[Step, ...]) -> list[Any]:
    """Read the values of a path with one EACH, in the order of their numbers."""
    at = next(n for n, step in enumerate(steps) if step.many is Many.EACH)
    items = find(doc, (*steps[:at], Step(steps[at].key))) or []
    tag = (steps[at].mark or ("", ""))[1]
    numbered = sorted(_numbered(items, tag), key=lambda pair: pair[0])
    return [find(item, steps[at + 1 :]) for _, item in numbered]


def _numbered(items: list[Doc], tag: str) -> Iterator[tuple[int, Doc]]:
    for item in items:
        name = item.get("id", "")
        if name.startswith(tag) and name[len(tag) :].isdigit():
            yield int(name[len(tag) :]), item


def nest(steps: tuple[Step, ...], value: Any) -> Any:  # noqa: ANN401
    """Build the value wrapped in the objects and lists of a path: nest(a.b[], 1) -> {"a": {"b": [1]}}."""
    for n in range(len(steps) - 1, -1, -1):
        step = steps[n]
        if step.many is not Many.NO:
            value = [{**step.fresh(), **value} if isinstance(value, dict) else value]
        value = {step.key: value}
    return value
