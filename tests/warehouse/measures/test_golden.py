"""Golden tables: given rows, expected cells, for every measure that has a source."""

from pathlib import Path

import pytest

from tests.warehouse.measures.drawn import ask, cells, drawn, lake
from yba.specs.measures import measures

RESIDENTS = """
who   | sex    | birth_date | birth_year | commune_code | has_citizen_number | is_deceased | death_date
An    | male   | 1960-10-02 | 1960       | 00004        | true               |             |
Binh  | female | 1990-01-01 | 1990       | 00013        | true               |             |
Chi   | female |            | 2024       | 00008        | false              |             |
Dung  | male   | 1950-05-05 | 1950       | 00008        | true               | true        | 2026-06-01
"""

VISITS = """
id | who  | at    | via      | class_code | start_date | end_date   | patient_category_code | main_condition_id | discharge_code | referred_to_code
1  | An   | 01001 |          | AMB        | 2026-10-01 | 2026-10-01 | 1.1                   | condition/0       | 1              |
2  | An   | 01001 | desk     | AMB        | 2026-10-01 | 2026-10-01 |                       | condition/1       |                |
3  | An   | 01001 | desk     | AMB        | 2026-10-20 | 2026-10-20 |                       | condition/1       |                |
4  | Binh | 01002 |          | AMB        | 2026-10-31 | 2026-10-31 | 9                     |                   | 2              | 01009
5  | Chi  | 01002 | fhir     | EMER       | 2026-11-01 | 2026-11-01 |                       | condition/2       | 5              |
6  | Chi  | 01002 |          | AMB        | 2026-09-30 | 2026-10-01 | 3.1                   |                   | 1              |
7  | Em   | 01003 |          | AMB        | 2026-01-05 | 2026-01-05 |                       |                   | 1              |
"""

STAYS = """
id | who  | at    | class_code | start_date | end_date   | length_days | outcome_code | discharge_code
1  | An   | 01001 | IMP        | 2026-09-28 | 2026-10-02 | 5           | 1            | 1
2  | An   | 01002 | IMP        | 2026-11-01 | 2026-11-03 | 3           | 1            | 1
3  | Binh | 01001 | IMP        | 2026-10-10 | 2026-10-10 |             | 1            | 1
4  | Binh | 01001 | IMP        | 2026-11-10 | 2026-11-12 | 3           | 5            | 1
5  | Chi  | 01001 | IMP        | 2026-10-05 | 2026-10-09 |             | 5            | 1
6  | Dung | 01001 | IMP        | 2026-10-05 | 2026-10-06 | 2           | 1            | 2
7  | Dung | 01002 | IMP        | 2026-10-06 | 2026-10-12 | 7           | 2            | 1
8  | Em   | 01002 | IMP        | 2026-10-12 | 2026-10-11 |             | 2            | 1
9  | Em   | 01002 | AMB        | 2026-10-20 | 2026-10-20 |             | 2            | 1
"""

CONDITIONS = """
id          | who  | at    | encounter_id | code  | recorded_date | verification_status
condition/0 | An   | 01001 | 1            | I10   | 2026-10-01    |
condition/1 | An   | 01001 | 3            | A97.1 | 2026-10-20    |
condition/2 | Chi  | 01002 | 5            | A97.0 | 2026-10-26    |
condition/3 | Chi  | 01002 | 5            | A97   | 2026-10-27    |
condition/4 | Chi  | 01002 | 5            | B05.9 | 2026-10-27    |
condition/5 | Binh | 01002 | 4            | A01.0 | 2026-10-27    | refuted
condition/6 | Em   | 01002 | 7            | A98.4 | 2026-10-19    |
condition/7 | Em   | 01002 | 7            | A98.5 | 2026-10-21    |
"""

CLAIMS = """
who  | at    | end_date   | created_date | total_amount | fund_amount | copay_amount | self_paid_amount | other_amount
An   | 01001 | 2026-10-01 | 2026-10-08   | 100000       | 80000       | 20000        | 0                |
Binh | 01001 | 2026-10-31 | 2026-11-08   | 300000       | 240000      | 50000        | 10000            | 0
Chi  | 01002 | 2026-10-05 | 2026-10-05   | 0            | 0           | 0            | 0                | 0
Em   | 01002 | 2026-11-01 | 2026-11-01   | 500000       | 500000      | 0            | 0                | 0
Hoa  | 01002 | 2026-10-07 |              |              |             |              |                  |
"""

