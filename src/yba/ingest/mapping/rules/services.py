"""XML3, services and supplies: an item each; operations also a Procedure, tests and imaging also a DiagnosticReport."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.ingest.mapping import vocabulary
from yba.ingest.mapping.codecs import CODECS
from yba.ingest.mapping.words import concept, words
from yba.specs import labels, systems

from . import money

if TYPE_CHECKING:
    from yba.ingest.mapping.context import Context
    from yba.ingest.mapping.model import Doc, Row
    from yba.ingest.mapping.plan import Plan

STOPPED: Final = "_TB"
"""Suffix of a service that was ordered and stopped."""
BEDS: Final = frozenset({"14", "15", "16"})
CONSULTATION: Final = "13"
BED: Final = {"coding": [{"system": systems.system("location-type"), "code": "bd"}]}
_when = CODECS["when"]
_code = CODECS["code"]


def finish(context: Context, row: Row, docs: dict[str, Doc], _over: dict[str, str]) -> None:
    """Complete the item of a row and its Procedure."""
    item = docs["item"]
    coding = item.get("productOrService", {}).get("coding", [])
    procedure = docs.get("procedure")
    if procedure is not None:
        _procedure(context, row, procedure, coding)
    found = labels.of_text(row.get("TEN_DICH_VU") or row.get("TEN_VAT_TU") or "")
    context.labels |= dict.fromkeys(found)
    money.item(context, item, None)
    group = row.get("MA_NHOM", "").strip()
    if group in BEDS and "MA_GIUONG" in row:
        _bed(context, row)
    elif group == CONSULTATION:
        _participant(context, row)


def _procedure(context: Context, row: Row, procedure: Doc, coding: list[Doc]) -> None:
    code: Doc = procedure.setdefault("code", {})
    code["coding"] = [*coding, *({"system": systems.system("icd9cm"), "code": one} for one in _icd9cm(row))]
    if not code["coding"]:
        del code["coding"]
        code.setdefault("text", "?")
    if row.get("MA_DICH_VU", "").strip().endswith(STOPPED):
        procedure["status"] = "stopped"
    at = performed(row)
    if at:
        procedure["performedDateTime"] = at
    who = _performer(context, row)
    if who is not None:
        procedure["performer"] = [{"actor": who}]
    reasons = [one for part in row.get("MA_BENH", "").split(";") if (one := _code.encode(part.strip()))]
    if reasons:
        procedure["reasonCode"] = [concept("icd10", one) for one in reasons]
    site = _code.encode(row.get("VI_TRI_TH_DVKT", ""))
    if site:
        procedure["bodySite"] = [concept("body-site", site)]
    context.add(procedure, tuple(dict.fromkeys((*labels.of_text(code.get("text", "")), *_labels_of(reasons)))))


def _labels_of(codes: list[str]) -> list[str]:
    return [label for code in codes for label in labels.of_code(code)]


def _icd9cm(row: Row) -> list[str]:
    sent = [code for part in row.get("MA_PTTT_QT", "").split(";") if (code := _code.encode(part.strip()))]
    return sent or list(vocabulary.icd9cm(row.get("MA_DICH_VU", "")))


def performed(row: Row) -> str | None:
    """Give when a service was done, else ordered, as FHIR dateTime."""
    for field in ("NGAY_TH_YL", "NGAY_YL", "NGAY_KQ"):
        raw = row.get(field)
        if raw:
            at: str | None = _when.encode(raw) or _when.loose(raw)
            if at:
                return at
    return None


def report(context: Context, plan: Plan, index: int, row: Row, doc: Doc) -> None:
    """Complete the DiagnosticReport of a service and hand it in (after the results are known)."""
    coding = [{"system": systems.system("service"), "code": code}] if (code := _code.encode(row.get("MA_DICH_VU", ""))) else []
    named: Doc = doc.setdefault("code", {})
    if coding:
        named["coding"] = coding
    elif not named:
        named["text"] = "?"
    with_service(context, row, doc)
    made = plan.reports.get(("XML3", index))
    results = made.results if made else []
    with_results(plan, results, doc)
    told = labels.of_text(f"{named.get('text', '')} {doc.get('conclusion', '')}")
    context.add(doc, told)


def with_service(context: Context, row: Row, doc: Doc) -> None:
    """Add what the service row knows of a report: section, times, performer."""
    section = words("section").get(row.get("MA_NHOM", "").strip())
    if section:
        doc["category"] = [concept("diagnostic-service", section)]
    at = performed(row)
    if at:
        doc.setdefault("effectiveDateTime", at)
    issued = _when.encode(row.get("NGAY_KQ", ""))
    if issued and "T" in issued:
        doc["issued"] = issued
    who = _performer(context, row)
    if who is not None:
        doc.setdefault("performer", [who])


def with_results(plan: Plan, results: list[int], doc: Doc) -> None:
    """Add the Observations of a report, what they conclude, and who read them when that is not just the performer.

    Rows set aside (another claim's) made no Observation and are not referred to.
    """
    results = [n for n in results if n in plan.observations]
    if not results:
        return
    doc["status"] = "final"
    doc["result"] = [{"reference": f"Observation/{plan.observations[n]}"} for n in results]
    readers = {plan.readers[n]["display"]: plan.readers[n] for n in results if n in plan.readers}
    if readers and list(readers.values()) != doc.get("performer"):
        doc["resultsInterpreter"] = list(readers.values())
    concluded = dict.fromkeys(plan.conclusions[n] for n in results if n in plan.conclusions)
    if concluded and "conclusion" not in doc:
        doc["conclusion"] = "; ".join(concluded)


def _bed(context: Context, row: Row) -> None:
    """Name the bed in the Encounter (contained in no Location of its own: bed codes are reused within weeks)."""
    bed = CODECS["text"].encode(row["MA_GIUONG"])
    if bed:
        places = context.encounter_doc.setdefault("location", [])
        place = {"location": {"display": bed}, "physicalType": BED}
        if place not in places:
            places.append(place)


def _participant(context: Context, row: Row) -> None:
    """Name who examined in the Encounter."""
    who = _performer(context, row)
    if who is not None:
        people = context.encounter_doc.setdefault("participant", [])
        if all(known["individual"] != who for known in people):
            people.append({"individual": who})


def _performer(context: Context, row: Row) -> dict[str, str] | None:
    return context.reference("practitioner", row.get("NGUOI_THUC_HIEN") or row.get("MA_BAC_SI") or "")
