"""The fan chart, by what holds for every chart: within its box, nothing taken for markup, words for what is drawn; and the bands in their order."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tests.web.test_charts import HOSTILE, lang, texts, values, within
from yba.web import charts
from yba.web.charts import Coming, Point

numbers = st.one_of(st.floats(), st.floats(0, 1e6))
ahead = st.lists(st.builds(Coming, texts, numbers, numbers, numbers, numbers, numbers), max_size=8)
WEEKS = [Point("01/11/26", 90.0), Point("08/11/26", None, "gửi thiếu"), Point("15/11/26", 100.0)]
COMING = [Coming("22/11/26", 104, 98, 110, 95, 114), Coming("29/11/26", 103, 95, 112, 90, 119)]


@given(past=st.lists(st.builds(Point, texts, values, texts), max_size=60), coming=ahead, title=texts, lang=lang)
def test_whatever_is_given_is_drawn_within_its_box_and_escaped(past, coming, title, lang):
    drawing = within(charts.fan(past, coming, title=title, unit=HOSTILE, lang=lang))
    assert drawing.find("title").text == (title or None)


def corners(chart, name):
    """The places of a band's corners, out and back."""
    (path,) = re.findall(rf'<path class="c-fan {name}" d="M([^"]+)Z"', str(chart))
    return [tuple(map(float, one.split(","))) for one in path.split("L")]


def test_the_wide_band_holds_the_narrow_one_and_both_begin_where_the_line_ends():
    chart = charts.fan(WEEKS, COMING, title="Lượt khám")
    wide, narrow = corners(chart, "c-fan95"), corners(chart, "c-fan80")
    assert wide[0] == narrow[0] == wide[-1] == narrow[-1]
    for (x, high), (same, inner) in zip(wide[1:3], narrow[1:3], strict=True):
        assert x == same
        assert high < inner  # upwards is smaller
    assert "95 lần trong 100 từ 95 đến 114" in str(chart)
    assert "Không có số ở 1 kỳ: 08/11/26" in str(chart)


def test_after_a_gap_the_bands_stand_alone_and_without_a_forecast_it_is_said():
    assert len(corners(charts.fan(WEEKS[:2], COMING, title="x"), "c-fan95")) == 4
    chart = str(charts.fan(WEEKS, [], title="x"))
    assert "c-fan95" not in chart
    assert "Không có dự báo." in chart
