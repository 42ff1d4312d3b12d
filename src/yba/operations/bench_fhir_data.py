"""What the bench of the FHIR API sends: made-up people and visits of twenty resources, the same for every server."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any, Final, NamedTuple

import orjson

MRN: Final = "https://bench.example/mrn"
LOINC: Final = "http://loinc.org"
ICD: Final = "http://hl7.org/fhir/sid/icd-10"
RESOURCES: Final = 20  # of a visit
OBSERVATIONS: Final = 12
_MEDICINES: Final = 4
_DIAGNOSES: Final = 2  # and a Patient and an Encounter
CODES: Final = ("8480-6", "8462-4", "8867-4", "9279-1", "8310-5", "59408-5", "29463-7", "8302-2", "2345-7", "718-7", "6690-2", "777-3")
_FAMILIES: Final = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Phan",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Lò",
    "Giàng",
    "Vàng",
    "Tòng",
)
_MIDDLES: Final = ("Văn", "Thị", "Đức", "Minh", "Thanh", "Ngọc", "Hữu", "Thu", "Quang", "Hồng", "Xuân", "Kim", "Đình", "Bích", "Gia", "Khánh", "Tuấn")
_GIVEN: Final = (
    "An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Hải", "Hạnh", "Hiếu", "Hoa", "Hùng", "Hương", "Khoa", "Lan", "Linh", "Long", "Mai", "Nam", "Nga",
    "Nhung", "Phúc", "Phương", "Quân", "Sơn", "Tâm", "Thảo", "Thủy", "Trang", "Trung", "Tú", "Tuyết", "Việt", "Vinh", "Yến", "Oanh", "Lộc", "Kiên",
)  # fmt: skip
_BORN: Final = date(1940, 1, 1)
_DAYS: Final = 29_989  # prime: neighbours in number are years apart
_SEEN: Final = date(2026, 1, 1)


class Person(NamedTuple):
    """What is asked about somebody."""

    number: int

    @property
    def mrn(self) -> str:
        """The patient number at the hospital."""
        return f"BN{self.number:09d}"

    @property
    def family(self) -> str:
        """The family name."""
        return _FAMILIES[self.number % len(_FAMILIES)]

    @property
    def born(self) -> str:
        """The date of birth."""
        return str(_BORN + timedelta(days=self.number * 7_919 % _DAYS))

    @property
    def diagnosis(self) -> str:
        """The code of the first Condition: one of 180, none of a restricted category."""
        return f"{'IJK'[self.number % 3]}{self.number // 3 % 60 + 20}"


def patient(person: Person) -> dict[str, Any]:
    """A Patient as a hospital's software sends it."""
    given = [_MIDDLES[person.number // 18 % len(_MIDDLES)], _GIVEN[person.number // 7 % len(_GIVEN)]]
    return {
        "resourceType": "Patient",
        "identifier": [{"system": MRN, "value": person.mrn}],
        "active": True,
        "name": [{"use": "official", "text": " ".join((person.family, *given)), "family": person.family, "given": given}],
        "gender": ("male", "female")[person.number % 2],
        "birthDate": person.born,
        "telecom": [{"system": "phone", "value": f"09{person.number % 100_000_000:08d}"}],
    }


def observation(number: int, nth: int, subject: str, encounter: str = "") -> dict[str, Any]:
    """One vital sign."""
    at = f"{_SEEN + timedelta(days=number % 300)}T{8 + nth % 12:02d}:{number % 60:02d}:00+07:00"
    doc: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "category": [_concept("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs")],
        "code": _concept(LOINC, CODES[nth % len(CODES)]),
        "subject": {"reference": subject},
        "effectiveDateTime": at,
        "valueQuantity": {"value": 60 + number % 80, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
    }
    return doc | ({"encounter": {"reference": encounter}} if encounter else {})


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _uuid(number: int, nth: int) -> str:
    return f"urn:uuid:00000000-0000-4000-8{nth:03x}-{number:012x}"


def pair(person: Person) -> bytes:
    """The transaction of a new Patient and one Observation."""
    one, other = _uuid(person.number, 0), _uuid(person.number, 1)
    return _bundle([(one, patient(person)), (other, observation(person.number, 0, one))])


def visit(person: Person) -> bytes:
    """The transaction of a new Patient with a visit: twenty resources that refer to one another."""
    number = person.number
    made = _visit()
    return made.replace(_HOLE, b"%012x" % number).replace(b'"@patient"', orjson.dumps(patient(person))).replace(b"@icd", person.diagnosis.encode())


_HOLE: Final = b"0badbadbadba"


@cache
def _visit() -> bytes:
    """A visit with holes: what is the same for everybody is written once, so that the client costs little."""
    number = int(_HOLE, 16)
    uuids = [_uuid(number, nth) for nth in range(RESOURCES)]
    one, stay = uuids[:2]
    day = f"{_SEEN + timedelta(days=40)}"
    subject, encounter = {"reference": one}, {"reference": stay}
    docs: list[Any] = [
        {"resourceType": "@"},
        {
            "resourceType": "Encounter", "status": "finished", "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "subject": subject, "period": {"start": f"{day}T07:30:00+07:00", "end": f"{day}T11:00:00+07:00"},
        },
        *({"resourceType": "Condition", "clinicalStatus": _concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
           "code": _concept(ICD, code), "subject": subject, "encounter": encounter, "recordedDate": day} for code in ("@icd", "Z00")),
        *(observation(40 + 300 * nth, nth, one, stay) for nth in range(OBSERVATIONS)),
        *({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "medicationCodeableConcept": {"text": f"Thuốc {nth}"},
           "subject": subject, "encounter": encounter, "authoredOn": day,
           "dosageInstruction": [{"text": "ngày 2 lần, mỗi lần 1 viên"}]} for nth in range(_MEDICINES)),
    ]  # fmt: skip
    return _bundle(list(zip(uuids, docs, strict=True))).replace(b'{"resourceType":"@"}', b'"@patient"').replace(
        b'"request":{"method":"POST","url":"@"}', b'"request":{"method":"POST","url":"Patient"}'
    )  # fmt: skip


def _bundle(entries: list[tuple[str, dict[str, Any]]]) -> bytes:
    put = [{"fullUrl": url, "resource": doc, "request": {"method": "POST", "url": doc["resourceType"]}} for url, doc in entries]
    return orjson.dumps({"resourceType": "Bundle", "type": "transaction", "entry": put})
