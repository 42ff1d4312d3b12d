"""Small integer keys of a claim's rows that survive corrections: rows match by content, then by number, then by position."""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import xxhash

from .model import Row

RowKeys = Mapping[str, Sequence[int]]
"""Table name -> keys, parallel to its rows."""

_ENTRY: Final = struct.Struct("<IIi")  # key, hash of the content, STT or -1
_HEAD: Final = struct.Struct("<BI")  # number of the table, rows
_MAX_DIGITS: Final = len(str(0x7FFFFFFF))


@dataclass(frozen=True, slots=True)
class _Known:
    key: int
    content: int
    number: int


def fresh(tables: Mapping[str, list[Row]]) -> dict[str, list[int]]:
    """Keys of a first version: the position, from 1."""
    return {name: list(range(1, len(rows) + 1)) for name, rows in tables.items()}


def pack(tables: Mapping[str, list[Row]], keys: RowKeys) -> bytes:
    """Write what the next version needs to find its rows again: twelve bytes a row."""
    out = []
    for name, rows in tables.items():
        out.append(_HEAD.pack(int(name[3:]), len(rows)))
        out += [_ENTRY.pack(key, _content(row), _number(row)) for key, row in zip(keys[name], rows, strict=True)]
    return b"".join(out)


def matched(earlier: bytes, tables: Mapping[str, list[Row]]) -> dict[str, list[int]]:
    """Keys of a later version: matched rows keep theirs, new rows get numbers never used before."""
    known = _unpack(earlier)
    return {name: _match(known.get(name, []), rows) for name, rows in tables.items()}


def _match(known: list[_Known], rows: list[Row]) -> list[int]:
    found: list[int] = [0] * len(rows)
    free = dict.fromkeys(known)
    _take(found, free, [_content(row) for row in rows], lambda one: one.content)
    _take(found, free, [_number(row) for row in rows], lambda one: one.number)
    highest = max((one.key for one in known), default=0)
    waiting = iter([one for one in known if one in free])
    for index, key in enumerate(found):
        if not key:
            left = next(waiting, None)
            if left is None:
                highest += 1
            found[index] = left.key if left else highest
    return found


def _take(found: list[int], free: dict[_Known, None], values: list[int], of: Callable[[_Known], int]) -> None:
    """Give free known rows to rows with the same value, in order."""
    waiting: dict[int, list[_Known]] = {}
    for one in free:
        waiting.setdefault(of(one), []).append(one)
    for index, value in enumerate(values):
        if not found[index] and value != -1 and (candidates := waiting.get(value)):
            one = candidates.pop(0)
            found[index] = one.key
            del free[one]


def _content(row: Row) -> int:
    """Hash of a row without its number: renumbering is not a change of content."""
    values = [*row.values()]
    if "STT" in row:
        at = 0
        for name in row:  # it is the second field, as a rule
            if name == "STT":
                break
            at += 1
        del values[at]
    return xxhash.xxh32_intdigest("\x1f".join(values))


def _number(row: Row) -> int:
    number = row.get("STT", "").strip()
    return int(number) if len(number) < _MAX_DIGITS and number.isascii() and number.isdecimal() else -1


def _unpack(packed: bytes) -> dict[str, list[_Known]]:
    out: dict[str, list[_Known]] = {}
    position = 0
    while position < len(packed):
        table, count = _HEAD.unpack_from(packed, position)
        position += _HEAD.size
        rows = packed[position : position + count * _ENTRY.size]
        out[f"XML{table}"] = [_Known(*entry) for entry in _ENTRY.iter_unpack(rows)]
        position += len(rows)
    return out
