"""Training is a function of its rows: a province that learns twice from the same people gets the same release.

Six thousand rows lie in one of DuckDB's row groups, so this catches an order that is left open, not every draw; `yba bench identity` compares a million.
"""

import duckdb

from tests.identity.matching.register import compared
from yba.identity import matching
from yba.identity.matching import training


def _release(threads):
    model = matching.load("2026.2")
    with duckdb.connect(config={"threads": threads}) as engine:
        compared(engine, model, 6000)
        return training.learn(engine, model, "again").model.release


def test_the_same_rows_give_the_same_weights_however_many_threads_draw():
    assert _release(1) == _release(4)
