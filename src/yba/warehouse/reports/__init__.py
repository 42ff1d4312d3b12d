"""Periodic reports: counted from the lake by a definition that is data, checked, made, approved, locked, corrected, written as Excel and XML."""

from .acts import approve, correct, give_back, lock, make
from .content import differences
from .drafting import draft, is_station, permitted
from .model import STATES, CellState, Changed, Difference, Draft, Judged, Kept, Late, Number, Signed, Standing, Step, Unit, Verdict, unit
from .periods import named
from .queries import locked_units, recount, report, reports_of, standing, to_last
from .watching import Looked, changed, watch
from .writing import PROVINCE, Format, Written, called, said, write

__all__ = [
    "PROVINCE",
    "STATES",
    "CellState",
    "Changed",
    "Difference",
    "Draft",
    "Format",
    "Judged",
    "Kept",
    "Late",
    "Looked",
    "Number",
    "Signed",
    "Standing",
    "Step",
    "Unit",
    "Verdict",
    "Written",
    "approve",
    "called",
    "changed",
    "correct",
    "differences",
    "draft",
    "give_back",
    "is_station",
    "lock",
    "locked_units",
    "make",
    "named",
    "permitted",
    "recount",
    "report",
    "reports_of",
    "said",
    "standing",
    "to_last",
    "unit",
    "watch",
    "write",
]
