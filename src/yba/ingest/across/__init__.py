"""Judging a claim against other claims of its person and against its check-in, when it is written."""

from .judge import Written, judge
from .traits import traits_of

__all__ = ["Written", "judge", "traits_of"]
