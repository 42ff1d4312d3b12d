"""JSON whose numbers keep their text: 6300.000 stays 6300.000 through reading and writing."""

from __future__ import annotations

import json
from typing import Any

import orjson


def loads(text: str | bytes) -> Any:  # noqa: ANN401  # any JSON, or a row of either kind
    """Read JSON; a number with a fraction becomes a fragment that holds its very digits."""
    return json.loads(text, parse_float=orjson.Fragment)


def dumps(value: Any) -> bytes:  # noqa: ANN401  # any JSON, or a row of either kind
    """Write JSON, fragments as they are."""
    return orjson.dumps(value)
