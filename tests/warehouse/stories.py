"""What chance seldom brings together in a drawn world: few rows each, with a value on the border of what a measure asks, or a step beside it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.warehouse.oracle_facts import World

WHO = st.sampled_from([UUID(int=0xA0 + number) for number in range(4)])
AT = st.sampled_from(("01001", "01002"))
ENDS = st.sampled_from([date.fromisoformat(day) for day in ("2026-02-28", "2026-09-30", "2026-10-01", "2026-10-14", "2026-10-31", "2026-10-31")])
SECRET = st.sampled_from((False, False, False, True))


def _moment(day: date, hour: int) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{hour:02d}:00:00+07:00")


@st.composite
def back_in_hospital(draw: Any) -> World:
    """A stay, and another of the same human after so many days: 30 is a readmission, 31 is none."""
    who, end = draw(WHO), draw(ENDS)
    begins = [end - timedelta(days=draw(st.sampled_from((0, 1, 3)))), end + timedelta(days=draw(st.sampled_from((0, 0, 30, 31, 31))))]
    stays = []
    for number, begin in enumerate(begins):
        last = end if number == 0 else begin + timedelta(days=1)
        stays.append({
            "id": f"Encounter/stay{number}", "row_person": who, "row_facility": draw(AT), "via": "claims/1", "class_code": "IMP", "status": "finished",
            "start_at": _moment(begin, 8), "start_date": begin, "end_at": _moment(last, 16), "end_date": last, "outcome_code": "1",
            "discharge_code": "1", "restricted": draw(SECRET),
        })  # fmt: skip
    return {"encounter": stays}


def _treated(draw: Any, code: str) -> tuple[World, UUID, date]:
    """A living human with a chronic disease, seen and given a medicine within the six months before a day."""
    who, at, day = draw(WHO), draw(AT), draw(ENDS)
    first = day - timedelta(days=draw(st.sampled_from((0, 30, 200))))
    row = {"row_person": who, "row_facility": at}
    return {
        "patient": [{"row_person": who, "row_facility": "", "row_seq": 9, "sex": "female", "birth_date": date(1960, 10, 31), "is_deceased": False}],
        "condition": [{**row, "code": code, "recorded_date": one, "verification_status": "confirmed", "restricted": draw(SECRET)} for one in {first, day}],
        "medication_request": [{**row, "medication_code": "40.1", "authored_date": day}],
    }, who, day  # fmt: skip


@st.composite
def controlled_sugar(draw: Any) -> World:
    """Diabetes, treated, with an HbA1c at 7 per cent: controlled is below."""
    world, who, day = _treated(draw, draw(st.sampled_from(("E10", "E11.9", "E14"))))
    values = draw(st.lists(st.sampled_from((6.9, 7.0, 7.0, 7.1)), min_size=1, max_size=2))
    world["observation"] = [
        {"row_person": who, "row_facility": draw(AT), "loinc_code": "4548-4", "value_unit": "%", "value_number": value, "restricted": draw(SECRET),
         "effective_date": day - timedelta(days=draw(st.sampled_from((0, 0, 1))))} for value in values
    ]  # fmt: skip
    return world


@st.composite
def controlled_pressure(draw: Any) -> World:
    """Hypertension, treated, with a blood pressure at 140 over 90: controlled is below both."""
    world, who, day = _treated(draw, draw(st.sampled_from(("I10", "I15.9"))))
    pair = zip(("8480-6", "8462-4"), draw(st.sampled_from(((139.0, 89.0), (140.0, 89.0), (139.0, 90.0)))), strict=True)
    at, secret = draw(AT), draw(SECRET)
    world["observation_component"] = [
        {
            "row_person": who,
            "row_facility": at,
            "observation_id": "o9",
            "code": code,
            "value_number": value,
            "effective_date": day,
            "restricted": secret,
        }
        for code, value in pair
    ]
    return world


@st.composite
def sent_in_time(draw: Any) -> World:
    """A claim made, and one received, seven days after the end of the visit: in time; eight: late."""
    end, late = draw(ENDS), timedelta(days=draw(st.sampled_from((7, 8))))
    claim = {"row_person": draw(WHO), "row_facility": draw(AT), "end_date": end, "created_date": end + late, "restricted": draw(SECRET)}
    received = {"facility": draw(AT), "end_date": end, "received_date": end + late, "tables": "", "incomplete": "", "state": "accepted"}
    return {"claim": [claim], "intake_claim": [received]}


ABOUT = {
    "readmission-30": back_in_hospital(), "diabetes-cascade": controlled_sugar(), "hypertension-cascade": controlled_pressure(),
    "claim-within-7-days": sent_in_time(), "sending-timeliness": sent_in_time(),
}  # fmt: skip
ANY = st.one_of(*ABOUT.values())
