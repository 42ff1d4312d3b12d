"""Who may do what, where and why: rights compiled to SQL predicates, relations of care, emergency access."""

from .declare import Declaration, declared, needs, open_to_all
from .emergency import Emergency, EmergencyState, Notice, break_glass, emergencies, emergency_counts, notices_of, review_emergency
from .holding import holds, purpose_for, require
from .model import RESOURCE, Columns, Denied, Held, Row
from .permits import masks, permits
from .predicate import anything_masked, predicate
from .reasons import Reason, reasons
from .relations import (
    PERSON,
    Relation,
    RelationKind,
    UnitKind,
    end_relations,
    move_relations,
    reaches,
    relate_many,
    relations_of,
    void_relations,
)
from .residence import Home, reside_many
from .rights import Right

__all__ = [
    "PERSON",
    "RESOURCE",
    "Columns",
    "Declaration",
    "Denied",
    "Emergency",
    "EmergencyState",
    "Held",
    "Home",
    "Notice",
    "Reason",
    "Relation",
    "RelationKind",
    "Right",
    "Row",
    "UnitKind",
    "anything_masked",
    "break_glass",
    "declared",
    "emergencies",
    "emergency_counts",
    "end_relations",
    "holds",
    "masks",
    "move_relations",
    "needs",
    "notices_of",
    "open_to_all",
    "permits",
    "predicate",
    "purpose_for",
    "reaches",
    "reasons",
    "relate_many",
    "relations_of",
    "require",
    "reside_many",
    "review_emergency",
    "void_relations",
]
