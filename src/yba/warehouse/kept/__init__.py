"""Kept results: what measures counted, kept beside the lake until its rows change, hidden anew for each who asks."""

from .asking import Kept, ask_all, course, kept
from .keeping import keep_boards, months, sweep
from .shelf import Ask

__all__ = ["Ask", "Kept", "ask_all", "course", "keep_boards", "kept", "months", "sweep"]
