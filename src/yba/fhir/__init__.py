"""FHIR R4 as pure functions: definitions, search parameters, structural checks; no database."""

from . import definitions, parameters, search
from .validate import errors

__all__ = ["definitions", "errors", "parameters", "search"]
