"""The ground floor: clock, ids, settings, errors, actors, logs, the database connection and the job queue; knows nothing of health."""

from .actor import Actor, ActorKind
from .errors import Category, Conflict, Forbidden, Internal, Invalid, NotFound, Unavailable, YbaError
from .ids import derived, derived_text, new_id

__all__ = [
    "Actor",
    "ActorKind",
    "Category",
    "Conflict",
    "Forbidden",
    "Internal",
    "Invalid",
    "NotFound",
    "Unavailable",
    "YbaError",
    "derived",
    "derived_text",
    "new_id",
]
