"""Whether a value that a resource says answers a value that is asked: one small function for each type, R4's words in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from yba.kit.errors import Invalid

from .amounts import Test, date, near, number, quantity
from .folding import fold
from .query.criteria import (
    CompositeValue,
    DateValue,
    NearValue,
    NumberValue,
    OfTypeValue,
    QuantityValue,
    ReferenceValue,
    StringValue,
    TokenValue,
    UriValue,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from .said import Token


class Codes(Protocol):
    """What a terminology must know for :in, :not-in, :above and :below."""

    def contains(self, value_set: str, system: str, code: str) -> bool:
        """Whether a code is in a value set; system "" = not said. Raises NotFound for a value set it does not have."""

    def subsumes(self, system: str, general: str, specific: str) -> bool:
        """Whether one code of a system is above another; never asked of equal codes."""


class NoTerminologyError(Invalid):
    """A search asks for value sets or hierarchies of codes where there is no terminology."""


def test_of(modifier: str, value: Value, *, codes: Codes | None, now: datetime | None) -> Test:
    """Return the test of a single said value against a single asked one."""
    if isinstance(value, TokenValue):
        return _reference_identifier(value) if modifier == "identifier" else _token(modifier, value, codes)
    if isinstance(value, StringValue):
        return _token_text(value) if modifier == "text" else _string(modifier, value)
    if isinstance(value, UriValue):
        return _in(value, codes) if modifier in {"in", "not-in"} else _uri(modifier, value)
    if isinstance(value, CompositeValue):
        return _composite([test_of("", part, codes=codes, now=now) for part in value.parts])
    if isinstance(value, DateValue):
        return date(value, now)
    if isinstance(value, ReferenceValue):
        return _negated(reference(value)) if modifier == "unequal" else reference(value)
    simple: dict[type[Value], Callable[[Any], Test]] = {
        OfTypeValue: _of_type,
        NumberValue: number,
        QuantityValue: quantity,
        NearValue: near,
    }
    return simple[type(value)](value)


def _negated(test: Test) -> Test:
    return lambda said: not test(said)


# --- tokens ------------------------------------------------------------------------------------------------------------------


def _token(modifier: str, value: TokenValue, codes: Codes | None) -> Test:
    if modifier == "unequal":
        return _negated(_same_token(value))
    if modifier in {"above", "below"}:
        return _subsumed(modifier, value, codes)
    if modifier in _PARTS_OF_TEXT and value.code is not None:
        part, wanted = _PARTS_OF_TEXT[modifier], value.code
        return lambda said: said.code is not None and part(said.code, wanted) and value.system in (None, said.system)
    return _same_token(value)


def _same_token(value: TokenValue) -> Test:
    system, code = value.system, value.code
    if system is None:
        return lambda said: said.code == code
    if code is None:
        return lambda said: said.system == system or system in said.implied
    if not system:
        return lambda said: said.code == code and not said.system
    return lambda said: said.code == code and (said.system == system or system in said.implied)


def _systems(said: Token) -> tuple[str, ...]:
    return (said.system,) if said.system or not said.implied else said.implied


def _subsumed(modifier: str, value: TokenValue, codes: Codes | None) -> Test:
    same, known = _same_token(value), _needed(codes)
    asked = value.code or ""

    def test(said: Token) -> bool:
        if same(said):
            return True
        if said.code is None or not asked:
            return False
        general, specific = (asked, said.code) if modifier == "below" else (said.code, asked)
        return any(value.system in (None, system) and general != specific and known.subsumes(system, general, specific) for system in _systems(said))

    return test


def _in(value: UriValue, codes: Codes | None) -> Test:
    known = _needed(codes)
    return lambda said: said.code is not None and any(known.contains(value.uri, system, said.code) for system in _systems(said))


def _needed(codes: Codes | None) -> Codes:
    if codes is None:
        raise NoTerminologyError("there is no terminology to ask for value sets and hierarchies of codes")
    return codes


def _of_type(value: OfTypeValue) -> Test:
    return lambda said: said.code == value.value and (value.system, value.code) in said.kinds


def _token_text(value: StringValue) -> Test:
    """:text of a token: a word of its text or display begins so."""
    wanted = " " + value.folded
    return lambda said: any(wanted in " " + fold(text) for text in said.texts)


# --- strings and URIs --------------------------------------------------------------------------------------------------------


_PARTS_OF_TEXT: Final[dict[str, Callable[[str, str], bool]]] = {
    "holds": lambda text, wanted: wanted in text,
    "starts": str.startswith,
    "ends": str.endswith,
}


def _string(modifier: str, value: StringValue) -> Test:
    text, folded = value.text, value.folded
    tests: dict[str, Test] = {
        "": lambda said: said.folded.startswith(folded),
        "exact": lambda said: said.text == text,
        "contains": lambda said: folded in said.folded,
        "equals": lambda said: said.folded == folded,
        "unequal": lambda said: bool(said.text) and said.folded != folded,
        "ends": lambda said: said.folded.endswith(folded),
    }
    return tests[modifier]


def _uri(modifier: str, value: UriValue) -> Test:
    wanted = value.uri
    if modifier == "below":
        return lambda said: is_below(said.uri, wanted)
    if modifier == "above":
        return lambda said: is_below(wanted, said.uri)
    if modifier in _PARTS_OF_TEXT:
        part = _PARTS_OF_TEXT[modifier]
        return lambda said: part(said.uri, wanted)
    if modifier == "unequal":
        return lambda said: wanted not in (said.uri, said.bare)
    return lambda said: wanted in (said.uri, said.bare)


def is_below(url: str, other: str) -> bool:
    """Whether a URL is another one or lies under it: whole segments; a version counts as one."""
    return url == other or url.startswith((other if other.endswith("/") else other + "/", other + "|"))


# --- references and composites -----------------------------------------------------------------------------------------------


def reference(value: ReferenceValue) -> Test:
    """Return whether a said reference is to the asked resource."""
    url, rtype, id_, version = value.url, value.type, value.id, value.version
    if url is not None:
        return lambda said: url in (said.url, said.bare)
    return lambda said: (
        said.id == id_
        and (said.url is None or said.inside)
        and (rtype is None or said.type == rtype)
        and (version is None or said.version == version)
    )


def _reference_identifier(value: TokenValue) -> Test:
    same = _same_token(value)
    return lambda said: said.identifier is not None and same(said.identifier)


def _composite(tests: list[Test]) -> Test:
    return lambda said: all(any(test(one) for one in part) for test, part in zip(tests, said.parts, strict=True))
