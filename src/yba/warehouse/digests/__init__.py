"""Digests: a board on paper, one for each week or month that has ended, kept as it was made."""

from .acts import due, listed, make, pdf
from .model import Digest

__all__ = ["Digest", "due", "listed", "make", "pdf"]
