"""Texts as people send them, made fit to keep: pasted Word text loses its invisible characters, nothing that can be read."""

from __future__ import annotations

import re
from typing import Final

from yba.kit.text import nfc

_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffc]")
_SPACES: Final = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_CONTROL: Final = re.compile("[\u0000-\u0008\u000e-\u001f\u007f-\u009f\ud800-\udfff]")
_LINES: Final = re.compile("\r\n|[\r\u000b\u000c\u0085\u2028\u2029]")  # a vertical tab is Word's line break
_BLANKS: Final = re.compile(r"[ \t]+")


def tidy(text: str, *, lines: bool) -> str:
    """Return a text composed, without invisible characters, trimmed; ``lines``: line breaks stay."""
    plain = _SPACES.sub(" ", _CONTROL.sub("", _INVISIBLE.sub("", _LINES.sub("\n", nfc(text)))))
    if not lines:
        return _BLANKS.sub(" ", plain.replace("\n", " ")).strip()
    return "\n".join(line.rstrip() for line in plain.strip("\n \t").split("\n"))
