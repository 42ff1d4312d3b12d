"""FHIRPath N1 as R4 uses it: texts compiled once to closures over plain documents."""

from .context import Environment
from .errors import FHIRPathError, FHIRPathSemanticError, FHIRPathSyntaxError, TooManySteps
from .expression import Expression, Purse, compile  # noqa: A004  the contract's name
from .temporal import Temporal, read_date, read_moment
from .values import Node, Quantity, children, plain, root, system, type_of

__all__ = [
    "Environment",
    "Expression",
    "FHIRPathError",
    "FHIRPathSemanticError",
    "FHIRPathSyntaxError",
    "Node",
    "Purse",
    "Quantity",
    "Temporal",
    "TooManySteps",
    "children",
    "compile",
    "plain",
    "read_date",
    "read_moment",
    "root",
    "system",
    "type_of",
]
