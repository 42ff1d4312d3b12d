"""The kinds of values that resources say under search parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal


class Token(NamedTuple):
    """A code, identifier, contact or bare value. `system` "" = none; `implied`: systems that the element itself says (required bindings)."""

    system: str
    code: str | None  # None: only a text is said
    texts: tuple[str, ...] = ()  # text and display, for :text
    implied: tuple[str, ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()  # (system, code) of Identifier.type, for :of-type


class Text(NamedTuple):
    """A string; "" as text = the rest of one from the start of a later word, found by its beginning but never :exact."""

    text: str
    folded: str


class Moment(NamedTuple):
    """[low, high), aware; None = open."""

    low: datetime | None
    high: datetime | None


class Number(NamedTuple):
    """From low to high, both within; None = open."""

    low: Decimal | None
    high: Decimal | None


class Quantity(NamedTuple):
    """A Number with its unit: system and code, and the unit as people write it."""

    low: Decimal | None
    high: Decimal | None
    system: str = ""
    code: str = ""
    unit: str = ""


class Reference(NamedTuple):
    """`type/id` of this server, or a URL, or the id of a contained resource, or an identifier."""

    type: str | None = None  # also declared beside a URL
    id: str | None = None
    url: str | None = None
    version: str | None = None
    bare: str | None = None  # a canonical URL without its version
    contained: str | None = None
    identifier: Token | None = None
    inside: bool = False  # the first entry of a Bundle

    def __str__(self) -> str:
        return f"{self.type}/{self.id}" if self.id else self.url or ""


class Uri(NamedTuple):
    """A URI; `bare`: a canonical URL without its version."""

    uri: str
    bare: str


class Position(NamedTuple):
    """A point on the earth, degrees."""

    latitude: float
    longitude: float


class Composite(NamedTuple):
    """The values of each component, of one element."""

    parts: tuple[tuple[Said, ...], ...]


Said = Token | Text | Moment | Number | Quantity | Reference | Uri | Position | Composite
