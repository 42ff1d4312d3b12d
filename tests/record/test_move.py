"""Moving what came with a source Patient to another person, and what a person's data rest on."""

from uuid import UUID

import pytest

from yba.kit import Actor
from yba.record import coverage_of_data, get, of_person, put_many

FIRST, SECOND = UUID(int=1), UUID(int=2)


@pytest.fixture
def two_sources(conn, operator, put, condition, an):
    """One person with two source Patients, a claim each; the first claim also made a resource that names no patient."""
    puts = [
        put({"resourceType": "Patient", "id": "sa"}, source=FIRST),
        put(condition(1, subject="Patient/sa"), source=FIRST),
        put({"resourceType": "Provenance", "id": "v1", "target": [{"reference": "Condition/c1"}]}, source=FIRST),
        put({"resourceType": "Patient", "id": "sb"}, source=SECOND, facility="79001"),
        put(condition(2, subject="Patient/sb"), source=SECOND, facility="79001"),
        put({"resourceType": "Patient", "id": str(an)}, source=None, facility=""),
    ]
    put_many(conn, by=operator, puts=puts)


def test_what_came_with_a_source_goes_with_it(conn, operator, two_sources, give, an, binh):
    assert give(an, binh, ["sa"], documents=[FIRST], stay=[SECOND]) == 3
    assert {one.id for one in of_person(conn, by=operator, person_id=binh)} == {"sa", "c1", "v1"}
    assert {one.id for one in of_person(conn, by=operator, person_id=an)} == {"sb", "c2", str(an)}
    moved = get(conn, by=operator, rtype="Condition", id="c1")
    assert (moved.person_id, moved.version) == (binh, 1)


def test_there_and_back_is_as_before(conn, operator, two_sources, give, an, binh):
    before = {(one.rtype, one.id, one.version) for one in of_person(conn, by=operator, person_id=an)}
    give(an, binh, ["sa", "sb"], documents=[FIRST, SECOND])
    assert give(an, binh, ["sa", "sb"], documents=[FIRST, SECOND]) == 0
    give(binh, an, ["sa", "sb"], documents=[FIRST, SECOND])
    assert {(one.rtype, one.id, one.version) for one in of_person(conn, by=operator, person_id=an)} == before


def test_coverage_of_data(conn, operator, put, condition, an, binh):
    def visit(number, start, end=None):
        period = {"start": start} | ({"end": end} if end else {})
        return {"resourceType": "Encounter", "id": f"e{number}", "status": "finished", "period": period}

    puts = [
        put(visit(1, "2026-01-05T08:00:00+07:00", "2026-01-07T08:00:00+07:00")),
        put(visit(2, "2026-03-01T08:00:00+07:00")),
        put(condition(1, when="1990")),
        put(visit(3, "2025-06-01T08:00:00+07:00", "2025-06-01T09:00:00+07:00"), facility="79001"),
        put({"resourceType": "Coverage", "id": "k", "period": {"end": "9999-12-31"}}, facility="79001"),
        put({"resourceType": "Patient", "id": str(an)}, source=None, facility=""),
    ]
    put_many(conn, by=operator, puts=puts)
    found = coverage_of_data(conn, by=operator, person_id=an)
    assert (found.start.isoformat()[:10], found.end.isoformat()[:10]) == ("2025-06-01", "2026-03-01")
    assert [(one.facility_id, one.visits, one.resources) for one in found.facilities] == [("01003", 2, 3), ("79001", 1, 2)]
    seen = coverage_of_data(conn, by=Actor.facility_client("01003"), person_id=an)
    assert [one.facility_id for one in seen.facilities] == ["01003"]
    nothing = coverage_of_data(conn, by=operator, person_id=binh)
    assert (nothing.start, nothing.end, nothing.facilities) == (None, None, ())
