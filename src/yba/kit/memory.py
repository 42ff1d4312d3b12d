"""Python's cyclic garbage collector in a server: what is loaded at start is never garbage, so it is not walked for every few requests."""

from __future__ import annotations

import gc
from typing import Final

_YOUNG: Final = 20_000  # a page of 1,000 resources makes some 60,000 objects: collected three times instead of a hundred


def settle() -> None:
    """Call once when everything is loaded and before the first request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 50)
