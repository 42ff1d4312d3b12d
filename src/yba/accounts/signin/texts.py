"""Words in two languages, side by side: Vietnamese first, English where the reader chose it."""

from __future__ import annotations

from django.utils.functional import lazystr
from django.utils.translation import get_language


class Said:
    """A text that is read in the language of the request when it is shown."""

    def __init__(self, vi: str, en: str) -> None:
        self.vi, self.en = vi, en

    def __str__(self) -> str:
        """Return it in the language of now."""
        return say(self.vi, self.en)


def say(vi: str, en: str) -> str:
    """Return the text in the language of the request."""
    return en if (get_language() or "vi").startswith("en") else vi


def later(vi: str, en: str) -> str:
    """Return the text in the language of whoever reads it later, for tables of messages."""
    return lazystr(Said(vi, en))  # type: ignore[no-any-return]  # Django has no types of its own
