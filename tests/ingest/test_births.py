"""A birth told by the mother's claim, from file to record: two people, one certificate, and all of it taken back with the claim."""

import orjson
import pytest

from tests.ingest.builder import file_of, tables
from tests.ingest.test_pipeline import OPERATOR, docs, export, land, run, snapshot
from yba import ingest, record
from yba.ingest.history import replay
from yba.kit.db import reading, unit_of_work
from yba.kit.errors import NotFound

ROW = {
    "MA_LK": "25.000001", "MA_BHXH_NND": "2110123456", "HO_TEN_NND": "Nguyễn Thị Thử", "NGAYSINH_NND": "19950312", "MA_DANTOC_NND": "01",
    "SO_CCCD_NND": "011195000001", "NGAYCAP_CCCD_NND": "20210101", "NOICAP_CCCD_NND": "Cục Cảnh sát", "NOI_CU_TRU_NND": "Tổ 5",
    "MA_QUOCTICH": "000", "MATINH_CU_TRU": "11", "MAXA_CU_TRU": "03127", "MA_THE_TAM": "TE1110000000123", "HO_TEN_CON": "Con bà Thử",
    "GIOI_TINH_CON": "2", "SO_CON": "2", "LAN_SINH": "1", "SO_CON_SONG": "2", "CAN_NANG_CON": "3100", "NGAY_SINH_CON": "202603100845",
    "NOI_SINH_CON": "BV", "TINH_TRANG_CON": "Khoẻ", "SINHCON_PHAUTHUAT": "0", "SINHCON_DUOI32TUAN": "0", "NGUOI_DO_DE": "NHS",
    "NGUOI_GHI_PHIEU": "NHS", "NGAY_CT": "20260310", "SO": "12", "QUYEN_SO": "1", "MA_TTDV": "000123/DB-GPHN",
}  # fmt: skip
TWIN = ROW | {"MA_THE_TAM": "TE1110000000124", "GIOI_TINH_CON": "1", "CAN_NANG_CON": "2900", "SO": "13"}
MOTHER = {"SO_CCCD": "011195000001", "NGAY_SINH": "199503120000", "MA_THE_BHYT": "GD4112110123456"}


def delivery(*rows, **summary):
    made = tables(**(MOTHER | summary))
    made["XML9"] = [dict(row) for row in rows]
    return made


def bundle(number):
    with unit_of_work(by=OPERATOR) as conn:
        person = record.find_person(conn, by=OPERATOR, number=number)
        entries = orjson.loads(record.bundle_of(conn, by=OPERATOR, person_id=person))["entry"]
    return person, [entry["resource"] for entry in entries]


def types(resources):
    return sorted(one["resourceType"] for one in resources if one["resourceType"] in {"Patient", "RelatedPerson", "Observation", "Composition"})


def page(person):
    with unit_of_work(by=OPERATOR) as conn:
        return record.page_of(conn, by=OPERATOR, person_id=person)


def weights(resources):
    return [
        one["valueQuantity"]["value"] for one in resources if one["resourceType"] == "Observation" and one["code"].get("text") == "Cân nặng khi sinh"
    ]


def test_the_child_has_its_record_and_the_mother_hers(database, tmp_path):
    totals = run(tmp_path, file_of(delivery(ROW, TWIN)))
    assert (totals.claims_accepted, totals.persons_new, totals.persons_touched) == (1, 3, 3)
    mother, hers = bundle("011195000001")
    first, one = bundle("TE1110000000123")
    second, other = bundle("TE1110000000124")
    assert len({mother, first, second}) == 3
    assert types(one) == types(other) == ["Composition", "Observation", "Patient", "Patient", "RelatedPerson"]
    assert (weights(one), weights(other), weights(hers)) == ([3100], [2900], [])
    assert {res["id"] for res in hers if res["resourceType"] == "Patient"}.isdisjoint(res["id"] for res in (*one, *other))
    assert types([res for res in hers if res["resourceType"] in {"Composition", "RelatedPerson"}]) == ["Composition"] * 2 + ["RelatedPerson"] * 2
    golden, source = (res for res in one if res["resourceType"] == "Patient")
    assert (golden["id"], golden["birthDate"], golden["gender"]) == (str(first), "2026-03-10", "female")
    assert source["link"] == [{"other": {"reference": f"Patient/{first}"}, "type": "refer"}]
    assert golden["link"] == [{"other": {"reference": f"Patient/{source['id']}"}, "type": "seealso"}]
    assert [paper.title for paper in page(first).papers] == ["Giấy chứng sinh"]
    assert [result.value for result in page(first).results] == ["3100"]
    assert export() == delivery(ROW, TWIN)


