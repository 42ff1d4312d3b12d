"""What of a claim is held against others: only what can matter, and the disease survives packing."""

import pytest

from tests.ingest.builder import SERVICE, tables
from yba.ingest.across.traits import CHRONIC, DIALYSIS, STAY, disease, traits_of
from yba.ingest.model import ParsedClaim

HAEMODIALYSIS = {**SERVICE, "STT": "2", "MA_DICH_VU": "02.0495.0196", "TEN_DICH_VU": "Thận nhân tạo chu kỳ"}


def traits(decision="3176", lines=(), **summary):
    made = tables(**summary)
    made["XML3"] += lines
    return traits_of(ParsedClaim(decision, "11001", "L", made))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, 0),
        ({"MA_LOAI_KCB": "03"}, STAY),
        ({"MA_LOAI_KCB": "3", "decision": "4210"}, STAY),
        ({"MA_LOAI_KCB": "09"}, STAY),
        ({"MA_LOAI_KCB": "03", "NGAY_RA": "20260310"}, 0),  # no minutes, no overlap
        ({"MA_LOAI_KCB": "03", "NGAY_RA": "202603090800"}, 0),  # ends before it begins: VR047 tells
        ({"lines": [HAEMODIALYSIS]}, DIALYSIS),
        ({"lines": [{**HAEMODIALYSIS, "MA_DICH_VU": "02.0495.0196_TT"}]}, DIALYSIS),
        ({"lines": [{**HAEMODIALYSIS, "MA_DICH_VU": "02.0496.0195"}]}, 0),  # emergency dialysis
        ({"lines": [HAEMODIALYSIS], "MA_LOAI_KCB": "03"}, STAY),
        ({"MA_LOAI_KCB": "05", "MA_BENH_CHINH": None}, 0),
        ({"MA_LOAI_KCB": "05", "decision": "4210"}, 0),
        ({"MA_LOAI_KCB": None}, 0),
    ],
)
def test_traits(given, expected):
    assert traits(**given) == expected


@pytest.mark.parametrize(("code", "category"), [("I10", "I10"), ("e11.9", "E11"), ("A00", "A00"), ("Z99.2", "Z99"), ("A17.0†", "A17")])
def test_the_disease_of_chronic_care(code, category):
    found = traits(MA_LOAI_KCB="08", MA_BENH_CHINH=code)
    assert found & 0xFF == CHRONIC
    assert disease(found) == category
    assert 0 < found < 2**31


def test_a_claim_without_a_summary_has_none():
    assert traits_of(ParsedClaim("3176", "11001", "L", {"XML2": []})) == 0
