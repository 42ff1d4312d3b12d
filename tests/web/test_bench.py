"""The measurement of the record's page measures a real page and leaves nothing behind."""

from yba.operations.bench_record import bench_record


def test_the_page_of_a_thousand_resources_is_fast_enough_and_leaves_nothing(database):
    figures = bench_record(times=7)
    assert figures["resources"] == 1000
    assert figures["bytes"] > 20_000
    # The goal is 25 ms on an idle machine; a busy one gets three times that before the test fails.
    assert figures["ms_per_1000"] < 75
    with database.as_owner() as conn:
        assert conn.execute("SELECT count(*) FROM resource").fetchone() == (0,)
