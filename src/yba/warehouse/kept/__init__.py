"""Kept results: what measures counted, kept beside the lake until its rows change, hidden anew for each who asks."""

from .asking import Kept, ask_all, ask_soon, kept
from .keeping import keep_asked, keep_boards, months, sweep
from .leaving import JOB
from .shelf import Ask

__all__ = ["JOB", "Ask", "Kept", "ask_all", "ask_soon", "keep_asked", "keep_boards", "kept", "months", "sweep"]