CASES = [
    ("visits", "2026-10", "facility detail", "01001 | AMB | 2 | - | 2 | shown\n 01002 | AMB | 1 | - | 1 | shown\n 01003 | ? | - | - | - | not_heard"),
    ("visits", "2026-10", "payer", "bhyt | 1 | - | 1 | shown\n self | 1 | - | 1 | shown\n unknown | 1 | - | 1 | shown"),
    ("visits", "2026-10", "age_band", "25-39 | 1 | - | 1 | shown\n 60-79 | 2 | - | 2 | shown"),
    ("visits", "2026-W44", "commune", "00004 | 1 | - | 1 | shown\n 00008 | 1 | - | 1 | shown"),
    ("visits-in-year", "2026-10", "", "5 | - | 5 | shown"),
    ("visits", "2026-10@15", "", "2 | - | 2 | shown"),
    ("referrals", "2026-10", "facility detail", "01001 | ? | 0 | - | 0 | shown\n 01002 | 01009 | 1 | - | 1 | shown\n 01003 | ? | - | - | - | not_heard"),
    ("top-diagnoses", "2026-10", "detail", "A97 | 1 | - | 1 | shown\n I10 | 1 | - | 1 | shown"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "when", "by", "expected"), CASES)
def test_visits(name, when, by, expected):
    engine = lake(patient=RESIDENTS, encounter=VISITS, condition=CONDITIONS)
    assert cells(ask(name, when, by, engine=engine)) == drawn(expected)


HOMES = """
who   | commune_code | at
An    | 00004        |
Binh  | 00013        |
Chi   | 00007        |
Dung  | 99999        |
Em    | 00025        |
Phuc  | 00004        | 01001
Phuc  | 00006        |
"""


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        # 00013 became 00004 and 00006 became 00008; 00007 was divided, 99999 is in no tree; 00025 was divided and is a number of today; Giang has no Patient
        ("commune", "00004 | 2 | - | 2 | shown\n 00008 | 1 | - | 1 | shown\n 00025 | 1 | - | 1 | shown\n ? | 3 | - | 3 | shown"),
        ("", "7 | - | 7 | shown"),
    ],
)
def test_residents_of_former_communes_live_in_those_that_took_them_over(by, expected):
    everybody = "who | start_date\n" + "\n".join(f" {who} | 2026-10-05" for who in ("An", "Binh", "Chi", "Dung", "Em", "Phuc", "Giang"))
    assert cells(ask("visits", "2026-10", by, engine=lake(patient=HOMES, encounter=everybody))) == drawn(expected)


def test_one_commune_is_asked_with_those_it_took_over():
    engine = lake(patient=HOMES, encounter="who | start_date\n An | 2026-10-05\n Binh | 2026-10-05\n Phuc | 2026-10-05")
    assert cells(ask("visits", "2026-10", engine=engine, areas=["00004"])) == drawn("2 | - | 2 | shown")
    assert cells(ask("visits", "2026-10", engine=engine, areas=["00013"])) == drawn("- | - | - | not_heard")  # nobody lives there any more


def test_an_address_in_a_divided_commune_is_not_complete():
    people = "who | sex | birth_year | has_citizen_number | commune_code\n An | male | 1960 | true | 00013\n Chi | male | 1960 | true | 00007"
    engine = lake(patient=people, encounter="who | start_date\n An | 2026-10-05")
    assert [line for line in cells(ask("record-completeness", "2026-10", engine=engine)) if line.startswith("A")] == drawn("A | 1 | 2 | 50 | shown")


def test_notifiable_diagnoses_count_people_once_for_each_disease_by_week_and_commune():
    engine = lake(patient=RESIDENTS, encounter=VISITS, condition=CONDITIONS)
    assert cells(ask("notifiable-diagnoses", "2026-W44", "commune detail", engine=engine)) == drawn("""
        00004 | ?       | 0 | - | 0 | shown
        00008 | DENGUE  | 1 | - | 1 | shown
        00008 | MEASLES | 1 | - | 1 | shown""")
    assert cells(ask("notifiable-diagnoses", "2026-W43", "commune detail", engine=engine)) == drawn("""
        00004 | DENGUE | 1 | - | 1 | shown
        00008 | ?      | - | - | - | not_heard
        ?     | EBOLA  | 1 | - | 1 | shown""")


