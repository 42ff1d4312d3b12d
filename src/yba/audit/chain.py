"""One link of the chain: what a seal says, its canonical text, and the text of a row's digest; no database."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import xxhash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg.abc import Buffer

START: Final = bytes(32)  # what the first seal names as the head before it
DIGEST: Final = 8  # bytes a row
_FORM: Final = "yba-seal-1"


class Seal(NamedTuple):
    """A signed statement about the rows of a store whose numbers lie in [first_id, last_id], used or not.

    ``content`` is the SHA-256 of their lines (COPY text, UTC, in order of number), ``digests_sha`` that of their 8-byte digests,
    ``sealed_at`` the moment of the cut by the database's clock: lower numbers were drawn before it.
    """

    store: str
    number: int
    first_id: int
    last_id: int
    rows: int
    first_at: datetime | None
    last_at: datetime | None
    content: bytes
    digests_sha: bytes
    previous: bytes
    sealed_at: datetime
    clock_went_back: bool
    key: str
    head: bytes = b""
    signature: bytes = b""


def text(seal: Seal) -> bytes:
    """Write what the head is the hash of: every field but head and signature, one a line, in this order."""
    fields = (
        _FORM, seal.store, seal.number, seal.first_id, seal.last_id, seal.rows, moment(seal.first_at), moment(seal.last_at), seal.content.hex(),
        seal.digests_sha.hex(), seal.previous.hex(), moment(seal.sealed_at), int(seal.clock_went_back), seal.key,
    )  # fmt: skip
    return "".join(f"{field}\n" for field in fields).encode()


def head_of(seal: Seal) -> bytes:
    """Return the SHA-256 that the signature stands on and the next seal names."""
    return hashlib.sha256(text(seal)).digest()


def digest(line: Buffer) -> bytes:
    """Return the short digest that helps to name a row; XXH3, not cryptographic: that nothing changed rests on ``content``."""
    return xxhash.xxh3_64_digest(line)


def read_batch(lines: Iterable[Buffer]) -> tuple[bytes, bytes]:
    """Return (content, digests one after the other) of lines as they come."""
    state, kept = hashlib.sha256(), bytearray()
    for line in lines:
        state.update(line)
        kept += xxhash.xxh3_64_digest(line)
    return state.digest(), bytes(kept)


def moment(at: datetime | None) -> str:
    """Write a moment in the one form that is hashed: UTC, microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else "-"


def content_of(lines: Iterable[Buffer]) -> bytes:
    """Return the SHA-256 of lines as they come; one by one is faster than joined (1.3 against 3.3 microseconds a row)."""
    state = hashlib.sha256()
    update = state.update
    for line in lines:
        update(line)
    return state.digest()
