"""At which facilities an actor holds a right: for acts that are written for one of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from .holding import limit, terms

if TYPE_CHECKING:
    from yba.kit.actor import Actor

    from .rights import Right


@lru_cache(maxsize=4096)
def places(by: Actor, right: Right) -> frozenset[str] | None:
    """Return the facilities (MA_CSKCB) of the grants that hold a right, whatever person a rule asks for besides; None = no place limits it."""
    found: frozenset[str] | None = None
    for held in (terms(by, right), limit(by, right)):
        if held is None or any(term.everywhere for term in held):
            continue
        named = frozenset(code for term in held for code in term.grant.facilities)
        found = named if found is None else found & named
    return found
