"""What of a resource is stored how: its document without type and id, its id as a UUID, and the rows of a batch in COPY's binary form."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from yba.kit.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from yba.kit.prepared import Value

    from .model import Put

RESOURCE_COLUMNS: Final = (
    "updated", "version", "deleted", "start_at", "end_at", "person_id", "source_id", "rtype", "id", "given_id", "facility_id", "mapped_by",
    "labels", "tokens", "doc",
)  # fmt: skip
LOCATOR_COLUMNS: Final = ("key", "person_id", "facility_id")
SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # no flags, no header extension
TRAILER: Final = b"\xff\xff"
_WHOLE: Final = '{"resourceType":'
_UUID: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL counts microseconds from here
_DAY, _SECOND = 86_400_000_000, 1_000_000
_NULL: Final = b"\xff\xff\xff\xff"
_RESOURCE: Final = Struct(">h").pack(len(RESOURCE_COLUMNS))
_LOCATOR: Final = Struct(">h").pack(len(LOCATOR_COLUMNS)) + b"\0\0\0\x10"
_KEY: Final = b"\0\0\0\x10"  # length of a UUID
_LENGTH: Final = Struct(">i")
_MOMENT: Final = Struct(">iq")
_VERSION: Final = Struct(">iiib")
_INT8, _TEXT = 20, 25  # oids of the types, fixed since PostgreSQL 8


def stored(rtype: str, id_: str, doc: bytes) -> bytes:
    """Return a document as it is stored: without its leading type and id, which stand in columns (65 bytes of 1,000).

    A document that does not begin with just them, as everything made by `mapping` and `identity` does, is stored whole; one blank before it
    says so unless `resourceType` comes first all the same. Raises Invalid where it holds a NUL, which PostgreSQL cannot keep.
    """
    if b"\\u0000" in doc and b"\\u0000" in doc.replace(b"\\\\", b""):
        message = "a resource holds the character U+0000."
        raise Invalid(message, advice="Leave it out: neither FHIR strings nor the database can hold it.")
    head = f'{{"resourceType":"{rtype}","id":"{id_}"'.encode()
    if doc.startswith(head):
        at = len(head)
        if doc.startswith(b",", at) and not doc.startswith(b',"resourceType":', at):
            return b"{" + doc[at + 1 :]
        if doc[at:] == b"}":
            return b"{}"
    return doc if doc.startswith(_WHOLE.encode()) else b" " + doc


def whole(rtype: str, id_: str, text: str) -> str:
    """Return a stored document as it was put. Documents stored before type and id were left out begin with `resourceType` and are whole."""
    if text.startswith(_WHOLE):
        return text
    if text.startswith(" "):
        return text[1:]
    return f'{{"resourceType":"{rtype}","id":"{id_}"' + ("}" if text == "{}" else "," + text[1:])


def is_uuid(id_: str) -> bool:
    """Whether an id has the form of a UUID, and is kept as one."""
    return _UUID.fullmatch(id_) is not None


def columns_of(id_: str) -> tuple[UUID, str | None]:
    """Return (id, given_id): an id in the form of a UUID is kept as one, any other as a text under a hash of it."""
    if _UUID.fullmatch(id_):
        return UUID(id_), None
    return UUID(bytes=_hashed(id_)), id_


def _hashed(id_: str) -> bytes:
    return sha256(f"id/{id_}".encode()).digest()[:16]


def locator_key(rtype: str, id_: str) -> str:
    """Return the key of a resource in the locator, as the SQL function of that name does: 128 bits of SHA-256, as 32 hex digits."""
    return sha256(f"{rtype}/{id_}".encode()).hexdigest()[:32]


def array(values: Iterable[str]) -> str:
    """Write texts as a PostgreSQL array literal."""
    return "{" + ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values) + "}"


def bare_array(values: Iterable[object]) -> str:
    """Write what needs no quotes (UUIDs, numbers) as a PostgreSQL array literal."""
    return "{" + ",".join(map(str, values)) + "}"


def literals(given: Mapping[str, Any]) -> dict[str, Value]:
    """Write values as a prepared statement takes them (`kit.prepared`): lists as PostgreSQL's arrays, moments and numbers as texts."""
    return {name: value if value.__class__ is str else _plain(value) for name, value in given.items()}


