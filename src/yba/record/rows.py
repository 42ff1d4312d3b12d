"""The narrow index rows of a resource (search_text, search_range), from what `fhir.search.index` says of it."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Final

from yba.fhir import parameters

from .model import RangeRow, TextRow

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

    from yba.fhir import search

TEXT_LENGTH: Final = 200  # characters of a text that are indexed
INFINITE: Final = 1e300  # JSON has no infinity


def rows_of(rtype: str, index: search.Index) -> tuple[TextRow | RangeRow, ...] | None:
    """Return the rows of a resource for `Put.rows`; None for a type that never has any."""
    return rows_in(index) if has_rows(rtype) else None


def rows_in(index: search.Index) -> tuple[TextRow | RangeRow, ...]:
    """Return the rows of what was indexed."""
    held, said = parameters.within(), dict.fromkeys([(param, folded[:TEXT_LENGTH]) for param, folded in index.texts if folded])
    texts = [TextRow._make(row) for row in said if row[0] not in held or not any((part, row[1]) in said for part in held[row[0]])]
    ranges = (RangeRow(param, _number(low, -INFINITE), _number(high, INFINITE)) for param, low, high in index.ranges)
    return (*texts, *ranges)


@cache
def has_rows(rtype: str) -> bool:
    """Whether resources of a type are found by rows."""
    return bool(parameters.profile(rtype).texts or parameters.profile(rtype).ranges)


def _number(side: datetime | Decimal | Fraction | None, open_side: float) -> float:
    if side is None:
        return open_side
    return side.timestamp() if isinstance(side, datetime) else bounded(side)


def bounded(value: Decimal | Fraction) -> float:
    """Return a number as rows hold it: what a float cannot hold is as far out as anything is."""
    if -INFINITE < value < INFINITE:
        return float(value)
    return INFINITE if value > 0 else -INFINITE


def token_row(token: int) -> str:
    """Write a token as a text of which no other is the beginning."""
    return f"{token}."
