"""The ground floor: clock, ids, settings, errors, actors, logs, the database connection and the job queue; knows nothing of health."""

from .actor import PROVINCE, Actor, ActorKind, Grant, Origin
from .errors import Category, Conflict, Forbidden, Internal, Invalid, NotFound, Unavailable, YbaError
from .ids import derived, derived_text, new_id
from .reach import Lock, Predicate

__all__ = [
    "PROVINCE",
    "Actor",
    "ActorKind",
    "Category",
    "Conflict",
    "Forbidden",
    "Grant",
    "Internal",
    "Invalid",
    "Lock",
    "NotFound",
    "Origin",
    "Predicate",
    "Unavailable",
    "YbaError",
    "derived",
    "derived_text",
    "new_id",
]
