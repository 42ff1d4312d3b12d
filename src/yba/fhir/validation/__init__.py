"""Validation of a resource: structure, codes, references, extensions, invariants and profiles, all at once."""

from .issue import Issue
from .profiles import Holding
from .structure import errors
from .whole import validate

__all__ = ["Holding", "Issue", "errors", "validate"]
