"""FHIR R4 as pure functions: definitions, search parameters, searches, structural checks; no database."""

from . import compartment, definitions, match, parameters, query, said, search, sorting, values
from .folding import fold
from .validate import errors

__all__ = ["compartment", "definitions", "errors", "fold", "match", "parameters", "query", "said", "search", "sorting", "values"]
