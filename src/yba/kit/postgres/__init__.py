"""The embedded PostgreSQL: one server per data folder, shared by every process that holds a lease on it."""

from .layout import Endpoint
from .lease import endpoint_or_none, ensure

__all__ = ["Endpoint", "endpoint_or_none", "ensure"]
