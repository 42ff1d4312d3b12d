"""FHIR JSON to and from FHIR XML, for every R4 resource type, by the definitions."""

from .reading import from_xml
from .writing import to_xml

__all__ = ["from_xml", "to_xml"]
