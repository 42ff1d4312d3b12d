"""Relations of care from claims and check-ins: whose record a facility, a station and nobody else may open, and for how long."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.ingest.builder import file_of, tables
from tests.record.world import merge
from yba import access, ingest, record
from yba.access import RelationKind, Right
from yba.kit import Actor, Grant, clock
from yba.kit.db import reading
from yba.specs.claims import edition
from yba.specs.claims_writer import write_table

OPERATOR, HERE, ELSEWHERE = Actor.operator(), "11001", "79001"
CITIZEN = "011159000001"


def doctor(facility):
    return Actor.user(UUID(int=7), [Grant("doctor", frozenset({facility}))], purpose="treatment")


def nurse(commune):
    return Actor.user(UUID(int=8), [Grant("station-nurse", areas=frozenset({commune}))], purpose="treatment")


def take(*made):
    landing = ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=file_of(*made))
    ingest.process(by=OPERATOR)
    return landing


def person(number=CITIZEN):
    with reading(by=OPERATOR) as conn:
        return record.find_person(conn, by=OPERATOR, number=number)


def held(who, kind=RelationKind.VISIT):
    with reading(by=OPERATOR) as conn:
        return [one for one in access.relations_of(conn, by=OPERATOR, person_id=who) if one.kind is kind]


def reads(by, who):
    with reading(by=by) as conn:
        return access.reaches(conn, by=by, right=Right.RECORD_CLINICAL_READ, person_id=who)


def minutes(days):
    return (clock.now() - timedelta(days=days)).strftime("%Y%m%d%H%M")


def check_in(link="25.000009", facility=ELSEWHERE, days=0, **said):
    row = {
        "MA_LK": link, "STT": "1", "MA_BN": "X77", "HO_TEN": "Nguyễn Thị Thử", "SO_CCCD": CITIZEN, "NGAY_SINH": "195903120000", "GIOI_TINH": "2",
        "MA_THE_BHYT": "HT2110123456789", "MA_DKBD": HERE, "GT_THE_TU": "20260101", "GT_THE_DEN": "20261231", "MA_DOITUONG_KCB": "1",
        "NGAY_VAO": minutes(days), "MA_LOAI_KCB": "01", "MA_CSKCB": facility, "NGAY_YL": minutes(days),
    }  # fmt: skip
    return write_table(edition("3176").tables["XML0"], [row | said]).encode()


def arrives(data, by=None):
    return ingest.land(by=by or Actor.facility_client(ELSEWHERE), channel=ingest.Channel.GATEWAY, data=data)


def test_a_claim_leaves_an_ended_visit_for_its_facility(database):
    take(tables(NGAY_VAO=minutes(12), NGAY_RA=minutes(10)))
    (visit,) = held(person())
    assert (visit.unit, visit.ground_type, visit.end - visit.start) == (HERE, "Claim", timedelta(days=2))
    assert visit.ground_id == str(visit.source_id)
    assert reads(doctor(HERE), person())
    assert not reads(doctor(ELSEWHERE), person())


def test_days_after_its_end_the_visit_opens_nothing(database):
    take(tables(NGAY_VAO=minutes(60), NGAY_RA=minutes(50)))
    assert not reads(doctor(HERE), person())


def test_corrected_withdrawn_restored_the_relation_follows(database):
    first = take(tables(NGAY_VAO=minutes(12), NGAY_RA=minutes(10)))
    second = take(tables(NGAY_VAO=minutes(12), NGAY_RA=minutes(11)))
    assert [one.end - one.start for one in held(person())] == [timedelta(days=1)]
    ingest.withdraw(by=OPERATOR, transaction=second.transaction, reason="gửi nhầm")
    assert [one.end - one.start for one in held(person())] == [timedelta(days=2)]
    ingest.withdraw(by=OPERATOR, transaction=first.transaction, reason="gửi nhầm")
    assert held(person()) == []
    assert not reads(doctor(HERE), person())
    assert ingest.replay(by=OPERATOR, every=True) == 0
    assert held(person()) == []


def test_a_correction_to_another_person_takes_the_relation_along(database):
    made = tables(NGAY_VAO=minutes(12), NGAY_RA=minutes(10), MA_BN="SAI", SO_CCCD="011160774402", MA_THE_BHYT=None)
    take(made)
    wrong = person("011160774402")
    take(tables(NGAY_VAO=minutes(12), NGAY_RA=minutes(10), MA_THE_BHYT=None))
    right = person()
    assert wrong != right
    assert (len(held(wrong)), len(held(right))) == (0, 1)
    assert not reads(doctor(HERE), wrong)


def test_a_merge_takes_the_relations_along(database):
    take(tables(NGAY_VAO=minutes(12), NGAY_RA=minutes(10), MA_THE_BHYT=None))
    take(tables("25.000002", NGAY_VAO=minutes(5), NGAY_RA=minutes(5), MA_BN="B2", SO_CCCD="011160774402", MA_THE_BHYT=None, HO_TEN="Nguyễn Thị Thư"))
    keep, drop = person(), person("011160774402")
    merge(keep, drop)
    assert (len(held(keep)), len(held(drop))) == (2, 0)


def test_a_station_reads_who_lives_in_its_commune_and_no_longer_who_moved(database):
    take(tables(NGAY_VAO=minutes(12), NGAY_RA=minutes(10)))
    (home,) = held(person(), RelationKind.RESIDENCE)
    assert reads(nurse(home.unit), person())
    assert not reads(nurse("00004"), person())
    take(tables("25.000002", NGAY_VAO=minutes(5), NGAY_RA=minutes(5), MAXA_CU_TRU="00004", MATINH_CU_TRU="01", DIA_CHI="Phố Hàng Thử"))
    assert reads(nurse("00004"), person())
    assert not reads(nurse(home.unit), person())
    now = held(person(), RelationKind.RESIDENCE)
    assert sorted((one.unit, one.end is None) for one in now) == sorted([("00004", True), (home.unit, False)])
    take(tables("25.000003", NGAY_VAO=minutes(4), NGAY_RA=minutes(4), MAXA_CU_TRU="00004", MATINH_CU_TRU="01", DIA_CHI="Phố Hàng Thử"))
    assert held(person(), RelationKind.RESIDENCE) == now, "who stays is not written again"


def test_a_check_in_opens_the_record_of_who_is_known_until_the_claim_comes(database):
    take(tables(NGAY_VAO=minutes(90), NGAY_RA=minutes(90)))
    who = person()
    assert not reads(doctor(ELSEWHERE), who)
    arrives(check_in())
    (now,) = [one for one in held(who) if one.unit == ELSEWHERE]
    assert (now.ground_type, now.end - now.start) == ("CheckIn", timedelta(days=2))
    assert reads(doctor(ELSEWHERE), who)
    take(tables("25.000009", MA_CSKCB=ELSEWHERE, MA_BN="X77", NGAY_VAO=minutes(0), NGAY_RA=minutes(0)))
    assert [(one.ground_type, one.unit) for one in held(who) if one.unit == ELSEWHERE] == [("Claim", ELSEWHERE)]
    arrives(check_in(MA_DKBD="11002"))
    assert len([one for one in held(who) if one.unit == ELSEWHERE]) == 1, "a check-in that comes after its claim opens nothing"


@pytest.mark.parametrize(
    "said",
    [
        {"HO_TEN": "Trần Văn Khác", "GIOI_TINH": "1", "NGAY_SINH": "199001010000"},
        {"SO_CCCD": "011159000009", "MA_THE_BHYT": ""},
        {"NGAY_VAO": (datetime.now(UTC) + timedelta(days=400)).strftime("%Y%m%d%H%M")},
        {"NGAY_VAO": ""},
        {"MA_LK": ""},
    ],
    ids=["another's number", "unknown", "next year", "no arrival", "no link"],
)
def test_a_check_in_opens_nobody_elses_record_and_makes_nobody(database, said):
    take(tables(NGAY_VAO=minutes(90), NGAY_RA=minutes(90)))
    arrives(check_in(**said))
    assert not reads(doctor(ELSEWHERE), person())
    with database.as_owner() as conn:
        assert conn.execute("SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM relation WHERE ground_type = 'CheckIn')").fetchone() == (
            1,
            0,
        )


def test_a_withdrawn_check_in_closes_again(database):
    take(tables(NGAY_VAO=minutes(90), NGAY_RA=minutes(90)))
    landing = arrives(check_in())
    ingest.withdraw(by=OPERATOR, transaction=landing.transaction, reason="nhầm người")
    assert not reads(doctor(ELSEWHERE), person())


def test_a_visit_that_ends_before_it_begins_is_kept_as_a_moment(database):
    take(tables(NGAY_VAO=minutes(5), NGAY_RA=minutes(6)))
    with database.as_owner() as conn:
        (count,) = conn.execute("SELECT count(*) FROM claim").fetchone()
    assert len(held(person()) if count else []) == count
