"""A death told by a claim, from file to golden Patient: corrected, withdrawn, contradicted (VR178)."""

import pytest

from tests.ingest.builder import file_of, tables
from tests.ingest.test_pipeline import OPERATOR, land, run
from yba import identity, ingest, record
from yba.identity import ReviewState
from yba.kit.db import unit_of_work

DIED = {"KET_QUA_DTRI": "5", "NGAY_VAO": "202603100800", "NGAY_RA": "202603100930"}


def golden():
    with unit_of_work(by=OPERATOR) as conn:
        person = record.find_person(conn, by=OPERATOR, number="011159000001")
        return next(one.doc for one in record.of_person(conn, by=OPERATOR, person_id=person) if one.id == str(person))


def told(transaction):
    claims = ingest.receipt(by=OPERATOR, transaction=transaction).claims
    return {claim.link: [(one.field, one.expected) for one in claim.findings if one.rule == "VR178"] for claim in claims}


def reviews():
    with unit_of_work(by=OPERATOR) as conn:
        return [one.kind for one in identity.reviews(conn, by=OPERATOR, state=ReviewState.OPEN)]


def process(*claims):
    landed = land(file_of(*claims))
    ingest.process(by=OPERATOR)
    return landed.transaction


def test_the_golden_patient_says_when_and_the_page_shows_it(database, tmp_path):
    run(tmp_path, file_of(tables(**DIED), tables("25.000002", NGAY_VAO="202603090800", NGAY_RA="202603090900")))
    assert golden()["deceasedDateTime"] == "2026-03-10T09:30:00+07:00"
    with unit_of_work(by=OPERATOR) as conn:
        person = record.find_person(conn, by=OPERATOR, number="011159000001")
        assert record.page_of(conn, by=OPERATOR, person_id=person).identity.deceased.startswith("2026-03-10")
    assert reviews() == []


def test_a_corrected_claim_takes_it_away(database, tmp_path):
    run(tmp_path, file_of(tables(**DIED)))
    run(tmp_path, file_of(tables(**DIED | {"KET_QUA_DTRI": "2"})))
    assert "deceasedDateTime" not in golden()
    run(tmp_path, file_of(tables(**DIED | {"KET_QUA_DTRI": "8"})))
    assert golden()["deceasedDateTime"] == "2026-03-10"


def test_a_claim_corrected_to_another_patient_number_takes_it_along(database, tmp_path):
    run(tmp_path, file_of(tables(**DIED), tables("25.000002", MA_BN="BN0002", HO_TEN="Lò Văn Thử", SO_CCCD="011088000002", MA_THE_BHYT=None)))
    other = {"MA_BN": "BN0002", "HO_TEN": "Nguyễn Thị Thử", "SO_CCCD": "011088000002", "MA_THE_BHYT": None}
    assert run(tmp_path, file_of(tables(**DIED | other))).claims_replaced == 1
    assert "deceasedDateTime" not in golden()


def test_a_withdrawn_claim_takes_it_away(database):
    process(tables("25.000002"))
    code = process(tables(**DIED))
    assert "deceasedDateTime" in golden()
    ingest.withdraw(by=OPERATOR, transaction=code, reason="gửi nhầm")
    assert "deceasedDateTime" not in golden()


LATER = {"NGAY_VAO": "202603110700", "NGAY_RA": "202603110800"}


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("death_first", [True, False])
def test_a_visit_after_the_death_is_told_at_whichever_came_second(database, at_once, death_first):
    death, later = tables(**DIED), tables("25.000002", **LATER)
    claims = [death, later] if death_first else [later, death]
    codes = [process(*claims)] if at_once else [process(one) for one in claims]
    found = {link: said for code in codes for link, said in told(code).items()}
    if death_first:
        assert found == {"25.000001": [], "25.000002": [("NGAY_VAO", "2026-03-10T09:30")]}
    else:
        assert found == {"25.000001": [("KET_QUA_DTRI", "2026-03-11T07:00")], "25.000002": []}
    assert golden()["deceasedDateTime"] == "2026-03-10T09:30:00+07:00", "never a silent change"
    assert reviews() == ["visit-after-death"]


def test_earlier_and_withdrawn_visits_are_no_contradiction(database):
    earlier = process(tables("25.000003", NGAY_VAO="202603100700", NGAY_RA="202603100759"))
    gone = process(tables("25.000002", **LATER))
    ingest.withdraw(by=OPERATOR, transaction=gone, reason="gửi nhầm")
    code = process(tables(**DIED))
    assert told(code) == {"25.000001": []}
    assert told(earlier) == {"25.000003": []}
    assert reviews() == []


def test_the_receipt_says_it_in_words(database):
    process(tables(**DIED))
    code = process(tables("25.000002", **LATER))
    (claim,) = ingest.receipt(by=OPERATOR, transaction=code).claims
    (one,) = (one for one in claim.findings if one.rule == "VR178")
    assert one.severity.value == "finding"
    for lang in ("vi", "en"):
        assert "2026-03-10T09:30" in ingest.render(one, lang)
