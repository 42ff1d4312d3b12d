"""Searches by FHIR's parameters over the record: what the index can say in SQL, the rest judged, all of it under the predicate."""

from .alone import find_one
from .everything import everything
from .finding import find

__all__ = ["everything", "find", "find_one"]
