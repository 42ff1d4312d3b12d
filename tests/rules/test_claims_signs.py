"""Days of medicine, contrast media, paediatric services and hours: what is said, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.checks.bends import OUT, bent
from tests.ingest.checks.example import DRUG, SERVICE, findings
from yba.kit.errors import Invalid
from yba.specs import working_hours
from yba.specs.value_sets import value_sets
from yba.specs.working_hours import WORKING_HOURS

CHRONIC = {**OUT, "XML1.MA_LOAI_KCB": "05"}
CT = {**SERVICE, "STT": "80", "MA_NHOM": "2", "MA_DICH_VU": "18.0150.0041", "NGAY_KQ": "202606101040"}
PLAIN_CT = {**CT, "MA_DICH_VU": "18.0149.0040"}
MEDIUM = {**DRUG, "STT": "80", "MA_THUOC": "40.644", "TEN_THUOC": "Omnipaque 300"}


def said(rule, bend):
    return [(one.table, one.row, one.field, one.expected.split(" ")[0]) for one in findings(bent(bend)) if one.rule == rule]


@pytest.mark.parametrize(
    ("first", "second", "second_ordered", "days"),
    [
        ("1 viên/lần * 2 lần/ngày * 28 ngày", "1 viên/lần * 1 lần/ngày * 30 ngày", "202606100915", 30),  # together: the longest
        ("1 * 2 * 5", "1 * 2 * 5", "202606151000", 10),  # one after the other
        ("1 * 2 * 5", "1 * 2 * 5", "202606120915", 7),  # overlapping by three days
    ],
)
def test_days_of_medicine(first, second, second_ordered, days):
    lines = {"XML2[0].LIEU_DUNG": first, "XML2[1].LIEU_DUNG": second, "XML2[1].NGAY_YL": second_ordered}
    assert said("VR053", {**CHRONIC, **lines, "XML1.SO_NGAY_DTRI": str(days)}) == []
    assert said("VR053", {**CHRONIC, **lines, "XML1.SO_NGAY_DTRI": str(days - 1)}) == [("XML1", 1, "SO_NGAY_DTRI", str(days))]


@pytest.mark.parametrize(
    "bend",
    [
        {"XML2[1].LIEU_DUNG": "ngày uống hai viên"},  # a dose that cannot be read: nothing is known of the days
        {"-XML2": 1},
        {"XML1.MA_LOAI_KCB": "01"},
    ],
)
def test_days_of_medicine_that_are_not_known_are_not_judged(bend):
    assert said("VR053", {**CHRONIC, "XML1.SO_NGAY_DTRI": "3", **bend}) == []


@pytest.mark.parametrize(
    ("bend", "rows"),
    [
        ({"+XML3": CT}, [("XML3", 4)]),
        ({"+XML3": {**CT, "MA_DICH_VU": "18.0150.0041_TT"}}, [("XML3", 4)]),  # marks of how it was done fall away
        ({"+XML3": CT, "+XML2": MEDIUM}, []),
        ({"+XML3": CT, "+XML2": {**MEDIUM, "MA_THUOC": "40.641", "TEN_THUOC": "Thuốc lạ"}}, []),  # perhaps a medium: the list has a gap
        ({"+XML3": CT, "+XML2": {**MEDIUM, "NGAY_YL": "202606110900", "NGAY_TH_YL": "202606110930"}}, [("XML2", 3), ("XML3", 4)]),
        ({"+XML3": PLAIN_CT}, []),
        ({"+XML3": PLAIN_CT, "+XML2": MEDIUM}, [("XML2", 3)]),
        ({"+XML2": {**MEDIUM, "MA_THUOC": "X", "TEN_THUOC": "DOTAREM 0,5mmol/ml"}}, [("XML2", 3)]),
        ({"+XML3": {**CT, "MA_NHOM": "8", "MA_DICH_VU": "02.0126.0053"}, "+XML2": MEDIUM}, []),  # angiography uses it too
    ],
)
def test_contrast_images_and_media_answer_each_other(bend, rows):
    assert sorted(one[:2] for one in said("VR113", bend)) == rows


@pytest.mark.parametrize(
    ("born", "told"),
    [("200906100000", True), ("200906110000", False), ("200900000000", False), ("200800000000", True), ("khi còn bé", False)],
)
def test_a_paediatric_service_is_for_those_up_to_sixteen(born, told):
    bend = {"XML3.MA_DICH_VU": "03.0011.0196", "XML1.NGAY_SINH": born}
    assert bool(said("VR141", bend)) is told
    assert not said("VR141", {**bend, "XML3.MA_DICH_VU": "23.0003.1494"})
    assert not said("VR141", {**bend, "XML3.MA_DICH_VU": "03.1897"})  # a consultation: no list says whose


@pytest.mark.parametrize(
    ("bend", "told"),
    [
        ({"XML3.NGAY_YL": "202606100600"}, 0),
        ({"XML3.NGAY_YL": "202606101800"}, 1),
        ({"XML3.NGAY_YL": "202606131000"}, 0),  # Saturday
        ({"XML3.NGAY_YL": "202606141000"}, 1),  # Sunday
        ({"XML3.NGAY_YL": "20260614"}, 0),  # no hour
        ({"XML3.NGAY_YL": "202606992200"}, 0),  # no such day: VR046 tells
        ({"XML3.NGAY_YL": "202606102200", "XML1.MA_DOITUONG_KCB": "2"}, 0),  # emergency
        ({"XML3.NGAY_YL": "202606102200", "XML1.MA_LOAI_KCB": "03"}, 0),  # a ward works at night
        ({"XML3[0].NGAY_YL": "202606102200", "XML3[1].NGAY_YL": "202606102200", "XML4.NGAY_KQ": "202606102300"}, 1),  # one note a claim
    ],
)
def test_hours_of_outpatients(bend, told):
    assert len(said("VR181", {**OUT, **bend})) == told


def test_a_facility_tells_its_own_hours(tmp_path: Path):
    file = tmp_path / "hours.toml"
    file.write_text('[facility."01001"]\ndays = [7]\nfrom = "0000"\nto = "2400"\n', "utf-8")
    bend = {**OUT, "XML3.NGAY_YL": "202606142200"}
    with WORKING_HOURS.set_to(working_hours.read(str(file))):
        assert [one.expected for one in findings(bent(OUT)) if one.rule == "VR181"] == ["00:00-24:00 chủ nhật (+9)"]  # a Wednesday
        assert [(one.row, one.value) for one in findings(bent(bend)) if one.rule == "VR181"] == [(1, "202606100915")]
    assert len(said("VR181", bend)) == 1


@pytest.mark.parametrize(
    "text", ["[default", '[default]\ndays = [8]\nfrom = "0600"\nto = "1800"\n', '[facility."1"]\ndays = [1]\nfrom = "6:00"\nto = "7"\n', None]
)
def test_hours_that_cannot_be_used_stop_the_command(tmp_path: Path, text, monkeypatch):
    file = tmp_path / "hours.toml"
    if text is not None:
        file.write_text(text, "utf-8")
    monkeypatch.setenv("YBA_WORKING_HOURS", str(file))
    with pytest.raises(Invalid, match="YBA_WORKING_HOURS"):
        type(WORKING_HOURS)(WORKING_HOURS.name, working_hours.read, "", "", "")()


def test_every_value_set_says_how_good_it_is():
    for one in value_sets().values():
        assert one.complete or one.why
        assert one.title_vi
        assert one.title_en
    sets = value_sets()
    assert not sets["contrast-imaging"].codes & sets["plain-imaging"].codes
