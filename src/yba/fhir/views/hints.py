"""Which SQL types a column may ask for with the tag `ansi/type`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from .model import ViewError

if TYPE_CHECKING:
    from .model import Column

_DECIMAL: Final = re.compile(r"(?:DECIMAL|NUMERIC)\((\d{1,2})(?:\s*,\s*(\d{1,2}))?\)")
_TEXT: Final = re.compile(r"(?:(?:NATIONAL )?CHAR(?:ACTER)?(?: VARYING)?|N?VARCHAR)(?: ?\(\d+\))?|TEXT|STRING|CLOB")  # lengths are not kept to
_MOST_DIGITS: Final = 38
_KINDS: Final = {
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "moment",
    "DOUBLE PRECISION": "double",
    "DOUBLE": "double",
    "REAL": "double",
    "FLOAT": "double",
    "BIGINT": "integer",
    "SMALLINT": "integer",
    "INTEGER": "integer",
    "INT": "integer",
    "BOOLEAN": "boolean",
}


class Hint(NamedTuple):
    """The type that a column asks for: date (what is less precise is null), moment, double, integer, boolean, text, decimal(digits, places)."""

    kind: str
    digits: int = 0
    places: int = 0


def hint_of(view: str, column: Column) -> Hint | None:
    """Return the type that a column asks for; None for none. Raises ViewError for one that is not known."""
    if column.hint is None:
        return None
    written = column.hint.strip().upper()
    found = _DECIMAL.fullmatch(written)
    if found and int(found[2] or 0) <= int(found[1]) <= _MOST_DIGITS:
        return Hint("decimal", int(found[1]), int(found[2] or 0))
    if _TEXT.fullmatch(written):
        return Hint("text")
    if written not in _KINDS:
        raise ViewError(view, column.at, f"column {column.name} asks for SQL type {column.hint}, which is not known")
    return Hint(_KINDS[written])
