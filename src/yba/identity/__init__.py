"""Which person is it? One resident, one person, with dated identifiers that are facts and never the key."""

from .actions import merge, recognise, report, resolve_many, retract, settle
from .model import (
    Card,
    Doubt,
    IdentifierView,
    IdType,
    Merge,
    PersonEvent,
    PersonFacts,
    PersonView,
    Resolution,
    Retraction,
    ReviewItem,
    ReviewState,
    SourceView,
)
from .patients import patient_id
from .queries import find, person, reviews

__all__ = [
    "Card",
    "Doubt",
    "IdType",
    "IdentifierView",
    "Merge",
    "PersonEvent",
    "PersonFacts",
    "PersonView",
    "Resolution",
    "Retraction",
    "ReviewItem",
    "ReviewState",
    "SourceView",
    "find",
    "merge",
    "patient_id",
    "person",
    "recognise",
    "report",
    "resolve_many",
    "retract",
    "reviews",
    "settle",
]
