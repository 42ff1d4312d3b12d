"""Drawn worlds for measures: people with visits told by several channels, deaths, nulls, days on the borders of months and years, labels, merges, splits.

Rows are drawn under the human and facility that sent them. Whose person that is says `links`: what clerks merged and split. A row may bear a label
(`RESTRICTED`). What chance seldom brings together stands in `stories.py`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import duckdb
from hypothesis import strategies as st

from tests.warehouse import stories
from yba.warehouse import dictionary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.warehouse.oracle_facts import Row, World
    from yba.warehouse.engines import Engine

PEOPLE = [UUID(int=0xA0 + number) for number in range(4)]
FACILITIES = ("01001", "01002", "")
RESTRICTED = "restricted"  # of a row: it bears a label
VIEWS = (
    "patient", "encounter", "condition", "claim", "observation", "observation_component", "immunization", "medication_request", "medication_dispense",
    "procedure", "area_population", "facility_bed", "intake_claim", "intake_finding",
)  # fmt: skip
# Borders of the periods that are asked, of the windows of 6, 12 and 24 months before them, and a leap day.
BORDERS = [
    date.fromisoformat(day)
    for day in (
        "2024-02-29", "2024-10-31", "2024-11-01", "2025-10-31", "2025-11-01", "2025-12-31", "2026-01-01", "2026-02-28", "2026-03-01", "2026-04-30",
        "2026-05-01", "2026-09-14", "2026-09-15", "2026-09-30", "2026-10-01", "2026-10-02", "2026-10-14", "2026-10-15", "2026-10-31", "2026-11-01",
        "2026-11-30", "2026-12-01",
    )
]  # fmt: skip
PERIODS = ("2026-10", "2026-10@15", "2026-Q4", "2026", "2026-09-15..2026-10-31", "2026-02")
DAYS = st.sampled_from(BORDERS)
MAYBE = st.one_of(st.none(), DAYS)
WHO = st.sampled_from(PEOPLE)
AT = st.sampled_from(FACILITIES)
SECRET = st.sampled_from((False, False, False, True))
VISIT = st.sampled_from([f"Encounter/v{number}" for number in range(8)])
# Two of today, one that became the first of them in 2025, one that was divided between the second and another, one no tree has.
COMMUNES = ("00004", "00008", "00013", "00007", "99999")
MONEY = st.one_of(st.none(), st.integers(0, 9_000_000), st.just(0))


def moment(day: date, hour: int) -> datetime:
    """A moment of a day in Vietnam."""
    return datetime.fromisoformat(f"{day.isoformat()}T{hour:02d}:00:00+07:00")


def _rows(at_most: int, **columns: Any) -> st.SearchStrategy[list[Row]]:
    """Rows of a view, numbered; what is not named is null."""
    return st.lists(st.fixed_dictionaries({"row_person": WHO, "row_facility": AT, RESTRICTED: SECRET, **columns}), max_size=at_most)


@st.composite
def links(draw: Any) -> dict[tuple[UUID, str], UUID]:
    """Whose record each source (a human at a facility) stands in, after merges of people and splits of sources."""
    person = {(who, at): who for who in PEOPLE for at in FACILITIES}
    for number in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            drop, keep = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(PEOPLE))
            person = {source: keep if of == drop else of for source, of in person.items()}
        else:
            person[draw(WHO), draw(AT)] = UUID(int=0xB0 + number)
    return person


def settled(world: World, person: Mapping[tuple[UUID, str], UUID]) -> World:
    """The rows under the person their source stands in; what is about nobody stays."""
    return {
        view: [{**row, "row_person": person[row["row_person"], row["row_facility"]]} if row.get("row_person") else row for row in rows]
        for view, rows in world.items()
    }


def seen(world: World, *, restricted: bool) -> World:
    """What a reader sees: without the right no row that bears a label."""
    return {view: [row for row in rows if restricted or not row.get(RESTRICTED)] for view, rows in world.items()}


@st.composite
def encounters(draw: Any) -> list[Row]:
    """Visits close enough to be told twice, some without a beginning or an end, some that end before they begin."""
    made = []
    for number in range(draw(st.integers(0, 8))):
        day, hour = draw(st.one_of(DAYS, DAYS, DAYS, st.none())), draw(st.sampled_from((0, 7, 8, 10, 23)))
        start = moment(day, hour) if day else None
        length = draw(st.sampled_from((None, -24, 0, 1, 2, 50, 24 * 31)))
        end = start + timedelta(hours=length) if start and length is not None else None
        ended = (end + timedelta(hours=7)).date() if end else draw(MAYBE) if day is None else None  # the day in Vietnam; UTC + 7
        made.append({
            "row_person": draw(st.sampled_from(PEOPLE[:3])), "row_facility": draw(AT), "id": f"Encounter/v{number}",
            "via": draw(st.sampled_from(("claims/1", "fhir", "desk"))), "class_code": draw(st.sampled_from(("AMB", "IMP", "IMP", "EMER", "X", None))),
            "status": draw(st.sampled_from(("finished", "finished", "in-progress", "cancelled"))), "start_at": start, "start_date": day, "end_at": end,
            "end_date": ended, "length_days": draw(st.sampled_from((None, None, 2.0, 5.5))), "outcome_code": draw(st.sampled_from((None, "1", "5", "8"))),
            "discharge_code": draw(st.sampled_from((None, "1", "2", "5"))), "referred_to_code": draw(st.sampled_from((None, "01002"))),
            RESTRICTED: draw(SECRET), "patient_category_code": draw(st.sampled_from((None, "1.1", "9"))), "main_condition_id": draw(st.sampled_from((None, "condition/0", "condition/1", "none"))),
        })  # fmt: skip
    for one in made:  # days are those of Vietnam
        for key in ("start", "end"):
            if one[f"{key}_at"]:
                one[f"{key}_date"] = (one[f"{key}_at"].astimezone(moment(BORDERS[0], 0).tzinfo)).date()
    return made


@st.composite
def worlds(draw: Any, about: str = "") -> World:
    """Everything the measures read, with a story ``about`` a measure where there is one; several Patients of one person are what a merge leaves. Every row has all columns of its view and an id."""
    world = {
        "encounter": draw(encounters()),
        "patient": draw(_rows(
            6, row_seq=st.integers(1, 2), sex=st.sampled_from(("male", "female", "unknown", None)), birth_year=st.sampled_from((None, 1950, 2020, 2026, 2027)),
            birth_date=st.one_of(st.none(), DAYS, st.sampled_from((date(1960, 10, 31), date(1960, 11, 1), date(2000, 2, 29)))),
            commune_code=st.sampled_from((None, *COMMUNES)), has_citizen_number=st.sampled_from((None, True, False)),
            is_deceased=st.sampled_from((None, False, False, True)), death_date=MAYBE,
        )),
        "condition": draw(_rows(
            8, recorded_date=MAYBE, verification_status=st.sampled_from((None, "refuted", "confirmed")),
            code=st.sampled_from((None, "A97.1", "A90", "B05", "I10", "I15.9", "I16", "E11.9", "E10", "A98.4", "A15.0")),
        )),
        "claim": draw(_rows(
            5, end_date=MAYBE, created_date=MAYBE, total_amount=MONEY, fund_amount=MONEY, copay_amount=MONEY, self_paid_amount=MONEY, other_amount=MONEY,
        )),
        "observation": draw(_rows(
            6, effective_date=MAYBE, encounter_id=VISIT, loinc_code=st.sampled_from(("4548-4", "4548-4", None)), value_unit=st.sampled_from(("%", "%", None)),
            value_number=st.sampled_from((None, 5.5, 7.0, 9.0)),
        )),
        "observation_component": draw(_rows(
            6, effective_date=MAYBE, observation_id=st.sampled_from(("o1", "o2")), code=st.sampled_from(("8480-6", "8462-4", "8480-6", "8462-4", "x")),
            value_number=st.sampled_from((None, 80.0, 89.5, 90.0, 139.0, 140.0)),
        )),
        "immunization": draw(_rows(4, occurrence_date=MAYBE, status=st.sampled_from(("completed", "not-done")), vaccine_code=st.sampled_from((None, "BCG")))),
        "procedure": draw(_rows(2, encounter_id=VISIT)),
    }  # fmt: skip
    for view, column in (("medication_request", "authored_date"), ("medication_dispense", "handed_over_date")):
        codes = st.sampled_from(("40.154", "40.227", "40.1", None))
        world[view] = draw(_rows(4, encounter_id=st.one_of(VISIT, st.none()), medication_code=codes, **{column: MAYBE}))
    world |= draw(sides())
    for number, added in enumerate(draw(st.lists(stories.ABOUT.get(about, stories.ANY), min_size=1, max_size=2))):
        for view, rows in added.items():
            named = [{**row, "id": f"{row['id']}.{number}"} if "id" in row else row for row in rows]
            world[view] = [*world[view], *named]
    return whole(settled(world, draw(links())))


@st.composite
def told(draw: Any) -> World:
    """Visits alone, under the humans and facilities that sent them."""
    return {"encounter": draw(encounters())}


@st.composite
def sides(draw: Any) -> World:
    """Tables beside the views: people counted in several years, beds that change, claims and findings at intake."""
    people = st.fixed_dictionaries({"commune": st.sampled_from(("00004", "00008")), "year": st.sampled_from((2025, 2026, 2027)),
                                    "sex": st.sampled_from(("male", "female")), "age_band": st.sampled_from(("0", "60-79")), "people": st.integers(0, 9)})  # fmt: skip
    changed = draw(st.sampled_from(BORDERS))
    beds = [
        {"facility": facility, "valid_from": first, "valid_to": last, "beds": draw(st.sampled_from((0, 1, 30)))}
        for facility in ("01001", "01009")
        for first, last in ((BORDERS[0], changed), (changed + timedelta(days=1), draw(st.sampled_from((None, BORDERS[-1])))))
    ]
    tables = st.sampled_from(("", "XML1", "XML2 XML3", "XML7 XML14"))
    claims = st.fixed_dictionaries({"facility": AT, "end_date": MAYBE, "received_date": DAYS, "tables": tables, "incomplete": tables,
                                    "state": st.sampled_from(("accepted", "accepted", "withdrawn", "rejected"))})  # fmt: skip
    findings = st.fixed_dictionaries({"facility": AT, "day": DAYS, "severity": st.sampled_from(("reject", "finding", "note")),
                                      "cause": st.sampled_from(("money", "time")), "n": st.integers(1, 4)})  # fmt: skip
    return {
        "area_population": draw(st.lists(people, max_size=6, unique_by=lambda one: (one["commune"], one["year"], one["sex"], one["age_band"]))),
        "facility_bed": draw(st.sampled_from(([], beds, beds))), "intake_claim": draw(st.lists(claims, max_size=5)),
        "intake_finding": draw(st.lists(findings, max_size=5)),
    }  # fmt: skip


@cache
def columns_of(view: str) -> dict[str, str]:
    """Columns of a table with their types; remembered, for the dictionary compiles every view."""
    return {one.column: one.type for one in dictionary() if one.table == view}


def whole(world: World) -> World:
    """Give every row every column of its view, and an id."""
    made: World = {}
    for view in VIEWS:
        columns = dict.fromkeys(columns_of(view), None)
        made[view] = [{**columns, "row_seq": 1, "id": f"{view}/{number}", **row} for number, row in enumerate(world.get(view, ()))]
    return made


def lay(world: World) -> duckdb.DuckDBPyConnection:
    """Make the tables of a lake of a world, in memory; a view without rows has no table, as in a lake."""
    engine = duckdb.connect(config={"threads": 1})
    engine.execute("SET TimeZone = 'UTC'; CREATE SCHEMA lake")
    engine.execute('CREATE TABLE lake."Encounter" (id UUID, given_id VARCHAR, mapped_by VARCHAR)')
    for view, rows in world.items():
        columns = columns_of(view)
        if not rows:
            continue
        engine.execute(f"CREATE TABLE {view} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        engine.executemany(f"INSERT INTO {view} VALUES ({', '.join('?' * len(columns))})", [[row.get(name) for name in columns] for row in rows])  # noqa: S608
        if view == "encounter":
            engine.executemany(
                'INSERT INTO lake."Encounter" VALUES (NULL, ?, ?)', [[row["id"].removeprefix("Encounter/"), row["via"]] for row in rows]
            )
    return engine


def lay_files(duck: duckdb.DuckDBPyConnection, engine: Engine, folder: Path) -> None:
    """Give another engine the same tables, by Parquet files as a lake has them."""
    for schema, name in duck.execute("SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'").fetchall():
        path = folder / f"{schema}-{name}.parquet"
        duck.execute(f"COPY {schema}.\"{name}\" TO '{path}' (FORMAT parquet)")
        engine.execute(f"CREATE VIEW {schema}.\"{name}\" AS SELECT * FROM read_parquet(['{path}'])")  # noqa: S608  our own
