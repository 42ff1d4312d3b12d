"""The director's desk, the wall, alerts and digests over HTTP: who may, what is said and led to, files, statements, weight, English."""

import csv
import gzip
import hashlib
import io
import re
from urllib.parse import parse_qs, urlparse
from uuid import UUID

import orjson
import pytest

from tests.web import measured_world as w
from tests.web.test_english import left
from tests.web.test_measures import signed_in, world  # noqa: F401  # world is a fixture
from yba import directory, record, warehouse
from yba.kit import clock
from yba.kit.db import reading, unit_of_work
from yba.operations.bench_web import counted
from yba.record import Put
from yba.specs.boards import boards
from yba.specs.measures import Dimension
from yba.warehouse import Cell, State, alerts, digests
from yba.warehouse import boards as desks
from yba.web import board as view
from yba.web.words import catalogue

DESK = 40  # statements of the desk when its numbers are kept: who asks, rights, one row of the trail for all tiles, names of facilities, alerts
HEAVIEST = 100 * 1024  # bytes of the desk, packed; style, script and font come once (150 KB at most with them, 400 KB is the bar)


@pytest.fixture(scope="module")
def kept(world):  # noqa: F811  # the fixture
    desks.desk("director", by=w.OPERATOR)  # what nobody kept is counted and kept
    return world


@pytest.fixture(scope="module")
def manager(kept):
    return signed_in("provincial-manager")


def page(browser, path="/director", **asked):
    answer = browser.get(path, asked)
    assert answer.status_code == 200, answer.text[:2000]
    return answer.text


def tiles(text):
    """What each tile says: title -> value, or why there is none."""
    found = re.findall(
        r'(?s)<h3 id="t\d+"><a href="[^"]+">(.*?)</a></h3>\s*<p class="tilevalue">(?:<b class="num">(.*?)</b>|<span>(.*?)</span>)', text
    )
    return {title: (value or why).replace("\xa0", " ") for title, value, why in found}


def test_the_desk_answers_where_it_goes_wrong(manager):
    shown = page(manager)
    assert set(tiles(shown)) == {one.title.vi for one in boards()["director"].tiles}
    assert re.search(r"đến \d\d:\d\d hôm nay · \d+ % đơn vị đã gửi \(\d/5\)", shown)
    assert "chỉ tiêu 95" in shown
    assert 'class="chart chart-map"' in shown
    assert "Xấu nhất" in shown
    assert "Không phải bảng xếp hạng" in shown
    assert "ngoài giới hạn" in shown, "the world has a facility with more readmissions than chance makes"
    for place in re.findall(r'<ol class="standing">.*?</ol>', shown, re.DOTALL):
        assert place.count("<li>") <= 5


@pytest.mark.parametrize(("role", "board"), [("provincial-manager", "director"), ("epidemiologist", "epidemiology"), ("data-scientist", "")])
def test_who_works_with_numbers_begins_with_a_board_of_them(kept, role, board):
    browser = signed_in(role, area=w.communes()[0] if role == "epidemiologist" else "")
    shown = page(browser, "/")
    assert set(tiles(shown)) == ({one.title.vi for one in boards()[board].tiles} if board else set())
    home = "/home" if board else "/"
    assert f'<a href="{home}"' in shown.split('<nav class="menu"')[1].split("</nav>")[0]
    assert "Vai trò của bạn" in page(browser, home)


def test_numbers_without_a_source_say_so_and_are_never_zero(manager):
    said = tiles(page(manager))["Công suất sử dụng giường"]
    assert "0" not in said
    assert "chưa có" in said


def test_every_tile_has_its_table_and_its_csv_and_leads_to_how_it_is_made(manager):
    shown = page(manager)
    board = boards()["director"]
    assert shown.count("<summary>Bảng<span") == len(board.tiles)
    for number, tile in enumerate(board.tiles, 1):
        answer = manager.get("/director/csv", {"tile": number})
        assert answer.status_code == 200
        lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert {line["measure"] for line in lines} == {tile.measure}
        assert f"/measures/{tile.measure}?" in shown
        assert manager.get(f"/measures/{tile.measure}").status_code == 200


def test_tables_say_units_and_what_is_missing_the_greatest_first_and_places_as_dictionaries_have_them():
    tile = next(one for one in boards()["director"].tiles if one.measure == "visits")

    def cell(dimension, code, value, state=State.SHOWN):
        return Cell("2026-11", {dimension: code}, value, None, value, state, 1, 1)

    details = [cell(Dimension.DETAIL, "a", 5.0), cell(Dimension.DETAIL, "b", 12.0), cell(Dimension.DETAIL, "c", None, State.TOO_FEW)]
    homes = [cell(Dimension.COMMUNE, code, 9.0) for code in ("1", "2", "3")]
    shown = desks.Shown(tile, ("2026-11",), (None,), {Dimension.DETAIL: tuple(details), Dimension.COMMUNE: tuple(homes)})
    names = view.Names({}, {"1": "Đông", "2": "Ẳng Nưa", "3": "Búng Lao"}, str, "vi")
    rows = [(one.name, one.text) for one in view.table_of(shown, Dimension.DETAIL, names, lambda *_: "")]
    assert rows == [("b", "12\xa0lượt"), ("a", "5\xa0lượt"), ("c", "quá ít người, được che")]
    assert [one.name for one in view.table_of(shown, Dimension.COMMUNE, names, lambda *_: "")] == ["Ẳng Nưa", "Búng Lao", "Đông"]
    assert [one.text for one in view.course_lines(shown, names)] == ["chưa gửi gì trong kỳ"]
    assert view.short("2026-W47", catalogue("en").gettext) == "W47/26", "T is no English week"


