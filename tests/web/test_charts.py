"""Charts: every drawn number is within its box, nothing given is taken for markup, nothing, one and very much can be drawn, and words say what is drawn."""

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.web import charts
from yba.web.charts import Band, Bar, Dot, Flow, Level, Point, Shade, Watched
from yba.web.charts.area_map import breaks
from yba.web.charts.control import outside
from yba.web.charts.drawing import told_apart
from yba.web.charts.numbers import axis, number, spread

HOSTILE = "<script>alert(1)</script>\"'&]]>"
texts = st.one_of(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60), st.just(HOSTILE))
values = st.one_of(st.none(), st.floats(), st.floats(-1e6, 1e6), st.integers(0, 500).map(float), st.sampled_from([0.0, -0.0, 1e300, -1e300, 5e-324]))
levels = st.lists(st.builds(Level, st.floats(-1e9, 1e9), texts), max_size=3)
lang = st.sampled_from(["vi", "en"])
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def parsed(chart):
    """The chart as a document: what is not well-formed fails, so does an element that nobody draws."""
    root = ET.fromstring(f"<div>{chart}</div>")  # noqa: S314  our own drawing
    names = {one.tag for one in root.iter()}
    known = {"div", "figure", "svg", "title", "desc", "text", "line", "polyline", "path", "circle", "rect", "a", "g", "defs", "pattern", "ul", "li"}
    assert names <= known, names - known
    return root


def within(chart):
    """Every place an element is drawn at lies within the box of its drawing; returns the main one."""
    root = parsed(chart)
    for drawing in root.iter("svg"):
        left, top, width, height = map(float, drawing.get("viewBox").split())
        for one in drawing.iter():
            if one.tag == "pattern" or (one.tag == "path" and (one.get("class") or "").startswith("c-ink")):
                continue
            for x, y in places(one):
                assert left - 0.6 <= x <= left + width + 0.6, (ET.tostring(one), width)
                assert top - 0.6 <= y <= top + height + 0.6, (ET.tostring(one), height)
    return next(root.iter("svg"))


def places(one):
    """The places an element names: corners of boxes, ends of lines, points, steps of paths."""

    def at(name):
        return float(one.get(name, "0"))

    match one.tag:
        case "text":
            return [(at("x"), at("y"))]
        case "line":
            return [(at("x1"), at("y1")), (at("x2"), at("y2"))]
        case "circle":
            return [(at("cx"), at("cy"))]
        case "rect":
            assert at("width") >= 0, ET.tostring(one)
            assert at("height") >= 0, ET.tostring(one)
            return [(at("x"), at("y")), (at("x") + at("width"), at("y") + at("height"))]
        case "polyline":
            return [tuple(map(float, pair.split(","))) for pair in one.get("points").split()]
        case "path":
            return walked(one.get("d"))
    return []


def walked(d):
    """The places a path goes to."""
    found, x, y = [], 0.0, 0.0
    for letter, rest in re.findall(r"([MLHVCmlhvcz])([^MLHVCmlhvcz]*)", d):
        given_ = [float(one) for one in _NUMBER.findall(rest)]
        if letter in "ML":
            pairs = list(zip(given_[::2], given_[1::2], strict=True))
            found += pairs
            x, y = pairs[-1]
        elif letter in "ml":
            for dx, dy in zip(given_[::2], given_[1::2], strict=True):
                x, y = x + dx, y + dy
                found.append((x, y))
        elif letter == "C":
            pairs = list(zip(given_[::2], given_[1::2], strict=True))
            found += pairs
            x, y = pairs[-1]
        elif letter in "HVhv":
            x = given_[-1] if letter == "H" else x + given_[-1] if letter == "h" else x
            y = given_[-1] if letter == "V" else y + given_[-1] if letter == "v" else y
            found.append((x, y))
    return found


def said(chart):
    """Title and description of a chart."""
    drawing = next(parsed(chart).iter("svg"))
    assert drawing[0].tag == "title"
    assert drawing[1].tag == "desc"
    assert drawing.get("aria-label") == (drawing[0].text or "")
    return drawing[0].text or "", drawing[1].text or ""


