"""Periods and due dates of reports, drawn as tables: months, cut quarters, half-years, the PrEP year; who is due when."""

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest

from yba.kit import Invalid, NotFound
from yba.specs import exports
from yba.warehouse.reports import periods


@pytest.mark.parametrize(
    ("report", "text", "first", "last", "year"),
    [
        ("ncd", "2026-10", "2026-10-01", "2026-10-31", "2026-01-01"),
        ("ncd", "2026", "2026-01-01", "2026-12-31", "2026-01-01"),
        ("injury", "2026-H2", "2026-07-01", "2026-12-31", "2026-01-01"),
        # the 15th of the month before the quarter to the 14th of its last month
        ("hiv-care", "2026-Q4", "2026-09-15", "2026-12-14", "2025-12-15"),
        ("hiv-care", "2026-Q1", "2025-12-15", "2026-03-14", "2025-12-15"),
        ("hiv-surveillance", "2026-Q4", "2026-10-01", "2026-12-31", "2026-01-01"),
        # 15 September to 14 September, named by its end
        ("prep", "2026", "2025-09-15", "2026-09-14", "2025-09-15"),
        ("facility-activity", "2028-02", "2028-02-01", "2028-02-29", "2028-01-01"),
    ],
)
def test_periods(report, text, first, last, year):
    _, found = periods.named(report, text)
    assert (found.start, found.end - timedelta(days=1), found.year_start) == tuple(map(date.fromisoformat, (first, last, year)))


@pytest.mark.parametrize(
    ("report", "text", "due"),
    [
        ("facility-activity", "2026-10", "2026-11-05"),  # five days come before five working days
        ("facility-activity", "2027-02", "2027-03-05"),  # due after the circular has ended
        ("ncd", "2026-10", "2026-11-06"),  # Saturday the 31st; five working days from Monday
        ("ncd", "2026-12", "2027-01-08"),  # New Year is none
        ("ncd", "2027-01", "2027-02-12"),  # nor is Tết
        ("population", "2026", "2027-01-15"),
        ("immunisation", "2026-10", "2026-11-02"),  # before the 3rd
        ("immunisation", "2026-12", "2027-01-02"),
    ],
)
def test_due(report, text, due):
    assert periods.due(*periods.named(report, text)) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("report", "text"),
    [("ncd", "2026-Q4"), ("hiv-care", "2026-10"), ("ncd", "2026-00"), ("ncd", "2026-13"), ("ncd", ""), ("ncd", "2026-10@15"), ("injury", "2026-H3"),
     ("facility-activity", "2025-06"), ("ncd", "0000"), ("ncd", "2026-1"), ("ncd", "2026-10 ' OR 1")],
)  # fmt: skip
def test_what_is_no_period_of_a_report_is_refused(report, text):
    with pytest.raises(Invalid):
        periods.named(report, text)


def test_an_unknown_report():
    with pytest.raises(NotFound):
        periods.named("../ncd", "2026-10")


def test_the_periods_around_a_day_follow_each_other_whatever_the_report():
    for report in exports.reports():
        for on in (date(2026, 11, 22), date(2027, 2, 28), date(2027, 3, 1), date(2028, 9, 14), date(2028, 9, 15)):
            found = periods.latest(report, on, 3)
            for kind in {re.sub("[0-9]", "", one.label) for _, one in found}:
                some = sorted(one for _, one in found if re.sub("[0-9]", "", one.label) == kind)
                assert all(a.end == b.start for a, b in pairwise(some)), (report, on)
            for edition, period in found:
                assert periods.named(report, period.label) == (edition, period), (report, period.label)
            assert any(one.start <= on < one.end for _, one in found), (report, on)


def test_the_period_before():
    _, period = periods.named("hiv-care", "2026-Q1")
    assert periods.before("hiv-care", period).label == "2025-Q4"
    _, first = periods.named("facility-activity", "2025-07")
    assert periods.before("facility-activity", first) is None
