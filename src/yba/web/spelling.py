"""The order of Vietnamese words as dictionaries have it: letter by letter (a ă â … d đ … o ô ơ …), then by tone (none, `, ?, ~, ´, .)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

_LETTERS: Final = {letter: place for place, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", 1)}
_TONES: Final = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}

Key = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]


@lru_cache(maxsize=16384)
def spelling_order(text: str) -> Key:
    """Return what to sort a Vietnamese text by, word by word: letters first, tones where letters are the same; capitals do not count."""
    return tuple(_word(word) for word in text.casefold().split())


def name_order(name: str) -> tuple[Key, Key]:
    """Return what to sort people by: the given name, which stands last, then the whole name."""
    return spelling_order(name.rpartition(" ")[2]), spelling_order(name)


def _word(word: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    letters, tones = [], []
    for letter in unicodedata.normalize("NFC", word):
        parts = unicodedata.normalize("NFD", letter)
        tone = next((_TONES[part] for part in parts if part in _TONES), 0)
        bare = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
        letters.append(_LETTERS.get(bare, ord(bare[0]) + len(_LETTERS)) if not bare.isdecimal() else ord(bare[0]) - 1000)
        tones.append(tone)
    return tuple(letters), tuple(tones)
