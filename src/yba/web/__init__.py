"""Pages for people: thin faces over the rooms below, rendered on the server, usable without JavaScript."""

from .facilities import names
from .render import record_html

__all__ = ["names", "record_html"]
