"""The sex of an unborn child is kept out of the record, whatever way it is written; born children and adults keep theirs."""

from __future__ import annotations

import orjson
import pytest

from tests.ingest.mapping import samples
from yba.ingest.mapping import map_claim
from yba.specs.unborn import CUT, without_fetal_sex

TOLD = [
    ("Thai nhi giới tính: Nam, tim thai 150 l/p", "Nam"),
    ("Một thai sống trong buồng tử cung. Giới tính: bé gái", "gái"),
    ("Giới tính thai nhi là nữ", "nữ"),
    ("THAI TRAI 32 TUẦN", "TRAI"),
    ("thai nhi gái", "gái"),
    ("Gi?i t?nh thai nhi: n?", "n?"),
    ("gioi tinh thai: nu", " nu"),
    ("Thai 20 tuần. Theo dõi con trai", "trai"),
    ("Thai 16 tuần, thấy dương vật rõ", "dương vật"),
    ("Fetal sex: male", "male"),
    ("Tuổi thai 18 tuần, NST 46,XY", "XY"),
    ("Thai nhi giới ti\u0301nh: nam", "nam"),
]
UNTOUCHED = [
    "Gan không to, giới tính nam",
    "Thai 12 tuần, tim thai (+), ối bình thường",
    "Đau vùng thái dương bên phải",
    "Chụp Xquang ngực thẳng: tim không to",
    "",
]


@pytest.mark.law("BAOMAT-CB-R13")
@pytest.mark.parametrize(("text", "word"), TOLD)
def test_imaging_never_tells_the_sex(text: str, word: str) -> None:
    shown = without_fetal_sex(text, imaging=True)
    assert word not in shown
    assert CUT in shown


@pytest.mark.parametrize("text", UNTOUCHED)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert without_fetal_sex(text, imaging=True) is text


def test_a_born_child_keeps_its_sex_in_notes() -> None:
    text = "Thai 39 tuần, mổ lấy thai, một bé trai 3200 g khóc ngay"
    assert without_fetal_sex(text, imaging=False) is text


@pytest.mark.law("BAOMAT-CB-R13")
@pytest.mark.parametrize("field", ["MO_TA", "KET_LUAN", "TEN_CHI_SO"])
def test_no_resource_tells_it_and_the_residue_keeps_it(field: str) -> None:
    told = "Thai nhi 22 tuần, giới tính: nam"
    claim = samples.claim({"XML1": [samples.header(GIOI_TINH="2")], "XML4": [samples.image(1, **{field: told})]})
    mapped = map_claim(claim, samples.keys(claim))
    shown = orjson.dumps([one.doc for one in mapped.resources]).decode()
    assert "tính: nam" not in shown
    assert CUT in shown
    assert told in orjson.dumps(mapped.residue).decode()


@pytest.mark.law("BAOMAT-CB-R13")
@pytest.mark.parametrize(("table", "field"), [("XML5", "DIEN_BIEN_LS"), ("XML8", "TOMTAT_KQ"), ("XML13", "TOMTAT_KQ"), ("XML7", "GHI_CHU")])
def test_papers_and_notes_do_not_tell_it_either(table: str, field: str) -> None:
    row = samples.full_row(table, "3176") | {field: "Siêu âm: giới tính thai nhi: gái"}
    claim = samples.claim({"XML1": [samples.header(GIOI_TINH="2")], table: [row]})
    mapped = map_claim(claim, samples.keys(claim))
    assert "gái" not in orjson.dumps([one.doc for one in mapped.resources]).decode()
