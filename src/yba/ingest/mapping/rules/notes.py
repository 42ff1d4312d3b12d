"""XML5, progress notes: a ClinicalImpression each; vital signs written in them become Observations."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.ingest.mapping.words import LOINC, quantity, words
from yba.specs import labels, systems

if TYPE_CHECKING:
    from yba.ingest.mapping.context import Context
    from yba.ingest.mapping.model import Doc, Row

VITALS: Final = [{"coding": [{"system": systems.system("observation-category"), "code": "vital-signs"}]}]
_SIGNS: Final = re.compile(r"CSST\s*<([^<>]{1,200})>")
_SIGN: Final = re.compile(r"\s*([A-Z]+2?)\s*:?\s*([0-9]{1,3})(?:[.,]([0-9]))?\s*")
_PRESSURE: Final = re.compile(r"\s*HA\s*:?\s*([0-9]{2,3})\s*/\s*([0-9]{2,3})\s*")


def finish(context: Context, row: Row, docs: dict[str, Doc], _over: dict[str, str]) -> None:
    """Hand in the note and its vital signs."""
    note = docs["note"]
    texts = [note.get("summary", ""), *(part["text"] for part in note.get("note", ()))]
    context.add(note, tuple(dict.fromkeys(label for text in texts if text for label in labels.of_text(text))))
    raw = row.get("DIEN_BIEN_LS") or row.get("DIEN_BIEN") or ""
    if "CSST" in raw:
        for found in _SIGNS.findall(raw)[:1]:
            for part in found.split("_"):
                _sign(context, part, note.get("effectiveDateTime"))


def _sign(context: Context, part: str, at: str | None) -> None:
    found = _read(part)
    if found is None:
        return
    role, code, value = found
    context.add({
        "resourceType": "Observation", "id": context.id("Observation", role), "status": "final", "category": VITALS, "code": code,
        "subject": context.subject, "encounter": context.encounter, "effectiveDateTime": at or context.start_text, **value,
    })  # fmt: skip


@lru_cache(maxsize=4_096)
def _read(part: str) -> tuple[str, Doc, Doc] | None:
    """Read one sign ("M: 80"): role, code and value elements of its Observation; None for what is no sign, or none a person can have."""
    pressure = _PRESSURE.fullmatch(part)
    if pressure:
        return _pressure(int(pressure[1]), int(pressure[2]))
    match = _SIGN.fullmatch(part)
    known: dict[str, Any] | None = words("vital").get(match[1]) if match else None
    if match is None or known is None or not known["low"] <= int(match[2]) <= known["high"]:
        return None
    value = orjson.Fragment(f"{int(match[2])}.{match[3]}".encode()) if match[3] else int(match[2])
    code = {"coding": [{"system": LOINC, "code": known["loinc"]}], "text": known["name"]}
    return match[1], code, {"valueQuantity": quantity(value, known["unit"])}


def _pressure(systolic: int, diastolic: int) -> tuple[str, Doc, Doc] | None:
    known = words("pressure")
    if not known["low"] <= diastolic <= systolic <= known["high"]:
        return None
    parts = [
        {"code": {"coding": [{"system": LOINC, "code": known[name]}]}, "valueQuantity": quantity(value, known["unit"])}
        for name, value in (("systolic", systolic), ("diastolic", diastolic))
    ]
    return "HA", {"coding": [{"system": LOINC, "code": known["loinc"]}], "text": known["name"]}, {"component": parts}
