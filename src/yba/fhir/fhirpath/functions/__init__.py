"""The function library of FHIRPath N1 and of its use in FHIR R4."""

from .base import Function
from .collections import COLLECTIONS
from .conversions import CONVERSIONS
from .definitions import DEFINITIONS
from .elements import ELEMENTS
from .numbers import NUMBERS
from .terminology import TERMINOLOGY
from .texts import TEXTS

FUNCTIONS: dict[str, Function] = COLLECTIONS | CONVERSIONS | DEFINITIONS | ELEMENTS | NUMBERS | TERMINOLOGY | TEXTS

__all__ = ["FUNCTIONS", "Function"]
