"""The measurement of the desks' pages: every page it names is a real page with its work on it, and it gives its keys."""

import os

import pytest

from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.operations.bench_desks import desk_pages
from yba.operations.bench_record import doctor_cookie
from yba.operations.bench_web import PageFigures, bench_web, served

# Statements of a page with a morning's work on it, sign-in, rights and trail included. A page that needs more says why here.
QUERIES = {
    "home": 13, "desk": 14, "search": 10, "register": 10, "record": 13, "summary": 12, "visit": 17, "follow": 12, "household": 11, "forms": 11,
    "form": 13,
}  # fmt: skip


def test_every_page_of_the_bench_is_served_with_no_more_statements_than_stated(database):
    by = Actor.operator("bench")
    with unit_of_work(by=by) as conn:
        cookie = doctor_cookie(conn, by)
        pages = desk_pages(conn, by=by, username="do-luong", resources=60)
    assert pages.keys() == QUERIES.keys()
    sent = {name: served(asked, cookie, 1)[1] for name, asked in pages.items()}
    assert {name: count for name, count in sent.items() if count > QUERIES[name]} == {}


@pytest.mark.skipif(not os.environ.get("YBA_LONG"), reason="the long suite: a browser on a slow line, eleven pages three times")
def test_the_bench_gives_its_keys(database):
    figures = bench_web(times=1)
    assert figures["pages"].keys() == QUERIES.keys()
    assert set(PageFigures._fields) < figures.keys()
    for name, page in figures["pages"].items():
        assert 0 < page["next_kb"] < page["first_kb"], name
        assert page["fcp_ms_slow"] > 0, name
        assert page["queries"] > 0, name
