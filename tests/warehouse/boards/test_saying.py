"""Periods in words, in both languages."""

from __future__ import annotations

import pytest

from yba.warehouse.boards import period_words


@pytest.mark.parametrize(
    ("label", "vi", "en"),
    [
        ("2026-11", "tháng 11/2026", "month 11/2026"),
        ("2026-W07", "tuần 07/2026", "week 07/2026"),
        ("2026-Q4", "quý 4/2026", "quarter 4/2026"),
        ("2026", "năm 2026", "year 2026"),
        ("2026-10-18", "ngày 18/10/2026", "18/10/2026"),
        ("2026-09-15..2026-10-14", "15/09/2026 – 14/10/2026", "15/09/2026 – 14/10/2026"),
    ],
)
def test_a_period_is_said_as_people_do(label: str, vi: str, en: str) -> None:
    assert tuple(getattr(period_words(label), lang) for lang in ("vi", "en")) == (vi, en)
