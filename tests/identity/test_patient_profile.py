"""Patients as this room writes them, sources and golden ones, follow the national profile."""

import pytest

from tests.identity.people import CARD, CITIZEN, MAN, facts
from yba import fhir, identity
from yba.specs import fhir as specs

SAID = {
    "everything": {
        "name": "LÒ  THỊ MAI", "birth": "1959-03-12T10:30", "citizen_number": CITIZEN, "card": CARD, "phone": "0912345678", "address": "Tổ 5", "province": "11",
        "district": "094", "commune": "03127", "ethnicity": "04", "nationality": "000", "occupation": "00", "blood_group": "O+", "passport": "C1234567",
        "old_citizen_number": "040123456", "died": "2026-03-01T10:30",
    },
    "a year": {"birth": "1959", "card": CARD, "died": "?"},
    "a man": {"card": "", **MAN},
    "a number of no shape": {"citizen_number": "12345", "card": "XX9", "birth": "1959-03"},
}  # fmt: skip


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_source_and_golden_patients_follow_the_profile(conn, operator, said):
    (told,) = identity.resolve_many(conn, by=operator, facts=[facts(**said)])
    for doc in (told.source, told.golden):
        found = fhir.validate(doc, profiles=[specs.profile_of("Patient")], library=specs.profiles())
        assert not [f"{one.expression}: {one.en}" for one in found if one.severity == "error"]
