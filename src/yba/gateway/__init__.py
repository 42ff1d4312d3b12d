"""The gateway: the HTTP shapes hospital software already speaks, the watched folder, and the receipts known gateways lack."""

from .watch import Watcher

__all__ = ["Watcher"]
