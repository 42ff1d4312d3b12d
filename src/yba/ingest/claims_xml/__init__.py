"""Read claims XML: one range of bytes in, one claim of raw text rows out."""

from .assessment import read_assessment
from .check_in import ASSESSMENT, CHECK_IN, read_rows
from .reader import MAX_CLAIM_BYTES, read_claim

__all__ = ["ASSESSMENT", "CHECK_IN", "MAX_CLAIM_BYTES", "read_assessment", "read_claim", "read_rows"]
