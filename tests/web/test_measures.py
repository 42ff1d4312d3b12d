"""The pages of measures over HTTP: who may, what is chosen, drawn and said, states in words, files, statements, weight."""

import csv
import gzip
import io
import re
from pathlib import Path

import openpyxl
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.web import measured_world as w
from tests.web.test_english import left
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock, spreadsheets
from yba.kit.db import reading
from yba.operations.bench_web import counted
from yba.specs import access as specs
from yba.specs.measures import measures
from yba.warehouse.settings import LAKE
from yba.web import words
from yba.web.pages import measure_files
from yba.web.pages import measures as measures_page

KEPT = 10  # statements of a page whose numbers are kept: who asks, rights, one row of the trail, names of facilities
HEAVIEST = 20 * 1024  # bytes of a page, packed: style, script and font come once


@pytest.fixture(scope="module")
def world(migrated, tmp_path_factory):
    migrated.renew()
    with w.laid(tmp_path_factory.mktemp("measured")):
        yield migrated


def signed_in(role, **post):
    account = w.employ(role, **post)
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(pk=account))
    session = client.session
    session["started"] = session["seen"] = clock.now().timestamp()
    session["yba_assured"] = str(account)
    session.save()
    return client


@pytest.fixture(scope="module")
def manager(world):
    return signed_in("provincial-manager")


def shown(browser, name, **asked):
    answer = browser.get(f"/measures/{name}", {"period": w.last_month(), **asked})
    assert answer.status_code == 200, answer.text[:3000]
    return answer.text


def table(page):
    """The lines of the page's table: texts of cells."""
    body = page.split('aria-label="Bảng số"')[1].split("<tbody>")[1].split("</tbody>")[0]
    return [
        [re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in re.findall(r"(?s)<t[hd][^>]*>(.*?)</t[hd]>", line)]
        for line in body.split("</tr>")[:-1]
    ]


def test_the_list_has_every_measure_once_and_says_which_have_no_source(manager):
    page = manager.get("/measures").text
    for one in measures().values():
        assert page.count(f'href="/measures/{one.name}"') == 1
    for one in measures().values():
        if one.missing:
            assert one.missing.vi in page
    assert "Chất lượng, an toàn" in page
    owners = manager.get("/measures?by=owner").text
    assert "<h2>CDC tỉnh</h2>" in owners
    assert 'href="/measures"' in manager.get("/").text


def test_a_number_with_how_it_is_made(manager):
    page = shown(manager, "length-of-stay")
    spec = measures()["length-of-stay"]
    for words_ in (spec.numerator, spec.denominator, spec.population):
        assert words_.vi in page
    assert spec.law in page
    assert "SELECT v.person" in page
    assert "told AS" in page, "what measures share is shown too"
    assert re.search(r"\d trong 5 cơ sở đã gửi", page)
    assert "Số đến" in page
    assert page.count("<polyline") >= 1, "the course of thirteen months"
    assert "13 kỳ gần nhất" in page
    assert re.search(r"nhóm xây dựng kiểm tra ngày \d\d/\d\d/\d{4}, chưa có chuyên gia thống kê", page)
    assert "founding engineers" not in page
    assert "AMB, IMP" not in shown(manager, "visits"), "kinds of visits in words"


@pytest.mark.parametrize(
    ("name", "asked", "chart"),
    [
        ("record-freshness", {"by": "commune"}, "chart-map"), ("readmission-30", {"by": "facility", "period": w.month_before()}, "chart-funnel"),
        ("referrals", {"by": "facility", "and": "detail"}, "chart-sankey"), ("referrals", {"by": "detail", "and": "facility"}, "chart-sankey"),
        ("visits", {"by": "facility"}, "chart-bars"), ("visits", {"by": "age_band"}, "chart-bars"), ("hypertension-cascade", {}, "chart-bars"),
        ("hypertension-cascade", {"by": "commune"}, "chart-map"), ("length-of-stay", {"by": "facility", "and": "sex"}, "chart-bars"),
        ("top-diagnoses", {"by": "detail"}, "chart-bars"), ("visits", {"limits": "1"}, "chart-control"), ("visits", {}, "chart-line"),
    ],
)  # fmt: skip
def test_the_chart_fits_what_was_asked(manager, name, asked, chart):
    page = shown(manager, name, **asked)
    assert chart in page
    kinds = set(re.findall(r'class="chart (chart-[a-z]+)"', page))
    assert kinds - {chart} <= {"chart-line"}, "the course stands beside it"
    assert page.count("<desc>") == page.count('<figure class="chart')


def test_limits_that_cannot_be_drawn_yet_say_so(manager):
    assert "cần ít nhất bốn kỳ có số" in shown(manager, "visits", limits="1", facility="99999")
    assert "cần ít nhất bốn kỳ có số" not in shown(manager, "visits", limits="1")
    assert "cần ít nhất bốn kỳ có số" not in shown(manager, "visits", facility="99999")


