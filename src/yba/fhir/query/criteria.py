"""What a search asks, as immutable values: criteria, and the typed values of their terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap", "po"]  # po (overlaps) is of _filter alone


@dataclass(frozen=True, slots=True)
class TokenValue:
    """`system|code`; system None = any, "" = none; code None = any of the system."""

    system: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class OfTypeValue:
    """`system|code|value` of :of-type: an identifier by the coding of its type."""

    system: str
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class StringValue:
    """Text as written, and folded as it is compared unless :exact."""

    text: str
    folded: str


@dataclass(frozen=True, slots=True)
class DateValue:
    """A moment as precise as written: [low, high), aware."""

    prefix: Prefix
    low: datetime
    high: datetime
    text: str


@dataclass(frozen=True, slots=True)
class NumberValue:
    """A number: eq and ne mean low <= x < high (its implied precision), ap low <= x <= high, the others compare with low = high = the number."""

    prefix: Prefix
    low: Decimal
    high: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class QuantityValue:
    """A number with a unit: system None and unit None = any; system None = unit is its code or its text; unit None = any of the system."""

    prefix: Prefix
    low: Decimal
    high: Decimal
    text: str
    system: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """`Type/id` (type None = any target), or an absolute or canonical URL."""

    type: str | None
    id: str | None
    url: str | None = None
    version: str | None = None  # Type/id/_history/version


@dataclass(frozen=True, slots=True)
class UriValue:
    """A URI; with :in the value set."""

    uri: str


@dataclass(frozen=True, slots=True)
class NearValue:
    """A circle on the earth; distance in kilometres."""

    latitude: Decimal
    longitude: Decimal
    distance: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class CompositeValue:
    """One value for each component."""

    parts: tuple[Value, ...]


Value = TokenValue | OfTypeValue | StringValue | DateValue | NumberValue | QuantityValue | ReferenceValue | UriValue | NearValue | CompositeValue


@dataclass(frozen=True, slots=True)
class Term:
    """A parameter has one of the values.

    `type`: R4's, and "text" for _text and _content. `modifier`: "" or R4's without the colon ("missing" has the one value true or false);
    a type modifier (`subject:Patient`) stands in the values. Of _filter alone: equals, unequal, starts, holds, ends.
    """

    param: str
    type: str
    modifier: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """One of the resources of type `target` that the parameter refers to meets the inner criterion."""

    param: str
    target: str
    inner: Criterion


@dataclass(frozen=True, slots=True)
class Has:
    """A resource of type `rtype` that refers here by `param` meets the inner criterion."""

    rtype: str
    param: str
    inner: Criterion


@dataclass(frozen=True, slots=True)
class Within:
    """One element of a composite parameter meets the inner criterion, whose parameters are its components (_filter: `param[…].component`)."""

    param: str
    inner: Criterion


@dataclass(frozen=True, slots=True)
class And:
    """All hold."""

    parts: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One holds: `or` of _filter, or (untyped) a chain for each of the types that the reference may be to."""

    parts: tuple[Criterion, ...]
    untyped: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold."""

    part: Criterion


@dataclass(frozen=True, slots=True)
class Listed:
    """The resource is on a List: its id, or the name of a current list (`$current-problems`)."""

    list: str


@dataclass(frozen=True, slots=True)
class Inside:
    """The resource is in a compartment: by which parameters, its type says (`fhir.compartment`). Of addresses alone (`Patient/1/*`)."""

    kind: str
    id: str


Criterion = Inside | Term | Chain | Has | Within | And | Or | Not | Listed
