"""How a restricted category spreads: to what names a resource that has it, and into what gathers (a visit) whatever of it names that; no database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from .model import Put
    from .rest_docs import Ready

# Of people, places and terms: what they are called restricts nothing (ingest labels none of them either).
UNLABELLED: Final = frozenset({
    "Patient", "Person", "Practitioner", "PractitionerRole", "RelatedPerson", "Organization", "Location", "CodeSystem", "ValueSet", "ConceptMap",
    "StructureDefinition", "SearchParameter", "CapabilityStatement", "Questionnaire", "ActivityDefinition", "PlanDefinition", "Measure", "Library",
})  # fmt: skip
# What these refer to, and what refers to them, they show.
GATHERING: Final = frozenset(
    {"Encounter", "EpisodeOfCare", "Claim", "ClaimResponse", "ExplanationOfBenefit", "Composition", "List", "CarePlan", "Bundle"}
)
# As all documents are written (orjson): no quote within a text stands there without a backslash. A version of something is that thing.
_NAMED: Final = re.compile(rb'"reference":"([A-Z][A-Za-z]*/[A-Za-z0-9\-.]{1,64})(?:/_history/[^"]*)?"')
_PEOPLES: Final = tuple(f"{rtype}/".encode() for rtype in sorted(UNLABELLED))


def named_in(doc: bytes, here: Collection[bytes] = ()) -> frozenset[str]:
    """Return what a stored document refers to and what can have a label ("Condition/c"), each once; what stands elsewhere is not among it.

    ``here``: what is left out.
    """
    return frozenset(name.decode() for name in {*_NAMED.findall(doc)}.difference(here) if not name.startswith(_PEOPLES))


def type_of(name: str) -> str:
    """Return the type of what is named."""
    return name.partition("/")[0]


def gathers(named: str, by: str) -> bool:
    """Whether of two types the one that is named takes the labels of the one that names it; else it is the other way round."""
    return named in GATHERING and by not in GATHERING


class Crossing(NamedTuple):
    """What of an act may have to do with what is stored already."""

    gives: bool  # something with a label that names a visit outside of the act, or may be named there
    nobodys: bool  # something named outside of the act may be in nobody's record (a Medication)


def crossing(made: Sequence[Ready], about: frozenset[str]) -> Crossing | None:
    """Say whether labels may cross the borders of an act; None: nothing in it names or gathers what stands outside, and nothing with a label does.

    ``about``: types that can be in somebody's record.
    """
    here = {f"{one.rtype}/{one.id}".encode() for one in made}
    takes = gives = nobodys = False
    for one in made:
        if one.rtype in UNLABELLED:
            continue
        outside = named_in(one.doc, here)
        asked = [name for name in outside if not gathers(type_of(name), one.rtype)]
        takes = takes or bool(asked) or (one.rtype in GATHERING and not one.write.fresh)
        nobodys = nobodys or any(type_of(name) not in about for name in asked)
        gives = gives or (bool(one.labels) and (not one.write.fresh or len(asked) < len(outside)))
    return Crossing(gives, nobodys) if takes or gives else None


def within(made: Sequence[Ready]) -> None:
    """Give the documents of one act the labels they have of each other, in whatever order they come."""
    if not any(one.labels for one in made):
        return
    web = Web()
    web.add(Node(f"{one.rtype}/{one.id}", set(one.labels), named_in(one.doc), one.write.facility) for one in made if one.rtype not in UNLABELLED)
    for one in made:
        if (node := web.nodes.get(f"{one.rtype}/{one.id}")) is not None and node.grew:
            one.labels = tuple(sorted(node.labels))


@dataclass(slots=True)
class Node:
    """One resource among those between which labels spread: of the act (``put``), or stored."""

    name: str
    labels: set[str]
    names: frozenset[str]  # what it refers to
    facility: str
    put: Put | None = None
    takes: bool = True
    grew: bool = False

    def reaches(self, other: Node) -> bool:
        """Whether its labels are the other's too, where it names the other or is named by it.

        What gathers takes of its own facility alone: nobody restricts another one's visit by naming it.
        """
        mine, its = type_of(self.name), type_of(other.name)
        up = other.name in self.names and gathers(its, mine) and self.facility == other.facility
        return other.takes and (up or (self.name in other.names and not gathers(mine, its)))


class Web:
    """Resources and their labels, which are spread along the references between them, over however many steps."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.nodes: dict[str, Node] = {}
        self._naming: dict[str, list[Node]] = {}

    def add(self, nodes: Iterable[Node]) -> None:
        """Take resources in, each once, and spread what they bring and what awaits them."""
        new = [one for one in nodes if one.name not in self.nodes]
        for one in new:
            self.nodes[one.name] = one
            for name in one.names:
                self._naming.setdefault(name, []).append(one)
        touched = {near.name: near for one in new for near in (one, *self._beside(one))}
        self._spread([one for one in touched.values() if one.labels])

    def _beside(self, one: Node) -> list[Node]:
        return [*self._naming.get(one.name, ()), *(self.nodes[name] for name in one.names if name in self.nodes)]

    def _spread(self, left: list[Node]) -> None:
        while left:
            of = left.pop()
            for one in self._beside(of):
                if not of.labels <= one.labels and of.reaches(one):
                    one.labels |= of.labels
                    one.grew = True
                    left.append(one)