def test_places_with_nobody_to_count_are_named_beneath_the_table(manager, monkeypatch):
    monkeypatch.setattr(measures_page, "FOLDED", 0)
    page = shown(manager, "readmission-30", by="facility", period=w.month_before())
    told = [line[0] for line in table(page)]
    beneath = re.search(r"Không có ai trong mẫu số: (\d+) nơi</summary><p class=\"soft\">(.*?)</p>", page)
    lines = csv.DictReader(io.StringIO(manager.get(f"/measures/readmission-30/export?by=facility&period={w.month_before()}").text.lstrip("\ufeff")))
    nobody = {line["facility_name"] for line in lines if line["denominator"] in {"0", "0.0"}}
    assert nobody
    assert set(beneath[2].split(", ")) == nobody
    assert int(beneath[1]) == len(nobody)
    assert not nobody & set(told)


def test_values_are_called_by_their_names(manager):
    facilities = shown(manager, "visits", by="facility", **{"and": "detail"})
    assert "Bệnh viện Đa khoa tỉnh" in facilities
    assert "Cơ sở 11005" in facilities, "one without a name is not a bare code"
    assert {"Nội trú", "Khám ngoại trú"} <= {line[1] for line in table(facilities)}
    assert "Bệnh tăng huyết áp vô căn" in shown(manager, "top-diagnoses", by="detail")
    names = {line[0] for line in table(shown(manager, "visits", by="commune"))}
    assert names <= {one.name for one in w.directory.communes_of("11", clock.today())} | {"không rõ"}
    assert "từ 80 tuổi" in shown(manager, "visits", by="age_band")
    steps = [line[0] for line in table(shown(manager, "hypertension-cascade"))]
    assert "Đã biết mắc bệnh" in steps


def test_a_place_alone_and_the_way_there_and_back(manager):
    page = shown(manager, "visits", by="facility")
    way = re.search(r'href="(\?[^"]*facility=11001[^"]*)"', page)[1].replace("&amp;", "&")
    alone = manager.get(f"/measures/visits{way}").text
    assert "Bệnh viện Đa khoa tỉnh" in alone
    assert "Phần đã chọn" in alone
    assert "bỏ lọc" in alone
    whole = dict(line[:2] for line in table(page))
    assert f'class="num">{whole["Bệnh viện Đa khoa tỉnh"].split()[0]}<' in alone, "the place's own number stands at the head"


def test_who_did_not_send_is_no_zero(manager):
    silent = w.label(w.PeriodKind.MONTH, clock.today(), w.MONTHS - 5)
    lines = dict(line[:2] for line in table(shown(manager, "visits", period=silent, by="facility")))
    assert lines["Cơ sở 11005"] == "chưa gửi gì trong kỳ"


def test_few_people_are_hidden_in_words_and_on_the_map(manager):
    page = shown(manager, "visits", by="commune", **{"and": "age_band"})
    assert "quá ít người, được che" in page
    assert not [line for line in table(page) if line[2][:1].isdigit() and int(line[2].split()[0]) < 1]


def test_a_measure_without_a_source_says_which_and_shows_nothing(manager):
    for one in measures().values():
        if one.missing:
            page = shown(manager, one.name)
            assert one.missing.vi in page
            assert "Không có số nào được hiện" in page
            assert "<figure" not in page
    page = shown(manager, "doses-given")
    assert "chưa có dữ liệu “Tiêm chủng”" in page
    assert 'class="num"' not in page.split("Số này được tính")[0]


def test_a_page_before_the_lake_is_filled_still_explains(manager, tmp_path):
    with LAKE.set_to(str(tmp_path / "none")):
        page = shown(manager, "visits")
    assert "Kho số liệu chưa được nạp lần nào" in page
    assert measures()["visits"].numerator.vi in page


def test_what_cannot_be_read_is_told_calmly(manager):
    for asked in (
        {"period": "hôm qua"},
        {"period": "2026-13"},
        {"period": "0001-W02"},
        {"period": "9998"},
        {"period": "2026-10@99"},
        {"since": "32/01/2026", "until": "01/02/2026"},
        {"since": "02/02/2026", "until": "01/02/2026"},
    ):
        answer = manager.get("/measures/visits", asked)
        assert answer.status_code == 400, asked
        assert "Traceback" not in answer.text
    assert manager.get("/measures/hypertension-cascade", {"period": "2026-W43"}).status_code == 400
    assert manager.get("/measures/nosuch").status_code == 404
    page = shown(manager, "visits", by="<script>", value="<script>alert(1)</script>", facility="<b>", area="99999")
    assert "<script>alert" not in page
    english = manager.get("/measures/visits?period=x&lang=en")
    assert "Write it as 2026-10" in english.text
    manager.get("/?lang=vi")


def test_any_two_days(manager):
    today = clock.today()
    page = shown(manager, "visits", since=f"01/{today:%m/%Y}", until=f"{today:%d/%m/%Y}")
    assert f"01/{today:%m/%Y} – {today:%d/%m/%Y}" in page
    assert "kỳ gần nhất" not in page