def _plain(value: Any) -> Value:  # noqa: ANN401  a value of ours
    if isinstance(value, (list, tuple)):
        return array(map(str, value))
    if isinstance(value, datetime):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else value  # what else it is, `kit.prepared` says


def tokens_literal(tokens: list[int]) -> str:
    """Write numbers as a PostgreSQL array literal."""
    return "{" + str(tokens)[1:-1] + "}"


@lru_cache(maxsize=256)
def _numbers(count: int) -> Struct:
    """The array header (length, dimensions, nulls, type, size, first index) and the numbers, each with its length."""
    return Struct(">iiii" + ("ii" + "iq" * count if count else ""))


def _tokens(tokens: list[int]) -> bytes:
    count = len(tokens)
    if not count:
        return _numbers(0).pack(12, 0, 0, _INT8)
    items = [8] * (2 * count)
    items[1::2] = tokens
    return _numbers(count).pack(20 + 12 * count, 1, 0, _INT8, count, 1, *items)


def _field(value: bytes) -> bytes:
    return _LENGTH.pack(len(value)) + value


@lru_cache(maxsize=1024)
def _text(value: str) -> bytes:
    return _field(value.encode())


@lru_cache(maxsize=1024)
def _labels(labels: tuple[str, ...]) -> bytes:
    if not labels:
        return _NULL
    return _field(Struct(">iiiii").pack(1, 0, _TEXT, len(labels), 1) + b"".join(_field(each.encode()) for each in labels))


@lru_cache(maxsize=4096)
def _moment(value: datetime | None) -> bytes:
    if value is None:
        return _NULL
    since = value - _EPOCH
    return _MOMENT.pack(8, since.days * _DAY + since.seconds * _SECOND + since.microseconds)


def _uuid(value: UUID | None) -> bytes:
    return _NULL if value is None else _KEY + value.bytes


class Writer:
    """Makes the rows of one batch in COPY's binary form: the server takes numbers, times and ids as they are, without reading text.

    Remembers the last person and source, which a claim's resources share.
    """

    def __init__(self, updated: datetime) -> None:
        """Take the moment that becomes `updated`."""
        self._head = _RESOURCE + _moment(updated) + _VERSION.pack(4, 1, 1, 0)  # version 1, not deleted
        self._person: UUID | None = None
        self._source: UUID | None = None
        self._persons = self._sources = _NULL

    def resource(self, put: Put) -> bytes:
        """Return the first version of a resource as a row for its partition."""
        id_ = put.id
        own = _UUID.fullmatch(id_)
        ids = _KEY + bytes.fromhex(id_.replace("-", "")) + _NULL if own else _KEY + _hashed(id_) + _field(id_.encode())
        doc = stored(put.rtype, id_, put.doc)
        if put.source_id is not self._source:
            self._source, self._sources = put.source_id, _uuid(put.source_id)
        return b"".join((
            self._head, _moment(put.start), _moment(put.end), self._of(put.person_id), self._sources, _text(put.rtype), ids,
            _text(put.facility_id), _text(put.mapped_by), _labels(put.labels), _tokens(put.tokens), _LENGTH.pack(len(doc)), doc,
        ))  # fmt: skip

    def locator(self, put: Put) -> bytes:
        """Return the row for the locator."""
        key = sha256(f"{put.rtype}/{put.id}".encode()).digest()[:16]
        return b"".join((_LOCATOR, key, self._of(put.person_id), _text(put.facility_id)))

    def _of(self, person: UUID) -> bytes:
        if person is not self._person:
            self._person, self._persons = person, _uuid(person)
        return self._persons
