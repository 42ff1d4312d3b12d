"""The desks: visits at our own facilities, from who waits to the claim; every clinical fact goes into the record as FHIR."""

from .amending import Amended, amend
from .arrivals import prioritise, see_papers
from .children import needs_companion
from .claim import claim, costs
from .costs import Cost, Costs
from .diagnoses import diagnose
from .dual_codes import guidance, pairs
from .following_up import Proposed, follow_up, propose_next
from .model import (
    Acted,
    Arrival,
    Closed,
    Coming,
    Companion,
    Diagnosis,
    Doubt,
    Drug,
    Newcomer,
    NotPlausible,
    Order,
    Overtaken,
    Paper,
    Referral,
    Registered,
    Result,
    State,
    Visit,
    VisitAct,
    Warned,
    Why,
    Work,
)
from .orders import order
from .papers import papers_of
from .prescriptions import dose_text, prescribe, quantity_of
from .ranges import Range, lab_units, units_of
from .referrals import appoint, refer
from .registering import doubts_of, newcomer_of_card, register
from .results import approve, correct, result, result_read
from .shapes import CHANNEL
from .taking_back import restore, take_back
from .visits import acts_of, cancel, close, queue, queue_up, start, visit_of, visits_of
from .vitals import body_mass_index, doubts, measure
from .worklist import DueProvider, coming, favourites, provide_by, work

__all__ = [
    "CHANNEL",
    "Acted",
    "Amended",
    "Arrival",
    "Closed",
    "Coming",
    "Companion",
    "Cost",
    "Costs",
    "Diagnosis",
    "Doubt",
    "Drug",
    "DueProvider",
    "Newcomer",
    "NotPlausible",
    "Order",
    "Overtaken",
    "Paper",
    "Proposed",
    "Range",
    "Referral",
    "Registered",
    "Result",
    "State",
    "Visit",
    "VisitAct",
    "Warned",
    "Why",
    "Work",
    "acts_of",
    "amend",
    "appoint",
    "approve",
    "body_mass_index",
    "cancel",
    "claim",
    "close",
    "coming",
    "correct",
    "costs",
    "diagnose",
    "dose_text",
    "doubts",
    "doubts_of",
    "favourites",
    "follow_up",
    "guidance",
    "lab_units",
    "measure",
    "needs_companion",
    "newcomer_of_card",
    "order",
    "pairs",
    "papers_of",
    "prescribe",
    "prioritise",
    "propose_next",
    "provide_by",
    "quantity_of",
    "queue",
    "queue_up",
    "refer",
    "register",
    "restore",
    "result",
    "result_read",
    "see_papers",
    "start",
    "take_back",
    "units_of",
    "visit_of",
    "visits_of",
    "work",
]
