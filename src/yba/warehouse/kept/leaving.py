"""Leaving questions to the queue: what a page does not wait for, counted once for all who ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
import xxhash

from yba.kit import jobs
from yba.kit.db import unit_of_work
from yba.kit.errors import TooMuch
from yba.specs.measures import Dimension, measures
from yba.warehouse.measures.periods import period
from yba.warehouse.settings import COUNT_WAITING

from .shelf import Ask

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from psycopg import Connection

    from yba.kit.actor import Actor

JOB: Final = "warehouse:result:count"


class TooManyWait(TooMuch):
    """One asker has left as much to the queue as may wait at once; ``vi`` and ``en`` say so on a page."""

    def __init__(self, most: int) -> None:
        """Take how many pages may wait."""
        self.vi = f"Bạn đang có {most} trang số liệu chờ tính. Xem các trang đó trước; khi một trang tính xong, mở lại trang này."
        self.en = f"{most} pages of numbers you asked for are still being counted. Look at those first, and open this one when one of them is done."
        super().__init__(self.vi, advice=self.en)


def leave(asks: Sequence[Ask], *, of: Sequence[Ask], by: Actor, conn: Connection[Any] | None = None) -> None:
    """Put questions into the queue, one such job runs at a time; who asked the same (``of``) before finds them there and adds none.

    ``conn``: the asker's unit of work. Raises TooManyWait where more than YBA_COUNT_WAITING pages of this asker would wait; several at the very same
    moment may go a little beyond.
    """
    if conn is None:
        with unit_of_work(by=by) as own:
            leave(asks, of=of, by=by, conn=own)
        return
    key = xxhash.xxh3_64_hexdigest(written(of).encode())
    with conn.transaction():  # what is refused is not left, whatever becomes of the unit of work around it
        added = jobs.enqueue(conn, JOB, only_once=f"{JOB}:{key}", one_at_a_time=JOB, asks=written(asks), who=by.name)
        if added and jobs.waiting(conn, JOB, who=by.name) > (most := max(1, COUNT_WAITING())):
            raise TooManyWait(most)


def written(asks: Iterable[Ask]) -> str:
    """Write questions as a job carries them: names of measures, periods, codes of places."""
    told = [[one.name, one.period.label, one.by, _sorted(one.facilities), _sorted(one.areas)] for one in asks]
    return orjson.dumps(sorted(told, key=str)).decode()


def read(text: str) -> list[Ask]:
    """Read what `written` wrote; a measure that is no more is left out."""
    return [
        Ask(name, period(label), tuple(Dimension(one) for one in by), _set(facilities), _set(areas))
        for name, label, by, facilities, areas in orjson.loads(text)
        if name in measures()
    ]


def _sorted(codes: frozenset[str] | None) -> list[str] | None:
    return None if codes is None else sorted(codes)


def _set(codes: list[str] | None) -> frozenset[str] | None:
    return None if codes is None else frozenset(codes)
