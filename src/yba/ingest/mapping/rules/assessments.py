"""XML12, medical assessment: the council's minutes as a Composition, what it measured as Observations, who asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.ingest.mapping.words import UCUM
from yba.specs import systems
from yba.specs.codes import code_list

from .papers import complete

if TYPE_CHECKING:
    from yba.ingest.mapping.context import Context
    from yba.ingest.mapping.model import Doc, Row

_PARTS: Final = {
    "cu": ("TYLE_TTCT_CU", "Tỷ lệ tổn thương cơ thể lần trước"),
    "moi": ("TYLE_TTCT_MOI", "Tỷ lệ tổn thương cơ thể lần này"),
    "dang": ("DANG_KHUYETTAT", "Dạng khuyết tật"),
    "muc": ("MUC_DO_KHUYETTAT", "Mức độ khuyết tật"),
}
_LISTS: Final = {"dang": "disability-form", "muc": "disability-level"}


def finish(context: Context, _row: Row, docs: dict[str, Doc], _over: dict[str, str]) -> None:
    """Hand in the minutes and what they imply; the restricted categories of the words hold for all of it."""
    paper = docs["paper"]
    if not context.facility:
        paper["author"] = [{"display": "?"}]  # the law's table does not name the centre, only its sender is known
    found = complete(context, paper)
    request = docs.get("request")
    if request is not None:
        for event in paper.get("event", ())[:1]:
            event["detail"] = [{"reference": f"ServiceRequest/{request['id']}"}]
        for identifier in request.get("identifier", ()):
            identifier["system"] = systems.identifier("referral")
        context.add(request, found)
    for role in ("impairment", "disability"):
        doc = docs.get(role)
        if doc is not None:
            _measure(context, doc)
            context.add(doc, found)
    context.add(paper, found)


def _measure(context: Context, doc: Doc) -> None:
    doc["effectiveDateTime"] = context.end.isoformat()
    for part in (doc, *doc.get("component", ())):
        if "valueQuantity" in part:
            part["valueQuantity"] |= {"unit": "%", "system": UCUM, "code": "%"}
    for part in doc.get("component", ()):
        column, text = _PARTS[part["id"]]
        part["code"] = {"coding": [{"system": systems.system("assessment"), "code": column}], "text": text}
        for coding in part.get("valueCodeableConcept", {}).get("coding", ()):
            item = code_list(_LISTS[part["id"]]).by_code.get(coding["code"])
            if item is not None:
                coding["display"] = item.meaning_vi