@pytest.mark.parametrize(
    ("name", "by", "expected"),
    [
        # days: 5 as claimed; a day at least; 4 between; 2 and 7 as claimed; the stay that ends before it begins is out
        ("length-of-stay", "", "19 | 5 | 3.8 | shown"),
        ("length-of-stay", "facility", "01001 | 12 | 4 | 3 | shown\n 01002 | 7 | 1 | 7 | shown"),
        # An came back on day 30, Binh on day 31; death and transfer are no index stays; Dung's second and Em's stay are not followed
        ("readmission-30", "", "1 | 4 | 25 | shown"),
        ("deaths-in-hospital", "facility", "01001 | 1 | 4 | 25 | shown\n 01002 | 0 | 2 | 0 | shown"),
    ],
)
def test_stays(name, by, expected):
    assert cells(ask(name, "2026-10", by, engine=lake(encounter=STAYS))) == drawn(expected)


_SHARES = """
{0}copay | 7e+04   | 4e+05 | 17.5 | shown
{0}fund  | 3.2e+05 | 4e+05 | 80   | shown
{0}other | 0       | 4e+05 | 0    | shown
{0}self  | 1e+04   | 4e+05 | 2.5  | shown"""
_NO_SHARES = "\n".join(f"01002 | {one} | 0 | 0 | - | shown" for one in ("copay", "fund", "other", "self"))


@pytest.mark.parametrize(
    ("name", "by", "expected"),
    [
        ("cost-per-visit", "facility", "01001 | 4e+05 | 2 | 2e+05 | shown\n 01002 | 0 | 1 | 0 | shown"),
        ("claim-within-7-days", "facility", "01001 | 1 | 2 | 50 | shown\n 01002 | 1 | 1 | 100 | shown"),
        # always told apart by source; a cost of nothing gives no share
        ("payer-shares", "", _SHARES.format("")),
        ("payer-shares", "facility", f"{_SHARES.format('01001 | ')}\n{_NO_SHARES}"),
    ],
)  # fmt: skip
def test_money(name, by, expected):
    engine = lake(claim=CLAIMS, encounter="who | at | start_date\n An | 01001 | 2026-10-01\n Chi | 01002 | 2026-10-05")
    assert cells(ask(name, "2026-10", by, engine=engine)) == drawn(expected)


def test_antibiotics_prescribed_or_dispensed_count_once_for_a_visit():
    engine = lake(
        encounter="""
            id | who  | class_code | start_date
            1  | An   | AMB        | 2026-10-01
            2  | Binh | AMB        | 2026-10-02
            3  | Chi  | AMB        | 2026-10-03
            4  | Dung | IMP        | 2026-10-03
            5  | Em   | AMB        | 2026-11-01""",
        medication_request="encounter_id | medication_code\n 1 | 40.154\n 1 | 40.219\n 2 | 40.1\n 4 | 40.154",
        medication_dispense="encounter_id | medication_code\n 1 | 40.154\n 3 | 40.227\n 5 | 40.154",
    )
    assert cells(ask("antibiotic-share", "2026-10", engine=engine)) == drawn("2 | 3 | 66.67 | shown")


def test_records_are_judged_by_group_at_the_end_of_the_period():
    engine = lake(
        patient=RESIDENTS,
        condition=CONDITIONS,
        encounter="who | start_date\n Binh | 2026-10-31\n Dung | 2026-01-01\n Chi | 2025-10-31",
        observation="who | effective_date\n An | 2026-11-01\n Chi | 2025-11-01",
        immunization="who | status | occurrence_date\n Chi | completed | 2025-01-01\n An | not-done | 2025-01-01",
    )
    assert cells(ask("record-completeness", "2026-10", engine=engine)) == drawn("""
        A  | 2 | 3 | 66.67 | shown
        B  | 3 | 3 | 100   | shown
        C  | 1 | 3 | 33.33 | shown
        D  | 2 | 3 | 66.67 | shown
        D1 | 1 | 3 | 33.33 | shown""")
    # a year to the end of October begins on 1 November: Chi's result counts, her visit would not; Dung is dead, but in May was not
    assert cells(ask("record-freshness", "2026-10", engine=engine)) == drawn("2 | 3 | 66.67 | shown")
    assert cells(ask("record-freshness", "2026-05", "sex", engine=engine)) == drawn("female | 1 | 2 | 50 | shown\n male | 1 | 2 | 50 | shown")


