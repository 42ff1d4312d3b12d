"""Two makers of one answer must agree: the SQL of measures over DuckDB, and plain Python written from what their pages say."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from tests.warehouse import oracle, worlds
from yba.kit import Invalid
from yba.specs.measures import Dimension, Measure, measures
from yba.warehouse import Answer, period
from yba.warehouse.measures import answer

if TYPE_CHECKING:
    from yba.warehouse.engines import Engine

COUNTED = [name for name, one in measures().items() if one.sql and name in oracle.FACTS]


def told(found: Answer) -> list[oracle.Told]:
    """Cells of an answer as the oracle tells them, sums without what lies behind the ninth digit."""
    return [
        oracle.Told(tuple(one.dimensions.values()), *map(_round, (one.numerator, one.denominator, one.value)), one.state, one.heard, one.expected)
        for one in found.cells
    ]


def expected(*given: Any, **only: Any) -> list[oracle.Told]:
    return [
        one._replace(numerator=_round(one.numerator), denominator=_round(one.denominator), value=_round(one.value))
        for one in oracle.answer(*given, **only)
    ]


def _round(value: float | None) -> float | None:
    return None if value is None else float(f"{float(value):.9g}")


@st.composite
def questions(draw: Any, spec: Measure) -> dict[str, Any]:
    """By what, of which facilities and communes, with how large cells."""
    dimensions = draw(st.lists(st.sampled_from(spec.dimensions), unique=True, max_size=2))
    asked: dict[str, Any] = {"by": tuple(dimensions), "smallest": draw(st.sampled_from((1, 1, 2)))}
    if Dimension.FACILITY in spec.dimensions:
        asked["facilities"] = draw(st.sampled_from((None, None, ["01001"], [])))
    if Dimension.COMMUNE in spec.dimensions:
        asked["areas"] = draw(st.sampled_from((None, None, ["00008"])))
    return asked


def agree(engine: Engine, world: oracle.World, name: str, when: str, asked: dict[str, Any]) -> None:
    """One question, two answers."""
    by = asked.pop("by")
    try:
        found = told(answer(engine, measures()[name], period(when), by=by, **asked))
    except Invalid:
        assert period(when).kind not in measures()[name].periods
        return
    assert found == expected(world, name, period(when), by, **asked), (name, when, by, asked)


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.function_scoped_fixture]


@settings(max_examples=15, suppress_health_check=CHECKS)
@given(worlds.worlds(), st.data())
def test_sql_counts_as_plain_python_does(world, data):
    world = worlds.seen(world, restricted=data.draw(st.booleans()))
    with worlds.lay(world) as engine:
        for name in data.draw(st.lists(st.sampled_from(COUNTED), min_size=6, max_size=6, unique=True)):
            agree(engine, world, name, data.draw(st.sampled_from(worlds.PERIODS)), data.draw(questions(measures()[name])))


@pytest.mark.long
@pytest.mark.parametrize("name", COUNTED)
@settings(max_examples=100, suppress_health_check=CHECKS)
@given(data=st.data())
def test_each_measure_counts_as_plain_python_does(name, data):
    world = worlds.seen(data.draw(worlds.worlds(name)), restricted=data.draw(st.booleans()))
    with worlds.lay(world) as engine:
        agree(engine, world, name, data.draw(st.sampled_from(worlds.PERIODS)), data.draw(questions(measures()[name])))


@settings(max_examples=15, suppress_health_check=CHECKS)
@given(world=worlds.told(), person=worlds.links(), data=st.data())
def test_merges_and_splits_move_visits_and_make_none(world, person, data):
    """Told by one channel, as many visits are counted whoever they are said to be of; with several a merge may show that two tell one."""
    when = data.draw(st.sampled_from(worlds.PERIODS))

    def visits(some: oracle.World) -> float:
        with worlds.lay(worlds.whole(some)) as engine:
            return sum(one.value or 0.0 for one in answer(engine, measures()["visits"], period(when), smallest=1).cells)

    apart = {(who, at): UUID(int=number) for number, (who, at) in enumerate(person)}
    one_channel = {**world, "encounter": [{**row, "via": "fhir"} for row in world["encounter"]]}
    assert visits(worlds.settled(one_channel, person)) == visits(worlds.settled(one_channel, apart))
    assert visits(worlds.settled(world, person)) <= visits(worlds.settled(world, apart))


CHANGED = [
    ("readmission-30", "v.end_date + 30", "v.end_date + 31"),
    ("readmission-30", "n.start_date >= v.end_date", "n.start_date > v.end_date"),
    ("diabetes-cascade", "value_number < 7", "value_number <= 7"),
    ("diabetes-cascade", "value_number DESC", "value_number"),
    ("hypertension-cascade", "systolic < 140", "systolic <= 140"),
    ("hypertension-cascade", "diastolic < 90", "diastolic <= 90"),
    ("claim-within-7-days", "c.end_date + 7", "c.end_date + 8"),
    ("sending-timeliness", "INTERVAL 7 DAY", "INTERVAL 8 DAY"),
]


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of a world that is found, and shown to nobody
@pytest.mark.parametrize(("name", "right", "wrong"), CHANGED)
def test_drawn_worlds_tell_a_measure_that_is_a_step_wrong(name, right, wrong):
    spec = measures()[name]
    assert spec.sql.count(right) == 1
    changed = replace(spec, sql=spec.sql.replace(right, wrong))

    def differs(drawn: tuple[oracle.World, str]) -> bool:
        world, when = drawn
        if period(when).kind not in spec.periods:
            return False
        with worlds.lay(world) as engine:
            return told(answer(engine, changed, period(when), smallest=1)) != expected(world, name, period(when))

    drawn = st.tuples(worlds.worlds(name), st.sampled_from(worlds.PERIODS))
    only = settings(max_examples=400, suppress_health_check=CHECKS, phases=[Phase.generate], database=None)
    assert find(drawn, differs, settings=only, random=Random(7))  # the same worlds each time


def test_every_measure_has_an_oracle():
    """A measure that is added is counted twice, or stands here with the reason why not."""
    assert {name for name, one in measures().items() if one.sql} - oracle.FACTS.keys() == set()


@pytest.mark.parametrize("months", [6, 12, 24])
def test_months_are_counted_back_as_duckdb_does(months):
    with worlds.lay({}) as engine:
        for day in [*worlds.BORDERS, *(one.replace(day=1) for one in worlds.BORDERS)]:
            (found,) = engine.execute(f"SELECT ($day::DATE - INTERVAL {months} MONTH)::DATE", {"day": day}).fetchone()
            assert found == oracle.months_before(day, months)
