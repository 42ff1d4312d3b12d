"""Which person is it? One resident, one person, with dated identifiers that are facts and never the key."""

from .actions import merge, resolve_many, settle
from .model import (
    Card,
    IdentifierView,
    IdType,
    Merge,
    PersonEvent,
    PersonFacts,
    PersonView,
    Resolution,
    ReviewItem,
    ReviewState,
    SourceView,
)
from .patients import patient_id
from .queries import find, person, reviews

__all__ = [
    "Card",
    "IdType",
    "IdentifierView",
    "Merge",
    "PersonEvent",
    "PersonFacts",
    "PersonView",
    "Resolution",
    "ReviewItem",
    "ReviewState",
    "SourceView",
    "find",
    "merge",
    "patient_id",
    "person",
    "resolve_many",
    "reviews",
    "settle",
]
