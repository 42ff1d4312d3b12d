"""What a declared default stands for in a row, and the number that follows another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .model import Row

LONG_NUMBER: Final = 10


def expected(default: str, context: Any, row: Row, field: str, index: int) -> str | None:  # noqa: ANN401 - what the inverse knows of the claim
    """Give the raw text a default stands for; None when the field it points to is not there.

    `context` has `link`, `facility`, `header` (the row of XML1), `last` (STT of the row before), `above` (that row) and `service` (MA_DICH_VU
    of the row of XML3 a result belongs to). `source` writes the same for the way there.
    """
    if default[0] == "=":
        other = default[1:]
        return context.header.get(other[5:]) if other.startswith("XML1.") else row.get(other)
    if default == "@position":
        return following(context.last, index)
    if default in {"@above", "@service"}:
        near: str | None = context.above.get(field) if default == "@above" else context.service
        return near
    if default == "@link":
        return str(context.link)
    if default == "@facility":
        return str(context.facility)
    return default


def following(last: str, index: int) -> str:
    """Give the row number that follows another; numbers may start anywhere (quirk 11), only the first of a table is then kept."""
    return str(int(last) + 1) if last.isascii() and last.isdigit() and len(last) < LONG_NUMBER else str(index + 1)
