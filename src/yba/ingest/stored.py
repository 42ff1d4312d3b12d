"""The rows of ingest's tables as they come back from the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(slots=True)
class StoredMessage:
    """One message; ``head`` is what its beginning said (facility, created, declared, signed, lone, charset, signature)."""

    seq: int
    code: str
    sha256: bytes
    sender: str
    channel: str
    filename: str
    size: int
    received_at: datetime
    kind: str
    facility: str
    claims_present: int
    state: str
    fault: str
    head: dict[str, Any]


@dataclass(slots=True)
class StoredClaim:
    """One claim as it stands; ``landing`` is where the version in force came from."""

    landing: int
    started_at: datetime | None
    ended_at: datetime | None
    id: UUID
    person_id: UUID
    patient_id: UUID
    version: int
    withdrawn: bool
    facility: str
    link: str
    decision: str
    mapped_by: str
    digest: bytes
    who: bytes
    row_keys: bytes


@dataclass(slots=True)
class StoredOutcome:
    """What became of one claim of a message."""

    landing: int
    claim_id: UUID | None
    outcome: int
    facility: str
    link: str
