"""The job of the digests, as the queue calls it: what is due is made, once; nothing where there is no lake."""

from __future__ import annotations

from datetime import date

from tests.warehouse.conftest import lake  # noqa: F401  # a fixture
from yba import warehouse
from yba.kit import Actor
from yba.kit.db import reading
from yba.specs.boards import Window, boards
from yba.specs.measures import PeriodKind
from yba.warehouse import digests, jobs
from yba.warehouse.boards import desk

SYSTEM = Actor.system("warehouse:digest:make")


def test_what_is_due_is_made_once_and_nothing_without_a_lake(lake: object) -> None:  # noqa: F811  # the fixture
    jobs.tell(by=SYSTEM)
    with reading(by=SYSTEM) as conn:
        assert digests.listed(conn, by=SYSTEM) == []
    warehouse.refresh(by=Actor.system("warehouse:lake:refresh"))
    for _ in range(2):
        jobs.tell(by=SYSTEM)
        with reading(by=SYSTEM) as conn:
            assert sorted(one.name for one in digests.listed(conn, by=SYSTEM)) == ["monthly", "weekly"]


def test_a_digest_of_a_month_tells_of_that_month_in_every_tile(lake: object) -> None:  # noqa: F811  # the fixture
    warehouse.refresh(by=Actor.system("warehouse:lake:refresh"))
    for name in boards():
        for over, month, week in ((True, "2026-10", "2026-W43"), (False, "2026-09", "2026-W43")):  # the 31st is a Saturday
            shown = desk(name, by=SYSTEM, on=date(2026, 10, 31), over=over)
            ended = {one.tile.period: one.periods[-1] for one in shown.tiles if one.tile.window is Window.ENDED and not one.tile.lag and one.periods}
            wanted = {PeriodKind.MONTH: month, PeriodKind.WEEK: week}
            assert ended == {kind: wanted[kind] for kind in ended}
            running = {one.periods[-1] for one in shown.tiles if one.tile.window is Window.RUNNING and one.tile.period is PeriodKind.MONTH}
            assert running <= {"2026-10"}
