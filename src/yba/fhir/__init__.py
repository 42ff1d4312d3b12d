"""FHIR R4 as pure functions: definitions, search parameters, searches, structural checks; no database."""

from . import compartment, definitions, fhirpath, match, parameters, query, said, search, sorting, ucum, values, xhtml
from .folding import fold
from .patch import fhirpath_patch, json_patch
from .validation import Issue, errors, validate
from .xml import from_xml, to_xml

__all__ = [
    "Issue",
    "compartment",
    "definitions",
    "errors",
    "fhirpath",
    "fhirpath_patch",
    "fold",
    "from_xml",
    "json_patch",
    "match",
    "parameters",
    "query",
    "said",
    "search",
    "sorting",
    "to_xml",
    "ucum",
    "validate",
    "values",
    "xhtml",
]
