"""How each FHIR datatype says its values under a search parameter."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from . import dates
from .folding import fold
from .said import Moment, Number, Position, Quantity, Reference, Said, Text, Token, Uri
from .tokens import reference_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TICK: Final = timedelta(microseconds=1)
CURRENCIES: Final = "urn:iso:std:iso:4217"
_BOOLEANS: Final = ("http://hl7.org/fhir/special-values", "http://terminology.hl7.org/CodeSystem/special-values")
_ADDRESS_PARTS: Final = ("text", "line", "city", "district", "state", "postalCode", "country")


# --- tokens ------------------------------------------------------------------------------------------------------------------


def _texts(*found: Any) -> tuple[str, ...]:  # noqa: ANN401
    return tuple(one for one in found if isinstance(one, str) and one)


def _coding(node: Any) -> Iterator[Token]:  # noqa: ANN401
    if isinstance(node, dict):
        yield Token(node.get("system") or "", node.get("code"), _texts(node.get("display")))


def _concept(node: Any) -> Iterator[Token]:  # noqa: ANN401
    if not isinstance(node, dict):
        return
    for one in node.get("coding", ()):
        yield from _coding(one)
    if node.get("text"):
        yield Token("", None, _texts(node["text"]))


def _identifier(node: Any) -> Iterator[Token]:  # noqa: ANN401
    if isinstance(node, dict):
        type_ = node.get("type") or {}
        kinds = tuple((one.get("system") or "", one["code"]) for one in type_.get("coding", ()) if one.get("code"))
        displays = (one.get("display") for one in type_.get("coding", ()))
        yield Token(node.get("system") or "", node.get("value"), _texts(type_.get("text"), *displays), kinds=kinds)


def _contact(node: Any) -> Iterator[Token]:  # noqa: ANN401
    # R4 gives contacts no system; what a client means by phone|0912… is understood
    if isinstance(node, dict) and node.get("value"):
        yield Token("", node["value"], implied=_texts(node.get("system"), node.get("use")))


def _plain_token(node: Any) -> Iterator[Token]:  # noqa: ANN401
    if isinstance(node, bool):
        yield boolean(node)
    elif isinstance(node, str) and node:
        yield Token("", node)


def boolean(value: object) -> Token:
    """Return true or false as a token."""
    return Token("", "true" if value else "false", implied=_BOOLEANS)


def code(value: str, systems: tuple[str, ...]) -> Token:
    """Return an element of type code as a token."""
    return Token("", value, implied=systems)


# --- strings -----------------------------------------------------------------------------------------------------------------


def _text(node: Any) -> list[Text]:  # noqa: ANN401
    return [Text(node, folded)] if isinstance(node, str) and (folded := fold(node)) else []


def name(node: Any) -> list[Text]:  # noqa: ANN401
    """Every part, and the whole from each of its words on: "phuong" finds Nguyễn Thị Phương, whether the parts are told apart or not."""
    if not isinstance(node, dict):
        return []
    text, family, given = node.get("text"), node.get("family"), node.get("given") or ()
    found = [one for part in (text, family) if part for one in _text(part)]
    for part in (given, node.get("prefix"), node.get("suffix")):
        if part:
            found += [one for value in part for one in _text(value)]
    # without a text, the parts in Vietnamese order
    whole = text if isinstance(text, str) else " ".join([one for one in (family, *given) if isinstance(one, str)])
    said = {one.folded for one in found}
    return found + [Text("", rest) for rest in _tails(fold(whole)) if rest not in said]


@lru_cache(maxsize=4096)
def _tails(folded: str) -> tuple[str, ...]:
    """Give a folded text from each of its words on."""
    words = folded.split(" ")
    return tuple(" ".join(words[at:]) for at in range(len(words))) if folded else ()


def address(node: Any) -> list[Text]:  # noqa: ANN401
    """Every part of an Address, and its text."""
    found: list[Text] = []
    for part in _ADDRESS_PARTS if isinstance(node, dict) else ():
        value = node.get(part)
        if value:
            for one in value if isinstance(value, list) else (value,):
                found += _text(one)
    return found


# --- dates and numbers -------------------------------------------------------------------------------------------------------


def _moment(found: dates.Range) -> Iterator[Moment]:
    low, high = found
    if low or high:
        # year 9999 has no microsecond after its last
        yield Moment(low, high if high is None or high.replace(tzinfo=None) == datetime.max else high + TICK)  # noqa: DTZ901


def _point(node: Any) -> Iterator[Moment]:  # noqa: ANN401
    return _moment(dates.point(node) if isinstance(node, str) else dates.NOTHING)


def _period(node: Any) -> Iterator[Moment]:  # noqa: ANN401
    return _moment(dates.period(node) if isinstance(node, dict) else dates.NOTHING)


def _timing(node: Any) -> Iterator[Moment]:  # noqa: ANN401
    return _moment(dates.timing(node) if isinstance(node, dict) else dates.NOTHING)


def decimal(value: Any) -> Decimal | None:  # noqa: ANN401
    """Return a JSON number exactly as written; None for anything else."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, (int, float)):
            return Decimal(repr(value))
        if isinstance(value, orjson.Fragment):
            return Decimal(orjson.dumps(value).decode())
    except InvalidOperation:
        return None
    return value if isinstance(value, Decimal) else None


def _number(node: Any) -> Iterator[Number]:  # noqa: ANN401
    if (found := decimal(node)) is not None:
        yield Number(found, found)


def _side(node: Any, key: str) -> Quantity | None:  # noqa: ANN401
    found = list(_quantity(node.get(key))) if isinstance(node, dict) else []
    return found[0] if found else None


