"""From landed ranges to committed records: prepare in parallel, take turns to write."""

from .drive import ingest, process
from .run import Totals
from .write import apply_claims

__all__ = ["Totals", "apply_claims", "ingest", "process"]
