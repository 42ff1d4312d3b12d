"""The languages of the pages: Vietnamese is the source, English the second; a reader chooses, a browser's setting does not.

Stations run English Windows with Vietnamese users, so Accept-Language would be wrong more often than right.
"""

from __future__ import annotations

import gettext
from functools import cache
from importlib.resources import as_file, files
from typing import Final

FIRST: Final = "vi"
SECOND: Final = "en"


def marked(text: str) -> str:
    """Mark a text of ours for the catalogue without looking it up, where it stands in a table; the pages call it ``_n``, by which texts are found."""
    return text


def language(asked: str | None) -> str:
    """Return the language of a page from what was asked for."""
    return SECOND if asked == SECOND else FIRST


@cache
def catalogue(lang: str) -> gettext.NullTranslations:
    """Return the texts of a language; the Vietnamese ones stand in the pages themselves."""
    if lang == FIRST:
        return gettext.NullTranslations()
    with as_file(files("yba.web").joinpath("locale", lang, "LC_MESSAGES", "web.mo")) as path, path.open("rb") as compiled:
        return gettext.GNUTranslations(compiled)
