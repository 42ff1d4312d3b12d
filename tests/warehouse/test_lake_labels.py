"""A label that comes later, from what is written beside: the next export takes the row out of the open zone, and out of the days before."""

from tests.record.rest_world import condition, encounter, patient, save
from tests.warehouse.lake_world import SYSTEM, in_lake, in_record
from yba import warehouse

KINDS = ("Encounter", "Condition", "MedicationRequest")


def test_what_is_restricted_later_leaves_the_open_zone(lake):
    [an] = save(patient("BN1", "011159000001"))
    request = {
        "resourceType": "MedicationRequest", "id": "r", "status": "active", "intent": "order", "medicationCodeableConcept": {"text": "Thuốc A"},
        "subject": {"reference": f"Patient/{an.id}"}, "reasonReference": [{"reference": "Condition/c"}],
    }  # fmt: skip
    save({**encounter(an.id), "id": "v"}, request)
    first = warehouse.refresh(by=SYSTEM, views=())
    assert {ref[0] for ref in in_lake(restricted=False, types=KINDS)} == {"Encounter", "MedicationRequest"}
    save(condition(an.id, "B20", id="c", encounter={"reference": "Encounter/v"}))
    warehouse.refresh(by=SYSTEM, views=())
    assert in_lake(types=KINDS) == in_record(KINDS)
    assert {row[3][0] for row in in_lake(types=KINDS).values()} == {"hiv"}
    assert in_lake(restricted=False, types=KINDS) == {}
    assert in_lake(restricted=False, types=KINDS, as_of=first.seq) == {}
