"""The order of an answer: the least value ascending, the greatest descending, what says nothing last, then by id."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import total_ordering
from typing import TYPE_CHECKING, Any, Final

from . import values
from .said import Moment, Number, Quantity, Reference, Said, Text, Token, Uri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .query.model import Sort

_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_LATEST: Final = datetime.max.replace(tzinfo=UTC)
Key = tuple[Any, ...]


@total_ordering
class Falling:
    """Turns an order around."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:  # noqa: ANN401
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Falling) and bool(self.value == other.value)

    def __lt__(self, other: Falling) -> bool:
        return bool(other.value < self.value)

    def __hash__(self) -> int:
        return hash(self.value)


def sort_key(rtype: str, doc: dict[str, Any], sort: Sequence[Sort]) -> Key:
    """Return the place of a document in the order: of each key (says nothing, value), then the id.

    Of several values the least counts ascending, the greatest descending (R4 leaves it to the server). Strings are compared folded, codes and
    URIs as written, quantities by their number; a date ascends by its beginning and descends by its end.
    """
    return (*(_part(rtype, doc, one) for one in sort), doc.get("id", ""))


def _part(rtype: str, doc: dict[str, Any], sort: Sort) -> Key:
    found = [key for said in values.of(rtype, doc, sort.param) if (key := _comparable(said, sort)) is not None]
    if not found:
        return (True,)
    return (False, Falling(max(found))) if sort.descending else (False, min(found))


def _comparable(said: Said, sort: Sort) -> Any:  # noqa: ANN401  str, datetime or Decimal
    if isinstance(said, Text):
        return said.folded
    if isinstance(said, Token):
        return said.code
    if isinstance(said, Moment):
        return (said.high or _LATEST) if sort.descending else (said.low or _EARLIEST)
    if isinstance(said, (Number, Quantity)):
        side = said.high if sort.descending else said.low
        return side if side is not None else Decimal("Infinity" if sort.descending else "-Infinity")
    if isinstance(said, Reference):
        return str(said) or None
    return said.uri if isinstance(said, Uri) else None
