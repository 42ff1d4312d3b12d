"""Criteria written back as search parameters, and what only _filter can say as a filter."""

from __future__ import annotations

import json
import re
from typing import Final

from .criteria import (
    And,
    Chain,
    Criterion,
    DateValue,
    Has,
    Inside,
    Listed,
    NearValue,
    Not,
    NumberValue,
    OfTypeValue,
    Or,
    QuantityValue,
    ReferenceValue,
    StringValue,
    Term,
    TokenValue,
    UriValue,
    Value,
    Within,
)
from .literals import PREFIXES, escape

# (type, modifier) that has a name of its own in a filter; "" is what a plain search means.
OPERATORS: Final = {
    "equals": "eq",
    "unequal": "ne",
    "contains": "co",
    "holds": "co",
    "starts": "sw",
    "ends": "ew",
    "in": "in",
    "not-in": "ni",
    "below": "ss",
    "above": "sb",
}
OF_FILTER: Final = frozenset({"equals", "unequal", "starts", "ends", "holds"})  # modifiers that a plain search does not have
_BARE: Final = re.compile(r"[\w:/.|+-]+")


def pairs_of(criterion: Criterion) -> list[tuple[str, str]]:
    """Return name and value of one criterion."""
    plain = _plain(criterion)
    return [plain] if plain else [("_filter", filter_text(criterion))]


def _plain(criterion: Criterion) -> tuple[str, str] | None:
    """Write a criterion without _filter; None where it needs one."""
    if isinstance(criterion, Term):
        return _term(criterion)
    if isinstance(criterion, Listed):
        return "_list", criterion.list
    if isinstance(criterion, Inside):
        return "_compartment", f"{criterion.kind}/{criterion.id}"
    if isinstance(criterion, Chain):
        inner = _plain(criterion.inner)
        return inner and (f"{criterion.param}:{criterion.target}.{inner[0]}", inner[1])
    if isinstance(criterion, Has):
        inner = _plain(criterion.inner)
        return inner and (f"_has:{criterion.rtype}:{criterion.param}:{inner[0]}", inner[1])
    if isinstance(criterion, Or) and criterion.untyped:
        first = criterion.parts[0]
        inner = _plain(first.inner) if isinstance(first, Chain) else None
        return inner and (f"{_path(first)}.{inner[0]}", inner[1])
    return None


def _term(term: Term) -> tuple[str, str] | None:
    if term.modifier in OF_FILTER or any(isinstance(value, DateValue) and value.prefix == "po" for value in term.values):
        return None
    name = f"{term.param}:{term.modifier}" if term.modifier else term.param
    return name, ",".join(map(value_text, term.values))


def value_text(value: Value) -> str:  # noqa: PLR0911  one line for each kind of value
    """Write a value so that reading gives the same."""
    if isinstance(value, TokenValue):
        code = escape(value.code or "")
        return code if value.system is None else f"{escape(value.system)}|{code}"
    if isinstance(value, OfTypeValue):
        return "|".join(map(escape, (value.system, value.code, value.value)))
    if isinstance(value, StringValue):
        return escape(value.text)
    if isinstance(value, (DateValue, NumberValue)):
        return _with_prefix(value.prefix, value.text)
    if isinstance(value, QuantityValue):
        number = _with_prefix(value.prefix, value.text)
        return number if value.system is None and value.unit is None else f"{number}|{escape(value.system or '')}|{escape(value.unit or '')}"
    if isinstance(value, ReferenceValue):
        return escape(value.url) if value.url else "/".join(_reference(value))
    if isinstance(value, UriValue):
        return escape(value.uri)
    if isinstance(value, NearValue):
        return value.text
    return "$".join(map(value_text, value.parts))


def _with_prefix(prefix: str, text: str) -> str:
    return text if prefix == "eq" else prefix + text


def _reference(value: ReferenceValue) -> list[str]:
    parts = [value.type] if value.type else []
    parts.append(value.id or "")
    return [*parts, "_history", value.version] if value.version else parts


# --- filters -----------------------------------------------------------------------------------------------------------------


def filter_text(criterion: Criterion, *, nested: bool = False) -> str:
    """Write a criterion in the grammar of _filter."""
    if isinstance(criterion, And) or (isinstance(criterion, Or) and not criterion.untyped):
        word = " and " if isinstance(criterion, And) else " or "
        text = word.join(filter_text(part, nested=True) for part in criterion.parts)
        return f"({text})" if nested else text
    if isinstance(criterion, Not):
        return f"not ({filter_text(criterion.part)})"
    if isinstance(criterion, Listed):
        return f"_list eq {_quoted(criterion.list)}"
    if isinstance(criterion, Term):
        return _test(criterion)
    return f"{_path(criterion)}{_tail(criterion)}"


def _path(criterion: Criterion) -> str:
    if isinstance(criterion, Or):
        return _path(criterion.parts[0])
    if isinstance(criterion, Chain):
        return criterion.param
    if isinstance(criterion, Has):
        return f"_has:{criterion.rtype}:{criterion.param}"
    return criterion.param if isinstance(criterion, Within) else ""


def _tail(criterion: Criterion) -> str:
    """What follows the name of a path: `:Type`, `[filter]`, and the rest."""
    kind, inner = "", criterion
    if isinstance(criterion, Or):
        inner = criterion.parts[0]
    elif isinstance(criterion, Chain):
        kind = ":" + criterion.target
    if not isinstance(inner, (Chain, Has, Within)):
        message = f"{type(inner).__name__} is no path"
        raise TypeError(message)
    sign = ":" if isinstance(inner, Has) else "."
    if isinstance(inner.inner, And):
        condition, rest = inner.inner.parts
        return f"{kind}[{filter_text(condition)}]{sign}{filter_text(rest)}"
    return f"{kind}{sign}{filter_text(inner.inner)}"


def _test(term: Term) -> str:
    if term.modifier == "missing":
        (value,) = term.values
        return f"{term.param} pr {'false' if value == TokenValue(None, 'true') else 'true'}"
    (value,) = term.values
    operator = OPERATORS.get(term.modifier)
    if isinstance(value, StringValue):
        return f"{term.param} {operator or 'sw'} {_quoted(value.text)}"
    text = value_text(value)
    if operator is None and isinstance(value, (DateValue, NumberValue, QuantityValue)):
        operator = value.prefix
        text = text.removeprefix(value.prefix) if text[:2] in PREFIXES | {"po"} else text
    if operator is None:
        operator = "re" if isinstance(value, ReferenceValue) else "eq"
    return f"{term.param} {operator} {text if _BARE.fullmatch(text) else _quoted(text)}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
