"""Golden tables of reports: given rows of views, the numbers of each form, blanks told from zeros."""

import pytest

from tests.warehouse.reports.drawn import figures, lake, lines, of, table
from yba.specs import exports
from yba.warehouse.reports.checking import judged
from yba.warehouse.reports.model import CellState, Number, Verdict

PEOPLE = """
who   | sex    | birth_date | birth_year | is_deceased | death_date
An    | male   | 1960-10-02 | 1960       |             |
Binh  | female | 1990-01-01 | 1990       |             |
Chi   | female | 2022-11-05 | 2022       |             |
Dung  | male   | 1950-05-05 | 1950       | true        | 2026-10-06
"""
VISITS = """
id | who  | at    | via  | class_code | start_date | end_date   | patient_category_code | main_condition_id | discharge_code | outcome_code | length_days
1  | An   | 01001 |      | AMB        | 2026-10-01 | 2026-10-01 | 1.1                   | condition/0       | 1              |              |
2  | An   | 01001 | desk | AMB        | 2026-10-01 | 2026-10-01 |                       | condition/0       |                |              |
3  | An   | 01001 | desk | AMB        | 2026-10-20 | 2026-10-20 |                       | condition/1       |                |              |
4  | Binh | 01002 |      | EMER       | 2026-10-31 | 2026-11-01 | 9                     | condition/2       | 2              |              |
5  | Chi  | 01002 |      | IMP        | 2026-09-28 | 2026-10-02 | 1.1                   | condition/3       | 1              | 1            | 5
6  | Dung | 01002 |      | IMP        | 2026-10-05 | 2026-10-06 | 1.1                   | condition/4       | 1              | 5            | 2
7  | Binh | 01002 |      | IMP        | 2026-10-30 | 2026-11-03 | 1.1                   |                   | 1              | 1            | 4
8  | Em   | 01003 |      | AMB        | 2026-01-05 | 2026-01-05 |                       |                   | 1              |              |
"""
CONDITIONS = """
id          | who  | at    | encounter_id | code  | recorded_date | verification_status
condition/0 | An   | 01001 | 1            | I10   | 2026-10-01    |
condition/1 | An   | 01001 | 3            | A97.1 | 2026-10-20    |
condition/2 | Binh | 01002 | 4            | O80   | 2026-10-31    |
condition/3 | Chi  | 01002 | 5            | J18.9 | 2026-09-28    |
condition/4 | Dung | 01002 | 6            | A97.2 | 2026-10-05    |
condition/5 | Dung | 01001 | 6            | I11   | 2026-03-05    |
condition/6 | Binh | 01002 | 4            | I10   | 2026-04-02    | refuted
condition/7 | Binh | 01002 | 4            | Z99   | 2026-10-31    |
"""
LAKE = {"patient": PEOPLE, "encounter": VISITS, "condition": CONDITIONS}


def test_form_9_counts_visits_once_and_says_what_has_no_source():
    found = figures("facility-activity", "2026-10", **LAKE)
    assert table(found) == lines("""
        beds             | no_source
        visits           | 3
        visits.insured   | 1
        visits.emergency | 1
        visits.under-6   | 0
        visits.over-60   | 2
        visits-year      | 4
        stays            | 2
        stays.insured    | 2
        stays.under-6    | 0
        stays.over-60    | 1
        days             | 7
        bed-days         | no_source
        bed-use          | no_source
        ended            | 2
        ended.deaths     | 1
        length-of-stay   | 3.5
        referred         | 0
        births           | 0
        operations       | no_source
        tests            | no_source""")
    assert (found.heard, found.expected) == (2, 3), "a facility that told of a visit in January is expected"


def test_a_place_that_sent_nothing_is_blank_and_one_that_sent_something_else_is_zero():
    found = figures("facility-activity", "2026-10", **LAKE)
    assert table(found, "visits", "stays", place="facility:01001") == ["visits | 2", "stays | 0"]
    assert table(found, "visits", "stays", "visits-year", place="facility:01003") == ["visits | not_heard", "stays | not_heard", "visits-year | 1"]
    assert table(found, "visits", "stays", place="commune:00002") == ["visits | 1", "stays | 2"]
    alone = figures("facility-activity", "2026-10", of("01003"), **LAKE)
    assert alone.places == ("",)
    assert table(alone, "visits", "length-of-stay") == ["visits | not_heard", "length-of-stay | not_heard"]


BEDS = "CREATE TABLE facility_bed (facility VARCHAR, valid_from DATE, valid_to DATE, beds INTEGER)"


