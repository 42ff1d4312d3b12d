"""Power cut at random moments under write load: every answered write is there exactly once, nothing is half, everybody is answered again."""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.api.power_load import Told, Writer, judge
from tests.api.power_station import KINDS, PATIENCE, Station

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENTS = 4
SHORT = ["backend", "everything", "database"]
LONG = int(os.environ.get("KILLS", "200"))  # KILLS=40 for a look


def kinds(number: int, dice: random.Random) -> list[str]:
    """The ways the power is cut: each of the short form, else all by lot, most of them the database's."""
    return SHORT if number == len(SHORT) else dice.choices(list(KINDS), weights=[4, 4, 2, 2, 3, 2], k=number)


@pytest.mark.parametrize("number", [len(SHORT), pytest.param(LONG, marks=pytest.mark.long)])
def test_power_is_cut_and_every_answered_write_is_there_once(number: int, record_property: Callable[[str, object], None]) -> None:
    dice, told, stop = random.Random(number), Told(), threading.Event()
    with tempfile.TemporaryDirectory(prefix="yba-power-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)  # the database's own user walks in
        station = Station(Path(name) / "var")
        writers = [Writer(station, nth, told, stop) for nth in range(CLIENTS)]
        try:
            with station.connect() as conn:
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                    assert conn.execute(f"SHOW {setting}".encode()).fetchone() == ("on",)
            for one in writers:
                one.start()
            took = [cut(station, how, writers, dice) for how in ["", *kinds(number, dice)]]
            stop.set()
            for one in writers:
                one.join(PATIENCE)
            assert not [one for one in writers if one.is_alive()]
            wrong = judge(station, told)
        finally:
            stop.set()
            station.close()
    record_property("back after", f"{statistics.median(took[1:]):.1f} s, longest {max(took[1:]):.1f} s")  # --junit-xml shows it
    record_property("answered", dict(told.answered))
    assert not wrong, "\n".join(wrong[:40])
    assert not told.odd, "\n".join(told.odd[:10])
    assert told.made
    assert told.whole
    assert told.raised


def cut(station: Station, how: str, writers: list[Writer], dice: random.Random) -> float:
    """Cut the power at a random moment of a loaded server; seconds until every client has been answered again."""
    if how:
        time.sleep(dice.uniform(0.1, 1.5))
        station.cut(how, dice)
    begun = time.monotonic()
    before = [one.done for one in writers]
    while any(one.done <= seen for one, seen in zip(writers, before, strict=True)):
        assert time.monotonic() - begun < PATIENCE, f"after {how or 'the start'} not everybody is answered"
        assert all(one.is_alive() for one in writers), "a client gave up"
        station.keep_running()
        time.sleep(0.05)
    return time.monotonic() - begun