def of(strategy, most=30):
    return st.lists(strategy, max_size=most)


points = st.builds(Point, texts, values, texts)
watched = st.builds(Watched, texts, values, values, values, values, texts, texts)
dots = st.builds(Dot, texts, st.floats(), st.floats(0, 1e9), st.integers(0, 2), st.sampled_from(["", "/measures/x", "javascript:alert(1)", "//evil"]))
bands = st.builds(Band, texts, st.lists(st.tuples(st.floats(0, 1e9), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), max_size=12).map(sorted).map(tuple))
rows = st.builds(Bar, texts, values, texts, st.sampled_from(["", "?facility=1", "data:text/html,x"]))
flows = st.builds(Flow, texts, texts, st.floats())
shades = st.dictionaries(
    st.sampled_from([*charts.geometry("11").areas, "99999", HOSTILE]),
    st.builds(Shade, values, texts, st.booleans(), texts, st.sampled_from(["", "/x"]), texts),
)


@given(of(points), texts, levels, lang, st.booleans())
def test_a_course_stays_in_its_box(some, title, aims, language, small):
    within(charts.line(some, title=title, unit="%", levels=aims, lang=language, small=small))


@given(of(watched), texts, lang)
def test_a_control_chart_stays_in_its_box_and_marks_just_what_is_outside(some, title, language):
    drawing = within(charts.control(some, title=title, lang=language))
    if any(one.value is not None and math.isfinite(one.value) and abs(one.value) <= 1e300 for one in some):
        marked = sum(one.get("class") == "c-outside" for one in drawing.iter("path"))
        assert marked == sum(bool(outside(one)) for one in some)
        assert sum((one.get("class") or "").startswith("c-halo c-out") for one in drawing.iter("text")) == marked, "a word beside each shape"


@given(of(dots), st.floats(), st.lists(bands, max_size=2), texts, lang)
def test_a_funnel_stays_in_its_box_and_leads_nowhere_else(some, centre, limits, title, language):
    drawing = within(charts.funnel(some, centre=centre, bands=limits, title=title, lang=language))
    assert {one.get("href") for one in drawing.iter("a")} <= {"/measures/x"}


@given(of(flows), texts, lang)
def test_flows_stay_in_their_box(some, title, language):
    within(charts.sankey(some, title=title, lang=language))


@given(of(rows, 60), texts, levels, lang)
def test_bars_stay_in_their_box(some, title, aims, language):
    drawing = within(charts.bars(some, title=title, levels=aims, lang=language))
    assert {one.get("href") for one in drawing.iter("a")} <= {"?facility=1"}


@given(values, st.one_of(st.none(), st.builds(Level, st.floats(), texts)), st.one_of(st.none(), st.floats(0, 1e6)), texts, lang)
def test_a_bullet_stays_in_its_box(value, target, top, title, language):
    within(charts.bullet(value, target=target, title=title, top=top, lang=language))


@given(shades, texts, levels, lang)
def test_a_map_has_every_commune_once_and_stays_in_its_box(some, title, aims, language):
    drawing = within(charts.area_map("11", some, title=title, levels=aims, lang=language))
    areas = [one for one in drawing.iter("path") if (one.get("class") or "").startswith(("c-k", "c-none", "c-hide"))]
    assert len(areas) == len(charts.geometry("11").areas)
    assert all(one[0].tag == "title" and one[0].text for one in areas)


