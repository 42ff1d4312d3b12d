"""Golden tables of the measures that stand on side tables: population, beds, receipts, findings."""

import pytest

from tests.warehouse.measures.drawn import ask, cells, drawn, lake

PEOPLE = """
who   | sex    | birth_date | birth_year | commune_code | is_deceased | death_date
An    | male   | 1960-10-02 | 1960       | 00004        |             |
Binh  | female | 1990-01-01 | 1990       | 00013        |             |
Chi   | female |            | 2024       | 00008        |             |
Dung  | male   | 1950-05-05 | 1950       | 00006        | true        | 2026-06-01
Em    | male   | 1970-05-05 | 1970       | 00025        |             |
Phuc  | male   | 1970-05-05 | 1970       |              |             |
Giang | female | 1988-05-05 | 1988       | 00004        |             |
Hoa   | female | 1988-05-05 | 1988       | 00004        |             |
"""
POPULATION = """
commune | year | sex    | age_band | people | source
00004   | 2025 | male   | 60-79    | 100    | x
00004   | 2026 | male   | 60-79    | 4      | x
00004   | 2026 | female | 25-39    | 5      | x
00004   | 2026 | female | 80+      | 1      | x
00008   | 2027 | female | 1-4      | 2      | x
"""
COVERED = {
    "area_population": POPULATION,
    "patient": PEOPLE,
    "encounter": "who | start_date\n An | 2026-10-31\n Dung | 2026-05-01\n Em | 2026-01-01\n Phuc | 2026-01-01\n Hoa | 2026-11-01",
    "condition": "who | recorded_date\n An | 2026-01-01\n Giang | 2026-09-30",
    "observation": "who | effective_date\n Binh | 2026-10-01",
    "immunization": "who | occurrence_date | status\n Chi | 2025-01-01 | completed",
}


@pytest.mark.parametrize(
    ("when", "by", "expected"),
    [
        # the year of the period, else the earliest; Dung is dead, Em lives where nobody was counted, Phuc nowhere known, Hoa comes in November
        ("2026-10", "", "4 | 12 | 33.33 | shown"),
        ("2026-10", "commune", "00004 | 3 | 10 | 30 | shown\n 00008 | 1 | 2 | 50 | shown"),
        ("2026-11", "commune", "00004 | 4 | 10 | 40 | shown\n 00008 | 1 | 2 | 50 | shown"),
        ("2025", "commune", "00004 | 0 | 100 | 0 | shown\n 00008 | 1 | 2 | 50 | shown"),
        ("2026-10", "sex", "female | 3 | 8 | 37.5 | shown\n male | 1 | 4 | 25 | shown"),
        ("2026-10", "age_band", "1-4 | 1 | 2 | 50 | shown\n 25-39 | 2 | 5 | 40 | shown\n 60-79 | 1 | 4 | 25 | shown\n 80+ | 0 | 1 | 0 | shown"),
    ],
)
def test_coverage_of_records(when, by, expected):
    assert cells(ask("record-coverage", when, by, engine=lake(**COVERED))) == drawn(expected)


def test_coverage_of_some_communes():
    assert cells(ask("record-coverage", "2026-10", engine=lake(**COVERED), areas=["00004"])) == drawn("3 | 10 | 30 | shown")


def test_few_people_are_hidden_in_coverage_too():
    (cell,) = ask("record-coverage", "2026-10", engine=lake(**COVERED), smallest=5).cells
    assert cell.state == "too_few"


STAYS = """
id | who  | at    | class_code | start_date | end_date   | status
1  | An   | 01001 | IMP        | 2026-09-28 | 2026-10-03 | finished
2  | Binh | 01001 | IMP        | 2026-10-10 | 2026-10-10 | finished
3  | Chi  | 01001 | IMP        | 2026-10-30 |            | in-progress
4  | Dung | 01001 | IMP        | 2026-01-01 |            | in-progress
5  | Em   | 01001 | AMB        | 2026-10-05 | 2026-10-09 | finished
6  | Phuc | 01002 | IMP        | 2026-10-05 | 2026-10-09 | finished
7  | Hoa  | 01003 | IMP        | 2026-10-14 | 2026-10-18 | finished
"""
BEDS = """
facility | valid_from | valid_to   | beds | source
01001    | 2026-01-01 |            | 2    | x
01003    | 2026-01-01 | 2026-10-15 | 10   | x
01003    | 2026-10-16 |            | 1    | x
01004    | 2026-11-01 |            | 9    | x
01005    | 2026-01-01 |            | 0    | x
"""


