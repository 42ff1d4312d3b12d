"""The audit trail: who did or saw what, about whom and why, written with the act, closed to change, sealed and verifiable."""

from .actions import note, note_many, trail
from .model import Look, Note, Outcome, TrailEntry
from .sealing import MAX_AGE, Sealed, seal, unsealed_age
from .tags import Store, Tag, store_of
from .verdict import Checked, Trouble, TroubleKind, Verdict
from .verifying import verify

__all__ = [
    "MAX_AGE",
    "Checked",
    "Look",
    "Note",
    "Outcome",
    "Sealed",
    "Store",
    "Tag",
    "TrailEntry",
    "Trouble",
    "TroubleKind",
    "Verdict",
    "note",
    "note_many",
    "seal",
    "store_of",
    "trail",
    "unsealed_age",
    "verify",
]
