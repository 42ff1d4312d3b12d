"""A change by other software says why: kept in the trail, and asked for where the province wants it."""

import json
from urllib.parse import quote

import pytest

from tests.api import world as w
from yba import audit
from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.kit.settings import FHIR_REASONS

WHY = "Gõ nhầm hàng đơn vị"
PROVENANCE = {"resourceType": "Provenance", "reason": [{"text": WHY}], "target": [{"reference": "Observation/x"}]}
HEADERS = [
    {"x_reason": quote(WHY)},
    {"x_provenance": quote(json.dumps(PROVENANCE))},
    {"x_provenance": json.dumps(PROVENANCE)},
    {"x_provenance": json.dumps({"resourceType": "Provenance", "reason": [{"coding": [{"code": "PATADMIN", "display": quote(WHY)}]}]})},
]


def reasons(rtype, id_):
    """What the trail says of why, by what was done, oldest first."""
    by = Actor.operator()
    with unit_of_work(by=by) as conn:
        rows = conn.execute("SELECT tag, reason FROM audit_event WHERE about_type = %s AND about_id = %s ORDER BY id", (rtype, id_)).fetchall()
    return [(tag.rpartition(":")[2], reason) for tag, reason in rows if tag in {audit.Tag.RESOURCE_PUT.value, audit.Tag.RESOURCE_TOMBSTONE.value}]


@pytest.mark.parametrize("headers", HEADERS)
def test_where_the_province_asks_no_version_is_written_over_and_none_deleted_without_a_reason(client, mai, headers):
    made = client.post("Observation", w.observation(mai))
    where, changed = f"Observation/{made.id}", w.observation(mai, id=made.id, note=[{"text": "đã sửa"}])
    with FHIR_REASONS.set_to(value=True):
        for told in (client.put(where, changed), client.ask("DELETE", where)):
            assert (told.status, told.codes) == (422, ["required"])
        assert client.get(where).headers["etag"] == 'W/"1"', "nothing of it was written"
        assert client.put(where, changed, **headers).status == 200
        assert client.put(where, changed).status == 200, "the same content is no change"
        assert client.ask("DELETE", where, **headers).status == 204
        assert client.ask("DELETE", where).status == 204, "deleted before"
        assert client.post("Observation", w.observation(mai)).status == 201, "adding needs none"
    assert [reason for _, reason in reasons("Observation", made.id)] == ["", WHY, WHY]
    assert [one["resource"]["meta"]["versionId"] for one in client.get(f"{where}/_history").doc["entry"] if "resource" in one] == ["2", "1"]


def test_a_transaction_says_it_once_for_all_or_brings_a_provenance(client, mai):
    made = client.post("Observation", w.observation(mai))
    where, changed = f"Observation/{made.id}", w.observation(mai, id=made.id, note=[{"text": "đã sửa"}])
    told = {
        "resourceType": "Provenance", "target": [{"reference": where}], "recorded": "2026-11-22T08:00:00+07:00", "reason": [{"text": WHY}],
        "agent": [{"who": {"display": "Khoa xét nghiệm"}}],
    }  # fmt: skip
    put = {"request": {"method": "PUT", "url": where}, "resource": changed}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [put]}
    with FHIR_REASONS.set_to(value=True):
        assert client.post("", bundle).status == 422
        both = bundle | {"entry": [put, {"request": {"method": "POST", "url": "Provenance"}, "resource": told}]}
        assert client.post("", both).status == 200
        gone = bundle | {"entry": [{"request": {"method": "DELETE", "url": where}}]}
        assert client.post("", gone).status == 422
        assert client.post("", gone, x_reason=quote("Xóa theo yêu cầu")).status == 200
    assert [reason for _, reason in reasons("Observation", made.id)] == ["", WHY, "Xóa theo yêu cầu"]


def test_without_the_setting_a_reason_is_kept_and_none_is_asked(client, mai):
    made = client.post("Observation", w.observation(mai))
    where = f"Observation/{made.id}"
    assert client.put(where, w.observation(mai, id=made.id, note=[{"text": "1"}])).status == 200
    assert client.put(where, w.observation(mai, id=made.id, note=[{"text": "2"}]), x_reason=quote(WHY)).status == 200
    assert [reason for _, reason in reasons("Observation", made.id)] == ["", "", WHY]


@pytest.mark.parametrize(
    "headers",
    [{"x_reason": "x" * 501}, {"x_reason": quote("Thai nhi giới tính: nam")}, {"x_provenance": "{"}, {"x_provenance": '{"resourceType": "Patient"}'},
     {"x_provenance": "[]"}],
)  # fmt: skip
def test_what_is_no_reason_is_refused(client, mai, headers):
    assert client.post("Observation", w.observation(mai), **headers).status == 400