def test_the_file_has_what_the_table_has_and_runs_no_formula(manager, world):
    answer = manager.get(f"/measures/visits/export?by=facility&period={w.last_month()}")
    assert answer["Content-Disposition"] == f'attachment; filename="visits-{w.last_month()}.csv"'
    assert answer["Cache-Control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    lines = dict(line[:2] for line in table(shown(manager, "visits", by="facility")))
    assert {row["facility_name"]: float(row["value"]) for row in rows} == {name: float(text.split()[0]) for name, text in lines.items()}
    book = openpyxl.load_workbook(io.BytesIO(manager.get(f"/measures/visits/export?by=facility&as=xlsx&period={w.last_month()}").content))
    sheet = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert [str(line[1]) for line in sheet[1:]] == [row["facility"] for row in rows]
    course = manager.get("/measures/visits/export").content.decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(course)))) == w.MONTHS
    kept = w.warehouse.measure("visits", by=w.SYSTEM, period=w.warehouse.period(w.last_month()), dimensions=["facility"])
    made = measure_files.table([("2026-10", cell) for cell in kept.cells], kept.by, lambda *_: "=1+1", "", "vi")
    assert "'=1+1" in spreadsheets.to_csv(made)
    sheet = openpyxl.load_workbook(io.BytesIO(spreadsheets.to_workbook(made, "x"))).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}, "no formula"


def test_a_facilitys_manager_sees_his_own_facility_and_is_told_what_is_not_told_apart(world):
    browser = signed_in("facility-manager", facility=w.HOSPITAL)
    lines = table(shown(browser, "visits", by="facility"))
    assert [line[0] for line in lines] == ["Bệnh viện Đa khoa tỉnh"]
    assert "1 trong 1 cơ sở đã gửi" in shown(browser, "visits")
    page = shown(browser, "record-freshness")
    assert "chỉ tính cho toàn tỉnh" in page
    assert "<figure" not in page
    assert "chỉ tính cho toàn tỉnh" in browser.get("/measures").text
    assert browser.get("/measures/record-freshness/export").status_code == 400
    assert browser.get("/measures/visits", {"facility": "11002"}).status_code == 403
    assert w.NAMES["11002"] not in shown(browser, "referrals", by="facility")


def test_who_may_not_is_refused_and_asking_is_in_the_trail(manager, world):
    doctor = signed_in("doctor", facility=w.HOSPITAL)
    if not any(Right.WAREHOUSE_MEASURE_READ.value in rule.rights for rule in specs.roles()["doctor"].may):
        for path in ("/measures", "/measures/visits", "/measures/visits/export"):
            assert doctor.get(path).status_code == 403
        assert 'href="/measures"' not in doctor.get("/home").text
    before = asked()
    shown(manager, "length-of-stay", by="facility")
    assert asked() == before + 1, "one row for a page, however many periods it holds"


def asked():
    with reading(by=w.SYSTEM) as conn:
        return conn.execute("SELECT count(*) FROM audit_event WHERE tag = %s", (Tag.MEASURE_READ.value,)).fetchone()[0]


def test_statements_and_weight_of_a_page(manager):
    for name, asked_ in (("visits", {"by": "facility"}), ("record-freshness", {"by": "commune"}), ("referrals", {"by": "facility", "and": "detail"})):
        shown(manager, name, **asked_)
        with counted() as sent:
            page = shown(manager, name, **asked_)
        assert len(sent) <= KEPT, f"{name}: {len(sent)} statements"
        assert len(gzip.compress(page.encode())) <= HEAVIEST, name


def test_in_english_no_word_of_ours_is_vietnamese(manager):
    data = set(w.NAMES.values()) | {one.name for one in w.directory.communes_of("11", clock.today())}
    data |= {one.law for one in measures().values()} | {"Y bạ", "Tiếng Việt", "Người provincial-manager"}
    manager.get("/?lang=en")
    try:
        pages = {path: manager.get(path) for path in ("/measures", "/measures?by=owner", *(f"/measures/{name}?limits=1" for name in measures()))}
        pages |= {
            path: manager.get(path)
            for path in (
                "/measures/visits?by=age_band&and=payer",
                "/measures/visits?by=sex&period=2026-W43",
                "/measures/visits?since=01/01/2026&until=02/01/2026",
            )
        }
        wrong = {}
        for path, answer in pages.items():
            assert answer.status_code == 200, path
            page = re.sub(r"(?s)<pre.*?</pre>", "", answer.text[answer.text.index("<main") :])
            charts = "".join(f"<p>{one}</p>" for one in re.findall(r"(?s)<(?:title|desc|text)[^>]*>([^<]*)<", page))
            if found := left(page + charts, data):
                wrong[path] = found
        assert len(wrong) == 0, "\n".join(f"{where}: {text}" for where, found in wrong.items() for text in found)
    finally:
        manager.get("/?lang=vi")


def test_every_text_of_the_pages_has_its_english():
    texts = words.catalogue("en")
    for folder in ("charts", "pages"):
        for path in Path(words.__file__).with_name(folder).glob("measure*.py" if folder == "pages" else "*.py"):
            for text in re.findall(r'_n\(\s*"((?:[^"\\]|\\.)*)"', path.read_text("utf-8")):
                assert texts.gettext(text) != text or text.isascii(), f"{path.name}: {text}"
