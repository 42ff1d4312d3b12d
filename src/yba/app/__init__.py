"""The roof: the only place that knows every room. ``setup()`` makes settings, database and tables ready."""

from .start import setup, work

__all__ = ["setup", "work"]
