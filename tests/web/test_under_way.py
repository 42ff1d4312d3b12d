"""Pages of numbers that are still being counted, or cannot be: how far it is, without a script, and one failing number alone."""

import re
import shutil
from dataclasses import replace

import orjson
import pytest

from tests.web import measured_world as w
from tests.web.test_measures import signed_in, world  # noqa: F401  # world is a fixture
from yba.kit.db import reading, unit_of_work
from yba.specs.boards import boards
from yba.specs.measures import measures
from yba.warehouse import jobs
from yba.warehouse.kept import counting, leaving, shelf
from yba.warehouse.settings import COUNT_SECONDS, COUNT_WAITING


@pytest.fixture
def manager(world):  # noqa: F811  # the fixture
    """A manager of a province whose numbers nobody has counted yet."""
    shutil.rmtree(shelf.Shelf().root, ignore_errors=True)
    return signed_in("provincial-manager")


def opened(browser, path, **asked):
    answer = browser.get(path, asked)
    assert answer.status_code == 200, answer.text[:2000]
    return answer


def bar(text):
    """How far it says it is: (done, of)."""
    found = re.search(r'<progress max="(\d+)" value="(\d+)"', text)
    return (int(found[2]), int(found[1])) if found else None


def waiting():
    with reading(by=w.OPERATOR) as conn:
        return conn.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'", (leaving.JOB,)).fetchone()[0]


def work():
    """Do what waits in the queue as the worker does, with the arguments that wait there."""
    with unit_of_work(by=w.SYSTEM) as conn:
        rows = conn.execute("DELETE FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo' RETURNING args", (leaving.JOB,)).fetchall()
    handler = next(one.handler for one in jobs.JOBS if one.name == leaving.JOB)
    for (args,) in rows:
        handler(by=w.SYSTEM, **orjson.loads(args))


def test_a_measure_nobody_kept_is_counted_by_a_job_that_all_askers_share(manager):
    other, path = signed_in("provincial-manager"), "/measures/length-of-stay"
    asked = {"period": w.last_month(), "by": "facility"}
    with COUNT_SECONDS.set_to(0):
        first = opened(manager, path, **asked)
        assert bar(first.text) == (0, 14)
        assert first["Refresh"] == "5"
        assert "Số này được tính thế nào" in first.text, "what is known already is said"
        assert bar(opened(other, path, **asked).text) == (0, 14)
        assert waiting() == 1
        held = opened(manager, path, **asked, hold="1")
        assert not held.has_header("Refresh"), "what moves can be stopped (WCAG 2.2.1)"
        assert "hold" not in re.search(r'<a href="([^"]+)">Xem lại ngay', held.text)[1]
        english = opened(manager, path, **asked, lang="en").text
        assert "0 of 14 numbers are counted" in english
        assert not {"Đang tính", "Không tự mở lại"} & set(re.findall(r"[>\"]([^<>\"]+)[<\"]", english))
        sent = manager.get(f"{path}/export", asked)
        assert (sent.status_code, sent["Location"].partition("?")[0]) == (302, path), "a file is whole or none"
        work()
        for browser in (manager, other):
            done = opened(browser, path, **asked)
            assert bar(done.text) is None
            assert not done.has_header("Refresh")
            assert "Bệnh viện Đa khoa tỉnh" in done.text
        assert waiting() == 0
        assert manager.get(f"{path}/export", asked).status_code == 200


def test_the_desk_shows_what_is_there_and_how_far_the_rest_is(manager):
    with COUNT_SECONDS.set_to(0):
        begun = opened(manager, "/director")
        done, of = bar(begun.text)
        assert done < of
        assert begun["Refresh"] == "5"
        assert "đang tính" in begun.text
        assert opened(manager, "/director/wall").status_code == 200
        tile = next(number for number, one in enumerate(boards()["director"].tiles, 1) if not one.spec.missing)
        assert manager.get("/director/csv", {"tile": tile}).status_code in {200, 302}
    whole = opened(manager, "/director")
    assert bar(whole.text) is None
    assert "đang tính" not in whole.text


def test_one_number_that_fails_is_said_on_its_tile_and_its_page(manager, monkeypatch):
    broken = {**measures(), "visits": replace(measures()["visits"], sql="SELECT nobody_has_this FROM encounter\n", steps=())}
    for room in (counting, shelf):
        monkeypatch.setattr(room, "measures", lambda: broken)
    desk = opened(manager, "/director").text
    title = next(one.title.vi for one in boards()["director"].tiles if one.measure == "visits")
    said = re.search(rf'(?s)">{re.escape(title)}</a></h3>\s*<p class="tilevalue"><span>(.*?)</span>', desk)
    assert "bảng hoặc cột" in said[1]
    assert desk.count("chưa tính được") == desk.count(said[1]) >= 1
    assert len(re.findall(r'<p class="tilevalue"><b class="num">', desk)) > 1, "the others stand"
    assert "nobody_has_this" not in desk
    page = opened(manager, "/measures/visits", period=w.last_month()).text
    assert "bảng hoặc cột" in page
    assert "names a table or column the lake does not have" in opened(manager, "/measures/visits", period=w.last_month(), lang="en").text


def test_who_leaves_more_than_may_wait_is_told_so_and_a_wall_tries_again(manager):
    asked = {"period": w.last_month()}
    with unit_of_work(by=w.SYSTEM) as conn:  # what tests before left there is shared, not added
        conn.execute("DELETE FROM procrastinate_jobs WHERE task_name = %s", (leaving.JOB,))
    with COUNT_SECONDS.set_to(0), COUNT_WAITING.set_to(1):
        assert bar(opened(manager, "/measures/length-of-stay", **asked).text)
        for path in ("/measures/visits", "/director"):
            answer = manager.get(path, asked if path != "/director" else {})
            assert (answer.status_code, answer["Retry-After"]) == (429, "30"), path
            assert "Bạn đang có 1 trang số liệu chờ tính" in answer.text
        assert "1 pages of numbers" in manager.get("/measures/visits", {**asked, "lang": "en"}).text
        wall = manager.get("/director/wall", {"lang": "vi"})
        assert (wall.status_code, wall["Refresh"]) == (429, "60")
        assert "tự thử lại mỗi phút" in wall.text
        assert bar(opened(manager, "/measures/length-of-stay", **asked).text), "what waits is still shown"
        assert waiting() == 1
        work()
        assert bar(opened(manager, "/measures/visits", **asked).text), "there is room again"