def test_a_map_tells_zero_from_no_number_from_a_hidden_one_and_an_old_one():
    codes = [*charts.geometry("11").areas]
    some = {codes[0]: Shade(0), codes[1]: Shade(None, "", hidden=True), codes[2]: Shade(70, stale="số của tháng trước", href="/measures/x?area=1")}
    chart = charts.area_map("11", some, title="Độ bao phủ", unit="%")
    drawing = within(chart)
    classes = {one[0].text.split(": ")[0]: one.get("class") for one in drawing.iter("path") if len(one) and one[0].tag == "title"}
    names = [charts.geometry("11").areas[code][0] for code in codes[:4]]
    assert [classes[name] for name in names] == ["c-k0", "c-hide", "c-k5", "c-none"]
    assert [one.get("fill") is not None for one in drawing.iter("path") if one.get("class") in {"c-none", "c-hide"}].count(False) == 0
    (way,) = drawing.iter("a")
    assert way.get("aria-label") == f"{names[2]}: 70\u00a0% (số của tháng trước)"
    assert drawing.get("role") == "group", "ways inside an image cannot be reached"
    (hatched,) = next(one for one in drawing.iter("g") if one.get("class") == "c-over")
    assert "c-stale" in hatched.get("fill")
    legend = ["".join(one.itertext()) for one in parsed(chart).iter("li")]
    assert legend == ["0\u00a0%", "> 0\u00a0%", "quá ít, được che", "không có số", "số cũ"]
    assert "2 trong 45 xã" in said(chart)[1]


def test_a_map_hatches_communes_of_which_nobody_was_heard():
    codes = [*charts.geometry("11").areas]
    silent = "chưa cơ sở nào gửi trong kỳ (0/2)"
    some = {codes[0]: Shade(40, unheard=silent), codes[1]: Shade(None, "chưa gửi gì trong kỳ", unheard=silent, href="/x"), codes[2]: Shade(0)}
    some |= {codes[3]: Shade(None, "", hidden=True, unheard=silent), codes[4]: Shade(7, stale="số của hôm qua", unheard=silent)}
    chart = charts.area_map("11", some, title="Lượt", unit="lượt")
    drawing = within(chart)
    areas = {one[0].text: one for one in drawing.iter("path") if len(one) and one[0].tag == "title"}
    names = [charts.geometry("11").areas[code][0] for code in codes[:6]]
    told = {
        text.partition(": ")[2]: (one.get("class"), "c-stale" in (one.get("fill") or ""))
        for text, one in areas.items()
        if text.partition(": ")[0] in names
    }
    assert told == {
        f"40\u00a0lượt ({silent})": ("c-k5", False), silent: ("c-none", True), "0\u00a0lượt": ("c-k0", False),
        f"quá ít, được che; {silent}": ("c-hide", False), f"7\u00a0lượt (số của hôm qua; {silent})": ("c-k1", False), "không có số": ("c-none", False),
    }  # fmt: skip
    over = [path for one in drawing.iter("g") if one.get("class") == "c-over" for path in one]
    assert len(over) == 3, "over a class and over what is hidden; what has no number is hatched itself"
    legend = ["".join(one.itertext()) for one in parsed(chart).iter("li")]
    assert legend[-2:] == ["không có số", "số cũ · chưa cơ sở nào gửi trong kỳ"]
    only = {code: Shade(None, unheard=silent) for code in codes}
    assert ["".join(one.itertext()) for one in parsed(charts.area_map("11", only, title="x")).iter("li")] == ["chưa cơ sở nào gửi trong kỳ"]


def test_a_target_parts_two_classes_of_a_map():
    codes = [*charts.geometry("11").areas]
    some = {code: Shade(float(place)) for place, code in enumerate(codes)}
    assert 30.5 in breaks([one.value for one in some.values()], [Level(30.5, "Mức 2")])
    legend = [*parsed(charts.area_map("11", some, title="x", levels=[Level(30.5, "Mức 2")])).iter("li")]
    assert sum("(chỉ tiêu)" in "".join(one.itertext()) for one in legend) == 2
    shares = [*parsed(charts.area_map("11", some, title="x", unit="%", levels=[Level(30.5, "Mức 2")])).iter("li")]
    assert sum("30,5\xa0% (chỉ tiêu)" in "".join(one.itertext()) for one in shares) == 1, "of two numbers the last bears the unit"
    assert all("%" in "".join(one.itertext()) for one in shares)
    assert breaks([3, 3, 3]) == []
    assert breaks([]) == []


