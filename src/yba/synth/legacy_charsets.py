"""Old Vietnamese character sets, for writing what old programs wrote: Windows-1258 and TCVN3."""

from __future__ import annotations

import unicodedata

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_TCVN3 = {
    letter: bytes([0xA1 + index])
    for index, letter in enumerate("ĂÂÊÔƠƯĐăâêôơưđẰ.....àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ")
    if letter != "."
}


def to_1258(text: str) -> bytes:
    """Encode with base letters and separate tones, as Windows-1258 has it; what does not fit becomes "?"."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in parts if mark in _TONES), "")
        base = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES)) if tone else letter
        out.append(base + tone)
    return "".join(out).encode("cp1258", "replace")


def to_tcvn3(text: str) -> bytes:
    """Encode as TCVN3 (TCVN 5712-1); accented capitals it lacks are written small, as the ABC fonts did."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        known = _TCVN3.get(letter) or _TCVN3.get(letter.lower())
        out.append(known or letter.encode("ascii", "replace"))
    return b"".join(out)
