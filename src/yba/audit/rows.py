"""Naming the row: when the lines of a seal are not what was sealed, which one was changed, is missing or was added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chain import DIGEST, digest
from .verdict import Trouble, TroubleKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg.abc import Buffer

    from .chain import Seal


def number_of(line: Buffer) -> int:
    """Return the number a line begins with."""
    return int(bytes(line).split(b"\t", 1)[0])


def differences(seal: Seal, kept: bytes, lines: Sequence[Buffer]) -> list[Trouble]:
    """Compare lines with the digests a seal keeps; where digests hang together nothing is said.

    A stretch of unknown lines as long as the stretch of digests nobody has is *changed*; longer, rows were added; shorter, some are missing
    (between the numbers beside them).
    """
    expected = [kept[at : at + DIGEST] for at in range(0, len(kept), DIGEST)]
    found = list(_compare(seal, expected, [digest(line) for line in lines], [number_of(line) for line in lines]))
    return found or [Trouble(TroubleKind.ROW_CHANGED, seal.store, seal.number, note="which one cannot be said / không rõ dòng nào")]


def _compare(seal: Seal, expected: list[bytes], actual: list[bytes], numbers: list[int]) -> Iterator[Trouble]:
    known, there = set(expected), set(actual)
    at, before = 0, seal.first_id - 1
    row = 0
    while at < len(expected) or row < len(actual):
        gone = at
        while gone < len(expected) and expected[gone] not in there:
            gone += 1
        new = row
        while new < len(actual) and actual[new] not in known:
            new += 1
        if gone > at or new > row:
            following = numbers[new] if new < len(numbers) else seal.last_id + 1
            yield from _stretch(seal, gone - at, numbers[row:new], before, following)
            at, row = gone, new
            before = numbers[new - 1] if new else before
            continue
        if at < len(expected) and row < len(actual) and expected[at] != actual[row]:
            yield Trouble(TroubleKind.ROW_CHANGED, seal.store, seal.number, numbers[row], "thứ tự / order")
        before = numbers[row] if row < len(numbers) else before
        at, row = at + 1, row + 1


def _stretch(seal: Seal, gone: int, new: list[int], before: int, following: int) -> Iterator[Trouble]:
    """Say what became of ``gone`` sealed rows where the rows ``new`` stand now."""
    place = f"giữa / between {before} · {following}"
    for each in new[:gone]:
        yield Trouble(TroubleKind.ROW_CHANGED, seal.store, seal.number, each)
    for each in new[gone:]:
        yield Trouble(TroubleKind.ROW_ADDED, seal.store, seal.number, each)
    if gone > len(new):
        yield Trouble(TroubleKind.ROW_MISSING, seal.store, seal.number, None, f"{gone - len(new)} {place}")
