"""A page of one person's record, or of one resource's versions: what the whole would give, cut, and no more documents read than it shows."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from yba import record
from yba.fhir import dates
from yba.kit import Actor
from yba.kit.errors import NotFound
from yba.record import put_many, tombstone_many

if TYPE_CHECKING:
    from collections.abc import Iterator

CHILD, MARK = UUID(int=0xC), "read-me"
HERE, THERE = "01003", "79001"
CLIENT = Actor.facility_client(HERE)


def _doc(rtype: str, number: int, **more: Any) -> dict[str, Any]:
    # Ids in the form of a UUID and others, in an order that is neither that of writing nor that of their text.
    id_ = str(UUID(int=(number * 7919) % 10_007)) if number % 2 else f"n-{number}"
    return {"resourceType": rtype, "id": id_, "language": MARK, "subject": {"reference": "Patient/sa"}, **more}


@pytest.fixture
def large(conn: Any, operator: Actor, put: Any, an: UUID) -> list[datetime]:
    """A record of many types, times and facilities, with what is restricted, deleted, changed, and at home in a child's record."""
    days = [f"2026-0{1 + n % 9}-1{n % 10}" for n in range(24)]
    puts = [put({"resourceType": "Patient", "id": id_, "language": MARK, "birthDate": "1980-01-01"}, source=None) for id_ in ("sa", "a-second")]
    for number, day in enumerate(days):
        facility = HERE if number % 4 else THERE
        more = {"performer": [{"reference": f"Practitioner/p{number % 2}"}], "note": [{"authorReference": {"reference": "Practitioner/unsaid"}}]}
        dated = {"effectiveDateTime": day} if number % 5 else {}
        puts += [
            put(_doc("Observation", number, **dated, **more), facility=facility),
            put(_doc("Condition", 100 + number, onsetDateTime=day), facility=facility, labels=("hiv",) if number % 6 == 0 else ()),
            put(_doc("Encounter", 200 + number, status="finished", period={"start": day, "end": f"{day}T10:00:00+07:00"})),
            put(_doc("Basic", 300 + number)),
        ]
    paper = put(_doc("Composition", 1, date="2026-03-02", author=[{"reference": "Practitioner/p2"}]), person=CHILD)
    relative = put({"resourceType": "RelatedPerson", "id": "m1", "language": MARK}, person=CHILD)
    paper.also = relative.also = (an,)
    doctors = [put({"resourceType": "Practitioner", "id": f"p{n}"}, person=record.NOBODY, source=None) for n in range(3)]
    doctors.append(put({"resourceType": "Practitioner", "id": "unsaid"}, person=record.NOBODY, source=None))
    moments = []
    for batch in (puts, [paper, relative, *doctors], [put(_doc("Basic", 302, code={"text": "mới"})), put(_doc("Basic", 400))]):
        put_many(conn, by=operator, puts=batch)
        moments.append(datetime.now(UTC))
    tombstone_many(conn, by=operator, refs=[("Basic", "n-304")], reason="withdrawn")
    return moments


def _order(row: record.StoredResource) -> tuple[bool, str, UUID]:
    return row.rtype != "Patient", row.rtype, record.lines.columns_of(row.id)[0]


def _met(row: record.StoredResource, care: tuple[datetime | None, datetime | None]) -> bool:
    """R4's words for `start` and `end`, said once more."""
    if row.rtype in {"Patient", "RelatedPerson"}:
        return True
    ended_before = care[0] is not None and row.end is not None and row.end < care[0] and row.rtype != "Condition"
    begun_after = care[1] is not None and row.start is not None and row.start > care[1]
    return not ended_before and not begun_after


CARE = {"": (None, None), "from": (dates.point("2026-05-14")[0], None), "to": (None, dates.point("2026-04")[1]),
        "within": (dates.point("2026-03")[0], dates.point("2026-06")[1])}  # fmt: skip


@pytest.mark.parametrize("by", [Actor.operator(), CLIENT, Actor.facility_client(THERE)], ids=["operator", "here", "there"])
@pytest.mark.parametrize("since", [None, 0, 1])
@pytest.mark.parametrize(
    "types", [None, ["Condition", "Composition", "Patient"], ["Practitioner", "Basic"], ["Device"]], ids=["all", "few", "doctors", "none"]
)
@pytest.mark.parametrize("care", CARE)
def test_pages_together_are_the_whole_cut_and_ordered(
    conn: Any, large: list[datetime], an: UUID, by: Actor, since: int | None, types: list[str] | None, care: str
) -> None:
    after = None if since is None else large[since]
    everything = record.of_person(conn, by=by, person_id=an)
    wanted = [
        row for row in everything
        if (types is None or row.rtype in types) and (after is None or row.updated >= after) and _met(row, CARE[care])
    ]  # fmt: skip
    expected = [(row.rtype, row.id, row.version) for row in sorted(wanted, key=_order)]
    for count in (None, 7):
        rows, total, along = _walked(conn, by, an, since=after, types=types, count=count, care=CARE[care])
        assert rows == expected
        assert total == (len(everything) if (after, types, care) == (None, None, "") else None)
        named = [row for row in everything if (after is None or row.updated >= after) and _met(row, CARE[care])]
        if types is not None and "Practitioner" in types:
            observed = {f"p{n % 2}" for n in range(24) if any((one.rtype, one.id) == ("Observation", _doc("Observation", n)["id"]) for one in named)}
            observed |= {"p2"} if any(one.rtype == "Composition" for one in named) else set()
            assert along == (set() if by.name.endswith(THERE) else observed), "theirs are of the other facility"


