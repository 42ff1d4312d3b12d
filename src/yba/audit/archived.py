"""What lies in an archive, as it was signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import store_anchors
from .chain import moment

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

_FORM: Final = "yba-archive-1"


class Archived(NamedTuple):
    """Seals [first_number, last_number] of a store and their rows lie in ``name``, whose Parquet file has this SHA-256.

    ``detached``: the rows are no longer in the database.
    """

    store: str
    first_number: int
    last_number: int
    last_id: int
    rows: int
    name: str
    sha256: bytes
    detached: bool
    archived_at: datetime
    key: str
    signature: bytes = b""

    def text(self) -> bytes:
        """Write what is signed: every field but the signature, one a line."""
        fields = (
            _FORM, self.store, self.first_number, self.last_number, self.last_id, self.rows, self.name, self.sha256.hex(), int(self.detached),
            moment(self.archived_at), self.key,
        )  # fmt: skip
        return "".join(f"{field}\n" for field in fields).encode()


def archives_of(conn: Connection[Any], store: str) -> list[Archived]:
    """Return what has been archived of a store, oldest first."""
    return [Archived._make(row) for row in store_anchors.archives(conn, store)]
