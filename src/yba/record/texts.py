"""Texts as they are kept: composed (NFC), and without words that tell the sex of an unborn child; pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from yba.kit.text import nfc
from yba.specs.unborn import without_fetal_sex

if TYPE_CHECKING:
    from collections.abc import Callable

# Every word that can speak of one holds one of these; looking for them costs a thousandth of folding a text.
_MAY_TELL: Final = re.compile(r"th.i|f.{1,2}t(?:al|us)", re.IGNORECASE)
_EXAMINED: Final = frozenset({"DiagnosticReport", "Observation", "ImagingStudy", "ServiceRequest", "Procedure", "DocumentReference"})
# Coded or counted, never words of somebody: changing these would change what they name.
_KEPT: Final = frozenset({"id", "resourceType", "reference", "url", "system", "code", "data", "hash"})


def kept(rtype: str, doc: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Return a document as it may be stored; the very same one when nothing in it has to change. ``data``: it as JSON in UTF-8."""
    text = data.decode()
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        doc = _with(doc, nfc)
        text = unicodedata.normalize("NFC", text)
    if _MAY_TELL.search(text):
        examined = rtype in _EXAMINED
        doc = _with(doc, lambda words: without_fetal_sex(words, imaging=examined and not words.startswith("<div")))  # a cut must not open a tag
    return doc


def _with(value: Any, change: Callable[[str], str], key: str = "") -> Any:  # noqa: ANN401  any JSON
    """Return JSON with its texts changed, keys and codes as they were; what does not change is the very same."""
    if isinstance(value, str):
        return value if key in _KEPT else change(value)
    if isinstance(value, dict):
        made = {name: _with(one, change, name) for name, one in value.items()}
        return made if any(made[name] is not one for name, one in value.items()) else value
    if isinstance(value, list):
        listed = [_with(one, change, key) for one in value]
        return listed if any(one is not other for one, other in zip(listed, value, strict=True)) else value
    return value