def _walked(conn: Any, by: Actor, person: UUID, **asked: Any) -> tuple[list[tuple[str, str, int]], int | None, set[str]]:
    rows, along, cursor, total, pages = [], set(), None, None, 0
    while pages == 0 or cursor:
        page = record.everything(conn, by=by, person_id=person, cursor=cursor, **asked)
        assert len(page.rows) <= (asked["count"] or 1000)
        rows += [(row.rtype, row.id, row.version) for row in page.rows]
        along |= {row.id for row in page.included if row.rtype == "Practitioner"}
        total, cursor, pages = page.total if not pages else total, page.next, pages + 1
    return rows, total, along


def test_what_is_out_of_reach_is_not_there_whatever_part_is_asked_for(conn: Any, large: list[datetime], an: UUID) -> None:
    stranger, cursor = Actor.facility_client("01004"), record.everything(conn, by=CLIENT, person_id=an, count=3).next
    for asked in ({}, {"types": ["Condition"]}, {"count": 2}, {"cursor": cursor}, {"cursor": "x"}):
        with pytest.raises(NotFound):
            record.everything(conn, by=stranger, person_id=an, **asked)
    with pytest.raises(record.BadCursor):
        record.everything(conn, by=CLIENT, person_id=an, count=3, cursor="x")
    assert record.everything(conn, by=CLIENT, person_id=an, types=["Device"]).rows == [], "nothing of the kind, yet a record"


def test_what_is_written_between_two_pages_is_not_in_them_and_nothing_is_twice(conn: Any, operator: Actor, put: Any, large: Any, an: UUID) -> None:
    first = record.everything(conn, by=operator, person_id=an, count=30)
    put_many(conn, by=operator, puts=[put(_doc("Basic", 500 + n)) for n in range(5)] + [put(_doc("Basic", 306, code={"text": "đổi"}))])
    rows, cursor = [(row.rtype, row.id) for row in first.rows], first.next
    while cursor:
        page = record.everything(conn, by=operator, person_id=an, count=30, cursor=cursor)
        rows, cursor = rows + [(row.rtype, row.id) for row in page.rows], page.next
    assert len(rows) == len(set(rows)) == first.total
    assert ("Basic", "n-306") in rows
    assert ("Basic", "n-500") not in rows


@contextmanager
def _read(conn: Any) -> Iterator[list[int]]:
    """Count the documents that PostgreSQL hands over, by libpq's own account."""
    counted: list[int] = []
    with tempfile.TemporaryFile() as told:
        conn.pgconn.trace(told.fileno())
        try:
            yield counted
        finally:
            conn.pgconn.untrace()
        told.seek(0)
        counted.append(told.read().count(MARK.encode()))


@pytest.mark.parametrize("asked", [{}, {"types": ["Observation", "Basic"]}, {"care": CARE["within"]}, {"since": datetime(2020, 1, 1, tzinfo=UTC)}])
def test_a_page_of_a_record_reads_its_own_documents(conn: Any, operator: Actor, put: Any, large: Any, an: UUID, asked: dict[str, Any]) -> None:
    put_many(conn, by=operator, puts=[put(_doc("Observation", 1_000 + n)) for n in range(300)])
    others = 2  # what is at home elsewhere comes with each page; what the page names of the record itself does not
    cursor = None
    for _ in range(4):
        with _read(conn) as documents:
            page = record.everything(conn, by=operator, person_id=an, count=10, cursor=cursor, **asked)
        assert len(page.rows) == 10
        assert 10 <= documents[0] <= 10 + 1 + others, "one beyond the page says that there is more"
        cursor = page.next


def test_a_page_of_a_history_reads_its_own_documents(conn: Any, operator: Actor, put: Any, an: UUID) -> None:
    for number in range(120):
        put_many(conn, by=operator, puts=[put(_doc("Basic", 2, code={"text": str(number)}))])
    seen: list[int] = []
    cursor = None
    while not seen or cursor:
        with _read(conn) as documents:
            page = record.history_of(conn, by=operator, rtype="Basic", id="n-2", count=25, cursor=cursor)
        assert page.total == 120
        assert 20 <= documents[0] <= 25 + 1, "the current one says who may see the resource"
        seen += [row.version for row in page.rows]
        cursor = page.next
    assert seen == list(range(120, 0, -1))


def test_parts_of_a_history_are_counted_and_cut_as_the_whole_would_be(conn: Any, operator: Actor, put: Any) -> None:
    for number in range(12):
        put_many(conn, by=operator, puts=[put(_doc("Basic", 2, code={"text": str(number)}))])
    tombstone_many(conn, by=operator, refs=[("Basic", "n-2")], reason="withdrawn")
    whole = record.history_of(conn, by=operator, rtype="Basic", id="n-2", count=100).rows
    assert [(row.version, row.deleted) for row in whole] == [(13, True), *((n, False) for n in range(12, 0, -1))]
    late = record.history_of(conn, by=operator, rtype="Basic", id="n-2", count=2, since=whole[4].updated)
    assert ([row.version for row in late.rows], late.total) == ([13, 12], 5)
    between = (whole[9].updated + timedelta(microseconds=1), whole[6].updated)
    stood = record.history_of(conn, by=operator, rtype="Basic", id="n-2", count=2, at=between)
    rest = record.history_of(conn, by=operator, rtype="Basic", id="n-2", count=2, at=between, cursor=stood.next)
    assert ([row.version for row in (*stood.rows, *rest.rows)], stood.total, rest.next) == ([7, 6, 5, 4], 4, None)
