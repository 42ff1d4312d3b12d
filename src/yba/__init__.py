"""yba: one lifelong electronic health record for every resident of a Vietnamese province."""

__version__ = "0.1.0"
