"""A synthetic province: residents, facilities and their claims files, deterministic for a seed; holds no real person."""

from . import dirty
from .output import write_set
from .plan import STANDARDS
from .sample import KINDS, SyntheticClaim, claims, one_claim
from .stream import File, Options, Sent, Stream, Tally

__all__ = ["KINDS", "STANDARDS", "File", "Options", "Sent", "Stream", "SyntheticClaim", "Tally", "claims", "dirty", "one_claim", "write_set"]
