"""XML4, results: an Observation for each value; a report in words is a DiagnosticReport itself."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from yba.ingest.mapping import vocabulary
from yba.ingest.mapping.words import LOINC, UCUM
from yba.specs import labels, systems

from . import services

if TYPE_CHECKING:
    from yba.ingest.mapping.context import Context
    from yba.ingest.mapping.model import Doc, Row
    from yba.ingest.mapping.plan import Plan

COMPARATORS: Final = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "≤": "<=", "≥": ">="}
CATEGORIES: Final = {
    code: [{"coding": [{"system": systems.system("observation-category"), "code": word}]}]
    for code, word in (("1", "laboratory"), ("2", "imaging"), ("3", "procedure"), ("", "laboratory"))
}
UNKNOWN: Final = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}]}


def value(context: Context, plan: Plan, index: int, row: Row, doc: Doc, service: Row | None) -> None:
    """Complete an Observation and hand it in."""
    plan.observations[index] = doc["id"]
    code: Doc = doc.setdefault("code", {})
    if not code:
        code["text"] = "?"
    group = service.get("MA_NHOM", "").strip() if service else ""
    doc["category"] = CATEGORIES.get(group, CATEGORIES[""])
    quantity: Doc | None = doc.get("valueQuantity")
    unit = row.get("DON_VI_DO", "")
    if quantity is not None:
        _quantity(quantity, row.get("GIA_TRI", ""), unit)
    elif "valueString" not in doc:
        doc["dataAbsentReason"] = UNKNOWN
    name, of_service = code.get("text", ""), service.get("TEN_DICH_VU", "") if service else ""
    coding, found = _named(name, unit, of_service)
    if coding is not None:
        code["coding"] = [*code.get("coding", ()), coding]
    if "note" in doc:
        concluded = next((note["text"] for note in doc["note"] if note.get("id") == "kl"), "")
        if concluded:
            plan.conclusions[index] = concluded
            found = labels.of_text(f"{name} {of_service} {concluded}")
    reader = context.reference("practitioner", row["MA_BS_DOC_KQ"]) if "MA_BS_DOC_KQ" in row else None
    if reader is not None:
        plan.readers[index] = reader
    if "valueString" in doc:
        found = tuple(dict.fromkeys((*found, *labels.of_text(doc["valueString"]))))
    context.add(doc, found)


@lru_cache(maxsize=16_384)
def _named(name: str, unit: str, service: str) -> tuple[Doc | None, tuple[str, ...]]:
    """Give the LOINC coding of a result (None where it is not certain) and the labels its names bring."""
    known = vocabulary.loinc(name, unit, service) if name else ""
    return {"system": LOINC, "code": known} if known else None, labels.of_text(f"{name} {service} ")


def _quantity(quantity: Doc, raw: str, unit: str) -> None:
    if not "0" <= raw[:1] <= "9":  # what begins with a digit has no comparator
        sign = raw.strip()[:2].rstrip("0123456789. -")
        comparator = COMPARATORS.get(sign) or COMPARATORS.get(sign[:1])
        if comparator and "value" in quantity:
            quantity["comparator"] = comparator
    code = vocabulary.ucum(unit) if unit else ""
    if code:
        quantity["system"] = UCUM
        quantity["code"] = code


def narrative(context: Context, _row: Row, doc: Doc, service: Row | None) -> None:
    """Complete the DiagnosticReport of a row in words and hand it in."""
    code: Doc = doc.setdefault("code", {})
    if service is not None:
        services.with_service(context, service, doc)
        name = vocabulary.clean(service.get("TEN_DICH_VU", ""))
        if name and "text" not in code:
            code["text"] = name
    if not code:
        code["text"] = "?"
    shown = doc.get("effectiveDateTime", "")
    if "issued" not in doc and "T" in shown:
        doc["issued"] = shown
    said = f"{code.get('text', '')} {doc.get('conclusion', '')} {doc.get('text', {}).get('div', '')}"
    context.add(doc, labels.of_text(said))


def group(context: Context, plan: Plan, index: int, row: Row, doc: Doc) -> None:
    """Hand in the DiagnosticReport of results whose service is in no row of XML3."""
    coding = [part for part in doc["code"].get("coding", ()) if part["system"] == systems.system("service")]
    report = context.new(
        "DiagnosticReport", "group", status="final", subject=context.subject, encounter=context.encounter,
        code={"coding": coding} if coding else {"text": doc["code"].get("text", "?")},
    )  # fmt: skip
    if "effectiveDateTime" in doc:
        report["effectiveDateTime"] = doc["effectiveDateTime"]
    services.with_results(plan, plan.reports["XML4", index].results, report)
    context.add(report, labels.of_text(row.get("TEN_CHI_SO", "")))
