"""English words of labels and answers that the gathered tables give in Vietnamese alone, and the tones of tags; data, read by the generators."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("words.toml")


@cache
def _words() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = tomllib.loads(PATH.read_text("utf-8"))
    return found


def english(vi: str) -> str:
    """The English of a label or an answer. Raises KeyError where it is missing: a form is not written without."""
    return _words()["en"][vi]


def spelt(tag: str) -> str:
    """A tag's words as they are written in Vietnamese: "Kq tam than" -> "Kết quả tâm thần"."""
    return _words()["spelt"].get(tag, tag)


def both(label: str) -> tuple[str, str]:
    """A label of one part, or of two with a colon, in Vietnamese with its tones and in English."""
    head, colon, tail = label.partition(": ")
    if not colon:
        return label, english(label)
    tail = spelt(tail)
    return f"{head}: {tail}", f"{english(head)}: {english(tail)}"
