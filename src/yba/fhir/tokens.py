"""64-bit hashes of (parameter, system|code), (parameter, code), (parameter, system|) and references, remembered in bounded dicts."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from xxhash import xxh64_intdigest

from .definitions import resource_types
from .parameters import same_as

if TYPE_CHECKING:
    from collections.abc import Callable

Tokens = tuple[int, ...]
Key = TypeVar("Key")

# Resource types share the cells of a parameter: one claim's resources all refer to its person and visit.
# Codes and one claim's references repeat; identifiers do not. 16,384 cells of about 350 bytes hold the codes of a province's day.
CELLS: Final = 16_384
_SIGN: Final = 1 << 63
_WRAP: Final = 1 << 64


def token(param: str, *parts: str) -> int:
    """Return the signed 64-bit token of a search question, the same for stored resources and for queries.

    `token("code", system, code)`: both; `token("code", code)`: any system; `token("code", "", code)`: no system;
    `token("code", system, "")`: any code of the system; `token("subject", "Patient/1")`: a reference;
    `token("subject:identifier", system, value)`: a logical reference. Parameter names are R4's; elements of type `code`
    have no system. Hash: XXH64 of the UTF-8 text, parts joined with U+001F.
    """
    return _hashed("\x1f".join((_named(param), *parts)))


def _named(param: str) -> str:
    """Give the name a parameter is hashed under."""
    name, colon, modifier = param.partition(":")
    return same_as().get(name, name) + colon + modifier


def _hashed(text: str) -> int:
    digest = xxh64_intdigest(text)
    return digest - _WRAP if digest >= _SIGN else digest


class Cells(dict[Key, Tokens], Generic[Key]):
    """Remembers the tokens of a key; forgets everything when full."""

    def __init__(self, compute: Callable[[Key], Tokens]) -> None:
        """Take what computes the tokens of a key."""
        super().__init__()
        self._compute = compute

    def __missing__(self, key: Key) -> Tokens:
        """Compute and remember."""
        if len(self) >= CELLS:
            self.clear()
        found = self[key] = self._compute(key)
        return found


@cache
def coded(param: str) -> Cells[tuple[str | None, str | None]]:
    """Tokens of a (system, code) pair, as in Coding and Identifier."""

    def compute(key: tuple[str | None, str | None]) -> Tokens:
        system, code = key
        if not code:
            return (token(param, system, ""),) if system else ()
        if not system:
            return token(param, "", code), token(param, code)
        return token(param, system, code), token(param, code), token(param, system, "")

    return Cells(compute)


@cache
def plain(param: str) -> Cells[str]:
    """Tokens of a bare value: a code, a string, a URI, a phone number."""
    return Cells(lambda value: (token(param, value),) if value else ())


@cache
def canonical(param: str) -> Cells[str]:
    """Tokens of a canonical URL: with and without its version."""
    return Cells(lambda url: tuple(token(param, part) for part in dict.fromkeys((url, url.split("|")[0])) if part))


@cache
def reference(param: str) -> Cells[str]:
    """Tokens of Reference.reference; contained ones have none, and a version is left out."""
    name = _named(param) + "\x1f"

    def compute(target: str) -> Tokens:
        if not target or target[0] == "#":
            return ()
        return (_hashed(name + (target.partition("/_history/")[0] if "/_history/" in target else target)),)

    return Cells(compute)


@cache
def typed(param: str, only: str) -> Cells[tuple[str, str | None]]:
    """Tokens of (Reference.reference, Reference.type) where it is to one type; the others have none."""
    every = reference(param)

    def compute(key: tuple[str, str | None]) -> Tokens:
        target, declared = key
        return every[target] if target and (reference_type(target) or declared) == only else ()

    return Cells(compute)


def reference_type(target: str) -> str | None:
    """Return the resource type in `Patient/1` or `https://host/fhir/Patient/1`; None where the text does not tell."""
    parts = target.partition("/_history/")[0].rsplit("/", 2)
    return parts[-2] if len(parts) > 1 and parts[-2] in resource_types() else None
