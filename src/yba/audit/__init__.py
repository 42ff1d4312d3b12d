"""The audit trail: who did or saw what, about whom and why, written with the act, closed to change, sealed and verifiable."""

from .actions import note, note_many, trail
from .model import Look, Note, Outcome, TrailEntry
from .tags import Store, Tag, store_of

__all__ = ["Look", "Note", "Outcome", "Store", "Tag", "TrailEntry", "note", "note_many", "store_of", "trail"]
