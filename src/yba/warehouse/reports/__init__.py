"""Periodic reports: counted from the lake by a definition that is data, checked, made, approved, locked, corrected, written as Excel and XML."""

from .acts import approve, correct, give_back, lock, make
from .content import differences
from .drafting import draft, permitted
from .model import STATES, CellState, Difference, Draft, Judged, Kept, Late, Number, Signed, Standing, Step, Unit, Verdict, unit
from .queries import locked_units, recount, report, reports_of, standing, to_last
from .writing import PROVINCE, Format, Written, called, said, write

__all__ = [
    "PROVINCE",
    "STATES",
    "CellState",
    "Difference",
    "Draft",
    "Format",
    "Judged",
    "Kept",
    "Late",
    "Number",
    "Signed",
    "Standing",
    "Step",
    "Unit",
    "Verdict",
    "Written",
    "approve",
    "called",
    "correct",
    "differences",
    "draft",
    "give_back",
    "lock",
    "locked_units",
    "make",
    "permitted",
    "recount",
    "report",
    "reports_of",
    "said",
    "standing",
    "to_last",
    "unit",
    "write",
]
