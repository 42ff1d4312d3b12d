"""Read claims XML: one range of bytes in, one claim of raw text rows out."""

from .reader import MAX_CLAIM_BYTES, read_claim

__all__ = ["MAX_CLAIM_BYTES", "read_claim"]
