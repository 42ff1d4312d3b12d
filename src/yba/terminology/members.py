"""Whether a value set holds a code: those that R4 enumerates, and the national ones, of which some lists are incomplete."""

from __future__ import annotations

from functools import cache
from typing import Final

from yba.fhir import definitions
from yba.kit.errors import NotFound
from yba.specs import fhir as national

from .model import Membership
from .queries import is_member, subsumes
from .queries import lists as all_lists

_ANSWERS: Final = {Membership.YES: True, Membership.NO: False, Membership.UNKNOWN: None}


def holds(value_set: str, system: str | None, code: str) -> bool | None:
    """Whether a national value set holds a code today; None where the list is incomplete or the set is none of ours. ``system`` None: any."""
    found = national.value_sets().get(value_set.partition("|")[0])
    if found is None:
        return None
    systems = [one["system"] for one in found["compose"]["include"]]
    asked = [_has(one, code) for one in systems if system is None or one == system]
    return True if True in asked else None if None in asked else False


def _has(system: str, code: str) -> bool | None:
    listed = _lists().get(system)
    if listed is not None:
        return _ANSWERS[is_member(listed, code)]
    own = _own().get(system)
    if own is None:
        return None
    codes, complete = own
    return True if code in codes else False if complete else None


@cache
def _lists() -> dict[str, str]:
    return {one.uri: one.id for one in all_lists()}


@cache
def _own() -> dict[str, tuple[frozenset[str], bool]]:
    return {one.url: (frozenset(code.code for code in one.codes), one.content == "complete") for one in national.code_systems()}


class _Codes:
    """What searches ask of terminology (`fhir.match.Codes`), in packaged data."""

    def contains(self, value_set: str, system: str, code: str) -> bool:
        """Whether a code is in a value set; system "" = not said. Raises NotFound for a value set that cannot be enumerated here.

        Of a national list that is incomplete a code that is not in it is taken not to be: nobody can find it by this set.
        """
        url = value_set.partition("|")[0]
        if url in national.value_sets():
            return holds(url, system or None, code) is True
        found = definitions.value_set(url)
        if found is None:
            raise NotFound(f"Không có tập giá trị {value_set[:200]}.", advice="This value set is not known here, or cannot be enumerated.")
        return code in found.get(system, ()) if system else any(code in codes for codes in found.values())

    def subsumes(self, system: str, general: str, specific: str) -> bool:
        """Whether one code of a system is above another; of a system that is not loaded, nothing is above anything."""
        return subsumes(system, general, specific)


CODES: Final = _Codes()
