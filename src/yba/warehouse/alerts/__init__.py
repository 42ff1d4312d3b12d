"""Alerts: rules as data, judged over kept results; one open alert for a rule and place, answered by people."""

from .acts import Open, acknowledge, alert, close, counts, judged, standing
from .judging import judge
from .model import Alert, Finding, Judged, Place, Reason, RuleStanding, State

__all__ = [
    "Alert",
    "Finding",
    "Judged",
    "Open",
    "Place",
    "Reason",
    "RuleStanding",
    "State",
    "acknowledge",
    "alert",
    "close",
    "counts",
    "judge",
    "judged",
    "standing",
]
