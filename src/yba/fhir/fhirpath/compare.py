"""Equality, equivalence and order of FHIRPath values."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from . import quantities, temporal
from .errors import FHIRPathError, TooManySteps
from .temporal import Temporal
from .values import QUANTITIES, Item, Items, Node, Quantity, children, system

_CODES: Final = {"Coding": ("system", "code")}
_SPACE: Final = re.compile(r"\s")
_MOST_PAIRED: Final = 2_000  # items that can only be compared one by one


def equal(left: Items, right: Items) -> bool | None:
    """Whether two collections are equal, in order; None where one is empty or a pair cannot be told."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    found: bool | None = True
    for a, b in zip(left, right, strict=True):
        one = equal_items(a, b)
        if one is False:
            return False
        if one is None:
            found = None
    return found


def equal_items(left: Item, right: Item) -> bool | None:
    """Whether two items are equal; None where it cannot be told."""
    a, b = system(left), system(right)
    if a is None or b is None:
        return a is b
    if isinstance(a, Node) or isinstance(b, Node):
        return _equal_nodes(a, b) if isinstance(a, Node) and isinstance(b, Node) else False
    if isinstance(a, bool) or isinstance(b, bool):
        return isinstance(a, bool) and isinstance(b, bool) and a is b
    if isinstance(a, Quantity) or isinstance(b, Quantity):
        return _equal_quantities(a, b)
    if isinstance(a, Temporal) and isinstance(b, Temporal):
        if (a.kind == "Time") is not (b.kind == "Time"):
            return False
        found = temporal.compare(a, b)
        return None if found is None else found == 0
    if isinstance(a, Temporal) or isinstance(b, Temporal):
        return str(a) == str(b)  # FHIR data write dates as text, and so do authors of expressions
    return bool(a == b)


def _equal_nodes(a: Node, b: Node) -> bool | None:
    """Whether all children of two elements are equal; what is written alike is."""
    if a.data == b.data:
        return True
    if not isinstance(a.data, dict) or not isinstance(b.data, dict) or a.data.keys() != b.data.keys():
        return False
    left, right = children(a), children(b)
    return equal(left, right) if [one.key for one in left] == [one.key for one in right] else False


def _equal_quantities(a: Item, b: Item) -> bool | None:
    left, right = quantities.as_quantity(a), quantities.as_quantity(b)
    return False if left is None or right is None else quantities.equal(left, right)


def less(left: Item, right: Item) -> int | None:
    """Return -1, 0, 1 as left is less, equal, greater; None where it cannot be told. Raises FHIRPathError for kinds without order."""
    a, b = system(left), system(right)
    if a is None or b is None:
        return None
    if isinstance(a, str) and isinstance(b, str):
        return (a > b) - (a < b)
    if isinstance(a, Temporal) and isinstance(b, str):
        b = _read_as(b, a)
    elif isinstance(b, Temporal) and isinstance(a, str):
        a = _read_as(a, b)
    if isinstance(a, Temporal) and isinstance(b, Temporal) and (a.kind == "Time") is (b.kind == "Time"):
        return temporal.compare(a, b)
    if _is_number(a) and _is_number(b):
        return int(a > b) - int(a < b)
    one, other = quantities.as_quantity(a), quantities.as_quantity(b)
    if one is None or other is None:
        if _is_quantity_element(a) or _is_quantity_element(b):
            return None
        message = f"{_kind(a)} and {_kind(b)} have no order"
        raise FHIRPathError(message)
    pair = quantities.same_units(one, other)
    return None if pair is None else (pair[0] > pair[1]) - (pair[0] < pair[1])


def _is_number(item: Item) -> bool:
    return isinstance(item, (int, Decimal)) and not isinstance(item, bool)


def _is_quantity_element(item: Item) -> bool:
    """Whether it is a Quantity that says no one value."""
    return isinstance(item, Node) and item.type in QUANTITIES


def _kind(item: Item) -> str:
    return item.type if isinstance(item, Node) else item.kind if isinstance(item, Temporal) else type(item).__name__


def _read_as(text: str, like: Temporal) -> Temporal | str:
    found = temporal.read_time(text) if like.kind == "Time" else temporal.read_moment(text)
    return text if found is None else found


