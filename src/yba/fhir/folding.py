"""Text as searches compare it: without case, marks, đ or extra blanks, in any script."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from yba.kit import text as kit_text

_WORD: Final = re.compile(r"\w+")


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return the text composed, in lower case, without marks, đ as d, blanks collapsed: "Nguyễn  Thị PHƯƠNG" -> "nguyen thi phuong"."""
    found = kit_text.fold(text)
    if found.isascii():
        return found
    # what the table for Latin letters leaves: Greek, Cyrillic, ligatures, letters of full width
    apart = unicodedata.normalize("NFKD", found.casefold())
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return kit_text.fold(unicodedata.normalize("NFKC", plain).casefold())


def words(text: str) -> tuple[str, ...]:
    """Return the folded words of a text in their order, punctuation left out."""
    return tuple(_WORD.findall(fold(text)))
