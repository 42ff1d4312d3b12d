"""That a visit is told of by a restricted Encounter too is not told to who may not see that one: not by a count, a page, an operation or a row."""

from uuid import UUID

import pytest

from tests.attacks.conftest import AN, BINH, OURS, asked, made, patient, put, visits
from tests.attacks.test_labels_of_others import OFFICER, visits_of_hand
from yba import record
from yba.access import RelationKind
from yba.kit import Actor, Grant
from yba.kit.db import reading
from yba.kit.reach import Opening, told_openings

DOCTOR = Actor.user(UUID(int=7), [Grant("doctor", frozenset({OURS}))], purpose="treatment")
SYSTEM = Actor.system("test")
_PERIOD = {"start": "2026-03-12T08:00:00+07:00", "end": "2026-03-12T09:00:00+07:00"}


def told(person, number, channel, labels=()):
    one = made("Encounter", UUID(int=person.int + number), person, OURS, labels, status="finished", period=_PERIOD, **{"class": {"code": "AMB"}})
    one.mapped_by = channel
    return one


@pytest.fixture(params=["primary", "second"])
def clinic(database, request):
    """An and Bình each have a visit that a claim and the hospital's software tell of; one of the two tellings says HIV."""
    hidden = {"primary": ("hiv",), "second": ()}[request.param], {"primary": (), "second": ("hiv",)}[request.param]
    for person, name in ((AN, "NGUYỄN VĂN AN"), (BINH, "TRẦN THỊ BÌNH")):
        put(patient(person, name), told(person, 1, "1", hidden[0]), told(person, 2, "fhir", hidden[1]))
        visits(person, OURS)
        visits(person, OURS, kind=RelationKind.ENROLMENT)
    visits_of_hand(AN)
    return 2 if request.param == "primary" else 1  # the Encounter anybody may see


def roads(conn, by, person, open_one):
    """Everything that would tell: sources on the page, visits counted, tellings of the visit, rows of the table."""
    shown = record.page_of(conn, by=by, person_id=person)
    yield [len(visit.sources) for visit in shown.visits]
    yield sum(one.visits for one in record.coverage_of_data(conn, by=by, person_id=person).facilities)
    yield [UUID(one.stored.id).int - person.int for one in record.visit_of(conn, by=by, id=str(UUID(int=person.int + open_one)))]


def test_who_may_not_see_the_one_is_not_told_of_the_other(clinic):
    assert asked(DOCTOR, lambda conn: list(roads(conn, DOCTOR, BINH, clinic))) == [[0], 1, [clinic]]
    with reading(by=DOCTOR) as conn:
        assert record.visit_of(conn, by=DOCTOR, id=str(UUID(int=BINH.int + 3 - clinic))) == [], "nor is the hidden one there by itself"


def opened(label):
    return told_openings(frozenset({Opening(frozenset({label}), facilities=frozenset({OURS}))}))


def test_row_security_hides_the_link_with_either_of_its_ends(clinic, database):
    with database.connect() as conn:  # the app role itself, whatever the program asks
        for labels, rows in (("", 0), ("[]", 0), (opened("mental"), 0), (opened("hiv"), 2), ("*", 2)):
            conn.execute("SELECT set_config('yba.scope', 'bound', true), set_config('yba.facilities', %s, true)", ("{" + OURS + "}",))
            conn.execute("SELECT set_config('yba.labels', %s, true)", (labels,))
            assert conn.execute("SELECT count(*) FROM visit_link").fetchone() == (rows,), labels


def test_a_label_of_the_own_patient_opens_no_link_of_another(clinic):
    own = asked(OFFICER, lambda conn: list(roads(conn, OFFICER, AN, clinic)))
    assert own == [[2], 1, [1, 2]]
    both = asked(OFFICER, lambda conn: (list(roads(conn, OFFICER, AN, clinic)), list(roads(conn, OFFICER, BINH, clinic))))
    assert both[1] == [[0], 1, [clinic]]


def test_who_writes_without_seeing_links_all_the_same(clinic):
    with reading(by=SYSTEM) as conn:
        found = conn.execute("SELECT person_id, labels FROM visit_link ORDER BY person_id").fetchall()
    assert found == [(AN, ["hiv"]), (BINH, ["hiv"])], "labels of both stand on the link"
