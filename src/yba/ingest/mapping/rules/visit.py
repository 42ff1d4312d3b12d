"""XML1, the visit: class, discharge, diagnoses, measurements, appointments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.ingest.mapping import vocabulary
from yba.ingest.mapping.codecs import CODECS
from yba.ingest.mapping.words import LOINC, UCUM, keep_order, words
from yba.specs import labels, systems

if TYPE_CHECKING:
    from yba.ingest.mapping.context import Context
    from yba.ingest.mapping.model import Doc, Row

REVISIT: Final = "Tái khám"
DIED: Final = frozenset({"5", "8"})
EMERGENCY: Final = "2"
HEIGHT_SINCE: Final = frozenset({"3176", "1931"})
"""Decisions under which DU_PHONG of XML1 is the height in centimetres."""
ADMISSION: Final = {"coding": [{"system": systems.system("diagnosis-role"), "code": "AD"}]}
CATEGORY: Final = [{"coding": [{"system": systems.system("condition-category"), "code": "encounter-diagnosis"}]}]
_date = CODECS["date"].encode


def kind(context: Context, row: Row) -> str:
    """Tell claims whose DU_PHONG is a height."""
    return "height" if context.decision in HEIGHT_SINCE and "DU_PHONG" in row else ""


def finish(context: Context, row: Row, docs: dict[str, Doc], over: dict[str, str]) -> None:
    """Complete the Encounter and hand in everything about the visit but the Claim."""
    encounter = docs["encounter"]
    keep_order(encounter.get("period"), "NGAY_RA", row, over)
    link = {"system": systems.identifier("claim-link"), "value": context.link}
    encounter.setdefault("identifier", []).append(link)
    encounter["class"] = {"system": systems.system("act-code"), "code": _class(row)}
    encounter["serviceProvider"] = context.reference("organization", context.facility) or {"display": "?"}
    if "length" in encounter:
        encounter["length"] |= {"unit": "ngày", "system": UCUM, "code": "d"}
    if _arrived(row) == EMERGENCY:
        encounter["priority"] = {"coding": [{"code": "EM"}]}
    _discharge(encounter, row)
    found = _diagnoses(context, row, docs, over)
    context.add(encounter, tuple(dict.fromkeys((*found, *_told(row)))))
    _measures(context, row, docs)
    _appointments(context, row)


def _class(row: Row) -> str:
    visit_type = row.get("MA_LOAI_KCB", "").strip()
    known = words("class").get(visit_type.zfill(2), "AMB")
    return "EMER" if known == "AMB" and _arrived(row) == EMERGENCY else str(known)


def _arrived(row: Row) -> str:
    return (row.get("MA_DOITUONG_KCB") or row.get("MA_LYDO_VVIEN") or "").strip()


def _discharge(encounter: Doc, row: Row) -> None:
    left = (row.get("MA_LOAI_RV") or row.get("TINH_TRANG_RV") or "").strip()
    code = "exp" if row.get("KET_QUA_DTRI", "").strip() in DIED else words("disposition").get(left)
    if code:
        stay = encounter.setdefault("hospitalization", {})
        where = stay.setdefault("dischargeDisposition", {})
        where.setdefault("coding", []).append({"system": systems.system("discharge-disposition"), "code": code})


def _diagnoses(context: Context, row: Row, docs: dict[str, Doc], over: dict[str, str]) -> tuple[str, ...]:
    """Make the Conditions and tie them to the Encounter; gives the labels of all."""
    listed: list[Doc] = docs["encounter"].get("diagnosis", [])
    found: dict[str, None] = {}
    seen: set[str] = set()
    for item in listed:
        tag, named = item["id"], item["condition"]
        if tag == "vao":
            item["use"] = ADMISSION
            continue
        national = "traditional-disease" if tag.startswith("yhct") else "icd10"
        role = f"{national}:{named['display']}"
        condition = context.new("Condition", role, category=CATEGORY)
        named["reference"] = f"Condition/{condition['id']}"
        if role not in seen:
            seen.add(role)
            coding: list[Doc] = [{"system": systems.system(national), "code": named["display"]}]
            found |= dict.fromkeys(_hand_in(context, condition, coding, national))
    principal = docs.get("principal")
    if principal is not None:
        found |= dict.fromkeys(_principal(context, row, principal, over))
        first = {"condition": {"reference": f"Condition/{principal['id']}"}, "rank": 1}
        docs["encounter"]["diagnosis"] = [first, *listed]
    return tuple(found)


def _principal(context: Context, row: Row, condition: Doc, over: dict[str, str]) -> tuple[str, ...]:
    code: Doc = condition["code"]
    coding: list[Doc] = code.get("coding", [])
    if coding and ";" in coding[0]["code"]:  # the law allows one code; the first is the principal one
        field = "MA_BENH_CHINH" if "MA_BENH_CHINH" in row else "MA_BENH"
        over[field] = row[field]
        coding[0]["code"] = coding[0]["code"].partition(";")[0].strip() or "?"
    return _hand_in(context, condition, coding, "icd10", code.get("text", ""))


def _hand_in(context: Context, condition: Doc, coding: list[Doc], national: str, text: str = "") -> tuple[str, ...]:
    """Add edition, WHO code, person, visit and date; the Condition's own labels."""
    found = labels.of_text(text) if text else ()
    if coding:
        code = coding[0]["code"]
        if national == "icd10":
            coding[0]["version"] = vocabulary.icd10_edition(context.on)
            who = vocabulary.who_icd10(code)
            if who:
                coding.append({"system": systems.system("who-icd10"), "code": who})
            by_code = labels.of_code(code)
            found = tuple(dict.fromkeys((*by_code, *found))) if by_code else found
        condition.setdefault("code", {})["coding"] = coding
    condition["subject"], condition["encounter"] = context.subject, context.encounter
    condition["recordedDate"] = context.end_text
    context.add(condition, found)
    return found


