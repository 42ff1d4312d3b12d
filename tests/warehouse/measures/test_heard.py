"""Who was heard about a commune: the facilities its residents go to; a commune of which nobody told is no zero."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse import oracle, worlds
from tests.warehouse.measures.drawn import ask, lake
from yba.specs.measures import Dimension
from yba.warehouse import period
from yba.warehouse.furnishing import furnish
from yba.warehouse.measures.heard import heard

PEOPLE = "who | commune_code\n An | 00004\n Binh | 00013\n Chi | 00008\n Dung | 00025\n Em | 00007"
# 01001 tells of October, 01002 fell silent in May, 01003 tells of October and of nobody's home; An and Binh live in the same commune of today.
VISITS = """
who  | at    | start_date | end_date
An   | 01001 | 2026-10-05 | 2026-10-05
Binh | 01002 | 2026-05-05 | 2026-05-05
Chi  | 01002 | 2026-01-05 | 2026-05-06
Dung | 01001 | 2026-03-01 | 2026-03-01
Dung | 01004 | 2025-10-31 | 2025-10-31
Em   | 01003 | 2026-10-31 |
"""


def told(name, when, by, **only):
    engine = lake(
        patient=PEOPLE, encounter=VISITS, area_population="commune | year | sex | age_band | people | source\n 00008 | 2026 | male | 0 | 9 | x"
    )
    return [
        (" ".join(value or "?" for value in one.dimensions.values()), one.state.value, one.value, one.heard, one.expected)
        for one in ask(name, when, by, engine=engine, **only).cells
    ]


def test_a_cell_by_commune_knows_who_its_residents_go_to():
    """00008's only facility sent nothing: no value. 00025's was heard and told of none of its people: a zero. 01004 is too long ago to be expected."""
    assert told("visits", "2026-10", "commune") == [
        ("00004", "shown", 1, 1, 2),
        ("00008", "not_heard", None, 0, 1),
        ("00025", "shown", 0, 1, 1),
        ("?", "shown", 1, 1, 1),
    ]


def test_a_stock_is_shown_whoever_was_heard_and_says_so():
    assert ("00008", "shown", pytest.approx(100 / 9), 0, 1) in told("record-coverage", "2026-10", "commune")


def test_by_facility_and_commune_the_facility_counts():
    assert ("01001 00004", "shown", 1, 1, 1) in told("visits", "2026-10", "facility commune")
    assert ("01002 ?", "not_heard", None, 0, 1) in told("visits", "2026-10", "facility commune")


@pytest.mark.parametrize(("areas", "expected"), [(["00004"], (1, 2)), (["00008"], (0, 1)), (["00004", "00025"], (1, 2)), (["99999"], (0, 0))])
def test_asked_of_some_communes_it_is_their_facilities_alone(areas, expected):
    assert [one[3:] for one in told("visits", "2026-10", "", areas=areas)] == [expected]


def test_asked_of_some_facilities_others_do_not_count():
    assert told("visits", "2026-10", "commune", facilities=["01001"])[0][3:] == (1, 1)
    assert "00008" not in {one[0] for one in told("visits", "2026-10", "commune", facilities=["01001"])}


def test_periods_asked_of_one_lake_do_not_share_their_facilities():
    engine = lake(patient=PEOPLE, encounter=VISITS)
    assert [
        (one.heard, one.expected) for one in ask("visits", "2026-10", "commune", engine=engine).cells if one.dimensions["commune"] == "00025"
    ] == [(1, 1)]
    assert [(one.heard, one.expected) for one in ask("visits", "2025-10", "commune", engine=engine).cells] == [(1, 1)]
    assert [
        (one.heard, one.expected) for one in ask("visits", "2026-10", "commune", engine=engine).cells if one.dimensions["commune"] == "00025"
    ] == [(1, 1)]


PLACES = (None, [], ["00004"], ["00008", "00025"], ["99999"])


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(world=worlds.worlds(), restricted=st.booleans(), data=st.data())
def test_who_is_heard_is_what_an_obvious_count_says(world, restricted, data):
    """Of periods that begin and end within a month too, one after the other of one reader, with sealed rows and without, narrowed to places."""
    world = worlds.seen(world, restricted=restricted)
    with worlds.lay(world) as engine:
        furnish(engine, views=("encounter", "patient"))
        for when in data.draw(st.lists(st.sampled_from((*worlds.PERIODS, "2026-10-02..2026-10-14", "2025-02-28..2026-10-30")), min_size=3)):
            facilities, areas = data.draw(st.sampled_from((None, [], ["01001"], ["01002", "01009"]))), data.draw(st.sampled_from(PLACES))
            found = heard(engine, period(when), facilities=facilities, areas=areas, by_commune=True)
            obvious = oracle.who_is_heard(world, period(when), facilities, areas)
            assert found.facilities == obvious.facilities, when
            # The whole of a commune is kept: what is not asked of is left out where it is counted.
            assert found.visited == oracle.who_is_heard(world, period(when), None, None).visited, when
            for commune in (*worlds.COMMUNES, None):
                assert found.about({Dimension.COMMUNE: commune}) == obvious.about({Dimension.COMMUNE: commune}), (when, commune)
