"""Desks: a board (`specs/boards`) with its numbers, and the places that stand out with the reason."""

from .curves import Controlled, Funnel, control_of, funnel_of
from .model import Desk, Limit, Place, Shown
from .reading import desk
from .saying import limit_words, number, share_of, value_of

__all__ = [
    "Controlled",
    "Desk",
    "Funnel",
    "Limit",
    "Place",
    "Shown",
    "control_of",
    "desk",
    "funnel_of",
    "limit_words",
    "number",
    "share_of",
    "value_of",
]
