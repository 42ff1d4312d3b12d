"""How the bench of the main path reads its marks; the figures themselves are measured, never asserted."""

import os
from pathlib import Path

import psutil
import pytest

from yba.operations.bench_ingest import _last_over_first, _processor, _Run, _server, mixed


def marks(seconds):
    """One mark a claim, after these seconds each."""
    at = 0.0
    found = []
    for number, took in enumerate(seconds, 1):
        at += took
        found.append((at, number))
    return found


@pytest.mark.parametrize(
    ("seconds", "ratio"),
    [([1.0] * 1000, 1.0), ([1.0] * 500 + [2.0] * 500, 2.0), ([2.0] * 100 + [1.0] * 900, 0.5), ([1.0] * 10, 0.0)],
)
def test_the_last_tenth_over_the_first(seconds, ratio):
    assert _last_over_first(marks(seconds)) == pytest.approx(ratio, rel=0.02)


def test_every_tenth_of_the_set_is_like_the_whole(tmp_path):
    names = [f"{facility}/{month}" for facility in range(11001, 11031) for month in range(202501, 202511)]
    for name in names:
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "claim.xml").touch()
    given = [str(Path(one).relative_to(tmp_path)) for one in mixed(tmp_path)]
    assert sorted(given) == sorted(names)
    assert given == [str(Path(one).relative_to(tmp_path)) for one in mixed(tmp_path)]
    first = [int(name.split("/")[0]) for name in given[:30]]
    assert 11010 < sum(first) / len(first) < 11021
    assert mixed(tmp_path / "11001" / "202501") == [str(tmp_path / "11001" / "202501" / "claim.xml")]


def test_processor_time_between_two_samples_is_in_proportion():
    run = _Run(Path(), 1, None)
    run.samples = [(10.0, 1.0), (20.0, 3.0), (30.0, 3.0)]
    assert [run.spent(at) for at in (5.0, 10.0, 15.0, 20.0, 25.0, 99.0)] == [1.0, 1.0, 2.0, 3.0, 3.0, 3.0]
    run.samples = []
    assert run.spent(5.0) == 0.0


def test_processor_time_of_a_process_that_is_gone_counts_nothing():
    assert _processor(os.getpid()) > 0
    assert _processor(max(psutil.pids()) + 10_000) == 0.0


def test_the_server_of_a_connection_is_found_here_and_not_elsewhere(conn):
    (backend,) = conn.execute("SELECT pg_backend_pid()").fetchone()
    server = _server(backend)
    assert server is not None
    assert psutil.Process(server).name().startswith("postgres")
    assert _server(os.getpid()) is None
