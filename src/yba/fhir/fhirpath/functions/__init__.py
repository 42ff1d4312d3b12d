"""The function library of FHIRPath N1 and of its use in FHIR R4."""

from .base import Function
from .collections import COLLECTIONS
from .conversions import CONVERSIONS
from .elements import ELEMENTS
from .numbers import NUMBERS
from .texts import TEXTS

FUNCTIONS: dict[str, Function] = COLLECTIONS | CONVERSIONS | ELEMENTS | NUMBERS | TEXTS

__all__ = ["FUNCTIONS", "Function"]