def _told(row: Row) -> tuple[str, ...]:
    told = (row.get(name, "") for name in ("LY_DO_VV", "LY_DO_VNT", "CHAN_DOAN_VAO", "PP_DIEU_TRI", "GHI_CHU"))
    return tuple(label for text in told if text for label in labels.of_text(text))


def _measures(context: Context, row: Row, docs: dict[str, Doc]) -> None:
    at = context.start_text
    for role, unit in (("weight", "kg"), ("height", "cm")):
        doc = docs.get(role)
        if doc is not None:
            doc["valueQuantity"] |= {"unit": unit, "system": UCUM, "code": unit}
            doc["effectiveDateTime"] = at
            context.add(doc)
    newborns = docs.get("newborns")
    if newborns is not None:
        for part in newborns["component"]:
            part["code"] = newborns["code"]
            part["valueQuantity"] |= {"unit": "g", "system": UCUM, "code": "g"}
        newborns["effectiveDateTime"] = context.end_text
        context.add(newborns)
    group = CODECS["text"].encode(row.get("NHOM_MAU", "").strip() or " ")
    if group:
        code = {"coding": [{"system": LOINC, "code": "882-1"}], "text": "Nhóm máu"}
        context.add(_observation(context, "blood-group", code, valueCodeableConcept={"text": group}))


def _observation(context: Context, role: str, code: Doc, **value: object) -> Doc:
    return context.new(
        "Observation", role, status="final", code=code, subject=context.subject, encounter=context.encounter,
        effectiveDateTime=context.start_text, **value,
    )  # fmt: skip


def _appointments(context: Context, row: Row) -> None:
    """Make a proposed Appointment for each day of NGAY_TAI_KHAM."""
    raw = row.get("NGAY_TAI_KHAM")
    for day in dict.fromkeys(part.strip()[:8] for part in raw.split(";")) if raw else ():
        on = _date(day)
        if on:
            context.add(appointment(context, f"revisit:{day}", on))


def appointment(context: Context, role: str, on: str) -> Doc:
    """Write a proposed re-visit of the person."""
    return context.new(
        "Appointment", role, status="proposed", description=REVISIT, requestedPeriod=[{"start": on}],
        participant=[{"actor": context.subject, "status": "needs-action"}],
    )  # fmt: skip
