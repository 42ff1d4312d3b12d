"""The weeks to come on the page of a measure: drawn with their score where they may be shown, in words why where not, a facility's own for its people."""

import csv
import io
import re
from datetime import timedelta

import pytest

from tests.web import measured_world as w
from tests.web.test_measures import shown, signed_in, world
from yba.kit import clock
from yba.kit.db import reading
from yba.specs.forecasts import series
from yba.warehouse.forecasts import Forecast, Past, Point, Score, Verdict, WeekState
from yba.warehouse.forecasts.shelf import Shelf
from yba.warehouse.hearing import monday

__all__ = ["world"]  # a fixture
THIS = monday(clock.today())


def made(facility=None, verdict=Verdict.SHOWN, *, level=100.0):
    """A forecast as the weekly job keeps it; one week was not heard, one is about too few people."""
    past = [Past(THIS - timedelta(weeks=n), level + n % 7, WeekState.SHOWN) for n in range(60, 0, -1)]
    past[30] = past[30]._replace(value=None, state=WeekState.NOT_HEARD)
    past[40] = past[40]._replace(value=None, state=WeekState.TOO_FEW)
    points = tuple(Point(THIS + timedelta(weeks=n), level + 4, level - 5, level + 9, level - 11, level + 17) for n in range(8))
    score = None if verdict is Verdict.TOO_SHORT else Score(8.2, 10.0, 0.79, 0.94, 208, 26)
    return Forecast(series()["visits"], facility, clock.now(), tuple(past), points if verdict is Verdict.SHOWN else (), score, verdict)


@pytest.fixture(scope="module")
def kept(world):
    Shelf().keep("visits", THIS, [made(), made(w.HOSPITAL, level=40.0), made(w.CENTRES[0], Verdict.TOO_SHORT)])
    Shelf().keep("emergencies", THIS, [made(verdict=Verdict.NO_BETTER)])
    return world


@pytest.fixture(scope="module")
def manager(kept):
    return signed_in("provincial-manager")


def forecasts(page):
    return [part.split("</section>")[0] for part in page.split('<section class="card forecast">')[1:]]


def test_it_is_drawn_with_its_score_and_a_table(manager):
    first, second = forecasts(shown(manager, "visits"))
    assert "c-fan95" in first
    assert "c-fan80" in first
    assert "sai số bằng 0,82 lần cách lấy tuần cùng kỳ năm trước; khoảng 95 % đã chứa 94 % của 208 tuần thử" in first
    assert first.count("<tr>") == 9
    assert f"{THIS:%d/%m/%Y}" in first
    assert ">95–109<" in first
    assert "gửi thiếu" in first
    assert "quá ít người, được che" in first
    assert "c-fan" not in second  # no better than the year before: said, not shown
    assert "không dự báo" in second


def test_the_fan_has_its_file_of_the_same_weeks(manager):
    (first, _) = forecasts(shown(manager, "visits"))
    address = re.search(r'href="(/measures/visits/export[^"]*of=forecast[^"]*)"', first)[1].replace("&amp;", "&")
    lines = list(csv.DictReader(io.StringIO(manager.get(address).content.decode("utf-8-sig"))))
    coming = [line for line in lines if line["kind"] == "forecast"]
    assert len(coming) == 8
    assert {line["series"] for line in lines} == {"visits"}, "what is not shown is in no file either"
    assert all(
        float(line["low95"]) <= float(line["low80"]) <= float(line["value"]) <= float(line["high80"]) <= float(line["high95"]) for line in coming
    )
    hidden = [line for line in lines if line["words"] == "quá ít người, được che"]
    assert hidden
    assert {line["value"] for line in hidden} == {""}


def test_a_facility_is_shown_its_own(kept, manager):
    (mine,) = forecasts(shown(signed_in("facility-manager", facility=w.HOSPITAL), "visits"))
    assert ">35–49<" in mine
    (same,) = forecasts(shown(manager, "visits", facility=w.HOSPITAL))
    assert ">35–49<" in same
    (short,) = forecasts(shown(manager, "visits", facility=w.CENTRES[0]))
    assert "chuỗi tuần quá ngắn" in short
    assert forecasts(shown(signed_in("facility-manager", facility=w.CENTRES[1]), "visits")) == []
    assert forecasts(shown(manager, "visits", area=w.communes()[0])) == []


def test_a_measure_without_series_has_none_and_the_reading_is_noted(kept, manager):
    assert forecasts(shown(manager, "length-of-stay")) == []
    with reading(by=w.OPERATOR) as conn:
        found = conn.execute("SELECT DISTINCT about_id FROM audit_event WHERE about_type = 'Forecast' ORDER BY 1").fetchall()
    assert found == [("emergencies",), ("visits",)]


def test_in_english(manager):
    (first, *_) = forecasts(shown(manager, "visits", lang="en"))
    assert "its error is 0.82 of taking the same week a year before" in first
    assert "Forecast of 8 weeks: Visits" in first
