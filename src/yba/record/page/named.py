"""What a bare code is called: claims carry many codes without their words."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

from yba import terminology
from yba.specs import codes, systems

_LISTS: Final = systems.national("outcome").removesuffix("outcome")  # https://…/CodeSystem/


@lru_cache(maxsize=8192)
def named(system: str, code: str, day: str = "") -> str:
    """Give the Vietnamese name of a code on a day (ISO; "" = today), "" where no list holds it.

    The lists of the claims tables come first, then the catalogues.
    """
    ident = system.removeprefix(_LISTS)
    listed = codes.lists().get(ident) if ident != system else None
    if listed is not None and (found := listed.by_code.get(code)):
        return found.meaning_vi
    try:
        concept = terminology.lookup(system, code, _day(day))
    except terminology.UnknownList:
        return ""
    return concept.display if concept is not None else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
