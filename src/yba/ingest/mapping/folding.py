"""Folding that keeps the length of a text, so that what is found in the folded text can be cut out of the written one."""

from __future__ import annotations

import unicodedata
from typing import Final

_BASE: Final = {ord("đ"): "d", ord("Đ"): "d", ord("Ð"): "d", ord("ð"): "d", 0xA0: " "}


def composed(text: str) -> str:
    """Give the text in NFC; the very same object when it is already."""
    return text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """Give a composed text in lower case without marks, letter for letter."""
    return text.lower() if text.isascii() else text.translate(_TABLE).lower()


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
