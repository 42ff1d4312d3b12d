"""Measures: numbers about a period, by dimension, with the state of each; small ones hidden, no source never a zero."""

from .asking import measure
from .model import Answer, Cell, State
from .periods import Period, period
from .running import answer, statement

__all__ = ["Answer", "Cell", "Period", "State", "answer", "measure", "period", "statement"]
