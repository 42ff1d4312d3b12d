"""Every measure on Spark counts what DuckDB and plain Python count, over drawn worlds laid down as Parquet files (the long suite; needs the extra spark)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse import oracle, worlds
from tests.warehouse.measures.test_oracle import COUNTED, agree, questions
from tests.warehouse.reports.drawn import figures, lake
from tests.warehouse.reports.test_golden import LAKE
from tests.warehouse.spark.test_spark_small import needs_spark
from yba.specs import exports
from yba.specs.books import books
from yba.specs.measures import measures
from yba.warehouse import period
from yba.warehouse.books import finding
from yba.warehouse.lake import spark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.long, needs_spark]
EXAMPLES = int(os.environ.get("SPARK_WORLDS", "4"))
AT_ONCE = 6  # measures of one world


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """One session for all; worlds are small, and to compile their questions to Java would take longer than to answer them."""
    with spark.session() as found:
        for name, value in (
            ("codegen.wholeStage", "false"),
            ("codegen.factoryMode", "NO_CODEGEN"),
            ("adaptive.enabled", "false"),
            ("shuffle.partitions", "1"),
        ):
            found.conf.set(f"spark.sql.{name}", value)
        yield found


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
@given(world=worlds.worlds(), data=st.data())
def test_spark_counts_as_duckdb_and_plain_python_do(session: Any, tmp_path: Path, world: oracle.World, data: st.DataObject) -> None:
    engine = spark.Spark(session)
    world = worlds.seen(world, restricted=data.draw(st.booleans()))
    with worlds.lay(world) as duck:
        worlds.lay_files(duck, engine, tmp_path)
        engine.close_doors()
        for name in data.draw(st.lists(st.sampled_from(COUNTED), min_size=AT_ONCE, max_size=AT_ONCE, unique=True)):
            asked, when = data.draw(questions(measures()[name])), data.draw(st.sampled_from(worlds.PERIODS))
            agree(duck, world, name, when, dict(asked))
            agree(engine, world, name, when, dict(asked))


def test_every_measure_is_understood_by_spark(session: Any, tmp_path: Path) -> None:
    """One world, every measure, by every dimension at once."""
    world = fixed()
    engine = spark.Spark(session)
    with worlds.lay(world) as duck:
        worlds.lay_files(duck, engine, tmp_path)
        for name in COUNTED:
            agree(engine, world, name, "2026-10", {"by": measures()[name].dimensions, "smallest": 1})


def test_reports_and_books_are_counted_alike(session: Any, tmp_path: Path) -> None:
    """Their SQL stands over the same tables: every report and every book of the house, by both engines."""
    engine = spark.Spark(session)
    given = "who | status | occurrence_date | vaccine_code\n An | completed | 2026-10-01 | BCG\n Binh | completed | 2026-10-31 | ZZZ"
    when = {"month": "2026-10", "quarter": "2026-Q4", "half": "2026-H2", "year": "2026"}
    with lake(**LAKE, immunization=given) as duck:
        worlds.lay_files(duck, engine, tmp_path)
        for report, editions in exports.reports().items():
            asked = (report, when[editions[0].cycles[0]])
            assert figures(*asked, engine=engine).cells == figures(*asked, engine=duck).cells, report
        october = period("2026-10")
        for book in (one for one in books().values() if one.sql):
            found = []
            for one in (duck, engine):
                finding.lay(one, book)
                events = finding.events(one, book, october, facility="", commune="", most=1000)
                found.append(sorted((event.ref, event.day, event.encounter, str(event.source), sorted(event.rests)) for event in events))
            assert found[0] == found[1], book.name


def fixed() -> oracle.World:
    """A row of every view, so that every measure has its source."""
    day, person = worlds.BORDERS[14], worlds.PEOPLE[0]
    visit = {"row_person": person, "row_facility": "01001", "id": "Encounter/v0", "via": "fhir", "class_code": "IMP", "status": "finished",
             "start_at": worlds.moment(day, 8), "start_date": day, "end_at": worlds.moment(day, 9), "end_date": day, "main_condition_id": "condition/0"}  # fmt: skip
    person_day = {"row_person": person, "row_facility": "01001", "encounter_id": "Encounter/v0"}
    return worlds.whole({
        "patient": [{"row_person": person, "row_facility": "", "sex": "female", "birth_date": worlds.BORDERS[0], "commune_code": "00013"}],
        "encounter": [visit], "condition": [{**person_day, "code": "I10", "recorded_date": day}],
        "claim": [{**person_day, "end_date": day, "created_date": day, "total_amount": 3, "fund_amount": 2}],
        "observation": [{**person_day, "effective_date": day, "loinc_code": "4548-4", "value_unit": "%", "value_number": 6.5}],
        "observation_component": [{**person_day, "effective_date": day, "observation_id": "o", "code": "8480-6", "value_number": 120.0}],
        "immunization": [{**person_day, "occurrence_date": day, "status": "completed"}], "procedure": [person_day],
        "medication_request": [{**person_day, "medication_code": "40.154", "authored_date": day}],
        "medication_dispense": [{**person_day, "medication_code": "40.154", "handed_over_date": day}],
        "area_population": [{"commune": "00004", "year": 2026, "sex": "female", "age_band": "1-4", "people": 7}],
        "facility_bed": [{"facility": "01001", "valid_from": day, "valid_to": None, "beds": 2}],
        "intake_claim": [{"facility": "01001", "end_date": day, "received_date": day, "tables": "XML1", "incomplete": "", "state": "accepted"}],
        "intake_finding": [{"facility": "01001", "day": day, "severity": "reject", "cause": "time", "n": 2}],
    })  # fmt: skip
