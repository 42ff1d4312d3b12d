"""Desks: a board (`specs/boards`) with its numbers, and the places that stand out with the reason."""

from yba.warehouse.saying import number, period_words, rounded

from .curves import Controlled, Funnel, control, control_of, funnel, funnel_of
from .model import Desk, Limit, Place, Shown
from .reading import desk
from .saying import limit_words, share_of, value_of

__all__ = [
    "Controlled",
    "Desk",
    "Funnel",
    "Limit",
    "Place",
    "Shown",
    "control",
    "control_of",
    "desk",
    "funnel",
    "funnel_of",
    "limit_words",
    "number",
    "period_words",
    "rounded",
    "share_of",
    "value_of",
]