def test_a_gap_breaks_the_line_and_is_said():
    some = [Point("08/26", 4), Point("09/26", 5), Point("10/26", None, "chưa gửi gì trong kỳ"), Point("11/26", 6), Point("12/26", 8)]
    chart = charts.line(some, title="Lượt", unit="lượt", levels=[Level(7, "mức 1")])
    drawing = within(chart)
    assert len([*drawing.iter("polyline")]) == 2
    (gap,) = [one for one in drawing.iter("path") if one.get("class") == "c-gap"]
    assert gap[0].text == "10/26: chưa gửi gì trong kỳ"
    title, desc = said(chart)
    assert title == "Lượt"
    assert "Từ 08/26 đến 12/26: gần nhất 8\u00a0lượt, thấp nhất 4\u00a0lượt (08/26), cao nhất 8\u00a0lượt (12/26)." in desc
    assert "Không có số ở 1 kỳ: 10/26." in desc
    assert "Chỉ tiêu: 7\u00a0lượt – mức 1." in desc
    assert drawing.get("role") == "img"


def test_a_tile_whose_newest_value_is_hidden_ends_without_a_number():
    known = [Point("T43", 120.0), Point("T44", 167.0)]
    assert "167" in [one.text for one in within(charts.line(known, title="x", small=True)).iter("text")]
    hidden = charts.line([*known, Point("T45", None, "quá ít người, được che")], title="x", small=True)
    assert "167" not in [one.text for one in within(hidden).iter("text")], "it would be read as the number of now"


def test_what_is_outside_is_a_shape_and_a_word():
    some = [
        Watched("1", 5, 5, 2, 8),
        Watched("2", 9, 5, 2, 8),
        Watched("3", 1, 5, 2, 8),
        Watched("4", 5, 5, 2, 8, signal="8 kỳ liền trên trung bình"),
    ]
    chart = charts.control(some, title="Ca")
    words = [one.text for one in within(chart).iter("text")]
    assert words.count("trên giới hạn") == words.count("dưới giới hạn") == 1
    assert "Ngoài giới hạn: 2 trên giới hạn; 3 dưới giới hạn. Dấu hiệu: 4 8 kỳ liền trên trung bình." in said(chart)[1]


def test_beyond_one_band_is_a_triangle_beyond_all_a_diamond_with_their_names():
    limits = [Band("95 %", ((10, 20, 60), (100, 30, 50))), Band("99,8 %", ((10, 10, 70), (100, 25, 55)))]
    some = [Dot("A", 40, 50, 0), Dot("B", 52, 90, 1, "/b"), Dot("C", 80, 60, 2, "/c")]
    chart = charts.funnel(some, centre=40, bands=limits, title="Tái nhập viện", unit="%", size="đợt")
    drawing = within(chart)
    shapes = {one[0].text: one.get("class") for one in drawing.iter() if len(one) and one[0].tag == "title" and one.tag in {"path", "circle"}}
    assert shapes == {
        "A: 40\u00a0% (50)": "c-dot", "B: 52\u00a0% (90) – ngoài 95 %": "c-near", "C: 80\u00a0% (60) – ngoài 99,8 %": "c-outside",
    }  # fmt: skip
    assert [one.text for one in drawing.iter("text") if "c-out" in (one.get("class") or "")] == ["C", "B"]
    assert [one.get("href") for one in drawing.iter("a")] == ["/b", "/c"]
    assert "3 đơn vị, trung bình 40\u00a0%. Ngoài giới hạn 99,8 %: C 80\u00a0%. Ngoài giới hạn 95 %: B 52\u00a0%." in said(chart)[1]


def test_one_small_place_keeps_its_name():
    chart = charts.sankey([Flow(name, "Z", 10 - place) for place, name in enumerate("ABC")], title="x", most=2)
    assert {one.text for one in within(chart).iter("text")} >= {"A", "B", "C", "Z"}


def test_a_value_outside_of_an_axis_is_laid_on_its_edge():
    made, _ = axis([0, 10], 200, 20, zero=True)
    assert (made.at(-5), made.at(0), made.at(10), made.at(99)) == (200, 200, 20, 20)


def test_flows_that_may_not_be_shown_say_why():
    chart = charts.sankey([], title="x", why="quá ít người, được che")
    assert [one.text for one in within(chart).iter("text")] == ["quá ít người, được che"]


