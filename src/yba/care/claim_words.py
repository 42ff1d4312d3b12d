"""What a claim is made of, and how claims write moments and codes; pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from yba.fhir import dates
from yba.kit import clock
from yba.specs import systems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yba.directory import Price

    from .model import Visit

Doc = dict[str, Any]


class Content(NamedTuple):
    """What a claim is made of: the visit, the Patient with its number there, the resources of the visit, licences by who acted, prices in force."""

    visit: Visit
    local_id: str
    patient: Doc
    docs: Sequence[Doc]
    licences: Mapping[str, str]
    kind: str = ""  # of the facility, folded; "" unknown
    prices: Sequence[Price] = ()

    def of(self, rtype: str) -> list[Doc]:
        """The resources of a type, in the order in which they were written."""
        return [one for one in self.docs if one["resourceType"] == rtype]

    def licence(self, doc: Doc, element: str) -> str:
        """The licence of whom an element of a document names; "" where nobody knows it."""
        who = doc.get(element, {})
        named = who[0] if isinstance(who, list) and who else who
        return self.licences.get(named.get("identifier", {}).get("value", ""), "") if isinstance(named, dict) else ""

    @property
    def card(self) -> str:
        """The number of the insurance card; "" without one."""
        return number_of(self.patient, "card")


def number_of(patient: Doc, name: str) -> str:
    """Return the first number of a kind that is not an old one; "" without one."""
    known = (one for one in patient.get("identifier", ()) if one.get("value") and one.get("use") != "old")
    return next((str(one["value"]) for one in known if one.get("system") == systems.identifier(name)), "")


def at(moment: datetime | str) -> str:
    """Write a moment as claims do: yyyyMMddHHmm in Vietnam."""
    one = moment if isinstance(moment, datetime) else dates.point(moment)[0]
    return one.astimezone(clock.VIETNAM).strftime("%Y%m%d%H%M") if one else ""


def code_of(concept: Doc, system: str) -> str:
    """Return the code of a concept in one of our systems."""
    return next((str(one["code"]) for one in concept.get("coding", ()) if one.get("system") == systems.system(system)), "")
