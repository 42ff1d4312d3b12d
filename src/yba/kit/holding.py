"""Advisory locks on hashes of texts, held until the end of the transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

from .prepared import Ask

if TYPE_CHECKING:
    from collections.abc import Iterable

_BUCKETS: Final = 0xFFF  # never more than 4096 locks of each kind, far from the server's limit
_ONE: Final = b"SELECT pg_advisory_xact_lock(%(kind)s::int, %(bucket)s::int)"
_MANY: Final = b"SELECT count(pg_advisory_xact_lock(%(kind)s::int, bucket)) FROM unnest(%(buckets)s::int[]) AS bucket"


def holding(kind: int, texts: Iterable[str]) -> list[Ask]:
    """Return the statement that holds texts of one kind, always in one order, so that two who hold several never wait for each other; [] for none."""
    found = buckets(texts)
    if len(found) == 1:  # by far the most
        return [Ask(_ONE, {"kind": kind, "bucket": found[0]})]
    return [Ask(_MANY, {"kind": kind, "buckets": "{" + ",".join(map(str, found)) + "}"})] if found else []


def buckets(texts: Iterable[str]) -> list[int]:
    """Return the locks of texts, each once, in order."""
    return sorted({crc32(text.encode()) & _BUCKETS for text in texts})
