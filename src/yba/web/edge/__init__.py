"""The edge of the pages: session to actor, the right each page declares, one unit of work, refusals written down and told calmly."""

from .gate import at, open_at
from .screens import remember as remember_screen
from .screens import screen_at
from .told import words
from .visit import Outside, Visit

__all__ = ["Outside", "Visit", "at", "open_at", "remember_screen", "screen_at", "words"]
