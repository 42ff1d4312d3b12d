"""Desks: a board (`specs/boards`) with its numbers, and the places that stand out with the reason."""

from .model import Desk, Limit, Place, Shown
from .reading import desk
from .saying import limit_words, number, share_of, value_of

__all__ = ["Desk", "Limit", "Place", "Shown", "desk", "limit_words", "number", "share_of", "value_of"]
