"""The audit trail: who did or saw what, about whom and why, written with the act, closed to change, sealed and verifiable."""

from .actions import note, note_many, noting, noting_page, to_note, trail
from .archive import archive, archived_before
from .archived import Archived
from .fhir import as_fhir
from .following import follow
from .keys import public_pem, signing_key
from .looks import looks_at
from .model import Look, Note, Noting, Outcome, TrailEntry
from .sealing import MAX_AGE, Sealed, seal, unsealed_age
from .tags import Store, Tag, store_of
from .verdict import Checked, Trouble, TroubleKind, Verdict
from .verify_archive import verify_archive
from .verifying import verify

__all__ = [
    "MAX_AGE",
    "Archived",
    "Checked",
    "Look",
    "Note",
    "Noting",
    "Outcome",
    "Sealed",
    "Store",
    "Tag",
    "TrailEntry",
    "Trouble",
    "TroubleKind",
    "Verdict",
    "archive",
    "archived_before",
    "as_fhir",
    "follow",
    "looks_at",
    "note",
    "note_many",
    "noting",
    "noting_page",
    "public_pem",
    "seal",
    "signing_key",
    "store_of",
    "to_note",
    "trail",
    "unsealed_age",
    "verify",
    "verify_archive",
]
