"""A colleague of the same role at another hospital, or another citizen, asks for a record by every road there is."""

import contextlib

import pytest

from tests.attacks.conftest import AN, BINH, OURS, THEIRS, asked, citizen, condition, doctor
from yba import access, record
from yba.access import Right
from yba.fhir import search
from yba.kit import Forbidden, NotFound

TOKEN = search.token("code", "http://hl7.org/fhir/sid/icd-10", "J18")
HERS = condition(1, BINH).id
ROADS = {
    "get": lambda conn, by: record.get(conn, by=by, rtype="Condition", id=HERS),
    "history": lambda conn, by: record.history(conn, by=by, rtype="Condition", id=HERS),
    "of_person": lambda conn, by: record.of_person(conn, by=by, person_id=BINH),
    "search": lambda conn, by: record.with_tokens(conn, by=by, rtype="Condition", tokens=[TOKEN]),
    "search of her": lambda conn, by: record.with_tokens(conn, by=by, rtype="Condition", tokens=[TOKEN], person_id=BINH),
    "page": lambda conn, by: record.page_of(conn, by=by, person_id=BINH),
    "bundle": lambda conn, by: record.bundle_of(conn, by=by, person_id=BINH),
    "coverage": lambda conn, by: record.coverage_of_data(conn, by=by, person_id=BINH).facilities,
    "source": lambda conn, by: record.of_source(conn, by=by, source_id=BINH),
    "relations": lambda conn, by: access.relations_of(conn, by=by, person_id=BINH),
    "looks in reach": lambda conn, by: access.reaches(conn, by=by, right=Right.RECORD_CLINICAL_READ, person_id=BINH),
}


@pytest.mark.law("EMR-R11")
@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("by", [doctor(OURS), citizen(AN)], ids=["a doctor elsewhere", "another citizen"])
def test_no_road_leads_to_a_record_without_a_relation(hospitals, road, by):
    with contextlib.suppress(Forbidden, NotFound):
        assert not asked(by, lambda conn: ROADS[road](conn, by))


def test_who_cares_for_her_and_she_herself_read_it(hospitals):
    """The roads above are real ones: they lead where they should."""
    for by in (doctor(THEIRS), citizen(BINH)):
        assert asked(by, lambda conn, by=by: ROADS["get"](conn, by)) is not None
        assert len(asked(by, lambda conn, by=by: ROADS["of_person"](conn, by))) == 3


def test_a_right_opened_for_one_person_opens_no_other_in_the_same_unit(hospitals):
    """After asking for An under a person's predicate, Bình is still behind the second lock."""
    by = doctor(OURS)

    def both(conn):
        assert record.of_person(conn, by=by, person_id=AN)
        return conn.execute("SELECT count(*) FROM resource WHERE person_id = %s", (BINH,)).fetchone()[0]

    assert asked(by, both) == 0
