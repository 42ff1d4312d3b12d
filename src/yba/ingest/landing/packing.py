"""Pack a range of a claims file small and exactly: base64 tables are kept decoded when encoding them again gives the same text.

Base64 hides the repetition of XML from a compressor; a packed claim is a third of the size of the compressed range. What all claims have in
common (names of elements, codes, phrases) stands in a dictionary that was trained once (`tools/train_packing.py`) and belongs to the format.
"""

import binascii
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pybase64
import zstandard

_OPENING: Final = b"<NOIDUNGFILE>"
_CLOSING: Final = b"</NOIDUNGFILE>"
_SHORTEST: Final = 64  # bytes of text below which decoding saves nothing
_LENGTH: Final = struct.Struct("<BI")  # kind of piece, its length
_RAW, _BASE64, _LINES = 0, 1, 2
_LAYOUT: Final = struct.Struct("<HBBB")  # of base64 in lines: width, end of line, whether one stands before the first, after the last
_ENDS: Final = (b"\n", b"\r\n")
_NARROWEST, _WIDEST = 16, 65535  # a text of one letter a line would take fifty times its size in memory
LEVEL: Final = 3  # of zstd: level 6 takes 0.1 ms a claim more and saves 14 % of size
DATA: Final = Path(__file__).with_name("data")
ORIGINAL: Final = "original"
RESIDUE: Final = "residue"
FORMS: Final = {ORIGINAL: 40_001, RESIDUE: 40_002}
"""What is packed, and the number of the dictionary it is packed with now."""


@dataclass(slots=True)
class Packer:
    """Holds the compression contexts of one thread; `pack` and `unpack` are exact inverses."""

    _compress: dict[str, zstandard.ZstdCompressor]
    _decompress: dict[int, zstandard.ZstdDecompressor]

    @classmethod
    def create(cls) -> "Packer":
        """Make a packer; contexts are costly to build and cheap to reuse."""
        compress = {form: zstandard.ZstdCompressor(level=LEVEL, dict_data=_dictionary(DATA / f"{form}-{id_}.zdict")) for form, id_ in FORMS.items()}
        known = map(_dictionary, sorted(DATA.glob("*.zdict")))
        decompress = {one.dict_id(): zstandard.ZstdDecompressor(dict_data=one) for one in known}
        return cls(compress, {0: zstandard.ZstdDecompressor(), **decompress})

    def pack(self, data: bytes, form: str = ORIGINAL) -> bytes:
        """Return the packed form of any bytes; ``form`` says only what they are like."""
        return self._compress[form].compress(b"".join(pieces(data)))

    def unpack(self, packed: bytes, *, limit: int = 1 << 31) -> bytes:
        """Return the bytes that were packed; ValueError when they are damaged or larger than ``limit``."""
        try:
            made_with = zstandard.get_frame_parameters(packed).dict_id  # 0: packed before there were dictionaries
            joined = self._decompress[made_with].decompress(packed, max_output_size=limit)
        except zstandard.ZstdError as error:
            message = f"packed range is damaged: {error}"
            raise ValueError(message) from error
        except KeyError as error:
            message = f"packed range is damaged, or dictionary {error} of a later version of yba is not here"
            raise ValueError(message) from error
        out, position = [], 0
        while position < len(joined):
            kind, length = _LENGTH.unpack_from(joined, position)
            position += _LENGTH.size
            piece = joined[position : position + length]
            position += length
            out.append(piece if kind == _RAW else pybase64.b64encode(piece) if kind == _BASE64 else _in_lines(piece))
        return b"".join(out)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a base64 text is broken into lines of ``width``."""

    width: int
    end: bytes
    before: bool
    after: bool

    def of(self, encoded: bytes) -> bytes:
        """Lay out a text that stands in one line."""
        lines = self.end.join(encoded[at : at + self.width] for at in range(0, len(encoded), self.width))
        return (self.end if self.before else b"") + lines + (self.end if self.after else b"")


def _dictionary(path: Path) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(path.read_bytes())


def pieces(data: bytes) -> list[bytes]:
    """Give what is handed to the compressor: the bytes between tables, and tables decoded."""
    out: list[bytes] = []
    done = 0
    for start, end in _contents(data):
        piece = _packed(data[start:end])
        if piece is not None:
            out += (_LENGTH.pack(_RAW, start - done), data[done:start], *piece)
            done = end
    if done < len(data):
        out += (_LENGTH.pack(_RAW, len(data) - done), data[done:])
    return out


def _contents(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the texts of NOIDUNGFILE stand that hold no element."""
    position = 0
    while (found := data.find(_OPENING, position)) >= 0:
        start = found + len(_OPENING)
        position = data.find(b"<", start)
        if position < 0:
            return
        if position - start >= _SHORTEST and data.startswith(_CLOSING, position):
            yield start, position


def _packed(text: bytes) -> tuple[bytes, ...] | None:
    """A base64 text as a decoded piece; None when it would not come back byte for byte."""
    decoded = _decoded(text)
    if decoded is not None:
        return _LENGTH.pack(_BASE64, len(decoded)), decoded
    layout = _layout(text)
    if layout is None:
        return None
    encoded = text.translate(None, b"\r\n")
    decoded = _decoded(encoded)
    if decoded is None or layout.of(encoded) != text:
        return None
    how = _LAYOUT.pack(layout.width, _ENDS.index(layout.end), layout.before, layout.after)
    return _LENGTH.pack(_LINES, len(how) + len(decoded)), how, decoded


def _decoded(text: bytes) -> bytes | None:
    try:
        decoded = pybase64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return decoded if pybase64.b64encode(decoded) == text else None


def _layout(text: bytes) -> _Layout | None:
    """Guess the layout from the first lines; whether all lines keep to it is for the caller to see."""
    start = text.find(b"\n") + 1 if text[:1] in b"\r\n" else 0
    first = text.find(b"\n", start)
    end = b"\r\n" if b"\r" in text[: start or first + 1] else b"\n"
    width = (first + 1 - len(end) if first >= 0 else len(text)) - start
    return _Layout(width, end, bool(start), text.endswith(end)) if _NARROWEST <= width <= _WIDEST else None


def _in_lines(piece: bytes) -> bytes:
    width, end, before, after = _LAYOUT.unpack_from(piece)
    return _Layout(width, _ENDS[end], before, after).of(pybase64.b64encode(piece[_LAYOUT.size :]))
