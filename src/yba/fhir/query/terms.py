"""One criterion from its name and value: chains, _has, modifiers, and the values of each type."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from yba.fhir.definitions import resource_types
from yba.fhir.extract import routes
from yba.fhir.folding import fold, words
from yba.fhir.parameters import NOT_INDEXABLE, Parameter
from yba.fhir.search_rules import rules

from .criteria import (
    CompositeValue,
    Criterion,
    DateValue,
    Has,
    Listed,
    NearValue,
    NumberValue,
    OfTypeValue,
    QuantityValue,
    ReferenceValue,
    StringValue,
    Term,
    TokenValue,
    UriValue,
    Value,
)
from .literals import date_range, number_range, prefixed, split, unescape
from .mistakes import WrongError, nearest
from .scope import TEXTUAL, Scope, chain, components, refers, targets

if TYPE_CHECKING:
    from collections.abc import Callable

MODIFIERS: Final[dict[str, tuple[str, ...]]] = {
    "string": ("missing", "exact", "contains"),
    "token": ("missing", "text", "in", "not-in", "below", "above", "not", "of-type"),
    "reference": ("missing", "identifier", "above", "below"),
    "uri": ("missing", "above", "below"),
    "date": ("missing",),
    "number": ("missing",),
    "quantity": ("missing",),
    "composite": (),
    "special": ("missing",),
    "text": (),
}
_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_RELATIVE: Final = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/([A-Za-z0-9\-.]{1,64}))?")
_HEAD: Final = re.compile(r"[.:\[]")
_PARTS: Final = {"token": 2, "of-type": 3, "quantity": 3, "near": 4}


def criterion(scope: Scope, name: str, value: str, *, depth: int = 0) -> Criterion:
    """Read a criterion of a search: `code`, `name:exact`, `subject:Patient.name`, `_has:Observation:patient:code`. Raises WrongError."""
    if depth > rules().limits.depth:
        raise WrongError("too-deep", bound=rules().limits.depth)
    if name == "_list":
        return Listed(listed(value))
    if name.startswith("_has:"):
        rtype, by, rest = has(scope, name)
        return Has(rtype, by, criterion(scope.on(rtype), rest, value, depth=depth + 1))
    head, dot, rest = name.partition(".")
    code, _, kind = head.partition(":")
    param = scope.parameter(code)
    if not dot:
        return term(scope, param, kind, value)
    following = _HEAD.split(rest, maxsplit=1)[0]
    return chain(scope, param, kind, following, lambda further: criterion(further, rest, value, depth=depth + 1))


def has(scope: Scope, name: str) -> tuple[str, str, str]:
    """Take `_has:Type:parameter:rest` apart and check that the parameter can refer here. Raises WrongError."""
    parts = name.split(":", 3)
    if len(parts) < 4 or not parts[3]:  # noqa: PLR2004  _has, type, parameter, rest
        raise WrongError("has")
    _, rtype, code, rest = parts
    if rtype not in resource_types():
        raise WrongError("type", type=rtype, hint=nearest(rtype, resource_types()))
    param = Scope((rtype,)).parameter(code)
    if param.type != "reference":
        raise WrongError("no-reference", param=code)
    if not refers(rtype, code):
        raise WrongError("canonical", param=code)
    if scope.types and not set(scope.types) & set(targets(param)):
        raise WrongError("target", param=code, type=scope.name)
    return rtype, code, rest


def listed(value: str) -> str:
    """Read the id of a List, or the name of a current one. Raises WrongError."""
    bare = value.removeprefix("List/")
    if not _ID.fullmatch(bare.removeprefix("$")):
        raise WrongError("value", type="List", form="_list=42, _list=$current-problems")
    return bare


def term(scope: Scope, param: Parameter, modifier: str, value: str) -> Term:
    """Read a parameter with its modifier and its values. Raises WrongError."""
    kind = "text" if param.code in TEXTUAL else param.type
    target = modifier if kind == "reference" and modifier in resource_types() else ""
    if target and target not in targets(param):
        raise WrongError("target", param=param.code, type=target)
    if modifier and not target and not _takes(scope, param, kind, modifier):
        raise WrongError("modifier", type=kind, modifier=modifier, hint=nearest(modifier, MODIFIERS[kind]).replace("→ ", "→ :"))
    modifier = "" if target else modifier
    texts = split(value, ",")
    if len(texts) > rules().limits.values:
        raise WrongError("too-many", bound=rules().limits.values)
    if modifier == "missing":
        return Term(param.code, kind, modifier, (_truth(value),))
    return Term(param.code, kind, modifier, tuple(one_value(scope, param, modifier, text, target=target) for text in texts))


def _takes(scope: Scope, param: Parameter, kind: str, modifier: str) -> bool:
    if modifier not in MODIFIERS[kind] or scope.components:
        return False
    if kind == "reference" and modifier in {"above", "below"}:
        return bool(set(param.targets) & set(rules().hierarchy)) or is_canonical(scope, param)
    return True


def is_canonical(scope: Scope, param: Parameter) -> bool:
    """Whether a reference parameter reaches canonical URLs rather than References."""
    rtype = scope.types[0] if scope.types else "Basic"
    return (rtype, param.code) not in NOT_INDEXABLE and any(route.hops[-1].type in {"canonical", "uri"} for route in routes(rtype, param.expression))


def one_value(scope: Scope, param: Parameter, modifier: str, text: str, *, target: str = "") -> Value:
    """Read one value of a parameter, still escaped. Raises WrongError."""
    if not text:
        raise WrongError("empty")
    if modifier in {"in", "not-in"}:
        return UriValue(unescape(text))
    if modifier == "text":
        return string(text)
    if modifier == "of-type":
        return _of_type(text)
    if modifier == "identifier":
        return token(text)
    if param.type == "reference":
        return reference(scope, param, text, target=target)
    if param.type == "composite":
        return _composite(scope, param, text)
    return (_full_text if param.code in TEXTUAL else _READERS[param.type])(text)


def _truth(value: str) -> TokenValue:
    if value not in {"true", "false"}:
        raise WrongError("one-of", allowed="true, false")
    return TokenValue(None, value)


def token(text: str) -> TokenValue:
    """Read `code`, `system|code`, `|code` or `system|`. Raises WrongError."""
    parts = [unescape(part) for part in split(text, "|")]
    if len(parts) > _PARTS["token"] or not any(parts):
        raise WrongError("value", type="token", form="code, system|code, |code, system|")
    return TokenValue(None, parts[0]) if len(parts) == 1 else TokenValue(parts[0], parts[1] or None)


def _of_type(text: str) -> OfTypeValue:
    parts = [unescape(part) for part in split(text, "|")]
    if len(parts) != _PARTS["of-type"] or not all(parts):
        raise WrongError("value", type="token", form="system|code|value")
    return OfTypeValue(*parts)


def string(text: str) -> StringValue:
    """Read text. Raises WrongError where nothing of it could be compared."""
    plain = unescape(text)
    folded = fold(plain)
    if not folded:
        raise WrongError("empty")
    return StringValue(plain, folded)


def _full_text(text: str) -> StringValue:
    plain = unescape(text)
    folded = " ".join(words(plain))
    if not folded:
        raise WrongError("empty")
    return StringValue(plain, folded)


def _date(text: str) -> DateValue:
    # a plus in a query string that was not escaped arrives as a blank
    prefix, bare = prefixed(unescape(text).strip().replace(" ", "+"))
    return DateValue(prefix, *date_range(bare), bare)


def _number(text: str) -> NumberValue:
    prefix, bare = prefixed(unescape(text).strip())
    return NumberValue(prefix, *number_range(prefix, bare), bare)


def quantity(text: str) -> QuantityValue:
    """Read `5.4`, `5.4|system|code` or `5.4||unit`, with a prefix. Raises WrongError."""
    parts = [unescape(part) for part in split(text, "|")]
    if len(parts) not in {1, _PARTS["quantity"]}:
        raise WrongError("value", type="quantity", form="5.4, 5.4||mg, 5.4|http://unitsofmeasure.org|mg")
    number, system, unit = (*parts, "", "")[:3]
    prefix, bare = prefixed(number.strip())
    return QuantityValue(prefix, *number_range(prefix, bare), bare, system or None, unit or None)


def reference(scope: Scope, param: Parameter, text: str, *, target: str = "") -> ReferenceValue:
    """Read `id`, `Type/id`, `Type/id/_history/1` or a URL; a URL of this server counts as `Type/id`. Raises WrongError."""
    plain = unescape(text)
    base = scope.reading.base
    local = plain.removeprefix(base.rstrip("/") + "/") if base else plain
    if match := _RELATIVE.fullmatch(local):
        rtype, id_, version = match.groups()
        if rtype not in resource_types():
            raise WrongError("type", type=rtype, hint=nearest(rtype, resource_types()))
        if target and rtype != target:
            raise WrongError("one-of", allowed=target)
        return ReferenceValue(rtype, id_, None, version)
    if ":" in plain:
        return ReferenceValue(None, None, plain)
    if not _ID.fullmatch(plain):
        raise WrongError("value", type="reference", form="id, Type/id, https://…/Type/id")
    possible = param.targets
    only = possible[0] if len(possible) == 1 and possible[0] != "Resource" else None
    return ReferenceValue(target or only, plain)


def _uri(text: str) -> UriValue:
    return UriValue(unescape(text))


def _near(text: str) -> NearValue:
    parts = [*text.split("|"), "", ""]
    found = rules()
    unit = found.near_units.get(parts[3] or "km") if len(parts) <= _PARTS["near"] + 2 else None
    try:
        latitude, longitude = (number_range("gt", part)[0] for part in parts[:2])
        distance = number_range("gt", parts[2])[0] if parts[2] else found.near_distance
    except WrongError:
        unit = None
    if unit is None or not (abs(latitude) <= 90 and abs(longitude) <= 180 and distance >= 0):  # noqa: PLR2004  degrees
        raise WrongError("value", type="near", form="latitude|longitude[|distance[|km, m, [mi_i]]]")
    return NearValue(latitude, longitude, distance * Decimal(unit), text)


def _composite(scope: Scope, param: Parameter, text: str) -> CompositeValue:
    wanted = components(scope, param)
    texts = split(text, "$")
    if len(texts) != len(wanted):
        raise WrongError("value", type="composite", form="$".join(one.code for one in wanted))
    return CompositeValue(tuple(one_value(scope, part, "", one) for part, one in zip(wanted, texts, strict=True)))


_READERS: Final[dict[str, Callable[[str], Value]]] = {
    "token": token,
    "string": string,
    "date": _date,
    "number": _number,
    "quantity": quantity,
    "uri": _uri,
    "special": _near,
}
