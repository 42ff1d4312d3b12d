"""Find the claims of a file by its raw bytes, before any XML parser sees them.

The scanner is deliberately dumb: it knows start tags, end tags, comments, CDATA and processing instructions, nothing else. What it
counts is what the receipt must account for, so a claim that no parser can read is still a claim that was present.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

_CLAIM_MARK = re.compile(rb"<!--|<!\[CDATA\[|<\?|<HOSO(?=[\s/>])[^<>]*?(/?)>|</HOSO\s*>")
ASSESSMENT_MARK = re.compile(rb"<!--|<!\[CDATA\[|<\?|<GIAM_DINH_YKHOA(?=[\s/>])[^<>]*?(/?)>|</GIAM_DINH_YKHOA\s*>")
"""Cuts a file of medical assessments (XML12) into its records."""
_CLOSERS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_LONGEST_MARK = 65_536  # a tag that a chunk's edge cut is looked at again from its '<', if it is no longer than this


class Part(IntEnum):
    """What a range of a file is; the ranges in order are the file, byte for byte."""

    HEAD = 0  # before the first claim, or the whole of a file without one
    CLAIM = 1  # <HOSO>…</HOSO>
    UNFINISHED = 2  # <HOSO>… without its end: counted, kept, rejected
    GAP = 3  # between claims, and after the last one


@dataclass(frozen=True, slots=True)
class Range:
    """One range of a file: its kind and its bytes."""

    part: Part
    data: bytes


def scan(chunks: Iterable[bytes], mark: re.Pattern[bytes] = _CLAIM_MARK) -> Iterator[Range]:
    """Cut a stream of bytes (UTF-8 or any superset of ASCII) into ranges.

    Memory is bounded by the largest claim. A ``<HOSO>`` inside an open ``<HOSO>`` ends the outer one as unfinished: a file whose pieces
    were glued together after a cut loses only the cut claim.
    """
    state = _Scan(mark)
    for chunk in chunks:
        yield from state.feed(chunk)
    yield from state.close()


class _Scan:
    """The scanner's state between two chunks."""

    def __init__(self, mark: re.Pattern[bytes]) -> None:
        self.mark = mark
        self.buffer = b""
        self.begin = 0  # where the open range begins; what lies before is handed out and goes with the next chunk: a cut copies nothing else
        self.position = 0  # nothing before it needs to be looked at again
        self.inside = False  # an open <HOSO> begins the range
        self.closer = b""  # what ends the comment, CDATA or instruction we are in
        self.seen_claim = False

    def feed(self, chunk: bytes) -> Iterator[Range]:
        if self.begin:
            self.buffer, self.position, self.begin = self.buffer[self.begin :], self.position - self.begin, 0
        self.buffer = self.buffer + chunk if self.buffer else chunk
        while self._step_out_of_closer():
            match = self.mark.search(self.buffer, self.position)
            if match is None:
                self.position = max(self.position, self._safe_end())
                return
            mark = match.group()
            if mark in _CLOSERS:
                self.closer, self.position = _CLOSERS[mark], match.end()
            elif mark.startswith(b"</"):
                yield from self._end(match.end())
            else:
                yield from self._start(match)

    def _safe_end(self) -> int:
        """Where the next search may begin: before a '<' whose '>' the chunk's edge may have cut off."""
        edge = self.buffer.rfind(b"<", max(self.position, len(self.buffer) - _LONGEST_MARK))
        return edge if edge >= 0 else len(self.buffer)

    def _step_out_of_closer(self) -> bool:
        if not self.closer:
            return True
        found = self.buffer.find(self.closer, self.position)
        if found < 0:
            self.position = max(self.position, len(self.buffer) - len(self.closer) + 1)
            return False
        self.position = found + len(self.closer)
        self.closer = b""
        return True

    def _cut(self, end: int) -> bytes:
        data, self.begin, self.position = self.buffer[self.begin : end], end, end
        return data

    def _between(self) -> Part:
        return Part.GAP if self.seen_claim else Part.HEAD

    def _start(self, match: re.Match[bytes]) -> Iterator[Range]:
        start, length = match.start(), match.end() - match.start()
        if start > self.begin:
            part = Part.UNFINISHED if self.inside else self._between()
            yield Range(part, self._cut(start))
        elif self.inside:  # an empty opening cannot happen: its start tag is in the buffer
            yield Range(Part.UNFINISHED, b"")
        self.seen_claim = True
        self.inside = not match.group(1)
        if self.inside:
            self.position = start + length
        else:
            yield Range(Part.CLAIM, self._cut(start + length))

    def _end(self, end: int) -> Iterator[Range]:
        if self.inside:
            self.inside = False
            yield Range(Part.CLAIM, self._cut(end))
        else:
            self.position = end  # a stray end tag belongs to the gap

    def close(self) -> Iterator[Range]:
        if len(self.buffer) > self.begin:
            part = Part.UNFINISHED if self.inside else self._between()
            yield Range(part, self._cut(len(self.buffer)))
