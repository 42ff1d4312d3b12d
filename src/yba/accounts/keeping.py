"""Who reaches the table of tokens: the platform's own work alone; and ending all of an account's with its sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.kit import clock
from yba.kit.actor import Actor
from yba.kit.db import unit_of_work

from . import store_tokens

if TYPE_CHECKING:
    from uuid import UUID

KEEPER: Final = Actor.system("tokens")


def end_all(*, by: str, account: UUID) -> int:
    """End every token of an account with its sessions; within the act that ends them, which notes it."""
    with unit_of_work(by=KEEPER) as keeping:
        return store_tokens.end(keeping, account, only=None, now=clock.now(), by=by)
