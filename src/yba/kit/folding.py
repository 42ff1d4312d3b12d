"""Folding that keeps the length of a text, so that what is found in the folded text can be cut out of the written one."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

WORDS_KEPT: Final = 16_384
LONGEST_WORD: Final = 32
_BASE: Final = {ord("đ"): "d", ord("Đ"): "d", ord("Ð"): "d", ord("ð"): "d", 0xA0: " "}


def composed(text: str) -> str:
    """Give the text in NFC; the very same object when it is already."""
    return text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """Give a composed text in lower case without marks, letter for letter."""
    return text.lower() if text.isascii() else _folded(text)


@lru_cache(maxsize=8)  # a note is folded for the unborn child's sex and, a moment later, for restricted words
def _folded(text: str) -> str:
    # word by word: Vietnamese has some seven thousand syllables, and remembering them is six times faster than translating letters
    return " ".join(map(_WORDS.__getitem__, text.split(" ")))


def toned(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give each word's plain letters and its marks: equal for "ma túy" and "ma tuý", not for "từ từ" and "tự tử"."""
    words = unicodedata.normalize("NFD", text.lower().replace("đ", "d\u0335")).split()
    return tuple(
        ("".join(c for c in word if not unicodedata.combining(c)), tuple(sorted(c for c in word if unicodedata.combining(c)))) for word in words
    )


def _table() -> dict[int, str]:
    table = dict(_BASE)
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            table[code] = base
    return table


_TABLE: Final = _table()


class _Words(dict[str, str]):
    """Folded words by the word as written, bounded."""

    def __missing__(self, word: str) -> str:
        folded_word = word.translate(_TABLE).lower()
        if len(word) <= LONGEST_WORD:
            if len(self) >= WORDS_KEPT:
                self.clear()
            self[word] = folded_word
        return folded_word


_WORDS: Final = _Words()
