"""Days off against years that are known, and series that are worded wrongly."""

from datetime import date, timedelta

import pytest

from yba.specs import forecasts
from yba.specs.claims import SpecError

# First days of the lunar year as they were kept in Vietnam (2007 and 2030 differ from China's by a day).
TET = "2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2030-02-02"
HUNG = "2015-04-28 2016-04-16 2017-04-06 2018-04-25 2019-04-14 2020-04-02 2021-04-21 2022-04-10 2023-04-29 2024-04-18 2025-04-07 2026-04-26"


def test_tet_is_on_its_day():
    first = {one.first + timedelta(days=2) for one in forecasts.holidays() if one.kind == "tet"}
    assert {date.fromisoformat(day) for day in TET.split()} <= first
    assert len(first) == 31
    assert all((1, 20) <= (day.month, day.day) <= (2, 21) for day in first)


def test_hung_kings_are_on_their_day():
    public = {one.first for one in forecasts.holidays() if one.kind == "public"}
    assert {date.fromisoformat(day) for day in HUNG.split()} <= public


def test_every_series_loads():
    assert {"visits", "admissions", "dengue"} <= set(forecasts.series())
    assert forecasts.terms().ahead == 8


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('measure = "visits"', 'measure = "visit"', "series.visits: measure"),
        ('measure = "visits"', 'measure = "record-freshness"', "series.visits: measure"),
        ('title = "Lượt khám, điều trị · Visits"', 'title = "Visits"', "series.visits: title"),
        ("each_facility = true", "every = true", "series.visits"),
        ("ahead = 8", "ahead = 0", "terms"),
        ("ahead = 8", "", "terms"),
    ],
)
def test_what_is_worded_wrongly_is_named(tmp_path, monkeypatch, old, new, word):
    path = tmp_path / "forecasts.toml"
    path.write_text(forecasts.SERIES.read_text("utf-8").replace(old, new, 1), "utf-8")
    monkeypatch.setattr(forecasts, "SERIES", path)
    for cached in (forecasts._told, forecasts.terms, forecasts.series):
        cached.cache_clear()
    try:
        with pytest.raises(SpecError, match=word):
            (forecasts.terms(), forecasts.series())
    finally:
        for cached in (forecasts._told, forecasts.terms, forecasts.series):
            cached.cache_clear()
