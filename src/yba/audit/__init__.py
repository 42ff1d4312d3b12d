"""The audit trail: who did or saw what, about whom and why, written with the act and closed to change."""

from .actions import note, note_many, trail
from .model import Note, TrailEntry
from .tags import Tag

__all__ = ["Note", "Tag", "TrailEntry", "note", "note_many", "trail"]