def equivalent(left: Items, right: Items) -> bool:
    """Whether two collections mean the same, in any order."""
    if len(left) != len(right):
        return False
    if len(left) > _MOST_PAIRED:
        raise TooManySteps("too many items to pair")
    open_ = list(right)
    for item in left:
        for number, other in enumerate(open_):
            if equivalent_items(item, other):
                del open_[number]
                break
        else:
            return False
    return True


def equivalent_items(left: Item, right: Item) -> bool:
    """Whether two items mean the same: text without case and spaces, numbers to the coarser precision."""
    a, b = system(left), system(right)
    if isinstance(a, Node) and isinstance(b, Node):
        return _equivalent_nodes(a, b)
    if isinstance(a, str) and isinstance(b, str):
        return _folded(a) == _folded(b)
    if isinstance(a, Temporal) and isinstance(b, Temporal):
        return temporal.same_precision(a, b) and temporal.compare(a, b) == 0
    if _is_number(a) and _is_number(b):
        return _equivalent_numbers(a, b)
    one, other = quantities.as_quantity(a), quantities.as_quantity(b)
    if one is not None and other is not None and not isinstance(a, bool) and not isinstance(b, bool):
        return quantities.equivalent(one, other)
    return equal_items(a, b) is True


def _equivalent_numbers(a: int | Decimal, b: int | Decimal) -> bool:
    if isinstance(a, int) and isinstance(b, int):
        return a == b
    one, other = Decimal(a), Decimal(b)
    return quantities.alike(Fraction(one), quantities.places(one), Fraction(other), quantities.places(other))


def _folded(text: str) -> str:
    """Return a text without case, each space of any kind a blank: two blanks are not one."""
    return _SPACE.sub(" ", text.casefold())


def _equivalent_nodes(a: Node, b: Node) -> bool:
    if a.type == b.type == "Coding":
        return all(a.data.get(key) == b.data.get(key) for key in _CODES["Coding"])
    if a.type == b.type == "CodeableConcept" and a.data.get("coding") and b.data.get("coding"):
        return any(equivalent_items(one, other) for one in children(a) if one.key == "coding" for other in children(b) if other.key == "coding")
    return isinstance(a.data, dict) and isinstance(b.data, dict) and _equivalent_json(a.data, b.data)


def _equivalent_json(a: Any, b: Any) -> bool:  # noqa: ANN401
    if isinstance(a, dict) and isinstance(b, dict):
        keys = a.keys() - {"id"}  # R4: ids of elements do not count
        return keys == b.keys() - {"id"} and all(_equivalent_json(a[key], b[key]) for key in keys)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(any(_equivalent_json(one, other) for other in b) for one in a)
    return equivalent_items(a, b)


class Seen:
    """Which items were met, for unions and `distinct`: by hash, so that a document of 100,000 elements is no trap."""

    def __init__(self) -> None:
        """Begin with none."""
        self._hashed: set[Any] = set()
        self._nodes: dict[int, list[Node]] = {}
        self._others: Items = []

    def add(self, item: Item) -> bool:
        """Remember an item; False where an equal one was met. Raises TooManySteps for thousands of quantities."""
        value = system(item)
        if value in self:
            return False
        if isinstance(value, Node):
            self._nodes.setdefault(_deep_hash(value.data), []).append(value)
        elif (key := _hash_key(value)) is not None:
            self._hashed.add(key)
        else:
            self._others.append(value)
            if len(self._others) > _MOST_PAIRED:
                raise TooManySteps("too many quantities to tell apart")
        return True

    def __contains__(self, item: Item) -> bool:
        value = system(item)
        if isinstance(value, Node):
            return any(value.data == other.data for other in self._nodes.get(_deep_hash(value.data), ()))
        key = _hash_key(value)
        return key in self._hashed if key is not None else any(equal_items(value, other) for other in self._others)


def _hash_key(value: Item) -> Any:  # noqa: ANN401  a key of a set; None where there is none
    if isinstance(value, bool):
        return ("b", value)
    if isinstance(value, str):
        return ("s", value)
    if isinstance(value, (int, Decimal)):
        return ("n", value)
    if isinstance(value, Quantity):
        return quantities.key(value)
    return ("t", *temporal.identity(value)) if isinstance(value, Temporal) else None


def _deep_hash(data: Any) -> int:  # noqa: ANN401
    if isinstance(data, dict):
        return hash(frozenset((key, _deep_hash(one)) for key, one in data.items()))
    if isinstance(data, list):
        return hash(tuple(_deep_hash(one) for one in data))
    return hash(data)