def test_beds_and_their_use_and_nothing_is_divided_by_nothing():
    engine = lake(**LAKE)
    engine.execute(BEDS)
    engine.execute(
        "INSERT INTO facility_bed VALUES ('01002', '2025-01-01', '2026-10-10', 10), ('01002', '2026-10-11', NULL, 20), ('01001', '2026-01-01', NULL, 0)"
    )
    found = figures("facility-activity", "2026-10", engine=engine)
    assert table(found, "beds", "bed-days", "bed-use") == ["beds | 20", "bed-days | 520", f"bed-use | {round(7 / 520 * 100, 2):g}"]
    assert table(found, "beds", "bed-days", "bed-use", place="facility:01001") == ["beds | 0", "bed-days | 0", "bed-use | undefined"]
    assert table(found, "beds", "bed-use", place="facility:01003") == ["beds | not_heard", "bed-use | not_heard"], "nobody told: not none"


def test_form_14_by_chapter_sex_age_and_death():
    found = figures("morbidity", "2026-10", **LAKE)
    #                                     out f 15 | in f 15 5 | died f 15 5
    assert table(found, "total", "chapter.i", "chapter.ix", "chapter.x", "chapter.xv", "none") == lines("""
        total      | 3 | 1 | 0 | 2 | 1 | 1 | 1 | 1 | 0 | 0 | 0
        chapter.i  | 1 | 0 | 0 | 1 | 0 | 0 | 0 | 1 | 0 | 0 | 0
        chapter.ix | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0
        chapter.x  | 0 | 0 | 0 | 1 | 1 | 1 | 1 | 0 | 0 | 0 | 0
        chapter.xv | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0
        none       | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0""")
    assert {one.verdict for one in found.checks} == {Verdict.HOLDS}
    year = figures("morbidity", "2026", **LAKE)
    assert table(year, "total", "none")[1] == "none | 1 | 0 | 0 | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 0"


def test_form_11_a_person_once_a_disease_and_hiv_is_no_row_of_it():
    found = figures("epidemic", "2026-10", **LAKE)
    assert table(found, "disease.dengue", "disease.cholera") == ["disease.dengue | 2 | 1", "disease.cholera | 0 | 0"]
    assert table(found, "disease.dengue", place="facility:01001") == ["disease.dengue | 1 | 0"]
    assert "disease.hiv" not in found.cells[""]


def test_people_are_counted_once_in_the_whole_and_at_each_place():
    told = """
id          | who  | at    | encounter_id | code  | recorded_date
condition/0 | An   | 01001 | 1            | I10   | 2026-10-01
condition/1 | An   | 01002 | 3            | I10   | 2026-10-20
condition/2 | Binh | 01002 | 4            | I11   | 2026-03-01
condition/3 | Binh | 01002 | 4            | I11   | 2026-10-03
condition/4 | Dung | 01001 | 6            | I10   | 2026-07-05
condition/5 | Chi  | 01001 | 5            | E11.9 | 2026-10-02
"""
    parts = """
who  | observation_id | code   | value_number | effective_date
An   | o1             | 8480-6 | 150          | 2026-09-20
An   | o1             | 8462-4 | 80           | 2026-09-20
An   | o2             | 8480-6 | 130          | 2026-10-20
An   | o2             | 8462-4 | 80           | 2026-10-20
Binh | o3             | 8480-6 | 130          | 2026-10-20
"""
    found = figures("ncd", "2026-10", patient=PEOPLE, encounter=VISITS, condition=told, observation_component=parts)
    assert table(found, "htn.found", "htn.managed", "htn.controlled", "dm.found", "copd.managed", "mental") == lines("""
        htn.found      | 1
        htn.managed    | 2
        htn.controlled | 1
        dm.found       | 1
        copd.managed   | 0
        mental         | no_source""")
    assert table(found, "htn.managed", place="facility:01001") == ["htn.managed | 1"], "Dung is dead by the end"
    assert table(found, "htn.managed", place="facility:01002") == ["htn.managed | 2"], "An is seen at both"


def test_doses_by_vaccine_and_codes_nobody_knows():
    given = """
who | at    | status    | vaccine_code | occurrence_date
Chi | 01001 | completed | bcg          | 2026-10-05
An  | 01001 | completed | V-0099       | 2026-10-05
An  | 01001 | not-done  | BCG          | 2026-10-05
Em  | 01002 | completed | BCG          | 2026-11-01
"""
    young = "who | sex | birth_date | birth_year\nChi | female | 2026-05-05 | 2026"
    found = figures("immunisation", "2026-10", patient=young, immunization=given)
    assert table(found, "doses", "vaccine.bcg", "vaccine.mr", "other", "aefi") == lines("""
        doses       | 2 | 1
        vaccine.bcg | 1 | 1
        vaccine.mr  | 0 | 0
        other       | 1 | 0
        aefi        | no_source | no_source""")
    assert table(found, "doses", place="facility:01002") == ["doses | not_heard | not_heard"]


