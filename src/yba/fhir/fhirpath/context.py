"""What an evaluation is given, and what it keeps while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from yba.kit import clock

from .errors import FHIRPathError, TooManySteps
from .values import Item, Items, Node, system

if TYPE_CHECKING:
    from datetime import datetime

STEPS: Final = 1_000_000  # items looked at by one evaluation; all invariants of a Synthea bundle of 15,790 elements take 3,700
CONSTANTS: Final = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}
LONGEST: Final = 1_000_000  # characters of a text that an expression makes


@dataclass(frozen=True, slots=True)
class Environment:
    """What lies outside the document: the moment, other resources, code systems, profiles."""

    now: datetime | None = None  # aware; None = the house clock
    resolve: Callable[[str], dict[str, Any] | None] | None = None  # reference -> resource
    member_of: Callable[[Item, str], bool | None] | None = None  # (Node or text, value set) -> whether; None = cannot say
    subsumes: Callable[[str, str, str], bool | None] | None = None  # (system, general, specific) -> whether; None = cannot say
    terminology: Callable[[str, tuple[Any, ...], str], dict[str, Any] | str | None] | None = None  # (operation, arguments, params): %terminologies
    slices: Callable[[Node, str, str], bool | None] | None = None  # (element, profile, slice) -> whether it is of it; None = no such slice
    conforms_to: Callable[[dict[str, Any], str], bool | None] | None = None  # (resource, profile) -> whether; None = unknown profile
    trace: Callable[[str, Items], None] | None = None
    steps: int = STEPS


NOTHING: Final = Environment()


@dataclass(slots=True)
class Context:
    """The state of one evaluation."""

    this: Item
    resource: Item
    root: Item
    environment: Environment
    variables: Mapping[str, Items]
    left: int
    index: int | None = None
    total: Items = field(default_factory=list)
    moment: datetime | None = None

    def spend(self, count: int) -> None:
        """Account for items looked at. Raises TooManySteps."""
        self.left -= count + 1
        if self.left < 0:
            raise TooManySteps("too many steps")

    @property
    def now(self) -> datetime:
        """The one moment of this evaluation."""
        if self.moment is None:
            self.moment = self.environment.now or clock.now()
        return self.moment


Expr = Callable[[Context], Items]


def truth(items: Items) -> bool | None:
    """Return a collection as a boolean: empty is None; one item that is no boolean is true. Raises FHIRPathError for several."""
    if not items:
        return None
    if len(items) > 1:
        raise FHIRPathError("expected one value, found several")
    value = items[0]
    if type(value) is bool:
        return value
    if isinstance(value, Node):
        value = system(value)
        return value if isinstance(value, bool) else True
    return True


def single(items: Items) -> Item:
    """Return the system value of the one item; None for none. Raises FHIRPathError for several."""
    if not items:
        return None
    if len(items) > 1:
        raise FHIRPathError("expected one value, found several")
    return system(items[0])


def text_of(items: Items, what: str) -> str | None:
    """Return the one text; None for none. Raises FHIRPathError where it is something else."""
    value = single(items)
    if value is None or isinstance(value, str):
        return value
    from_date = type(value).__name__ == "Temporal" and isinstance(items[0], Node)
    if from_date:
        return str(items[0].data)  # FHIR dates are texts too: birthDate.startsWith('19')
    message = f"{what} needs text"
    raise FHIRPathError(message)


def whole_of(items: Items, what: str) -> int | None:
    """Return the one integer; None for none. Raises FHIRPathError where it is something else."""
    value = single(items)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    message = f"{what} needs a whole number"
    raise FHIRPathError(message)


def made(text: str) -> Items:
    """Return a text that an expression made. Raises TooManySteps for one that grew without end."""
    if len(text) > LONGEST:
        raise TooManySteps("a text grew too long")
    return [text]
