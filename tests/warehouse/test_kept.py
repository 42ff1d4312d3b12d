"""Kept results: counted once, true while the files they were made of stand, hidden anew for each who asks, narrowed to where his grants are."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import orjson
import pytest

from tests.warehouse.lake_world import FACILITY, OPERATOR, SYSTEM, write
from yba import warehouse
from yba.access import Denied
from yba.kit import Grant, Invalid, NotFound, clock
from yba.kit.db import reading, unit_of_work
from yba.record import Put
from yba.specs.measures import Dimension, measures
from yba.warehouse import Ask, State, period
from yba.warehouse.kept import shelf as shelves
from yba.warehouse.kept.counting import count_anew, newest
from yba.warehouse.kept.keeping import asked_by_boards
from yba.warehouse.kept.shelf import Shelf
from yba.warehouse.kept.state import YOUNG
from yba.warehouse.settings import SMALLEST_CELL

MANAGER = OPERATOR.acting_as(Grant("provincial-manager"), purpose="administration")
OTHER = "01999"
HERE = OPERATOR.acting_as(Grant("facility-manager", facilities=frozenset({FACILITY})), purpose="administration")
THERE = OPERATOR.acting_as(Grant("facility-manager", facilities=frozenset({OTHER})), purpose="administration")
OCTOBER = period("2026-10")


def visit(number: int, facility: str = FACILITY, labels: tuple[str, ...] = ()) -> Put:
    """One visit in October 2026 of one person each."""
    ident, person = str(UUID(int=number)), UUID(int=0xA000 + number)
    doc = {"resourceType": "Encounter", "id": ident, "status": "finished", "class": {"code": "AMB"}}
    doc["period"] = {"start": "2026-10-05T08:00:00+07:00", "end": "2026-10-05T09:00:00+07:00"}
    return Put("Encounter", ident, person, orjson.dumps(doc), [number], None, None, facility, UUID(int=1), labels, "test")


def values(found) -> list[float | None]:
    return [cell.value for cell in found.answer.cells]


def counted(monkeypatch) -> list[str]:
    """Note each measure that is counted anew."""
    from yba.warehouse.kept import counting  # noqa: PLC0415  to be watched

    seen, real = [], counting.count

    def watched(engine, measure, *rest, **more):
        seen.append(measure.name)
        return real(engine, measure, *rest, **more)

    monkeypatch.setattr(counting, "count", watched)
    return seen


def test_it_equals_the_measure_and_is_counted_once(lake, monkeypatch):
    write(*[visit(number) for number in range(1, 8)])
    warehouse.refresh(by=SYSTEM)
    seen = counted(monkeypatch)
    for dimensions in ([], [Dimension.FACILITY]):
        first, again = (warehouse.kept("visits", by=MANAGER, period=OCTOBER, dimensions=dimensions) for _ in range(2))
        assert first == again
        assert first.answer == warehouse.measure("visits", by=MANAGER, period=OCTOBER, dimensions=dimensions)
        assert first.seq == 1
    assert seen == ["visits", "visits"]


def test_a_change_of_its_rows_ends_it_and_a_change_of_others_does_not(lake, monkeypatch):
    write(*[visit(number) for number in range(1, 8)])
    warehouse.refresh(by=SYSTEM)
    ask = Ask("visits", OCTOBER)
    assert warehouse.keep_boards(by=SYSTEM, asks=[ask]) == 1
    assert warehouse.keep_boards(by=SYSTEM, asks=[ask]) == 0
    other = Put("Basic", "b", UUID(int=0xA001), b'{"resourceType":"Basic","id":"b"}', [], None, None, FACILITY, UUID(int=1), (), "test")
    write(other)
    warehouse.refresh(by=SYSTEM)
    assert warehouse.keep_boards(by=SYSTEM, asks=[ask]) == 0
    write(visit(9))
    warehouse.refresh(by=SYSTEM)
    seen = counted(monkeypatch)
    assert values(warehouse.kept("visits", by=MANAGER, period=OCTOBER)) == [7]  # ten minutes old at most: the job comes sooner
    assert seen == []
    assert warehouse.keep_boards(by=SYSTEM, asks=[ask]) == 1
    found = warehouse.kept("visits", by=MANAGER, period=OCTOBER)
    assert (values(found), found.seq) == ([8], 3)


@pytest.mark.parametrize("young", [timedelta(0), YOUNG])
def test_who_began_before_an_export_takes_the_newer_count_and_does_not_put_an_older_one_over_it(lake, monkeypatch, young):
    write(*[visit(number) for number in range(1, 8)])
    warehouse.refresh(by=SYSTEM)
    ask, began_before = Ask("visits", OCTOBER), newest()
    assert warehouse.keep_boards(by=SYSTEM, asks=[ask]) == 1
    write(visit(9))
    warehouse.refresh(by=SYSTEM)
    assert warehouse.keep_boards(by=SYSTEM, asks=[ask]) == 1
    seen = counted(monkeypatch)
    found = count_anew([ask], began_before, young=young)
    assert (found[ask].standing.seq, seen) == (2, [])
    assert values(warehouse.kept("visits", by=MANAGER, period=OCTOBER)) == [8]


def test_what_is_too_old_is_counted_anew_by_who_waits_and_given_as_it_is_to_who_does_not(lake):
    write(*[visit(number) for number in range(1, 8)])
    warehouse.refresh(by=SYSTEM)
    warehouse.kept("visits", by=MANAGER, period=OCTOBER)
    write(visit(9))
    warehouse.refresh(by=SYSTEM)
    with clock.frozen(clock.now() + timedelta(days=2)):
        (found,) = warehouse.ask_all([Ask("visits", OCTOBER)], by=MANAGER, wait=False)
        assert values(found) == [7]
        assert values(warehouse.kept("visits", by=MANAGER, period=OCTOBER)) == [8]
    assert warehouse.ask_all([Ask("deaths-in-hospital", OCTOBER)], by=MANAGER, wait=False) == [None]


def test_small_cells_are_kept_open_and_hidden_when_they_are_shown(lake):
    write(*[visit(number) for number in range(1, 4)])
    warehouse.refresh(by=SYSTEM)
    for _ in range(2):
        (cell,) = warehouse.kept("visits", by=MANAGER, period=OCTOBER).answer.cells
        assert (cell.value, cell.numerator, cell.state) == (None, None, State.TOO_FEW)
    with SMALLEST_CELL.set_to(2):
        assert values(warehouse.kept("visits", by=MANAGER, period=OCTOBER)) == [3]


def test_restricted_rows_are_in_no_kept_result_whoever_asks_first(lake):
    write(*[visit(number) for number in range(1, 7)], visit(7, labels=("hiv",)))
    warehouse.refresh(by=SYSTEM)
    for by in (SYSTEM, MANAGER):
        assert values(warehouse.kept("visits", by=by, period=OCTOBER)) == [6]


def test_a_facility_is_answered_for_itself_alone(lake):
    write(*[visit(number) for number in range(1, 8)], *[visit(number, OTHER) for number in range(20, 30)])
    warehouse.refresh(by=SYSTEM)
    for door in (
        lambda by, **more: warehouse.kept("visits", by=by, period=OCTOBER, **more).answer,
        lambda by, **more: warehouse.measure("visits", by=by, period=OCTOBER, **more),
    ):
        assert [one.value for one in door(MANAGER).cells] == [17]
        assert [one.value for one in door(HERE).cells] == [7]
        assert [(one.value, one.heard, one.expected) for one in door(THERE).cells] == [(10, 1, 1)]
        assert [one.dimensions for one in door(HERE, dimensions=[Dimension.FACILITY]).cells] == [{Dimension.FACILITY: FACILITY}]
        assert [one.value for one in door(HERE, facilities=[FACILITY, OTHER]).cells] == [7]
        with pytest.raises(Denied):
            door(HERE, facilities=[OTHER])
    with pytest.raises(Denied):
        warehouse.kept("visits", by=OPERATOR.acting_as(Grant("facility-manager"), purpose="administration"), period=OCTOBER)
    with pytest.raises(Denied):
        warehouse.kept("visits", by=OPERATOR.acting_as(Grant("doctor", facilities=frozenset({FACILITY})), purpose="treatment"), period=OCTOBER)


def test_what_is_not_told_apart_by_facility_is_not_for_one_of_them(lake):
    write(visit(1))
    warehouse.refresh(by=SYSTEM)
    whole = next(name for name, one in measures().items() if Dimension.FACILITY not in one.dimensions)
    with pytest.raises(Invalid, match="whole province"):
        warehouse.kept(whole, by=HERE, period=period("2026"))


def test_a_page_of_many_is_one_row_of_the_trail(lake):
    write(visit(1))
    warehouse.refresh(by=SYSTEM)
    with unit_of_work(by=MANAGER) as conn:
        found = warehouse.ask_all([Ask("visits", one) for one in warehouse.months(date(2026, 11, 22))], by=MANAGER, conn=conn)
    assert len(found) == 13
    assert [one.answer.period.label for one in found][::12] == ["2025-11", "2026-11"]
    with reading(by=SYSTEM) as conn:
        rows = conn.execute("SELECT who, about_id FROM audit_event WHERE tag = 'warehouse:measure:read'").fetchall()
    assert rows == [(MANAGER.name, "visits")]


def test_a_half_written_or_foreign_file_is_counted_anew(lake):
    write(*[visit(number) for number in range(1, 8)])
    warehouse.refresh(by=SYSTEM)
    warehouse.kept("visits", by=MANAGER, period=OCTOBER)
    path = Shelf().path(Ask("visits", OCTOBER))
    whole = path.read_bytes()
    for wrong in (whole[:-20], b"", b"[]", b'{"form":1}', whole.replace(b'"form":1', b'"form":9')):
        path.write_bytes(wrong)
        assert values(warehouse.kept("visits", by=MANAGER, period=OCTOBER)) == [7]
    path.write_bytes(whole.replace(b'"seq":1', b'"seq":9'))  # a lake that was taken away
    assert warehouse.kept("visits", by=MANAGER, period=OCTOBER).seq == 1
    assert (path.stat().st_mode & 0o77, path.parent.stat().st_mode & 0o77) == (0, 0)


def test_another_wording_is_another_result_and_the_old_one_is_swept(lake, monkeypatch):
    write(*[visit(number) for number in range(1, 8)])
    warehouse.refresh(by=SYSTEM)
    warehouse.kept("visits", by=MANAGER, period=OCTOBER)
    path = Shelf().path(Ask("visits", OCTOBER))
    assert Shelf().sweep() == 0
    monkeypatch.setattr(shelves, "measures", lambda: {**measures(), "visits": replace(measures()["visits"], owner="CDC")})
    assert Shelf().path(Ask("visits", OCTOBER)) != path
    assert Shelf().sweep() == 1
    assert not path.exists()


def test_the_job_keeps_what_the_boards_ask(lake, monkeypatch):
    write(*[visit(number) for number in range(1, 8)])
    warehouse.refresh(by=SYSTEM)
    told = []
    asks = asked_by_boards(clock.today())
    done = warehouse.keep_boards(by=SYSTEM, progress=lambda *at: told.append(at))
    assert done == len(asks) == told[-1][0]
    seen = counted(monkeypatch)
    assert None not in warehouse.ask_all(asks, by=MANAGER)
    assert seen == []


def test_no_such_measure_and_no_lake(lake):
    with pytest.raises(NotFound, match="no lake"):
        warehouse.kept("visits", by=MANAGER, period=OCTOBER)
    assert warehouse.keep_boards(by=SYSTEM) == 0
    with pytest.raises(NotFound, match="no measure"):
        warehouse.kept("visit", by=MANAGER, period=OCTOBER)
    with pytest.raises(Denied):
        warehouse.keep_boards(by=MANAGER)
