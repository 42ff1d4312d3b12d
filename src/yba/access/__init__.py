"""Who may do what, where and why: rights compiled to SQL predicates, relations of care, emergency access."""

from .declare import Declaration, declared, needs, open_to_all
from .holding import holds, purpose_for, require
from .model import RESOURCE, Columns, Denied, Held, Row
from .permits import masks, permits
from .predicate import predicate
from .rights import Right

__all__ = [
    "RESOURCE",
    "Columns",
    "Declaration",
    "Denied",
    "Held",
    "Right",
    "Row",
    "declared",
    "holds",
    "masks",
    "needs",
    "open_to_all",
    "permits",
    "predicate",
    "purpose_for",
    "require",
]
