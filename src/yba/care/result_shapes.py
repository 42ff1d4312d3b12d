"""FHIR of results: who examined and approved, how, of which specimen, in which range; a correction is a new version; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import terminology
from yba.kit import clock
from yba.kit.ids import new_id
from yba.specs import systems

from . import ranges, shapes
from .acts import moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from yba.kit.actor import Actor

    from .model import Result, Visit
    from .shapes import Doc

_LONGEST: Final = 2_000
_APPROVED: Final = systems.extension("approved")  # who approved an Observation and when: R4 has interpreters of reports alone
_SAID: Final = ("referenceRange", "interpretation", "valueQuantity", "valueString")


def documents(
    visit: Visit, by: Actor, results: Sequence[Result], asked: Mapping[str, Doc], patient: Doc
) -> tuple[list[Doc], list[Doc]]:  # fmt: skip
    """Return the Observations and the reports: one for each order that is answered, one for what nobody ordered."""
    docs: list[Doc] = []
    reports: dict[str, Doc] = {}
    for one in results:
        request = asked.get(one.request or "")
        report = reports.setdefault(one.request or "", _report(visit, by, one, request))
        specimen = _specimen(visit, one, len(report.get("contained", ())) + 1)
        if specimen is not None:
            report.setdefault("contained", []).append(specimen)
            report.setdefault("specimen", []).append({"reference": f"#{specimen['id']}"})
        if one.value is not None or one.words.strip():
            doc = _observation(visit, by, one, request["code"].get("text", "") if request else "", patient)
            docs.append(doc)
            report["result"] = [*report.get("result", ()), {"reference": f"Observation/{doc['id']}"}]
        if one.conclusion.strip():
            report["conclusion"] = "; ".join(filter(None, (report.get("conclusion", ""), one.conclusion.strip()[:_LONGEST])))
    return docs, list(reports.values())


def _observation(visit: Visit, by: Actor, one: Result, service: str, patient: Doc) -> Doc:
    known = terminology.labs.find(one.text, one.unit, service)
    code = known.loinc if known else ""
    doc = shapes.observation(visit, by, one.taken or moment(), code, one.text.strip() or service, shapes.LABORATORY)
    doc |= {"id": str(new_id()), "status": "final" if one.released else "preliminary", "issued": clock.now().isoformat(timespec="seconds")}
    doc["performer"].append(shapes.organization(visit.facility))
    doc |= said(one, service, patient)
    if one.method.strip():
        doc["method"] = {"text": one.method.strip()[:_LONGEST]}
    specimen = _specimen(visit, one)
    if specimen is not None:
        doc |= {"contained": [specimen], "specimen": {"reference": f"#{specimen['id']}"}}
    return _signed(doc, by, visit.facility) if one.released else doc


def said(one: Result, service: str, patient: Doc) -> dict[str, Any]:
    """Return the value of a result, with its range and whether it is outside of it."""
    if one.value is None:
        return {"valueString": one.words.strip()[:_LONGEST]}
    unit = terminology.units.canonical(one.unit) or "" if one.unit else ""
    amount: Doc = {"value": one.value}
    if one.unit:
        amount["unit"] = one.unit
    if unit:
        amount |= {"system": shapes.UCUM, "code": unit}
    return {"valueQuantity": amount, **_ranged(one, one.value, service, unit, amount, patient)}


def _ranged(one: Result, value: Decimal, service: str, unit: str, amount: Doc, patient: Doc) -> dict[str, Any]:
    if one.low is not None or one.high is not None:
        return ranges.told(ranges.Range(one.low, one.high), value, amount)
    known = terminology.labs.find(one.text, one.unit, service)
    if known is None or not known.loinc:
        return {}
    found = ranges.usual(known, unit, sex=patient.get("gender", ""), birth=str(patient.get("birthDate", "")), on=clock.today())
    return ranges.told(found, value, amount) if found is not None else {}


def _specimen(visit: Visit, one: Result, number: int = 1) -> Doc | None:
    if not one.specimen.strip() and one.received is None and one.taken is None:
        return None
    doc: Doc = {"resourceType": "Specimen", "id": f"specimen-{number}", "subject": shapes.subject(visit)}
    if one.specimen.strip():
        doc["type"] = {"text": one.specimen.strip()[:_LONGEST]}
    if one.received is not None:
        doc["receivedTime"] = one.received.isoformat()
    if one.taken is not None:
        doc["collection"] = {"collectedDateTime": one.taken.isoformat()}
    return doc


def _report(visit: Visit, by: Actor, one: Result, request: Doc | None) -> Doc:
    doc: Doc = {
        "resourceType": "DiagnosticReport", "id": str(new_id()), "meta": shapes.meta(), "status": "final" if one.released else "preliminary",
        "code": request["code"] if request else {"text": one.text.strip()}, "subject": shapes.subject(visit), "encounter": shapes.encounter(visit),
        "effectiveDateTime": moment().isoformat(), "issued": clock.now().isoformat(timespec="seconds"),
        "performer": [shapes.actor(by, visit.facility)],
    }  # fmt: skip
    if one.released:
        doc["resultsInterpreter"] = [shapes.actor(by, visit.facility)]
    if request:
        doc["basedOn"] = [{"reference": f"ServiceRequest/{request['id']}"}]
        coding = request["code"].get("coding", ())
        if coding and coding[0].get("system") != systems.system("service"):
            doc["code"] = {"text": request["code"].get("text", "?")}
    return doc


def _signed(doc: Doc, by: Actor, facility: str) -> Doc:
    """Say who approved an Observation, and when; who approves anew stands in place of who did before."""
    parts = [
        {"url": "who", "valueReference": shapes.actor(by, facility)}, {"url": "at", "valueInstant": clock.now().isoformat(timespec="seconds")},
    ]  # fmt: skip
    others = [one for one in doc.get("extension", ()) if one.get("url") != _APPROVED]
    return {**doc, "extension": [*others, {"url": _APPROVED, "extension": parts}]}


def approved(doc: Doc, by: Actor, facility: str) -> Doc:
    """Return a preliminary report or Observation as it is once somebody has approved it."""
    given = {**doc, "status": "final", "issued": clock.now().isoformat(timespec="seconds")}
    if doc["resourceType"] == "Observation":
        return _signed(given, by, facility)
    return {**given, "resultsInterpreter": [shapes.actor(by, facility)]}


def corrected(visit: Visit, by: Actor, report: Doc, old: Doc, result: Result, reason: str, patient: Doc) -> tuple[Doc, Doc]:
    """Return the next version of a result and of its report: what was said, by whom and why stands in both."""
    now = clock.now().isoformat(timespec="seconds")
    note = {"text": f"Sửa kết quả: {reason}", "time": now, "authorString": shapes.title(by, visit.facility) or by.name}
    kept = {name: value for name, value in old.items() if name not in _SAID}
    named = result._replace(text=old["code"].get("text", result.text))
    doc = {**kept, **said(named, report["code"].get("text", ""), patient), "status": "corrected", "issued": now}
    doc["note"] = [*old.get("note", ()), note]
    over = {**report, "status": "corrected", "issued": now, "resultsInterpreter": [shapes.actor(by, visit.facility)]}
    if result.conclusion.strip():
        over["conclusion"] = result.conclusion.strip()[:_LONGEST]
    over["extension"] = [*report.get("extension", ()), {"url": systems.extension("correction"), "valueAnnotation": note}]
    return _signed(doc, by, visit.facility), over
