"""XML12 alone: every field comes back, what it says of its person, what the record shows of it."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.mapping import samples
from tests.laws.test_roundtrip_pure import VALUE, rebuilt
from yba.ingest.mapping import Mapped, map_claim
from yba.ingest.mapping.model import Doc
from yba.ingest.mapping.release import RESIDUE, release
from yba.ingest.model import Envelope, ParsedClaim, Row

ROW: Row = {
    "NGUOI_CHU_TRI": "Phạm Văn Hội", "CHUC_VU": "1", "NGAY_HOP": "20260410", "HO_TEN": "Lò Văn Đồng", "NGAY_SINH": "19700512",
    "SO_CCCD": "011070001234", "NGAY_CAP_CCCD": "20210101", "NOI_CAP_CCCD": "Cục Cảnh sát", "DIA_CHI": "Tổ 5", "MATINH_CU_TRU": "11",
    "MAXA_CU_TRU": "03127", "MA_BHXH": "1170001234", "NGHE_NGHIEP": "Công nhân", "DIEN_THOAI": "0912345678", "MA_DOI_TUONG": "TNLĐ;BNN",
    "KHAM_GIAM_DINH": "2", "SO_BIEN_BAN": "0123/BB-GĐYK", "TYLE_TTCT_CU": "21", "DANG_HUONG_CHE_DO": "4", "NGAY_CHUNG_TU": "20260412",
    "SO_GIAY_GIOI_THIEU": "77/GGT", "NGAY_DE_NGHI": "20260301", "MA_DONVI": "11001", "GIOI_THIEU_CUA": "BHXH tỉnh",
    "KET_QUA_KHAM": "Hạn chế vận động khớp vai", "SO_VAN_BAN_CAN_CU": "TT 22/2019", "TYLE_TTCT_MOI": "31", "TONG_TYLE_TTCT": "45",
    "DANG_KHUYETTAT": "1", "MUC_DO_KHUYETTAT": "2", "DE_NGHI": "Hưởng chế độ", "DUOC_XACDINH": "Tổn thương 31 %", "DU_PHONG": "x",
}  # fmt: skip


def assessment(row: Row, facility: str = "11099") -> ParsedClaim:
    return ParsedClaim("3176", facility, "XML12/2026/0123", {"XML12": [row]}, Envelope())


def mapped(row: Row, facility: str = "11099") -> Mapped:
    return map_claim(assessment(row, facility), {"XML12": [1]})


def docs(made: Mapped) -> dict[str, Doc]:
    return {one.doc.get("code", {}).get("text", one.rtype): one.doc for one in made.resources}


@pytest.mark.parametrize("row", [ROW, samples.full_row("XML12", "1931"), samples.full_row("XML12", "130"), {"SO_BIEN_BAN": "1"}, {"LA": "?"}])
def test_every_field_comes_back(row: Row) -> None:
    assert rebuilt(assessment(row), {"XML12": [1]}) == {"XML12": [row]}


@given(st.dictionaries(st.sampled_from(sorted(ROW)), VALUE))
def test_whatever_stands_in_it(row: Row) -> None:
    assert rebuilt(assessment(row), {"XML12": [1]}) == {"XML12": [row]}


def test_what_it_says_of_its_person() -> None:
    facts = mapped(ROW).facts
    assert (facts.name, facts.birth, facts.citizen_number, facts.insurance_numbers) == ("Lò Văn Đồng", "1970-05-12", "011070001234", ("1170001234",))
    assert (facts.commune, facts.phone, facts.sex, facts.died, facts.started_at) == ("03127", "0912345678", "unknown", "", None)
    assert facts.seen_at.isoformat() == "2026-04-10T00:00:00+07:00"


def test_what_the_record_shows() -> None:
    made = docs(mapped(ROW))
    paper, total, disability, request = (made[name] for name in ("Composition", "Tổng tỷ lệ tổn thương cơ thể", "Khuyết tật", "Giám định y khoa"))
    assert (paper["title"], paper["date"], paper["identifier"]["value"]) == ("Biên bản giám định y khoa", "2026-04-12", "0123/BB-GĐYK")
    assert [section["title"] for section in paper["section"]] == ["Kết quả khám của hội đồng", "Đề nghị", "Được xác định"]
    assert paper["attester"] == [{"id": "ct", "party": {"display": "Phạm Văn Hội"}, "mode": "legal"}]
    assert str(total["valueQuantity"]["value"]) == "45"
    assert [str(part["valueQuantity"]["value"]) for part in total["component"]] == ["21", "31"]
    assert [part["valueCodeableConcept"]["coding"][0]["display"] for part in disability["component"]] == ["Vận động", "Cần trợ giúp"]
    assert (request["requester"]["display"], request["authoredOn"]) == ("BHXH tỉnh", "2026-03-01")
    assert len({one.doc.get("subject", {}).get("reference") for one in mapped(ROW).resources if not one.shared}) == 1


def test_restricted_words_restrict_all_of_it() -> None:
    made = mapped(ROW | {"KET_QUA_KHAM": "Nhiễm HIV giai đoạn 3"})
    assert {one.labels for one in made.resources if not one.shared} == {("hiv",)}


def test_every_field_reaches_the_record_or_the_person() -> None:
    """Changing a field changes what the record gets or the person is told by, unless the map says that it does neither."""
    homes = release()["XML12"]
    before = mapped(ROW)
    silent = []
    for name, value in ROW.items():
        after = mapped(ROW | {name: value[:-1] + ("2" if value[-1] != "2" else "3") if value[-1].isdigit() else f"{value}z"})
        same = orjson.dumps([one.doc for one in before.resources], default=str) == orjson.dumps([one.doc for one in after.resources], default=str)
        if same and before.facts == after.facts:
            silent.append(name)
    assert silent == [name for name in ROW if name in {"NGAY_CAP_CCCD", "NOI_CAP_CCCD", "DU_PHONG"}]
    assert all(homes.homes["", name].role == RESIDUE for name in silent)


def test_of_an_unknown_centre() -> None:
    paper = docs(mapped(ROW, ""))["Composition"]
    assert paper["author"] == [{"display": "?"}]
