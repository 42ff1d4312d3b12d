"""Searches by FHIR's parameters over the record: what the index can say in SQL, the rest judged, all of it under the predicate."""

from .alone import find_one
from .everything import everything, everything_one
from .finding import find

__all__ = ["everything", "everything_one", "find", "find_one"]
