"""The job of the digests, as the queue calls it: what is due is made, once; nothing where there is no lake."""

from __future__ import annotations

from tests.warehouse.conftest import lake  # noqa: F401  # a fixture
from yba import warehouse
from yba.kit import Actor
from yba.kit.db import reading
from yba.warehouse import digests, jobs

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
