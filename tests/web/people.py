"""A made-up record of any size, in the shapes of R4: for the page's tests and its measurement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

BASE = "https://yba.vn/"
PERSON = "01900000-0000-8000-8000-000000000001"
FACILITIES = {"11001": "Trạm Y tế Mường Thanh", "11002": "Bệnh viện Đa khoa tỉnh"}
ILLNESSES = (
    ("I10", "Bệnh lý tăng huyết áp nguyên phát"),
    ("E11", "Đái tháo đường típ 2"),
    ("J18.9", "Viêm phổi, không đặc hiệu"),
    ("N18", "Bệnh thận mạn"),
)
DRUGS = (
    ("40.491", "Amlodipin 5 mg", "sáng 1 viên"),
    ("40.807", "Metformin 500 mg", "sáng 1 viên, chiều 1 viên"),
    ("40.155", "Amoxicilin 500 mg", "ngày 3 lần"),
)
TESTS = (
    ("GLU", "Glucose máu lúc đói", "mmol/L", 3.9, 6.4, 7.8),
    ("CREA", "Creatinin máu", "µmol/L", 53, 97, 110),
    ("HGB", "Huyết sắc tố", "g/L", 120, 160, 131),
)


@dataclass
class Made:
    """A resource as the page sees it."""

    rtype: str
    id: str
    doc: dict[str, Any]
    facility_id: str = ""
    labels: tuple[str, ...] = field(default=())


def patient(**change: Any) -> Made:
    doc = {
        "resourceType": "Patient",
        "name": [{"text": "NGUYỄN THỊ MAI"}],
        "gender": "female",
        "birthDate": "1959-03-12",
        "address": [{"text": "Tổ 5, P. Mường Thanh, Điện Biên"}],
        "telecom": [{"system": "phone", "value": "0912345123"}],
        "identifier": [{"system": BASE + "id/cccd", "value": "011159001234"}, {"system": BASE + "id/bhxh", "value": "1112345678"}],
    }
    return Made("Patient", PERSON, doc | change)


def record(resources: int, *, start: date = date(2021, 1, 4)) -> list[Made]:
    """Make a record of about this many resources: visits every two weeks, 12 resources each."""
    made = [patient()]
    made.append(Made("Coverage", "cov", {"subscriberId": "GD4111112345678", "period": {"start": "2026-01-01", "end": "2026-12-31"}}, "11001"))
    visit = 0
    while len(made) < resources:
        made += _visit(visit, start + timedelta(days=14 * visit))
        visit += 1
    return made[:resources]


def _visit(place: int, day: date) -> list[Made]:
    facility = "11002" if place % 6 == 5 else "11001"
    when = f"{day.isoformat()}T08:30:00+07:00"
    stay = place % 6 == 5
    end = f"{(day + timedelta(days=5 if stay else 0)).isoformat()}T10:15:00+07:00"
    ref = {"reference": f"Encounter/e{place}"}
    code, text = ILLNESSES[2 if stay else place % 2]
    encounter = {
        "class": {"code": "IMP" if stay else "AMB"},
        "period": {"start": when, "end": end},
        "serviceType": {"text": "Khoa Nội tổng hợp"},
        "reasonCode": [{"text": "Ho, sốt" if stay else "Khám định kỳ"}],
        "hospitalization": {"dischargeDisposition": {"text": "Khỏi, đỡ"}},
    }
    made = [
        Made("Encounter", f"e{place}", encounter, facility),
        Made("Condition", f"c{place}", {"code": coded("cs/icd10", code, text), "recordedDate": when, "encounter": ref}, facility),
        Made("Procedure", f"p{place}", {"code": {"text": "Siêu âm ổ bụng"}, "performedDateTime": when, "encounter": ref}, facility),
        Made("DiagnosticReport", f"r{place}", {"code": {"text": "Siêu âm ổ bụng"}, "conclusion": "Chưa thấy bất thường", "encounter": ref}, facility),
        Made("Composition", f"d{place}", {"title": "Giấy ra viện" if stay else "Phiếu khám", "date": end}, facility),
        Made("Claim", f"cl{place}", {"created": when, "total": {"value": 350000}}, facility),
    ]
    for number, (drug, name, dose) in enumerate(DRUGS):
        doc = {
            "medicationCodeableConcept": coded("cs/thuoc", drug, name),
            "whenHandedOver": when,
            "daysSupply": {"value": 14, "unit": "d"},
            "quantity": {"value": 28.0, "unit": "viên"},
            "dosageInstruction": [{"text": dose}],
            "context": ref,
        }
        made.append(Made("MedicationDispense", f"m{place}.{number}", doc, facility))
    for number, (test, name, unit, low, high, value) in enumerate(TESTS):
        doc = {
            "code": coded("cs/chi-so", test, name),
            "category": [{"coding": [{"code": "laboratory"}]}],
            "effectiveDateTime": when,
            "valueQuantity": {"value": round(value + (place * 7 % 5 - 2) * value / 50, 1), "unit": unit},
            "referenceRange": [{"low": {"value": low}, "high": {"value": high}}],
            "encounter": ref,
        }
        made.append(Made("Observation", f"o{place}.{number}", doc, facility))
    return made


def coded(system: str, code: str, text: str) -> dict[str, Any]:
    return {"coding": [{"system": BASE + system, "code": code, "display": text}], "text": text}