def test_flows_of_nobody_are_no_missing_number():
    chart = charts.sankey([Flow("A", "B", 0.0)], title="t")
    assert "không có luồng nào" in chart
    assert "không có số" not in chart


HOSPITALS = ["Bệnh viện Đa khoa khu vực Mường Tùng", "Bệnh viện Đa khoa khu vực Mường Pồn", "Trạm Y tế xã Sín Thầu"]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: charts.bars([Bar(one, 1.0) for one in HOSPITALS], title="t"),
        lambda: charts.sankey([Flow(one, one, 1.0) for one in HOSPITALS], title="t"),
    ],
)
def test_places_whose_names_begin_alike_are_told_apart(draw):
    named = {
        (one.text or "") + "".join(child.tail or "" for child in one) for one in parsed(draw()).iter("text")
    }  # without what a pointer alone reads
    assert sum("Mường Tùng" in one for one in named) == 1
    assert sum("Mường Pồn" in one for one in named) == 1
    assert "Trạm Y tế xã Sín Thầu" in named


@given(st.lists(texts, max_size=5), st.integers(2, 40))
def test_a_name_is_never_longer_than_its_room(names, most):
    cut = told_apart(names, most)
    assert len(cut) == len(names)
    assert all(len(one) <= most for one in cut)
    assert all(one == name for one, name in zip(cut, names, strict=True) if len(name) <= most)


def test_targets_close_together_are_read_apart_and_a_tiles_number_stands_free():
    some = [Point(f"{n:02}/26", 80.0 + n) for n in range(13)]
    drawing = parsed(charts.line(some, title="t", unit="%", levels=[Level(one, "Mức") for one in (50.0, 95.0, 100.0)]))
    strokes = [float(one.get("y1")) for one in drawing.iter("line") if one.get("class") == "c-level"]
    words = [float(one.get("y")) for one in drawing.iter("text") if "c-target" in (one.get("class") or "")]
    assert all(not word - 10 < stroke < word for word in words for stroke in strokes), "no stroke through the words of a target"
    tile = parsed(charts.line(some, title="t", unit="%", levels=[Level(92.0, "Mức")], small=True))
    end = next(one for one in tile.iter("text") if "c-big" in one.get("class"))
    assert max(float(one.get("x2")) for one in tile.iter("line")) < float(end.get("x")) - 4 * 6.4


def test_weeks_under_a_course_stand_apart():
    some = [Watched(f"T{n}/26", 5.0, 5.0, 1.0, 9.0) for n in range(36, 49)]
    chart = parsed(charts.control(some, title="t"))
    at = sorted(float(one.get("x")) for one in chart.iter("text") if (one.text or "").startswith("T"))
    assert len(at) >= 3
    assert all(right - left >= 6 * 6.4 + 10 for left, right in pairwise(at))


def test_flows_of_the_same_places_are_one_and_small_ones_are_drawn_together():
    some = [Flow("A", "B", 5), Flow("A", "B", 6), *(Flow(f"nơi {place}", "B", 1) for place in range(12)), Flow("A", "C", 0), Flow("A", "C", math.nan)]
    chart = charts.sankey(some, title="Chuyển", unit="lượt", most=4)
    titles = [one[0].text for one in within(chart).iter("path")]
    assert "A → B: 11\u00a0lượt" in titles
    assert "9 nơi khác → B: 9\u00a0lượt" in titles
    assert "A → B 11" in said(chart)[1]


@pytest.mark.parametrize("draw", [
    lambda: charts.line([], title="x"), lambda: charts.control([], title="x"), lambda: charts.funnel([], centre=1, bands=[], title="x"),
    lambda: charts.sankey([], title="x"), lambda: charts.bars([], title="x"), lambda: charts.bullet(None, target=None, title="x"),
    lambda: charts.line([Point("a", math.inf), Point("b", None)], title="x"), lambda: charts.area_map("00", {}, title="x"),
])  # fmt: skip
def test_nothing_says_so(draw):
    assert re.search("không có số|Chưa có bản đồ", said(draw())[1])


