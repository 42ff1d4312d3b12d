"""A lake that cannot be opened: the desk says which file and what to do, and shows what needs no lake; nothing of the machine's paths."""

import pytest

from tests.web import measured_world as w
from tests.web.test_measures import signed_in, world  # noqa: F401  # world is a fixture
from tests.web.test_screens import WALL, made, opened
from yba.warehouse.lake import Folder
from yba.warehouse.settings import LAKE


@pytest.fixture
def damaged(world, tmp_path):  # noqa: F811  # the fixture
    """A lake whose newest manifest was cut off, as a full disk leaves one."""
    manifest = Folder(tmp_path).manifests / "000012.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_bytes(b'{"number": 12, "seq"')
    with LAKE.set_to(str(tmp_path)):
        yield manifest


def test_the_desk_says_which_file_and_what_to_do_and_shows_what_needs_no_lake(damaged):
    manager = signed_in("provincial-manager")
    answer = manager.get("/director")
    assert answer.status_code == 200
    assert "000012.json" in answer.text
    assert "yba warehouse refresh --anew all" in answer.text
    assert "Hồ sơ không mất gì" in answer.text
    assert str(damaged.parent) not in answer.text
    assert "Chưa có kho dữ liệu" not in answer.text, "there is one: it cannot be opened"
    assert "<h2>Cảnh báo</h2>" in answer.text, "alerts are of the database"
    english = signed_in("provincial-manager").get("/director", {"lang": "en"}).text  # the language is kept in a cookie
    assert "its manifest 000012.json is half written or changed" in english
    assert "Kho số liệu không mở được" not in english
    file = manager.get("/director/csv", {"tile": "1", "board": "director"})
    assert (file.status_code, file["Location"]) == (302, "/director"), "the desk says what is wrong"


def test_whoever_may_not_see_numbers_is_told_nothing_of_the_lake(damaged):
    answer = signed_in("doctor", facility=w.HOSPITAL).get("/director")
    assert answer.status_code in {403, 404}
    assert "000012.json" not in answer.text


ADDRESSES = {
    "/measures": 200, "/measures/visits": 503, "/measures/visits/export": 503, "/director/wall": 503, "/reports-period": 200, "/digests": 200,
}  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_other_page_of_numbers_fails_without_a_word(damaged, address):
    answer = signed_in("provincial-manager").get(address)
    assert answer.status_code == ADDRESSES[address], "what needs the lake says so, the rest is there"
    assert ("000012.json" in answer.text) is (answer.status_code == 503)
    assert str(damaged.parent) not in answer.text


def test_a_book_says_so_too(damaged):
    answer = signed_in("station-nurse", facility=w.CENTRES[0], area=w.communes()[0]).get("/books/a1")
    assert (answer.status_code, "000012.json" in answer.text) == (503, True)


@pytest.mark.parametrize("where", ["a screen", "a desk's wall"])
def test_a_wall_says_so_tries_on_and_comes_back_by_itself_once_it_is_mended(damaged, where):
    if where == "a screen":
        address, browser = WALL, opened(made(signed_in("system-administrator"), ""))
    else:
        address, browser = "/director/wall", signed_in("provincial-manager")
    dark = browser.get(address, {"board": "director", "slide": "1"})
    assert (dark.status_code, dark["Refresh"]) == (503, "60"), "the same picture is asked for again, without anybody there"
    assert "tệp danh mục 000012.json" in dark.text
    assert "tự thử lại mỗi phút" in dark.text
    assert str(damaged.parent) not in dark.text
    assert "every minute" in browser.get(address, {"lang": "en"}).text
    damaged.unlink()
    empty = browser.get(address)
    assert (empty.status_code, "There is no lake yet" in empty.text) == (200, True), "a lake that is not filled yet is another thing"
    with LAKE.set_to(""):
        again = browser.get(address)
        assert (again.status_code, again["Refresh"][:7]) == (200, "30; url"), "the wall goes on"
