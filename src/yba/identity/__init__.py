"""Which person is it? One resident, one person, with dated identifiers that are facts and never the key."""

from .actions import resolve_many
from .model import Card, IdType, PersonFacts, Resolution, ReviewItem, ReviewState

__all__ = ["Card", "IdType", "PersonFacts", "Resolution", "ReviewItem", "ReviewState", "resolve_many"]
