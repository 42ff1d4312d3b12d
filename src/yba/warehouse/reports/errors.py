"""Refusals in both languages: the pages show them as they are."""

from __future__ import annotations

from yba.kit.errors import Conflict, Invalid, NotFound


class NotThere(NotFound):
    """There is no such report, or it may not be seen."""

    def __init__(self, vi: str, en: str) -> None:
        """Take what is not there."""
        super().__init__(vi)
        self.vi, self.en = vi, en


class NotSo(Invalid):
    """What was asked cannot be done as it is."""

    def __init__(self, vi: str, en: str) -> None:
        """Take why, and what would do."""
        super().__init__(vi)
        self.vi, self.en = vi, en


class NotNow(Conflict):
    """It contradicts what stands."""

    def __init__(self, vi: str, en: str) -> None:
        """Take why, and what would do."""
        super().__init__(vi)
        self.vi, self.en = vi, en
