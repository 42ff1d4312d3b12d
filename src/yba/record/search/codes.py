"""What searches ask of terminology: value sets that R4 enumerates, national ones, hierarchies of the code systems that are loaded."""

from __future__ import annotations

from yba.terminology import CODES

__all__ = ["CODES"]