def test_injuries_by_cause_without_self_harm():
    told = """
id | who  | at    | encounter_id | code  | recorded_date
a  | An   | 01001 | 1            | S72.0 | 2026-10-01
b  | An   | 01001 | 1            | V23   | 2026-10-01
c  | An   | 01001 | 1            | W01   | 2026-10-01
d  | Dung | 01002 | 6            | T40   | 2026-10-05
e  | Dung | 01002 | 6            | X61   | 2026-10-05
"""
    found = figures("injury", "2026-H2", patient=PEOPLE, encounter=VISITS, condition=told)
    assert table(found, "injuries", "caused", "cause.traffic", "cause.fall", "cause.drowning", "self-harm") == lines("""
        injuries       | 2 | 0 | 1
        caused         | 1 | 0 | 0
        cause.traffic  | 1 | 0 | 0
        cause.fall     | 1 | 0 | 0
        cause.drowning | 0 | 0 | 0
        self-harm      | no_source | no_source | no_source""")


def test_mental_health_and_hiv_are_reports_of_their_own():
    told = """
id | who  | at    | encounter_id | code  | recorded_date
a  | An   | 01001 | 1            | F20.0 | 2026-10-01
b  | Binh | 01001 | 1            | F32.1 | 2026-08-01
c  | Dung | 01002 | 6            | X61   | 2026-10-05
d  | Chi  | 01002 | 6            | B24   | 2026-10-05
e  | Chi  | 01001 | 6            | Z21   | 2026-12-14
f  | Binh | 01001 | 6            | B20   | 2026-12-15
"""
    mental = figures("mental-health", "2026-10", patient=PEOPLE, encounter=VISITS, condition=told)
    assert table(mental, "schizophrenia.found", "depression.found", "depression.managed", "self-harm.found") == lines("""
        schizophrenia.found | 1
        depression.found    | 0
        depression.managed  | 1
        self-harm.found     | 1""")
    hiv = figures("hiv-care", "2026-Q4", patient=PEOPLE, encounter=VISITS, condition=told)
    assert table(hiv, "seen", "art-new", "art-end") == ["seen | 1", "art-new | no_source", "art-end | no_source"]
    assert exports.reports()["hiv-care"][0].labels == ("hiv",)


def test_population_is_that_of_the_year_and_a_year_nobody_loaded_is_blank():
    engine = lake(**LAKE)
    engine.execute("CREATE TABLE area_population (commune VARCHAR, year INTEGER, sex VARCHAR, age_band VARCHAR, people INTEGER, source VARCHAR)")
    engine.execute(
        "INSERT INTO area_population VALUES ('00001', 2026, 'female', '0', 10, 'x'), ('00001', 2026, 'male', '15-24', 90, 'x'),"
        " ('00002', 2026, 'female', '80+', 5, 'x'), ('00002', 2025, 'female', '80+', 7, 'x')"
    )
    found = figures("population", "2026", engine=engine)
    assert table(found, "people", "people.under-5", "people.over-60", "births") == lines("""
        people         | 105 | 15
        people.under-5 | 10  | 10
        people.over-60 | 5   | 5
        births         | no_source | no_source""")
    assert table(found, "people", "people.under-5", place="commune:00002") == ["people | 5 | 5", "people.under-5 | 0 | 0"]
    assert table(figures("population", "2027", engine=engine), "people") == ["people | not_heard | not_heard"]


def test_an_empty_lake_says_no_source_everywhere_and_never_zero():
    when = {"month": "2026-10", "quarter": "2026-Q4", "half": "2026-H2", "year": "2026"}
    for report, editions in exports.reports().items():
        found = figures(report, when[editions[0].cycles[0]])
        states = {cell.state for rows in found.cells.values() for row in rows.values() for cell in row}
        assert states <= {CellState.NO_SOURCE, CellState.NONE}, report
        assert {one.verdict for one in found.checks} <= {Verdict.NOT_JUDGED}


@pytest.mark.parametrize("swap", ["visits", "visits.insured"])
def test_a_broken_check_is_said_with_both_sides(swap):
    edition = exports.reports()["facility-activity"][0]
    found = figures("facility-activity", "2026-10", **LAKE)
    assert not found.broken
    cells = {"": {**found.cells[""], swap: (Number(5 if swap == "visits" else 4, CellState.SHOWN),)}}
    broken = [(one.rule, one.left, one.right) for one in judged(edition, cells) if one.verdict is Verdict.BROKEN]
    assert broken == ([("visits <= visits-year", 5, 4)] if swap == "visits" else [("visits.insured <= visits", 4, 3)])