def test_days_of_stays_against_days_of_beds():
    """An 2, Binh 1, Chi 2 of October; Dung's stay is over after sixty days; Phuc's facility has told no beds; Hoa's lies over a change of beds."""
    engine = lake(encounter=STAYS, facility_bed=BEDS)
    assert cells(ask("bed-use", "2026-10", "facility", engine=engine)) == drawn("""
        01001 | 5 | 62  | 8.065 | shown
        01002 | 0 | 0   | -     | shown
        01003 | 4 | 166 | 2.41  | shown""")
    assert cells(ask("bed-use", "2026-10-15..2026-10-16", engine=engine, facilities=["01003"])) == drawn("2 | 11 | 18.18 | shown")


RECEIVED = """
facility | end_date   | received_date | state     | tables    | incomplete
01001    | 2026-10-01 | 2026-10-08    | accepted  | XML1 XML2 | XML2
01001    | 2026-10-01 | 2026-10-09    | accepted  |           |
01001    | 2026-10-31 | 2026-11-01    | withdrawn |           |
01002    | 2026-10-31 | 2026-10-31    | accepted  | XML14     | XML14
01002    |            | 2026-10-20    | rejected  | XML1      |
01002    | 2026-11-01 | 2026-11-01    | accepted  |           |
"""


def received():
    engine = lake(intake_claim=RECEIVED, encounter="who | at | start_date\n An | 01001 | 2026-10-01\n Binh | 01002 | 2026-10-01")
    engine.execute("UPDATE intake_claim SET tables = coalesce(tables, ''), incomplete = coalesce(incomplete, '')")
    return engine


@pytest.mark.parametrize(
    ("name", "when", "by", "expected"),
    [
        ("sending-timeliness", "2026-10", "facility", "01001 | 1 | 2 | 50 | shown\n 01002 | 1 | 1 | 100 | shown"),
        ("claim-completeness", "2026-10", "", """
            XML1 | 4 | 4 | 100 | shown
            XML2 | 3 | 4 | 75  | shown
            XML3 | 4 | 4 | 100 | shown
            XML4 | 4 | 4 | 100 | shown
            XML5 | 4 | 4 | 100 | shown
            XML7 | 4 | 4 | 100 | shown
            all  | 2 | 4 | 50  | shown"""),
        ("claim-correctness", "2026-W41", "facility", """
            01001 | XML1 | 1 | 2 | 50  | shown
            01001 | XML2 | 1 | 2 | 50  | shown
            01001 | XML3 | 2 | 2 | 100 | shown
            01001 | XML4 | 2 | 2 | 100 | shown
            01001 | XML5 | 2 | 2 | 100 | shown
            01001 | XML7 | 2 | 2 | 100 | shown
            01001 | all  | 1 | 2 | 50  | shown
            01002 | ?    | - | - | -   | not_heard"""),
    ],
)  # fmt: skip
def test_receipts(name, when, by, expected):
    assert cells(ask(name, when, by, engine=received())) == drawn(expected)


def test_claims_are_counted_as_people_where_few_are_hidden():
    assert [one.state for one in ask("sending-timeliness", "2026-10", "facility", engine=received(), smallest=2).cells] == ["too_few", "too_few"]
    assert [one.state for one in ask("sending-timeliness", "2026-10", engine=received(), smallest=2).cells] == ["shown"]


FINDINGS = """
facility | day        | xml_table | field  | rule  | severity | cause        | claims | n
01001    | 2026-10-01 | XML1      | HO_TEN | VR010 | finding  | identity     | 2      | 2
01001    | 2026-10-31 | XML2      |        | VR020 | reject   | attribution  | 1      | 5
01001    | 2026-10-31 | XML2      |        | VR021 | note     | format       | 9      | 9
01002    | 2026-11-01 | XML1      | HO_TEN | VR010 | finding  | identity     | 1      | 1
"""


def test_findings_by_cause():
    engine = lake(intake_finding=FINDINGS, encounter="who | at | start_date\n An | 01001 | 2026-10-01")
    assert cells(ask("findings-by-cause", "2026-10", "facility detail", engine=engine, smallest=5)) == drawn("""
        01001 | attribution | 5 | - | 5 | shown
        01001 | identity    | 2 | - | 2 | shown""")
    assert cells(ask("findings-by-cause", "2026-W44", engine=engine)) == drawn("6 | - | 6 | shown")
