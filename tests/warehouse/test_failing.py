"""A number that fails takes no other with it: damaged files, missing columns, divisions by zero; what a page does not wait for is counted once."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread, Timer
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pytest

from tests.warehouse.lake_world import FACILITY, OPERATOR, SYSTEM, write
from yba import warehouse
from yba.kit import PROVINCE, Actor, Grant, Invalid, clock, jobs, log
from yba.kit.db import reading, unit_of_work
from yba.record import Put
from yba.specs.measures import Dimension, measures
from yba.warehouse import Ask, State, period
from yba.warehouse import boards as desks
from yba.warehouse import jobs as room
from yba.warehouse.kept import counting, leaving, shelf
from yba.warehouse.kept.shelf import Shelf
from yba.warehouse.settings import COUNT_PARALLEL, COUNT_SECONDS, COUNT_WAITING

if TYPE_CHECKING:
    from pathlib import Path

MANAGER = OPERATOR.acting_as(Grant("provincial-manager"), purpose="administration")
OCTOBER = period("2026-10")
MONTHS = warehouse.months(OCTOBER.start)


def visit(number: int) -> Put:
    """One visit in October 2026 of one person each."""
    ident = str(UUID(int=number))
    doc = {"resourceType": "Encounter", "id": ident, "status": "finished", "class": {"code": "AMB"}}
    doc["period"] = {"start": "2026-10-05T08:00:00+07:00", "end": "2026-10-05T09:00:00+07:00"}
    return Put("Encounter", ident, UUID(int=0xA000 + number), orjson.dumps(doc), [number], None, None, FACILITY, UUID(int=1), (), "test")


@pytest.fixture
def filled(lake: Path) -> Path:
    """A lake with seven visits."""
    write(*[visit(number) for number in range(1, 8)])
    warehouse.refresh(by=SYSTEM)
    return lake


def worded(monkeypatch: pytest.MonkeyPatch, name: str, **other: Any) -> None:
    """Let a measure be worded otherwise, for whoever counts."""
    changed = {**measures(), name: replace(measures()[name], **other)}
    for where in (counting, shelf):
        monkeypatch.setattr(where, "measures", lambda: changed)


def ask(name: str = "visits", *by: Dimension) -> warehouse.Kept:
    """One number of October."""
    return warehouse.kept(name, by=MANAGER, period=OCTOBER, dimensions=by)


FACT = """SELECT row_person AS person, row_facility AS facility, start_date AS day, NULL AS payer, NULL AS detail, {} AS numerator, 1 AS denominator
FROM encounter
"""


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (FACT.format("5 % 0"), "chia cho 0"),
        (FACT.format("1 / 0"), "chia cho 0"),
        (FACT.format("person_of_no_view"), "bảng hoặc cột"),
        (FACT.format("status::INT"), "không hợp lệ"),
    ],
)
def test_a_number_that_fails_says_so_in_words_and_the_others_stand(filled, monkeypatch, caplog, fact, said):
    worded(monkeypatch, "visits", sql=fact, steps=())
    both = warehouse.ask_all([Ask("visits", OCTOBER), Ask("deaths-in-hospital", OCTOBER)], by=MANAGER)
    wrong, right = (one.answer.cells[0] for one in both if one is not None)
    assert wrong.state is State.FAILED
    assert wrong.value is None
    assert said in wrong.words.vi
    assert right.state is not State.FAILED
    logged = [log.JsonFormatter().format(record) for record in caplog.records]
    assert any('"warehouse.measure.failed"' in line and '"visits"' in line for line in logged) is not ("1 / 0" in fact), "of a cell nothing is logged"
    assert "finished" not in "".join(logged), "an engine's words quote rows"
    assert "finished" not in wrong.words.vi + wrong.words.en


def test_a_failure_is_kept_for_a_while_and_tried_again(filled, monkeypatch):
    tried: list[str] = []
    real = counting.count

    def count(engine, measure, *rest, **more):
        tried.append(measure.name)
        return real(engine, measure, *rest, **more)

    monkeypatch.setattr(counting, "count", count)
    with monkeypatch.context() as broken:
        worded(broken, "visits", sql="SELECT nothing FROM encounter\n", steps=())
        before = [ask().failed, ask().failed]
        assert None not in before
        assert tried == ["visits"], "a page does not wait for what fails"
        assert warehouse.keep_boards(by=SYSTEM, asks=[Ask("visits", OCTOBER)]) == 0
        with clock.frozen(clock.now() + timedelta(minutes=16)):
            assert ask().failed
        assert tried == ["visits"] * 2
    assert ask().failed is None, "another wording is another question"
    assert ask().answer.cells[0].value == 7


def test_what_was_counted_before_stands_with_a_word_beside_it(filled, monkeypatch):
    whole = ask()
    write(visit(9))
    warehouse.refresh(by=SYSTEM)
    monkeypatch.setattr(counting, "count", lambda *_, **__: (_ for _ in ()).throw(counting.EngineFailed("no", kind="OutOfMemoryException")))
    with clock.frozen(clock.now() + timedelta(days=2)):
        found = ask()
        assert found.answer.cells == whole.answer.cells
        assert "bộ nhớ" in found.failed.vi
        assert found.failed in found.answer.notes
        assert found.until == whole.until
        (kept,) = warehouse.ask_all([Ask("visits", OCTOBER)], by=MANAGER, wait=False)
        assert kept == found


def test_a_damaged_file_is_the_fault_of_who_reads_it_alone(filled, monkeypatch):
    """A file of Condition is gone: what counts visits still does; the desk says on each tile which is which."""
    write(Put("Condition", str(UUID(int=99)), UUID(int=0xA001), b'{"resourceType":"Condition","id":"x","code":{"text":"secret"}}', [99], None, None,
              FACILITY, UUID(int=1), (), "test"))  # fmt: skip
    warehouse.refresh(by=SYSTEM)
    for path in filled.glob("open/Condition/*.parquet"):
        path.unlink()
    for path in filled.glob("views/*/open-Condition-*.parquet"):
        path.unlink()
    board = desks.desk("director", by=MANAGER, on=OCTOBER.end - timedelta(days=1))
    states = {one.tile.measure: one.now.state if one.now is not None else None for one in board.tiles}
    reads = {name for name in states if "Condition" in shelf.types_of(measures()[name]) and not measures()[name].missing}
    assert reads
    assert {name for name, state in states.items() if state is State.FAILED} == reads
    assert states["visits"] is State.SHOWN
    said = {one.now.words.vi for one in board.tiles if one.now is not None and one.now.state is State.FAILED}
    assert all("tệp" in words for words in said)


def test_a_damaged_side_file_is_the_fault_of_who_reads_it_alone(filled, monkeypatch):
    """The table of communes is half a file: a measure that reads it says so, the desk and everything else stand."""
    worded(monkeypatch, "deaths-in-hospital", sql=FACT.format("(SELECT count(*) FROM area)"), reads=("encounter", "area"), steps=())
    halved = [*(filled / "side" / "area").iterdir()]
    assert halved
    for path in halved:
        path.write_bytes(path.read_bytes()[:40])
    visits, deaths = (one.answer.cells[0] for one in warehouse.ask_all([Ask("visits", OCTOBER), Ask("deaths-in-hospital", OCTOBER)], by=MANAGER))
    assert (visits.state, visits.value) == (State.SHOWN, 7)
    assert (deaths.state, "tệp" in deaths.words.vi) == (State.FAILED, True)
    board = desks.desk("director", by=MANAGER, on=OCTOBER.end - timedelta(days=1))
    assert {one.tile.measure for one in board.tiles if one.now and one.now.state is State.FAILED} <= {"deaths-in-hospital"}


def test_a_wrong_question_is_still_refused(filled):
    with pytest.raises(Invalid):
        warehouse.kept("visits", by=MANAGER, period=OCTOBER, dimensions=(Dimension.FACILITY, Dimension.FACILITY))


def test_a_page_leaves_to_the_queue_what_it_has_no_time_for_and_asks_share_it(filled):
    asks = [Ask("visits", one) for one in MONTHS]
    with COUNT_SECONDS.set_to(0):
        first = warehouse.ask_soon(asks, by=MANAGER)
        again = warehouse.ask_soon(asks, by=MANAGER)
    assert None in first
    assert None in again
    assert waiting() == 1, "who asks the same finds it in the queue"
    jobs.join([one for one in room.JOBS if one.name == leaving.JOB])
    jobs.work(forever=False)
    with COUNT_SECONDS.set_to(0):
        done = warehouse.ask_soon(asks, by=MANAGER)
    assert [one.answer for one in done] == [one.answer for one in warehouse.ask_all(asks, by=MANAGER)]
    assert done[-1].answer.cells[0].value == 7
    assert waiting() == 0


def test_what_one_counts_nobody_else_counts_meanwhile(filled):
    asks, held, free = [Ask("visits", OCTOBER)], Event(), Event()

    def hold() -> None:
        with Shelf().alone(asks[0], wait=True):
            held.set()
            free.wait(60)

    other = Thread(target=hold)
    other.start()
    held.wait(60)
    try:
        assert warehouse.ask_soon(asks, by=MANAGER) == [None]
        assert warehouse.ask_soon([Ask("deaths-in-hospital", OCTOBER)], by=MANAGER) != [None]
    finally:
        free.set()
        other.join()
    assert warehouse.ask_soon(asks, by=MANAGER)[0].answer.cells[0].value == 7


def test_a_long_count_is_broken_off(filled, monkeypatch):
    """What would take hours is over when the page's time is; nothing of it is kept, and it is no fault."""
    endless = "(SELECT sum(a.range * b.range % 7) FROM range(10000000) a, range(10000000) b)"
    worded(monkeypatch, "visits", steps=(), sql=FACT.format(endless))
    with COUNT_SECONDS.set_to(2):
        assert warehouse.ask_soon([Ask("visits", OCTOBER)], by=MANAGER) == [None]
    assert Shelf().fault(Ask("visits", OCTOBER)) is None
    assert Shelf().find(Ask("visits", OCTOBER)) is None


