"""Encounter/$visit: every telling of one visit (claims, FHIR, our own desk), which is the primary one, and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yba import record
from yba.access import Right, needs
from yba.api import bundles, documents
from yba.api.faults import missing
from yba.api.http import Answer
from yba.specs import systems, visits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.api.call import Call
    from yba.record import Telling

Doc = dict[str, Any]


@needs(Right.RECORD_CLINICAL_READ)
def visit(call: Call) -> Answer:
    """``GET /Encounter/id/$visit``: a collection of the visit's Encounters, a Linkage (source = the primary one) and a Provenance of each."""
    told = record.visit_of(call.conn, by=call.by, id=call.id)
    if not told:
        raise missing()
    base = call.request.base
    entries = [{"fullUrl": f"{base}/Encounter/{one.stored.id}", "resource": documents.part(one.stored)} for one in told]
    made = [*([_linkage(told)] if len(told) > 1 else []), *map(_provenance, told)]
    return Answer(body=bundles.bundle("collection", entries + [{"resource": one} for one in made]))


def _linkage(told: Sequence[Telling]) -> Doc:
    """R4's resource for records of one occurrence: made for this answer, stored nowhere."""
    items = [{"type": "alternate" if nth else "source", "resource": _named(one)} for nth, one in enumerate(told)]
    return {"resourceType": "Linkage", "active": True, "item": items}


def _provenance(one: Telling) -> Doc:
    channel = next(each for each in visits.rules().channels if each.id == one.channel)
    facility = {"identifier": {"system": systems.identifier("facility"), "value": one.stored.facility_id}}
    return {
        "resourceType": "Provenance",
        "target": [_named(one)],
        "recorded": documents.moment(one.stored.updated),
        "activity": {"text": f"{channel.vi} / {channel.en}"},
        "agent": [{"who": facility}],
    }


def _named(one: Telling) -> Doc:
    return {"reference": f"Encounter/{one.stored.id}"}
