"""JSON whose numbers keep their text: 6300.000 stays 6300.000, to be reckoned with or to be written on."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final

import orjson

_WIDEST: Final = 18  # digits that every reader of whole numbers holds


def numbers(text: str | bytes) -> Any:  # noqa: ANN401  any JSON
    """Read JSON; a number with a fraction, or too long for 64 bits, becomes a Decimal: the text sent. Some 5 times slower than orjson."""
    return json.loads(text, parse_float=Decimal, parse_int=_number)


def fragments(text: str | bytes) -> Any:  # noqa: ANN401  any JSON
    """Read JSON that will be written again by orjson: such a number becomes a fragment of its very digits."""
    return json.loads(text, parse_float=orjson.Fragment, parse_int=_fragment)


def _number(text: str) -> int | Decimal:
    return int(text) if len(text) <= _WIDEST else Decimal(text)


def _fragment(text: str) -> int | orjson.Fragment:
    return int(text) if len(text) <= _WIDEST else orjson.Fragment(text)
