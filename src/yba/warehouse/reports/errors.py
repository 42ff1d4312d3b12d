"""Refusals in both languages: the pages show them as they are."""

from __future__ import annotations

from yba.kit.errors import Conflict, Invalid, NotFound, YbaError


class _InBoth(YbaError):
    """What is wrong and what would do, in Vietnamese and English."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(vi)
        self.vi, self.en = vi, en


class NotThere(_InBoth, NotFound):
    """There is no such report, or it may not be seen."""


class NotSo(_InBoth, Invalid):
    """What was asked cannot be done as it is."""


class NotNow(_InBoth, Conflict):
    """It contradicts what stands."""