@pytest.mark.parametrize("draw", [
    lambda unit: charts.line([Point("a", 1), Point("b", 2)], title="x", unit=unit),
    lambda unit: charts.control([Watched("a", 1, 1, 0, 2)], title="x", unit=unit),
    lambda unit: charts.fan([Point("a", 1)], [charts.Coming("b", 2, 1, 3, 0, 4)], title="x", unit=unit),
    lambda unit: charts.funnel([Dot("A", 40, 50)], centre=40, bands=[], title="x", unit=unit),
    lambda unit: charts.bars([Bar("A", 3)], title="x", unit=unit), lambda unit: charts.sankey([Flow("A", "B", 3)], title="x", unit=unit),
])  # fmt: skip
def test_a_chart_on_paper_says_what_it_counts(draw):
    assert "lượt" in [one.text for one in within(draw("lượt")).iter("text")]
    assert None not in [one.text for one in within(draw("")).iter("text")]


def test_very_much_is_drawn():
    many = [Point(f"{place}", math.sin(place) * 1e299) for place in range(5_000)]
    assert len(within(charts.line(many, title="x")).findall("circle")) == 1
    drawing = within(charts.bars([Bar(str(one), one) for one in range(5_000)], title="x"))
    assert "còn 4980 nữa trong bảng" in [one.text for one in drawing.iter("text")]
    assert len(within(charts.sankey([Flow(str(a), str(b), a + b) for a in range(60) for b in range(60)], title="x")).findall("rect")) == 18


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (0, "0", "0"), (1234.5, "1.234", "1,234"), (1234567, "1.234.567", "1,234,567"), (45.25, "45,2", "45.2"), (45.0, "45", "45"), (-3.5, "-3,5", "-3.5"),
        (0.123, "0,12", "0.12"), (0.00012, "0,0001", "0.0001"), (-1e-9, "0", "0"), (1e21, "1,00e+21", "1.00e+21"), (math.nan, "–", "–"),
    ],
)  # fmt: skip
def test_numbers_as_each_language_writes_them(value, vi, en):
    assert (number(value), number(value, "en")) == (vi, en)
    assert number(value, "vi", "%").endswith("%") == math.isfinite(value)


@given(st.lists(st.floats(-1e300, 1e300), max_size=30), st.booleans())
def test_an_axis_holds_its_values_and_its_strokes(some, zero):
    made, strokes = axis(some, 0, 100, zero=zero)
    assert made.low < made.high
    assert all(made.low <= one <= made.high for one in some)
    assert strokes == sorted(strokes)
    assert 2 <= len(strokes) <= 12
    assert not zero or made.low <= 0 <= made.high


@given(st.lists(st.integers(0, 10_000).map(float), min_size=1, max_size=30))
def test_what_is_counted_has_strokes_at_whole_numbers(some):
    made, strokes = axis(some, 0, 100, zero=True, most=4, whole=True)
    assert made.low == 0
    assert all(one == int(one) for one in strokes)


@given(st.lists(st.floats(0, 100), max_size=8))
def test_texts_do_not_lie_on_one_another(some):
    moved = spread(some, 10, 0, 100)
    order = [one for _, one in sorted(zip(some, moved, strict=True))]
    assert order == sorted(order)
    assert all(b - a >= 10 - 1e-6 for a, b in pairwise(order))
    assert all(-1e-6 <= one <= 100 + 1e-6 for one in moved)


def test_every_province_has_a_map_within_its_box():
    from yba import directory, terminology  # noqa: PLC0415  lists are read when asked for
    from yba.kit import clock  # noqa: PLC0415

    today = clock.today()
    codes = [one.code for one in terminology.edition_on("province", today).all()]
    assert len(codes) == 34
    for code in codes:
        found = charts.geometry(code)
        assert {one.code for one in directory.communes_of(code, today)} == set(found.areas), f"{code}: the tree of communes and the map differ"
        for name, d in found.areas.values():
            assert d.startswith("M"), name
            assert all(0 <= x <= found.width and 0 <= y <= found.height for x, y in walked(d)), (code, name)
    assert charts.geometry("../11") is None
    assert any("Hoàng Sa" in name for name, _ in charts.geometry("48").areas.values())
    assert any("Trường Sa" in name for name, _ in charts.geometry("56").areas.values())
