"""The measurement of the record's page measures a real page and leaves nothing behind."""

from yba.operations.bench_record import bench_record


def test_the_bench_builds_a_page_of_a_thousand_resources_and_leaves_nothing(database):
    figures = bench_record(times=2)
    assert figures["resources"] == 1000
    assert figures["bytes"] > 20_000
    assert figures["ms_per_1000"] > 0
    with database.as_owner() as conn:
        assert conn.execute("SELECT count(*) FROM resource").fetchone() == (0,)