def test_csv_by_place_is_the_measure_itself(manager):
    number = next(at for at, one in enumerate(boards()["director"].tiles, 1) if one.measure == "readmission-30")
    lines = list(csv.DictReader(io.StringIO(manager.get("/director/csv", {"tile": number, "by": "facility"}).content.decode("utf-8-sig"))))
    when = warehouse.period(w.month_before())
    told = warehouse.kept("readmission-30", by=w.OPERATOR, period=when, dimensions=[Dimension.FACILITY]).answer
    assert [(line["facility"], line["value"]) for line in lines] == [
        (cell.dimensions[Dimension.FACILITY] or "", "" if cell.value is None else str(cell.value)) for cell in told.cells
    ]
    assert w.NAMES[w.HOSPITAL] in {line["name"] for line in lines}


def test_flows_and_the_map_have_their_table_and_csv(manager):
    number = next(at for at, one in enumerate(boards()["director"].tiles, 1) if one.measure == "referrals")
    shown = page(manager, open=number)
    lines = list(csv.DictReader(io.StringIO(manager.get("/director/csv", {"tile": number, "by": "flows"}).content.decode("utf-8-sig"))))
    known = [line for line in lines if line["value"]]
    assert known
    assert {line["facility"] for line in known} <= set(w.FACILITIES)
    assert all(f"{line['name']} → {line['detail_name']}" in shown for line in known)
    address = re.search(r'href="(/director/csv\?[^"]*by=commune)">Tải CSV<span class="unseen"> ', shown)[1].replace("&amp;", "&")
    told = list(csv.DictReader(io.StringIO(manager.get(address).content.decode("utf-8-sig"))))
    assert {line["measure"] for line in told} == {boards()["director"].map}
    assert {line["commune"] for line in told} & set(w.communes())


def test_narrowed_to_a_place_it_shows_that_place_alone(manager):
    shown = page(manager, facility=w.HOSPITAL)
    assert f"<h1>{w.NAMES[w.HOSPITAL]}</h1>" in shown
    told = warehouse.kept("readmission-30", by=w.OPERATOR, period=warehouse.period(w.month_before()), dimensions=[Dimension.FACILITY]).answer
    (own,) = [cell for cell in told.cells if cell.dimensions[Dimension.FACILITY] == w.HOSPITAL]
    assert f"({own.numerator:.0f}/{own.denominator:.0f})" in shown or tiles(shown)["Tái nhập viện trong 30 ngày"].split()[0].replace(",", ".") == (
        f"{own.value:.1f}".removesuffix(".0")
    )
    assert "số liệu này không chia theo cơ sở" in shown
    others = [name for code, name in w.NAMES.items() if code != w.HOSPITAL]
    assert not [name for name in others if name in shown]
    assert page(manager, commune=w.communes()[0])
    assert tiles(page(manager, facility="99999")), "a place nobody heard of has tiles that say so"
    for wrong in ({"board": "nothing"}, {"facility": "'; DROP TABLE x"}, {"open": "99"}, {"map": "<b>"}):
        assert manager.get("/director", wrong).status_code in {200, 404}


def test_who_holds_no_numbers_is_refused_and_who_holds_one_facility_sees_that(kept):
    nurse = signed_in("pharmacist", facility=w.HOSPITAL)
    for path in ("/director", "/director/wall", "/director/csv?tile=1", "/alerts", "/digests"):
        assert nurse.get(path).status_code == 403, path
    head = signed_in("facility-manager", facility=w.CENTRES[0])
    shown = page(head)
    assert w.NAMES[w.HOSPITAL] not in shown
    assert f"Chỉ số liệu của: <b>{w.NAMES[w.CENTRES[0]]}</b>" in shown
    assert tiles(shown)
    assert "Không nơi nào tốt lên" not in shown, "one facility alone: there are no places to speak of"
    assert "Không số liệu nào của nơi này tốt lên" in shown


def test_the_wall_goes_on_by_itself_until_it_is_held(manager):
    answer = manager.get("/director/wall")
    seconds, _, following = answer["Refresh"].partition("; url=")
    assert int(seconds) >= 20
    assert parse_qs(urlparse(following).query)["slide"] == ["1"]
    assert 'class="tilevalue"' in manager.get(following).text
    held = re.search(r'href="(/director/wall\?[^"]*hold=1)">Giữ hình này', answer.text)[1].replace("&amp;", "&")
    assert "Refresh" not in manager.get(held).headers
    assert "<script" not in answer.text
    assert 'href="/director?board=epidemiology">Về bàn điều hành' in page(manager, "/director/wall", board="epidemiology")