def test_what_facilities_send_is_judged_table_by_table():
    engine = lake(
        encounter="""
            id | who  | class_code | start_date | end_date   | main_condition_id | discharge_code | outcome_code
            1  | An   | AMB        | 2026-10-01 | 2026-10-01 | condition/0       |                |
            2  | Binh | IMP        | 2026-10-02 |            |                   | 1              |""",
        condition="id | who | code\n condition/0 | An | I10",
        observation="who | encounter_id\n An | 1\n An | 1",
        medication_dispense="encounter_id\n 2",
    )
    assert cells(ask("visit-completeness", "2026-10", engine=engine)) == drawn("""
        diagnosis  | 1 | 2 | 50 | shown
        discharge  | 0 | 1 | 0  | shown
        end        | 1 | 2 | 50 | shown
        medication | 1 | 2 | 50 | shown
        procedure  | 0 | 2 | 0  | shown
        result     | 1 | 2 | 50 | shown""")


CHRONIC = """
who  | code  | recorded_date | verification_status
An   | {0}   | 2026-10-01    |
Binh | {0}.9 | 2026-06-01    |
Chi  | {0}   | 2026-03-01    |
Dung | {0}   | 2026-10-01    |
Em   | {0}   | 2024-09-30    |
Phuc | {0}   | 2026-10-01    | refuted
Hoa  | {0}   | 2026-10-01    |
"""


def test_hypertension_steps_ask_for_the_ones_before():
    engine = lake(
        patient=RESIDENTS + "Em | | | | | | |\n Phuc | | | | | | |\n Hoa | | | | | | |",
        condition=CHRONIC.format("I10"),
        medication_request="who | authored_date\n An | 2026-10-01\n Hoa | 2026-10-01\n Chi | 2026-10-01\n Binh | 2026-04-30",
        observation_component="""
            who | observation_id | code   | value_number | effective_date
            An  | o1             | 8480-6 | 150          | 2026-09-01
            An  | o1             | 8462-4 | 95           | 2026-09-01
            An  | o2             | 8480-6 | 139          | 2026-10-01
            An  | o2             | 8462-4 | 89           | 2026-10-01
            Hoa | o3             | 8480-6 | 130          | 2026-10-01
            Hoa | o3             | 8462-4 | 90           | 2026-10-01""",
    )  # Dung died in June, Em was last diagnosed 25 months ago, Phuc's was refuted
    assert cells(ask("hypertension-cascade", "2026-10", engine=engine)) == drawn("""
        1 known      | 4 | 4 | 100 | shown
        2 seen       | 3 | 4 | 75  | shown
        3 treated    | 2 | 4 | 50  | shown
        4 controlled | 1 | 4 | 25  | shown""")


def test_diabetes_is_controlled_by_the_last_hba1c_in_per_cent():
    engine = lake(
        patient=RESIDENTS + "Em | | | | | | |\n Phuc | | | | | | |\n Hoa | | | | | | |",
        condition=CHRONIC.format("E11"),
        medication_dispense="who | handed_over_date\n An | 2026-10-01\n Hoa | 2026-10-01\n Binh | 2026-05-01",
        observation="""
            who  | loinc_code | value_number | value_unit | effective_date
            An   | 4548-4     | 6.9          | %          | 2026-10-01
            An   | 4548-4     | 9            | %          | 2026-09-01
            Hoa  | 4548-4     | 6.5          | %          | 2026-09-01
            Hoa  | 4548-4     | 7            | %          | 2026-10-01
            Binh | 4548-4     | 5            | mmol/mol   | 2026-10-01""",
    )
    assert cells(ask("diabetes-cascade", "2026-10", "detail", engine=engine)) == drawn("""
        1 known      | 4 | 4 | 100 | shown
        2 seen       | 3 | 4 | 75  | shown
        3 treated    | 3 | 4 | 75  | shown
        4 controlled | 1 | 4 | 25  | shown""")


def test_doses_by_vaccine():
    engine = lake(immunization="who | status | occurrence_date | vaccine_code\n An | completed | 2026-10-01 | BCG\n Binh | not-done | 2026-10-01 | BCG\n"
                  "Chi | completed | 2026-10-31 |\n An | completed | 2026-11-01 | BCG")  # fmt: skip
    assert cells(ask("doses-given", "2026-10", "detail", engine=engine)) == drawn("? | 1 | - | 1 | shown\n BCG | 1 | - | 1 | shown")


def test_every_measure_with_a_source_has_a_golden_table():
    """A measure that is added comes with its table."""
    mine = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_golden*.py"))
    assert [name for name, one in measures().items() if one.sql and f'"{name}"' not in mine] == []
