"""Patient/$match: who a described human may be, by identity's own ladder and weights, with how certain each is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import audit, identity, record
from yba.access import Right, needs
from yba.api import bundles, documents
from yba.api.faults import bad
from yba.api.http import Answer
from yba.audit import Tag

from .parameters import Given

if TYPE_CHECKING:
    from yba.api.call import Call
    from yba.identity import Candidate

_GRADE: Final = "http://hl7.org/fhir/StructureDefinition/match-grade"
_MOST: Final = 20
_KNOWN: Final = frozenset({"resource", "onlyCertainMatches", "count"})


@needs(Right.IDENTITY_PERSON_FIND)
def match(call: Call) -> Answer:
    """``POST /Patient/$match``: a Patient (at least a name with a birth date, or a number), `count`, `onlyCertainMatches`."""
    given = Given(call.request).only(_KNOWN)
    patient = given.resources.get("resource")
    if patient is None or patient.get("resourceType") != "Patient":
        raise bad("Cần một Patient để đối chiếu.", "A Patient to match is needed.", code="required", expression=("resource",))
    only, most = given.flag("onlyCertainMatches"), given.whole("count", 10, _MOST)
    facts = record.facts_to_match(patient)
    found = [one for one in identity.candidates_for(call.conn, by=call.by, facts=facts) if one.grade == "certain" or not only][:most]
    if only and len(found) > 1:  # R4: several who may be meant are then none
        found = []
    shown = record.golden_patients(call.conn, by=call.by, person_ids=[one.person_id for one in found])
    audit.note(call.conn, by=call.by, tag=Tag.PERSON_FIND, about_type="Person", about_id="", detail={"candidates": len(found)})
    entries = [_entry(call, one, documents.text(shown[one.person_id])) for one in found if one.person_id in shown]
    return Answer(body=bundles.bundle("searchset", entries, total=len(entries)))


def _entry(call: Call, one: Candidate, text: str) -> dict[str, Any]:
    return {
        "fullUrl": f"{call.request.base}/Patient/{one.person_id}",
        "resource": documents.part(text),
        "search": {"extension": [{"url": _GRADE, "valueCode": one.grade}], "mode": "match", "score": one.score},
    }
