"""A made-up person's record of any size, in the shapes of R4: for the measurement and the tests of the record's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from yba.specs import systems

PERSON: Final = "01900000-0000-8000-8000-000000000001"
STATION: Final = "11001"
HOSPITAL: Final = "11002"
_ILLNESSES: Final = (("I10", "Bệnh lý tăng huyết áp nguyên phát"), ("E11", "Đái tháo đường típ 2"), ("J18.9", "Viêm phổi, không đặc hiệu"))
_DRUGS: Final = (
    ("40.491", "Amlodipin 5 mg", "sáng 1 viên"),
    ("40.807", "Metformin 500 mg", "sáng 1 viên, chiều 1 viên"),
    ("40.155", "Amoxicilin 500 mg", "ngày 3 lần, mỗi lần 1 viên"),
)
_TESTS: Final = (
    ("GLU", "Glucose máu lúc đói", "mmol/L", 3.9, 6.4, 7.8),
    ("CREA", "Creatinin máu", "µmol/L", 53, 97, 110),
    ("HGB", "Huyết sắc tố", "g/L", 120, 160, 131),
)
_STAY: Final = 6  # every sixth visit is a stay of five days


@dataclass(slots=True)
class Made:
    """One made-up resource, with what the record keeps beside it."""

    rtype: str
    id: str
    doc: dict[str, Any]
    facility_id: str = ""
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Complete the document."""
        self.doc = {"resourceType": self.rtype, "id": self.id, **self.doc}


def patient(**change: Any) -> Made:  # noqa: ANN401  # elements of a Patient
    """Make the golden Patient."""
    doc = {
        "name": [{"text": "NGUYỄN THỊ MAI"}],
        "gender": "female",
        "birthDate": "1959-03-12",
        "address": [{"text": "Tổ 5, P. Mường Thanh, Điện Biên"}],
        "telecom": [{"system": "phone", "value": "0912345123"}],
        "identifier": [
            {"system": systems.identifier("citizen"), "value": "011159001234"},
            {"system": systems.identifier("insurance"), "value": "1112345678"},
        ],
    }
    return Made("Patient", PERSON, doc | change)


def sample_record(resources: int, *, last: date) -> list[Made]:
    """Make a record of exactly this many resources: visits every two weeks until ``last``, twelve resources each."""
    card = {"status": "active", "subscriberId": "GD4111112345678", "period": {"start": f"{last.year}-01-01", "end": f"{last.year}-12-31"}}
    made = [patient(), Made("Coverage", "cov", {**card, "beneficiary": _SUBJECT, "payor": [{"display": "BHXH"}]}, STATION)]
    visits = -(-resources // 12)
    for place in range(visits):
        made += _visit(place, last - timedelta(days=14 * (visits - 1 - place)))
    return made[:resources]


_SUBJECT: Final = {"reference": f"Patient/{PERSON}"}


def _visit(place: int, day: date) -> list[Made]:
    stay = place % _STAY == _STAY - 1
    facility, when = (HOSPITAL if stay else STATION), f"{day.isoformat()}T08:30:00+07:00"
    end = f"{(day + timedelta(days=5 if stay else 0)).isoformat()}T10:15:00+07:00"
    ref = {"reference": f"Encounter/e{place}"}
    code, text = _ILLNESSES[2 if stay else place % 2]
    common = {"subject": _SUBJECT, "encounter": ref}
    encounter = {
        "status": "finished",
        "class": {"code": "IMP" if stay else "AMB"},
        "period": {"start": when, "end": end},
        "subject": _SUBJECT,
        "serviceType": {"text": "Khoa Nội tổng hợp"},
        "reasonCode": [{"text": "Ho, sốt" if stay else "Khám định kỳ"}],
        "hospitalization": {"dischargeDisposition": {"text": "Khỏi, đỡ"}},
    }
    scan = {"text": "Siêu âm ổ bụng"}
    paper = {"status": "final", "subject": _SUBJECT, "title": "Giấy ra viện" if stay else "Phiếu khám", "date": end}
    doses = [Made("MedicationDispense", f"m{place}.{number}", _dispense(drug, when, ref), facility) for number, drug in enumerate(_DRUGS)]
    values = [
        Made("Observation", f"o{place}.{number}", {**_measured(test, place), "effectiveDateTime": when, **common}, facility)
        for number, test in enumerate(_TESTS)
    ]
    return [
        Made("Encounter", f"e{place}", encounter, facility),
        Made("Condition", f"c{place}", {"code": _coded("icd10", code, text), "recordedDate": when, **common}, facility),
        Made("Procedure", f"p{place}", {"status": "completed", "code": scan, "performedDateTime": when, **common}, facility),
        Made("DiagnosticReport", f"r{place}", {"status": "final", "code": scan, "conclusion": "Chưa thấy bất thường", **common}, facility),
        Made("Composition", f"d{place}", paper, facility),
        Made("Claim", f"cl{place}", {"status": "active", "created": when, "patient": _SUBJECT, "total": {"value": 350000}}, facility),
        *doses,
        *values,
    ]


def _dispense(drug: tuple[str, str, str], when: str, ref: dict[str, str]) -> dict[str, Any]:
    code, name, dose = drug
    return {
        "status": "completed",
        "subject": _SUBJECT,
        "medicationCodeableConcept": _coded("drug", code, name),
        "whenHandedOver": when,
        "daysSupply": {"value": 14, "unit": "d"},
        "quantity": {"value": 28.0, "unit": "viên"},
        "dosageInstruction": [{"text": dose}],
        "context": ref,
    }


def _measured(test: tuple[str, str, str, float, float, float], place: int) -> dict[str, Any]:
    code, name, unit, low, high, value = test
    return {
        "status": "final",
        "code": _coded("lab-index", code, name),
        "category": [{"coding": [{"code": "laboratory"}]}],
        "valueQuantity": {"value": round(value + (place * 7 % 5 - 2) * value / 50, 1), "unit": unit},
        "referenceRange": [{"low": {"value": low}, "high": {"value": high}}],
    }


def _coded(system: str, code: str, text: str) -> dict[str, Any]:
    return {"coding": [{"system": systems.system(system), "code": code, "display": text}], "text": text}
