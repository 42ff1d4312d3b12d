"""The embedded PostgreSQL: one server per data folder, shared by every process that holds a lease on it."""

from .install import checkpoint
from .layout import Endpoint
from .lease import endpoint_or_none, ensure

__all__ = ["Endpoint", "checkpoint", "endpoint_or_none", "ensure"]
