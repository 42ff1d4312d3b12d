"""Outside registers: the national population database and the insurer's card look-up; asked with purpose and audit, kept as verdicts."""

from .batch import LARGEST, BatchHead, BatchLine, BatchReport, BatchRun, batches, due, make_batch, report, run_batch
from .looking_up import Cards, cards, is_configured
from .model import Answer, Asked, CardAnswer, HeldBack, Outcome, Register, RegisterError, Verdict
from .pace import Standing
from .queries import Asking, Looked, Wanted, asked_about, looked_up, standings
from .replies import open_reply, reply_versions, reseal_replies
from .verifying import Population, asked_of, has_population, needs_consent, population

__all__ = [
    "LARGEST",
    "Answer",
    "Asked",
    "Asking",
    "BatchHead",
    "BatchLine",
    "BatchReport",
    "BatchRun",
    "CardAnswer",
    "Cards",
    "HeldBack",
    "Looked",
    "Outcome",
    "Population",
    "Register",
    "RegisterError",
    "Standing",
    "Verdict",
    "Wanted",
    "asked_about",
    "asked_of",
    "batches",
    "cards",
    "due",
    "has_population",
    "is_configured",
    "looked_up",
    "make_batch",
    "needs_consent",
    "open_reply",
    "population",
    "reply_versions",
    "report",
    "reseal_replies",
    "run_batch",
    "standings",
]
