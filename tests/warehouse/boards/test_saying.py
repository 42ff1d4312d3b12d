"""Numbers and periods in words, in both languages."""

from __future__ import annotations

import pytest

from yba.warehouse.boards import number, period_words, rounded


@pytest.mark.parametrize(
    ("label", "vi", "en"),
    [
        ("2026-11", "tháng 11/2026", "month 11/2026"),
        ("2026-W07", "tuần 07/2026", "week 07/2026"),
        ("2026-Q4", "quý 4/2026", "quarter 4/2026"),
        ("2026", "năm 2026", "year 2026"),
        ("2026-10@15", "tháng 10/2026, chốt ngày 15", "month 10/2026, cut off on day 15"),
        ("2026-10-18", "ngày 18/10/2026", "18/10/2026"),
        ("2026-09-15..2026-10-14", "15/09/2026 – 14/10/2026", "15/09/2026 – 14/10/2026"),
    ],
)
def test_a_period_is_said_as_people_do(label: str, vi: str, en: str) -> None:
    assert tuple(getattr(period_words(label), lang) for lang in ("vi", "en")) == (vi, en)


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (12.0, "12", "12"),
        (12.34, "12,3", "12.3"),
        (31.04, "31,0", "31.0"),
        (-2.5, "-2,5", "-2.5"),
        (1234.5, "1.234", "1,234"),
        (100, "100", "100"),
    ],
)
def test_a_number_is_written_as_its_readers_do(value: float, vi: str, en: str) -> None:
    assert (rounded(value), rounded(value, "en")) == (vi, en)


def test_a_number_of_a_report_keeps_its_two_places() -> None:
    assert [number(one, "vi", 2) for one in (1234.5, 0.25, 1000, 33.33)] == ["1.234,5", "0,25", "1.000", "33,33"]
