"""XML7, 8, 10, 11, 13, 14, the papers: a Composition each, and the ServiceRequest or Appointment it implies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yba.ingest.mapping.release import release
from yba.specs import labels, systems

from .visit import REVISIT

if TYPE_CHECKING:
    from yba.ingest.mapping.context import Context
    from yba.ingest.mapping.model import Doc, Row


def finish(context: Context, _row: Row, docs: dict[str, Doc], _over: dict[str, str]) -> None:
    """Hand in a paper and what it implies."""
    paper = docs["paper"]
    found = complete(context, paper)
    context.add(paper, found)
    referral, appointment = docs.get("referral"), docs.get("appointment")
    if referral is not None:
        context.add(_referral(paper, referral), found)
    if appointment is not None:
        appointment["description"] = REVISIT
        appointment["participant"] = [{"actor": context.subject, "status": "needs-action"}]
        context.add(appointment, found)


def complete(context: Context, paper: Doc) -> tuple[str, ...]:
    """Add to a Composition what FHIR asks for: date, author, attester's mode, titles of sections; gives its labels."""
    paper.setdefault("date", context.end_text)
    place = context.reference("organization", context.facility) or {"display": "?"}
    paper.setdefault("author", [place])
    paper["custodian"] = place
    if "identifier" in paper:
        paper["identifier"]["system"] = systems.identifier("document-number")
    for signer in paper.get("attester", ()):
        signer["mode"] = "legal"
    titles = release()[context.table].roles["paper"].titles
    found: dict[str, None] = {}
    for section in paper.get("section", ()):
        section["title"] = titles[section["id"]]
        found |= dict.fromkeys(labels.of_text(section["text"]["div"]))
    said = {part["url"]: part for outer in paper.get("extension", ()) for part in outer["extension"]}
    if "pregnancy-ended" in said:
        found["reproductive"] = None
    return tuple(found)


def _referral(paper: Doc, referral: Doc) -> Doc:
    for identifier in referral.get("identifier", ()):
        identifier["system"] = systems.identifier("referral")
    referral["authoredOn"] = paper["date"]
    referral["requester"] = paper["author"][0]
    return referral
