"""Hard and soft limits of a question: read from its extensions, and asked of a value."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import extensions as ext
from .model import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Value


def read_limits(doc: Mapping[str, Any]) -> tuple[Limits, Limits, tuple[int, int]]:
    """Return soft limits, hard limits and the lengths of a text."""
    soft = Limits(_bound(doc, ext.SOFT_MIN), _bound(doc, ext.SOFT_MAX))
    hard = Limits(_bound(doc, ext.MIN_VALUE), _bound(doc, ext.MAX_VALUE))
    return soft, hard, (int(ext.value(doc, ext.MIN_LENGTH) or 0), int(doc.get("maxLength") or 0))


def _bound(doc: Mapping[str, Any], url: str) -> Any:  # noqa: ANN401  # a number or an ISO text
    found = ext.value(doc, url)
    if isinstance(found, dict):  # a Quantity: in the unit of the question
        found = found.get("value")
    return Decimal(str(found)) if isinstance(found, (int, float)) and not isinstance(found, bool) else found


def comparable(value: Value) -> Any:  # noqa: ANN401  # a number or an ISO text
    """Return what is compared with a limit; None for what has no order."""
    if value.type == "Quantity":
        return value.data.get("value")
    return value.data if value.type in {"Decimal", "Integer", "Date", "DateTime", "Time"} else None


def below(value: Value, limits: Limits) -> bool:
    """Whether a value lies under the lowest one; a partial date is compared as far as it goes."""
    found, low = comparable(value), limits.low
    if found is None or low is None:
        return False
    return bool(_cut(found, low) < _cut(low, found))


def above(value: Value, limits: Limits) -> bool:
    """Whether a value lies over the highest one."""
    found, high = comparable(value), limits.high
    if found is None or high is None:
        return False
    return bool(_cut(found, high) > _cut(high, found))


def _cut(one: Any, other: Any) -> Any:  # noqa: ANN401  # same
    return one[: len(other)] if isinstance(one, str) and isinstance(other, str) else one