def test_every_reference_of_a_childs_birth_is_in_its_record(database, tmp_path):
    run(tmp_path, file_of(delivery(ROW)))
    person, resources = bundle("TE1110000000123")
    own = {f"{res['resourceType']}/{res['id']}" for res in resources}
    subjects = {res[name]["reference"] for res in resources for name in ("subject", "patient") if name in res}
    assert subjects <= own
    with reading(by=OPERATOR) as conn:
        rows = conn.execute("SELECT tag, detail->>'version' FROM audit_event WHERE person_id = %s ORDER BY id", (person,)).fetchall()
    assert ("ingest:claim:accept", "1") in rows


def test_twice_is_once_and_mapped_again_it_is_the_same(database, tmp_path):
    data = file_of(delivery(ROW, TWIN))
    run(tmp_path, data)
    before = snapshot()
    assert run(tmp_path, data).resources_written == 0
    assert replay(by=OPERATOR, every=True) == 1
    assert snapshot() == before


def test_a_correction_changes_the_child_and_a_vanished_row_takes_it_away(database, tmp_path):
    run(tmp_path, file_of(delivery(ROW, TWIN)))
    first, _ = bundle("TE1110000000123")
    second, _ = bundle("TE1110000000124")
    corrected = ROW | {"HO_TEN_CON": "Lò Văn Sáng", "GIOI_TINH_CON": "1", "CAN_NANG_CON": "3250"}
    totals = run(tmp_path, file_of(delivery(corrected)))
    assert (totals.claims_replaced, totals.persons_new) == (1, 0)
    same, resources = bundle("TE1110000000123")
    assert same == first
    assert (page(first).identity.name, page(first).identity.sex, weights(resources)) == ("Lò Văn Sáng", "male", [3250])
    with pytest.raises(NotFound):
        page(second)
    with pytest.raises(NotFound):
        bundle("TE1110000000124")
    assert export() == delivery(corrected)
    run(tmp_path, file_of(delivery(corrected, TWIN)))
    assert bundle("TE1110000000124")[0] != first


def test_a_withdrawn_claim_takes_the_child_away_and_a_new_one_brings_it_back(database, tmp_path):
    landed = land(file_of(delivery(ROW)))
    ingest.process(by=OPERATOR)
    child, _ = bundle("TE1110000000123")
    assert ingest.withdraw(by=OPERATOR, transaction=landed.transaction, reason="gửi nhầm").in_error == 1
    with pytest.raises(NotFound):
        bundle("TE1110000000123")
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM resource WHERE person_id = %s AND rtype = 'Patient' AND NOT deleted", (child,)).fetchone() == (0,)
    run(tmp_path, file_of(delivery(ROW, GHI_CHU="gửi lại")))
    again, resources = bundle("TE1110000000123")
    assert again == child
    assert types(resources) == ["Composition", "Observation", "Patient", "Patient", "RelatedPerson"]


def test_restoring_the_version_before_brings_back_its_birth(database, tmp_path):
    land(file_of(delivery(ROW)))
    ingest.process(by=OPERATOR)
    child, _ = bundle("TE1110000000123")
    later = land(file_of(delivery()))
    ingest.process(by=OPERATOR)
    with pytest.raises(NotFound):
        bundle("TE1110000000123")
    ingest.withdraw(by=OPERATOR, transaction=later.transaction, reason="gửi nhầm")
    assert bundle("TE1110000000123")[0] == child
    assert export() == delivery(ROW)


def test_the_childs_own_claim_goes_into_the_same_record(database, tmp_path):
    run(tmp_path, file_of(delivery(ROW)))
    child, _ = bundle("TE1110000000123")
    own = tables(
        "25.000077", MA_BN="BN77", HO_TEN="Nguyễn Văn Con", SO_CCCD=None, NGAY_SINH="202603100000", GIOI_TINH="2", MA_THE_BHYT="TE1110000000123"
    )
    assert run(tmp_path, file_of(own)).persons_new == 0
    person, resources = bundle(str(child))
    assert person == child
    assert {"Encounter", "Composition"} <= {one["resourceType"] for one in resources}
    assert page(child).identity.name == "Nguyễn Văn Con"


def test_a_certificate_in_the_childs_own_claim_stays_with_it(database, tmp_path):
    own = tables("25.000001", MA_BN="BN77", HO_TEN="Con bà Thử", SO_CCCD=None, NGAY_SINH="202603100845", GIOI_TINH="2", MA_THE_BHYT="TE1110000000123")
    own["XML9"] = [ROW | {"SO_CON": "1"}]
    assert run(tmp_path, file_of(own)).persons_new == 1
    (person,) = {doc["link"][0]["other"]["reference"] for doc in docs("Patient") if doc.get("link", [{}])[0].get("type") == "refer"}
    assert types(bundle(person.removeprefix("Patient/"))[1]).count("Composition") == 1
    assert export() == own
