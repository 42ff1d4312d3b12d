"""COPY text lines made by hand: one format per row instead of one adaptation per value (3 times faster than write_row)."""

from __future__ import annotations

from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Final

from yba.kit.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from .model import Put

RESOURCE_COLUMNS: Final = (
    "updated", "start_at", "end_at", "version", "deleted", "person_id", "digest", "source_id",
    "rtype", "id", "facility_id", "mapped_by", "labels", "tokens", "doc",
)  # fmt: skip
LOCATOR_COLUMNS: Final = ("key", "person_id", "facility_id")
_NULL: Final = "\\N"
_LABEL: Final = "\x1f"


def digest(put: Put) -> str:
    """Return what tells a changed resource from an unchanged one: BLAKE2b-128 of document and labels, as 32 hex digits."""
    state = blake2b(put.doc, digest_size=16)
    if put.labels:
        state.update((_LABEL + _LABEL.join(put.labels)).encode())
    return state.hexdigest()


def locator_key(rtype: str, id_: str) -> str:
    """Return the key of a resource in the locator, as the SQL function of that name does: 128 bits of SHA-256, as 32 hex digits."""
    return sha256(f"{rtype}/{id_}".encode()).hexdigest()[:32]


def array(values: Iterable[str]) -> str:
    """Write texts as a PostgreSQL array literal."""
    return "{" + ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values) + "}"


def tokens_literal(tokens: list[int]) -> str:
    """Write numbers as a PostgreSQL array literal."""
    return "{" + str(tokens)[1:-1] + "}"


def document(doc: bytes) -> bytes:
    """Return a document as a COPY value. Raises Invalid where it holds a NUL, which PostgreSQL cannot keep."""
    if b"\\" in doc:
        if b"\\u0000" in doc.replace(b"\\\\", b""):
            message = "a resource holds the character U+0000."
            raise Invalid(message, advice="Leave it out: neither FHIR strings nor the database can hold it.")
        doc = doc.replace(b"\\", b"\\\\")
    if b"\n" in doc or b"\r" in doc or b"\t" in doc:  # JSON layout, never inside a string
        doc = doc.replace(b"\n", b" ").replace(b"\r", b" ").replace(b"\t", b" ")
    return doc


def text(value: str) -> str:
    """Return a text as a COPY value."""
    if "\\" in value or "\n" in value or "\t" in value or "\r" in value:
        value = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return value


class Writer:
    """Makes the lines of one batch; remembers the last person, source and times, which a claim's resources share."""

    def __init__(self, updated: datetime) -> None:
        """Take the moment that becomes `updated`."""
        self._updated = updated.isoformat()
        self._seen: dict[object, str] = {None: _NULL}

    def _same(self, value: object) -> str:
        found = self._seen.get(value)
        if found is None:
            found = self._seen[value] = str(value)
        return found

    def resource(self, put: Put, version: int = 1) -> bytes:
        """Return the line for a partition of resource."""
        same = self._same
        head = (
            f"{self._updated}\t{same(put.start)}\t{same(put.end)}\t{version}\tf\t{same(put.person_id)}\t{digest(put)}\t{same(put.source_id)}\t"
            f"{put.rtype}\t{text(put.id)}\t{text(put.facility_id)}\t{text(put.mapped_by)}\t"
            f"{text(array(put.labels)) if put.labels else _NULL}\t{tokens_literal(put.tokens)}\t"
        )
        return b"%b%b\n" % (head.encode(), document(put.doc))

    def locator(self, put: Put) -> bytes:
        """Return the line for the locator."""
        return f"{locator_key(put.rtype, put.id)}\t{self._same(put.person_id)}\t{text(put.facility_id)}\n".encode()
