"""Who may do what, where and why: rights compiled to SQL predicates, relations of care, emergency access."""

from .aliases import person_now, persons_of, set_aliases
from .declare import Declaration, declared, needs, open_to_all
from .emergency import Emergency, EmergencyState, Notice, break_glass, emergencies, emergency_counts, notices_of, review_emergency
from .holding import holds, opened, purpose_for, require
from .model import RESOURCE, Columns, Denied, Held, Row
from .moving import give_relations, homes_of, restore_homes, standing_of_relations
from .permits import masks, permits
from .places import places
from .predicate import anything_masked, at_once, masked_within, predicate
from .reasons import Reason, reasons
from .relations import (
    PERSON,
    Relation,
    RelationKind,
    UnitKind,
    end_relations,
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
    "at_once",
    "break_glass",
    "declared",
    "emergencies",
    "emergency_counts",
    "end_relations",
    "give_relations",
    "holds",
    "homes_of",
    "masked_within",
    "masks",
    "needs",
    "notices_of",
    "open_to_all",
    "opened",
    "permits",
    "person_now",
    "persons_of",
    "places",
    "predicate",
    "purpose_for",
    "reaches",
    "reasons",
    "relate_many",
    "relations_of",
    "require",
    "reside_many",
    "restore_homes",
    "review_emergency",
    "set_aliases",
    "standing_of_relations",
    "void_relations",
]
