"""The map of a desk says of which communes nobody was heard, whether or not there is a number."""

import pytest

from yba.specs.boards import boards
from yba.specs.measures import Dimension
from yba.warehouse import Cell, State
from yba.warehouse.boards import Shown
from yba.web import board, charts

CODES = [*charts.geometry("11").areas]
NAMES = board.Names({}, {}, str, "vi")


def cell(code, value, heard, expected, state=State.SHOWN):
    return Cell("2026-10", {Dimension.COMMUNE: code}, value, None, value, state, heard, expected)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (cell("x", 3.0, 1, 2), ""),
        (cell("x", 3.0, 0, 2), "chưa cơ sở nào gửi trong kỳ (0/2)"),
        (cell("x", None, 0, 2, State.NOT_HEARD), "chưa cơ sở nào gửi trong kỳ (0/2)"),
        (cell("x", 0.0, 0, 0), "12 tháng qua chưa cơ sở nào kể về người ở đây"),
        (cell("x", None, 0, 0, State.NO_SOURCE), ""),
        (cell("x", None, 0, 3, State.FAILED), ""),
    ],
)
def test_of_whom_nobody_was_heard(one, expected):
    assert board.unheard(one, str) == expected


def test_a_desks_map_hatches_them():
    places = [cell(CODES[0], 80.0, 2, 2), cell(CODES[1], 50.0, 0, 1), cell(CODES[2], None, 0, 1, State.NOT_HEARD), cell(None, 1.0, 0, 0)]
    tile = boards()["director"].tile("record-coverage")
    shown = Shown(tile, ("2026-10",), (places[0],), {Dimension.COMMUNE: tuple(places)})
    drawn = str(board.map_of(shown, NAMES, way=lambda *_: "", province="11"))
    names = [charts.geometry("11").areas[code][0] for code in CODES[:3]]
    assert f"{names[0]}: 80\u00a0%<" in drawn
    assert f"{names[1]}: 50\u00a0% (chưa cơ sở nào gửi trong kỳ (0/1))<" in drawn
    assert f"{names[2]}: chưa cơ sở nào gửi trong kỳ (0/1)<" in drawn
    assert "<li>" in drawn
    assert drawn.rstrip().endswith("chưa cơ sở nào gửi trong kỳ</li></ul></figure>")
