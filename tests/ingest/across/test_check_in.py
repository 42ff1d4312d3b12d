"""A check-in and the claim that followed: the same person under the same link."""

import pytest

from tests.ingest.builder import SUMMARY
from yba.ingest.across.check_in import faults
from yba.ingest.across.store import CheckIn

ROW = {name: SUMMARY[name] for name in ("MA_LK", "MA_BN", "HO_TEN", "SO_CCCD", "NGAY_SINH", "GIOI_TINH", "MA_THE_BHYT", "NGAY_VAO")}
LINK = SUMMARY["MA_LK"]


def told(head=None, link=LINK, **changes):
    row = {name: value for name, value in {**ROW, **changes}.items() if value is not None}
    return [(one.field, one.lesser) for one in faults(SUMMARY if head is None else head, LINK, [CheckIn(0, 1, link, row)])]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"HO_TEN": "NGUYỄN  THỊ THỬ"}, []),  # case and blanks
        ({"HO_TEN": "Nguyễn Thị Khác"}, ["HO_TEN"]),
        ({"NGAY_SINH": "195900000000"}, []),  # at the desk only the year was known
        ({"NGAY_SINH": "1959"}, []),
        ({"NGAY_SINH": "196003120000"}, ["NGAY_SINH"]),
        ({"GIOI_TINH": "1"}, ["GIOI_TINH"]),
        ({"MA_BN": "BN9"}, ["MA_BN"]),
        ({"SO_CCCD": None}, []),
        ({"SO_CCCD": "011159000002"}, ["SO_CCCD"]),
        ({"MA_THE_BHYT": "HT2110000000000"}, ["MA_THE_BHYT"]),
        ({"MA_THE_BHYT": "XX1;HT2110123456789"}, []),  # one of several cards
    ],
)
def test_identity(changes, fields):
    assert told(**changes) == [(field, False) for field in fields]


@pytest.mark.parametrize("name", ["Nguyen Thi Thu", "NGUYỄN THỊ THU", "Nguy?n Th? Th?"])
def test_a_name_that_lost_its_marks_is_a_note(name):
    assert told({**SUMMARY, "HO_TEN": name}) == [("HO_TEN", True)]


def test_another_link_is_a_note_and_nothing_else_is_compared():
    assert told(link="L9", HO_TEN="Người Khác") == [("MA_LK", True)]


def test_the_newest_check_in_of_the_link_counts():
    wrong, right = CheckIn(0, 1, LINK, {**ROW, "HO_TEN": "Sai"}), CheckIn(0, 2, LINK, ROW)
    other = CheckIn(0, 3, "L9", {**ROW, "HO_TEN": "Khác"})
    assert list(faults(SUMMARY, LINK, [right, wrong, other])) == []
    assert [one.field for one in faults(SUMMARY, LINK, [right._replace(landing=0), wrong])] == ["HO_TEN"]
