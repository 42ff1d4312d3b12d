"""XML9, births: the newborn as a source Patient of its own, the mother (or carer) as RelatedPerson, weight and certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.ingest.mapping.codecs import number_text
from yba.ingest.mapping.facts import birth_of, is_the_child
from yba.ingest.mapping.words import UCUM

from .papers import complete

if TYPE_CHECKING:
    from yba.ingest.mapping.context import Context
    from yba.ingest.mapping.model import Doc, Row

BIRTH_TIME: Final = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
OF_TWO: Final = frozenset({"Composition", "RelatedPerson"})
"""Stand in the mother's record too: the certificate she was given, and that she is the mother."""


def finish(context: Context, row: Row, docs: dict[str, Doc], _over: dict[str, str]) -> None:
    """Hand in the four resources of a birth and the facts of the child, unless the claim is its own."""
    newborn, mother, weight, paper = docs["newborn"], docs["mother"], docs.get("weight"), docs["paper"]
    child = {"reference": f"Patient/{newborn['id']}"}
    born = next((event["period"]["start"] for event in paper.get("event", ()) if "period" in event), "")
    if born:
        newborn["birthDate"] = born[:10]
        if "T" in born:
            newborn["_birthDate"] = {"extension": [{"url": BIRTH_TIME, "valueDateTime": born}]}
    said = {part["url"]: part for outer in paper.get("extension", ()) for part in outer["extension"]}
    children = said.get("children", {}).get("valueDecimal")
    if children is not None:
        newborn["multipleBirthBoolean"] = number_text(children) != "1"
    mother["patient"] = child
    paper["subject"] = child
    first = len(context.made)
    context.add(newborn)
    context.add(mother)
    if weight is not None:
        weight["subject"] = child
        weight["valueQuantity"] |= {"unit": "g", "system": UCUM, "code": "g"}
        weight["effectiveDateTime"] = born or context.end.isoformat()
        context.add(weight)
    context.add(paper, complete(context, paper))
    if not is_the_child(context, row):
        context.births.append(birth_of(context, row, newborn["id"]))
        for made in context.made[first:]:
            made.whose, made.both = len(context.births), made.rtype in OF_TWO
