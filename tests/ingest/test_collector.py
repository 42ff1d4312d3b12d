"""A run holds the collector back and leaves it as it was: also in a server, whose heap was set apart for good."""

import gc

import pytest

from yba.ingest.pipeline.workers import collector_at_rest


@pytest.fixture(autouse=True)
def as_before():
    yield
    gc.enable()
    gc.freeze()  # tests/conftest.py


def test_a_settled_server_stays_settled():
    gc.freeze()
    apart = gc.get_freeze_count()
    with collector_at_rest():
        assert not gc.isenabled()
    assert gc.isenabled()
    # Not equal: what is set apart may still die by its count of references meanwhile.
    assert gc.get_freeze_count() > apart // 2


def test_a_command_sets_its_heap_apart_only_for_the_run():
    gc.unfreeze()
    with collector_at_rest():
        assert not gc.isenabled()
        assert gc.get_freeze_count() > 0
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
