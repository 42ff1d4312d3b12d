"""The roof: the only place that knows every room. ``setup()`` makes settings, database and tables ready."""

from .start import setup

__all__ = ["setup"]