def test_opening_the_lake_is_part_of_the_time(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lake that takes hours to open is no reason to wait for hours: it is left to the queue, and it is no fault."""
    from yba.warehouse.lake import reading as lakes  # noqa: PLC0415  to be slowed down

    def slow(engine: Any, *_: object) -> None:
        engine.execute("SELECT sum(a.range * b.range % 7) FROM range(10000000) a, range(10000000) b")

    before = waiting()
    with monkeypatch.context() as patched:
        patched.setattr(lakes, "_lay", slow)
        with COUNT_SECONDS.set_to(2):
            assert warehouse.ask_soon([Ask("visits", OCTOBER)], by=MANAGER) == [None]
    assert waiting() == before + 1
    assert Shelf().fault(Ask("visits", OCTOBER)) is None
    assert warehouse.ask_soon([Ask("visits", OCTOBER)], by=MANAGER)[0].answer.cells[0].value == 7


def test_no_more_counts_run_at_once_than_may(filled: Path) -> None:
    """A place of another process is waited for within the page's time; what found none is left to the queue, which waits for one."""
    ask = [Ask("visits", OCTOBER)]
    with COUNT_PARALLEL.set_to(2), ExitStack() as others:
        assert [others.enter_context(Shelf().place(2, until=0.0)) for _ in range(3)] == [True, True, False]
        with COUNT_SECONDS.set_to(1):
            assert warehouse.ask_soon(ask, by=MANAGER) == [None]
        with COUNT_PARALLEL.set_to(3):
            assert warehouse.ask_soon(ask, by=MANAGER)[0].answer.cells[0].value == 7
    with COUNT_PARALLEL.set_to(1), COUNT_SECONDS.set_to(60):
        held, begun, free = Shelf().place(1, until=None), Event(), Event()

        def other() -> None:
            with held as mine:
                begun.set()
                assert mine
                free.wait()

        thread = Thread(target=other)
        thread.start()
        begun.wait()
        Timer(0.3, free.set).start()
        assert warehouse.ask_soon([Ask("deaths-in-hospital", OCTOBER)], by=MANAGER) != [None], "a place that comes free is taken"
        thread.join()


def test_nobody_leaves_more_pages_to_the_queue_than_may_wait(filled: Path) -> None:
    somebody = Actor.user(UUID(int=9), [Grant("provincial-manager", areas=frozenset({PROVINCE}))], purpose="administration")
    months = [period(f"2025-{month:02}") for month in range(1, 7)]
    with COUNT_SECONDS.set_to(0), COUNT_WAITING.set_to(3):
        for one in months[:3]:
            assert warehouse.ask_soon([Ask("visits", one)], by=MANAGER) == [None]
        with pytest.raises(leaving.TooManyWait) as refused:
            warehouse.ask_soon([Ask("visits", months[3])], by=MANAGER)
        assert "3 trang số liệu chờ tính" in refused.value.vi
        assert waiting() == 3, "what was refused does not wait"
        assert warehouse.ask_soon([Ask("visits", months[0])], by=MANAGER) == [None], "to ask again how far it is adds nothing"
        assert warehouse.ask_soon([Ask("visits", months[3])], by=somebody) == [None], "somebody else is not held up"
        assert waiting() == 4
        with unit_of_work(by=SYSTEM) as conn:
            conn.execute("DELETE FROM procrastinate_jobs WHERE args->>'who' = %s AND args->>'asks' LIKE '%%2025-01%%'", (MANAGER.name,))
        assert warehouse.ask_soon([Ask("visits", months[4])], by=MANAGER) == [None], "one was counted: there is room"


def test_questions_are_read_back_from_the_queue():
    asks = [Ask("visits", OCTOBER, (Dimension.FACILITY,), frozenset({"11001"}), None), Ask("visits", period("2026-W43"))]
    assert set(leaving.read(leaving.written(asks))) == set(asks)
    assert leaving.written(asks) == leaving.written(asks[::-1])
    assert leaving.read('[["no-such", "2026-10", [], null, null]]') == []


def waiting() -> int:
    """How many such jobs wait."""
    with reading(by=SYSTEM) as conn:
        row = conn.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'", (leaving.JOB,)).fetchone()
    return row[0]