def test_an_alert_is_taken_on_once_and_closed_with_a_word(kept, manager):
    alerts.judge(by=w.SYSTEM)
    officer = signed_in("provincial-manager")
    shown = page(officer, "/alerts")
    found = re.findall(r'action="/alerts/([0-9a-f-]{36})"', shown)
    assert found, "facilities that sent nothing this month are silent"
    assert "cảnh báo đang mở" in page(manager)
    address = f"/alerts/{found[0]}"
    assert officer.post(address, {"act": "take", "note": "Đã gọi trạm"}).status_code == 302
    again = officer.post(address, {"act": "take", "note": ""})
    assert again.status_code == 409
    assert "(Người provincial-manager): Đã gọi trạm" in again.text, "who took it on"
    assert "Đã có người tiếp nhận, hoặc cảnh báo đã đóng." in again.text
    empty = officer.post(address, {"act": "close", "note": " "})
    assert empty.status_code == 400
    assert "Muốn đóng, cần ghi đã tìm thấy gì, đã làm gì." in empty.text
    assert "closed with a word" not in empty.text
    assert officer.post(address, {"act": "close", "note": "Trạm mất mạng, đã gửi lại"}).status_code == 302
    assert "(Người provincial-manager): Trạm mất mạng" in page(officer, "/alerts", state="closed")
    with reading(by=w.OPERATOR) as conn:
        tags = [row[0] for row in conn.execute("SELECT tag FROM audit_event WHERE about_id = %s ORDER BY id", (found[0],)).fetchall()]
    assert {"warehouse:alert:acknowledge", "warehouse:alert:close"} <= set(tags)


def test_a_digest_is_made_once_kept_and_sent_in_both_languages(kept, manager):
    wanted = digests.due(by=w.SYSTEM)
    assert {name for name, _ in wanted} == {"weekly", "monthly"}
    made = [digests.make(by=w.SYSTEM, name=name, period=when) for name, when in wanted]
    assert digests.due(by=w.SYSTEM) == []
    assert digests.make(by=w.SYSTEM, name="weekly") in made
    assert digests.make(by=w.SYSTEM, name="weekly", again=True).number == 2
    shown = page(manager, "/digests")
    assert shown.count("/digests/") >= 3
    one = manager.get(f"/digests/{made[0].id}")
    assert one.content.startswith(b"%PDF")
    assert hashlib.sha256(one.content).hexdigest() == made[0].sha256
    english = signed_in("provincial-manager").get(f"/digests/{made[0].id}?lang=en")
    assert english.content.startswith(b"%PDF")
    assert english.content != one.content
    assert manager.get(f"/digests/{UUID(int=7)}").status_code == 404


def test_a_visit_more_is_a_visit_more_on_the_desk(kept, manager):
    title = "Lượt khám, điều trị trong tháng"
    assert tiles(page(manager))[title] in {"0 lượt", "chưa gửi gì trong kỳ"}
    period = {"start": f"{clock.today()}T00:00:00+07:00", "end": f"{clock.today()}T00:10:00+07:00"}
    doc = {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, "period": period}
    puts = [
        Put("Encounter", str(UUID(int=n)), UUID(int=0xA000 + n % 240), orjson.dumps({**doc, "id": str(UUID(int=n))}), [n], None, None, w.HOSPITAL,
            UUID(int=1), (), "test")
        for n in range(900_000, 900_012)
    ]  # fmt: skip
    with unit_of_work(by=w.OPERATOR) as conn:
        record.put_many(conn, by=w.OPERATOR, puts=puts)
    warehouse.refresh(by=w.SYSTEM)
    warehouse.keep_boards(by=w.SYSTEM)
    assert tiles(page(manager))[title] == "12 lượt"


def test_the_desk_is_light_and_asks_little(manager):
    for path in ("/director", "/director/wall", "/director/wall?slide=1"):
        answer = manager.get(path, headers={"accept-encoding": "gzip"})
        assert answer["Content-Encoding"] == "gzip"
        assert len(answer.content) <= HEAVIEST, path
        assert len(gzip.decompress(answer.content)) < 8 * HEAVIEST
    with counted() as statements:
        page(manager)
    assert len(statements) <= DESK, statements


def test_in_english_nothing_of_ours_is_vietnamese(kept):
    reader = signed_in("provincial-manager")  # the language is kept in a cookie
    data = {*w.NAMES.values(), *(one.name for one in directory.communes_of("11", clock.today()))}
    for path in ("/director", "/director?board=epidemiology", "/director/wall", "/director/wall?slide=1", "/alerts", "/digests"):
        text = reader.get(f"{path}{'&' if '?' in path else '?'}lang=en").text
        assert left(text, {*data, "Y bạ", "Tiếng Việt", "Người provincial-manager"}) == [], path