def _range_number(node: Any) -> Iterator[Number]:  # noqa: ANN401
    low, high = _side(node, "low"), _side(node, "high")
    if low or high:
        yield Number(low.low if low else None, high.high if high else None)


def _range(node: Any) -> Iterator[Quantity]:  # noqa: ANN401
    low, high = _side(node, "low"), _side(node, "high")
    unit = low or high
    if unit:
        yield Quantity(low.low if low else None, high.high if high else None, unit.system, unit.code, unit.unit)


def _quantity(node: Any) -> Iterator[Quantity]:  # noqa: ANN401
    """A quantity with a comparator ("<5") is found as the number written and as everything it may be."""
    if not isinstance(node, dict) or (value := decimal(node.get("value"))) is None:
        return
    unit = node.get("system") or "", node.get("code") or "", node.get("unit") or ""
    yield Quantity(value, value, *unit)
    comparator = node.get("comparator")
    if comparator in {"<", "<="}:
        yield Quantity(None, value, *unit)
    elif comparator in {">", ">="}:
        yield Quantity(value, None, *unit)


def _money(node: Any) -> Iterator[Quantity]:  # noqa: ANN401
    if isinstance(node, dict) and (value := decimal(node.get("value"))) is not None:
        currency = node.get("currency") or ""
        yield Quantity(value, value, CURRENCIES if currency else "", currency, currency)


def _sampled(node: Any) -> Iterator[Quantity]:  # noqa: ANN401
    """The origin, and from the least to the greatest sample."""
    if not isinstance(node, dict):
        return
    origin = list(_quantity(node.get("origin")))
    yield from origin
    samples = [one for word in str(node.get("data") or "").split() if (one := _sample(word)) is not None]
    if origin and samples:
        factor, base = decimal(node.get("factor")) or Decimal(1), origin[0]
        ends = sorted((base.low or Decimal(0)) + factor * one for one in (min(samples), max(samples)))
        yield Quantity(ends[0], ends[1], base.system, base.code, base.unit)


def _sample(word: str) -> Decimal | None:
    try:
        found = Decimal(word)
    except InvalidOperation:
        return None  # E, U, L: error, below, above what is measured
    return found if found.is_finite() else None


# --- references, URIs, places ------------------------------------------------------------------------------------------------


def reference(node: dict[str, Any]) -> Reference | None:
    """Return what a Reference refers to; one that only has words refers to nothing, but is not missing."""
    identifier = next(_identifier(node["identifier"]), None) if isinstance(node.get("identifier"), dict) else None
    target, declared = node.get("reference"), node.get("type")
    if not isinstance(target, str) or not target:
        return Reference(declared, identifier=identifier) if node else None
    if target[0] == "#":
        return Reference(declared, contained=target[1:], identifier=identifier)
    bare, _, version = target.partition("/_history/")
    told = reference_type(bare)
    parts = bare.split("/")
    if len(parts) == 2 and told:  # noqa: PLR2004  Type/id
        return Reference(told, parts[1], None, version or None, identifier=identifier)
    return Reference(told or declared, None, bare, version or None, identifier=identifier)


def canonical(url: str) -> Reference:
    """Return what a canonical URL refers to; a few are written as Type/id."""
    bare, _, _ = url.partition("|")
    parts = bare.split("/")
    if len(parts) == 2 and (told := reference_type(bare)):  # noqa: PLR2004  Type/id
        return Reference(told, parts[1])
    return Reference(url=url, bare=bare)


def _uri(node: Any) -> Iterator[Uri]:  # noqa: ANN401
    if isinstance(node, str) and node:
        yield Uri(node, node)


def _canonical(node: Any) -> Iterator[Uri]:  # noqa: ANN401
    if isinstance(node, str) and node:
        yield Uri(node, node.split("|")[0])


def _position(node: Any) -> Iterator[Position]:  # noqa: ANN401
    if isinstance(node, dict):
        latitude, longitude = decimal(node.get("latitude")), decimal(node.get("longitude"))
        if latitude is not None and longitude is not None:
            yield Position(float(latitude), float(longitude))


# (type of parameter, type of element) -> reader; what is missing here (an Age in a date parameter) says nothing
READERS: Final[dict[tuple[str, str], Callable[[Any], Iterable[Said]]]] = {
    ("token", "Coding"): _coding,
    ("token", "CodeableConcept"): _concept,
    ("token", "Identifier"): _identifier,
    ("token", "ContactPoint"): _contact,
    **{("token", type_): _plain_token for type_ in ("boolean", "id", "string", "uri", "dateTime", "canonical", "markdown")},
    ("string", "string"): _text,
    ("string", "markdown"): _text,
    ("string", "HumanName"): name,
    ("string", "Address"): address,
    **{("date", type_): _point for type_ in ("date", "dateTime", "instant", "string")},
    ("date", "Period"): _period,
    ("date", "Timing"): _timing,
    **{("number", type_): _number for type_ in ("decimal", "integer", "positiveInt", "unsignedInt")},
    ("number", "Range"): _range_number,
    **{("quantity", type_): _quantity for type_ in ("Quantity", "Age", "Duration", "Count", "Distance", "SimpleQuantity")},
    ("quantity", "Money"): _money,
    ("quantity", "Range"): _range,
    ("quantity", "SampledData"): _sampled,
    **{("uri", type_): _uri for type_ in ("uri", "url", "oid", "uuid")},
    ("uri", "canonical"): _canonical,
    ("special", "Location.position"): _position,
}
