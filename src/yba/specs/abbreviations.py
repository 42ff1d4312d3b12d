"""Abbreviations spelled out on papers for patients (specs/abbreviations.toml); what has two meanings stays as it was typed."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from yba.kit.text import nfc

if TYPE_CHECKING:
    from collections.abc import Collection

PATH: Final = Path(__file__).with_name("abbreviations.toml")


@cache
def _spelt() -> tuple[re.Pattern[str], dict[str, str]]:
    known: dict[str, str] = tomllib.loads(PATH.read_text("utf-8"))["spelt"]
    words = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
    return re.compile(rf"(?<![\w/.-])(?:{words})(?![\w/.-])"), known


def spelled(text: str) -> str:
    """Return a text with every abbreviation spelled out; codes and words that hold one stay; at the beginning of a text with a capital."""
    pattern, known = _spelt()

    def word(found: re.Match[str]) -> str:
        full = known[found[0]]
        return full[0].upper() + full[1:] if found.start() == 0 else full

    return pattern.sub(word, nfc(text))


def spelled_in(data: Any, keep: Collection[str] = ()) -> Any:  # noqa: ANN401  any JSON
    """Return JSON with its texts spelled out, but for those under the keys to keep."""
    if isinstance(data, str):
        return spelled(data)
    if isinstance(data, dict):
        return {key: value if key in keep else spelled_in(value, keep) for key, value in data.items()}
    return [spelled_in(one, keep) for one in data] if isinstance(data, (list, tuple)) else data
