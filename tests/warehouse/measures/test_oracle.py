"""Two makers of one answer must agree: the SQL of measures over DuckDB, and plain Python."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.measures import oracle
from tests.warehouse.measures.drawn import ask, lake_of
from yba.warehouse import State

START, END = date(2026, 10, 1), date(2026, 11, 1)
DAYS = st.dates(date(2026, 9, 20), date(2026, 12, 5))
NEAR = st.sampled_from([date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30)])
WHO = st.sampled_from(("An", "Binh", "Chi"))
AT = st.sampled_from(("01001", "01002"))


@st.composite
def encounters(draw: Any) -> list[dict[str, Any]]:
    """Visits close enough to be told twice."""
    made = []
    for place in range(draw(st.integers(0, 10))):
        day, hour = draw(NEAR), draw(st.sampled_from((7, 8, 10, 12)))
        start = oracle.moment(day, hour)
        end = draw(st.one_of(st.none(), st.sampled_from((-24, 0, 1, 2, 50)).map(lambda hours, start=start: start + timedelta(hours=hours))))
        made.append(
            {
                "id": f"v{place}", "who": draw(st.sampled_from(("An", "Binh"))), "at": draw(AT), "via": draw(st.sampled_from(("claims/1", "fhir", "desk"))),
                "class_code": draw(st.sampled_from(("AMB", "IMP", "EMER", "X"))), "status": draw(st.sampled_from(("finished", "in-progress", "cancelled"))),
                "start_at": start, "start_date": day, "end_at": end, "end_date": end and end.date(), "length_days": draw(st.sampled_from((None, 2.0, 5.0))),
                "outcome_code": draw(st.sampled_from((None, "1", "5"))), "discharge_code": draw(st.sampled_from((None, "1", "2"))),
                "patient_category_code": draw(st.sampled_from((None, "1.1", "9"))),
            }
        )  # fmt: skip
    return made


@st.composite
def worlds(draw: Any) -> dict[str, list[dict[str, Any]]]:
    """Everything the measures read."""
    medicines = st.fixed_dictionaries({
        "encounter_id": st.integers(0, 8).map(lambda one: f"v{one}"), "medication_code": st.sampled_from(("40.154", "40.227", "40.1", None)),
    })  # fmt: skip
    money = st.one_of(st.none(), st.integers(0, 9_000_000))
    return {
        "encounter": draw(encounters()),
        "medication_request": draw(st.lists(medicines, max_size=4)),
        "medication_dispense": draw(st.lists(medicines, max_size=4)),
        "condition": draw(st.lists(st.fixed_dictionaries({
            "who": WHO, "at": AT, "recorded_date": DAYS, "verification_status": st.sampled_from((None, "refuted", "confirmed")),
            "code": st.sampled_from(("A97.1", "A90", "B05", "I10", "A98.4", "A98.5", "A15.0", "A09")),
        }), max_size=6)),
        "claim": draw(st.lists(st.fixed_dictionaries({
            "who": WHO, "at": AT, "end_date": DAYS, "total_amount": money, "fund_amount": money, "copay_amount": money, "self_paid_amount": money,
            "other_amount": money,
        }), max_size=5)),
        "patient": draw(st.lists(st.fixed_dictionaries({
            "who": WHO, "sex": st.sampled_from(("male", "female", None)), "birth_date": st.one_of(st.none(), st.dates(date(1930, 1, 1), date(2026, 12, 31))),
            "birth_year": st.sampled_from((None, 1950, 2020)),
        }), max_size=3, unique_by=lambda one: one["who"])),
    }  # fmt: skip


def told(found: Any) -> dict[Any, tuple[float, float]]:
    """Draw the cells that hold something, by their dimensions."""
    return {
        next(iter(one.dimensions.values())) if len(one.dimensions) == 1 else tuple(one.dimensions.values()): (
            one.numerator or 0,
            one.denominator or 0,
        )
        for one in found.cells
        if one.state is State.SHOWN and (one.numerator or one.denominator)
    }


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(worlds())
def test_sql_counts_as_plain_python_does(world):
    engine = lake_of(world)
    people = {one["who"]: one for one in world["patient"]}

    def aged(one: dict[str, Any]) -> str | None:
        who = people.get(one["who"], {"birth_date": None, "birth_year": None})
        return oracle.band(who["birth_date"], who["birth_year"], one["start_date"])

    def payer(one: dict[str, Any]) -> str:
        return "self" if one["patient_category_code"] == "9" else "bhyt" if one["via"] == "claims/1" else "unknown"

    for by, key in (("facility", lambda one: one["at"]), ("age_band", aged), ("payer", payer), ("detail", lambda one: one["class_code"])):
        assert told(ask("visits", "2026-10", by, engine=engine)) == oracle.visits_by(world["encounter"], START, END, key), by
    assert told(ask("length-of-stay", "2026-10", "facility", engine=engine)) == oracle.length_of_stay(world["encounter"], START, END)
    assert told(ask("readmission-30", "2026-10", "facility", engine=engine)) == oracle.readmission(world["encounter"], START, END)
    drugs = oracle.antibiotics(world["encounter"], world["medication_request"], world["medication_dispense"], START, END)
    if world["medication_request"] or world["medication_dispense"]:
        assert told(ask("antibiotic-share", "2026-10", engine=engine)) == drugs
    assert told(ask("notifiable-diagnoses", "2026-10", "detail", engine=engine)) == oracle.notifiable(world["condition"], START, END)
    shares = {key: pair for key, pair in oracle.payer_shares(world["claim"], START, END).items() if any(pair)}
    assert told(ask("payer-shares", "2026-10", "detail", engine=engine)) == shares
