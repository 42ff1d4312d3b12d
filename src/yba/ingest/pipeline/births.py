"""Newborns of a claim: each gets a record of its own; what is of two people stands in the mother's too (decision 0015)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from yba.fhir import search
from yba.ingest.mapping import OF_TWO

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from yba import audit
    from yba.identity import PersonFacts, Resolution
    from yba.ingest.mapping import Mapped
    from yba.record import Put

    from .prepare import Prepared

TABLE = "XML9"


@dataclass(slots=True)
class Birth:
    """One certificate; without ``facts`` the claim is the child's own."""

    facts: PersonFacts | None
    puts: list[Put] = field(default_factory=list)
    of_two: list[Put] = field(default_factory=list)
    """Those of ``puts`` that stand in the mother's record as well."""
    patients: list[Put] = field(default_factory=list)
    resolution: Resolution | None = None

    def give(self, person: UUID) -> None:
        """Put everything where it belongs, now that it is known who everybody is; ``person`` is the claim's."""
        home = self.resolution.person_id if self.resolution else person
        for put in self.puts:
            put.person_id = home
        for put in self.of_two:
            put.also = (person,) if home != person else ()
        for put in self.patients:
            _link(put, home)


def births_of(mapped: Mapped, puts: Sequence[Put]) -> list[Birth]:
    """Sort the claim's own puts (in the order of its resources) by certificate."""
    births = [Birth(None), *map(Birth, mapped.births)]
    for one, put in zip((one for one in mapped.resources if not one.shared), puts, strict=True):
        if one.table == TABLE:
            birth = births[one.whose]
            birth.puts.append(put)
            if one.rtype in OF_TWO:  # also where there are not two people: an earlier version may have told of two
                birth.of_two.append(put)
            if one.rtype == "Patient":
                birth.patients.append(put)
    return births if births[0].puts else births[1:]


def people(births: Iterable[Birth]) -> list[PersonFacts]:
    """The facts of those who have a record of their own."""
    return [birth.facts for birth in births if birth.facts is not None]


def apart(going: Sequence[Prepared], resolved: Sequence[Resolution]) -> list[Resolution]:
    """Hand the resolutions of the newborns to their births; returns those of the claims' own persons."""
    found = iter(resolved)
    own: list[Resolution] = []
    for ready in going:
        own.append(next(found))
        for birth in ready.mapped.births if ready.mapped else ():
            if birth.facts is not None:
                birth.resolution = next(found)
    return own


def resolutions(births: Iterable[Birth]) -> list[Resolution]:
    """Who the newborns are."""
    return [birth.resolution for birth in births if birth.resolution]


def notes(births: Iterable[Birth], accepted: audit.Note) -> list[audit.Note]:
    """The trail of the children's records: what the mother's says, once for each."""
    return [accepted._replace(person_id=found.person_id) for found in resolutions(births)]


def _link(put: Put, person: UUID) -> None:
    """Tie a newborn's Patient to its golden one, as every source Patient is."""
    doc = orjson.loads(put.doc)
    doc["link"] = [{"other": {"reference": f"Patient/{person}"}, "type": "refer"}]
    put.doc, put.tokens = orjson.dumps(doc), search.index("Patient", doc).tokens
