"""Documents that our mapping really writes, the national examples, and what the desks write of kinds that claims do not have."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[3]
_CODING = {"system": "https://yba.vn/CodeSystem/active-ingredient", "code": "40.101"}
DESK: list[dict[str, Any]] = [
    {
        "resourceType": "Immunization", "id": "dose", "status": "completed", "patient": {"reference": "Patient/p"}, "encounter": {"reference": "Encounter/e"},
        "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "08"}], "text": "Viêm gan B"}, "occurrenceDateTime": "2026-03-02T08:00:00+07:00",
        "lotNumber": "L1", "primarySource": True, "site": {"coding": [{"code": "LT"}]}, "route": {"coding": [{"code": "IM"}]},
        "protocolApplied": [{"doseNumberPositiveInt": 2, "targetDisease": [{"coding": [{"code": "66071002"}]}]}],
    },
    {
        "resourceType": "Immunization", "id": "refused", "status": "not-done", "patient": {"reference": "Patient/p"}, "vaccineCode": {"text": "Sởi"},
        "occurrenceString": "tháng trước", "statusReason": {"coding": [{"code": "PATOBJ"}]}, "protocolApplied": [{"doseNumberString": "nhắc lại"}],
    },
    {
        "resourceType": "MedicationRequest", "id": "drug", "status": "draft", "intent": "plan", "subject": {"reference": "Patient/p"},
        "encounter": {"reference": "Encounter/e"}, "authoredOn": "2026-03-02T08:00:00+07:00",
        "medicationCodeableConcept": {"text": "Cefotaxim", "coding": [_CODING, {"system": "https://yba.vn/CodeSystem/drug-registration", "code": "VD-1"}]},
        "extension": [{"url": "https://yba.vn/x/strength", "valueString": "1 g"}], "dosageInstruction": [{"route": {"coding": [{"code": "2.10"}]}}],
        "dispenseRequest": {"quantity": {"value": 10, "unit": "lọ"}, "expectedSupplyDuration": {"value": 5, "code": "d"}},
    },
    {
        "resourceType": "ServiceRequest", "id": "refer", "status": "draft", "intent": "plan", "subject": {"reference": "Patient/p"}, "priority": "urgent",
        "category": [{"coding": [{"system": "http://snomed.info/sct", "code": "3457005"}]}], "code": {"coding": [{"system": "s", "code": "c"}], "text": "Chuyển"},
        "authoredOn": "2026-03-02", "performer": [{"display": "11001"}],
    },
    {
        "resourceType": "Patient", "id": "gone", "deceasedDateTime": "2026-02-03T04:05:06+07:00", "birthDate": "1950", "gender": "male",
        "maritalStatus": {"coding": [{"code": "M"}]}, "telecom": [{"system": "phone", "value": "0900000001"}],
    },
    {
        "resourceType": "Condition", "id": "problem", "subject": {"reference": "Patient/p"}, "onsetDateTime": "2020-01-02", "code": {"text": "x"},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
    },
    {
        "resourceType": "Observation", "id": "more", "status": "final", "code": {"text": "CRP"}, "interpretation": [{"coding": [{"code": "H"}]}],
        "valueQuantity": {"value": 0.5, "comparator": "<", "unit": "mg/L", "code": "mg/L"}, "referenceRange": [{"low": {"value": 0}, "high": {"value": 5}}],
        "component": [{"code": {"text": "part"}, "valueCodeableConcept": {"coding": [{"system": "s", "code": "c"}], "text": "w"}}, {"code": {"text": "b"}, "valueBoolean": True}],
    },
    {"resourceType": "Observation", "id": "yes", "status": "final", "code": {"text": "HIV"}, "valueBoolean": False, "component": [{"code": {"text": "n"}, "valueInteger": 3}]},
    {"resourceType": "Observation", "id": "count", "status": "final", "code": {"text": "n"}, "valueInteger": 3, "component": [{"code": {"text": "c"}, "valueQuantity": {"value": 1, "comparator": ">"}}]},
    {"resourceType": "Observation", "id": "wrong", "status": "entered-in-error", "code": {"text": "n"}, "valueInteger": 4},
    {"resourceType": "DiagnosticReport", "id": "coded", "status": "final", "code": {"text": "n"}, "conclusionCode": [{"coding": [{"code": "c"}]}]},
]  # fmt: skip


@cache
def mapped() -> list[dict[str, Any]]:
    """Give all of them."""
    found = []
    for path in sorted((ROOT / "tests/golden/mapping").glob("*/out.json")):
        told = orjson.loads(path.read_bytes())
        parts = told if isinstance(told, list) else [part for value in told.values() if isinstance(value, list) for part in value]
        docs = [part.get("doc", part) for part in parts if isinstance(part, dict)]
        found += [doc for doc in docs if "resourceType" in doc]
    found += [orjson.loads(path.read_bytes()) for path in sorted((ROOT / "src/yba/specs/fhir/examples").glob("*.json"))]
    return [*found, *DESK]
