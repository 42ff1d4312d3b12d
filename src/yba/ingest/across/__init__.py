"""Judging a claim against other claims of its person, its check-in and the card look-ups kept, when it is written."""

from .cards import judge_cards
from .judge import Written, judge
from .traits import traits_of

__all__ = ["Written", "judge", "judge_cards", "traits_of"]
