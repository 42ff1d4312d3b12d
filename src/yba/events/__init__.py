"""The outbox: rooms announce in the transaction of their act; others read on by position."""

from .actions import advance, announce, pending
from .model import Event, News

__all__ = ["Event", "News", "advance", "announce", "pending"]
