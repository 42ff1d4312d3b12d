"""Measures in plain Python, written from what their pages say and not from their SQL."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from yba.specs import visits
from yba.specs.measures import code_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Row = dict[str, Any]
Sums = dict[Any, tuple[float, float]]  # by key: numerator, denominator


def told_once(encounters: Iterable[Row]) -> list[Row]:
    """Leave out what a channel before it tells: same person and facility, near enough in time."""
    rules = visits.rules()
    known = [one for one in encounters if one["status"] not in rules.no_visit]

    def again(one: Row, other: Row) -> bool:
        groups = [rules.groups.get(row["class_code"], rules.other) for row in (one, other)]
        same = groups[0].id == groups[1].id
        gap = groups[0].tolerance if same else timedelta(0)
        (first, until), (begun, ended) = (
            (row["start_at"], row["end_at"] or row["start_at"] + group.open) for row, group in zip((one, other), groups, strict=True)
        )
        before = rules.channel(other["via"]).rank < rules.channel(one["via"]).rank
        return before and one["who"] == other["who"] and one["at"] == other["at"] and begun <= until + gap and first <= ended + gap

    return [one for one in known if not any(again(one, other) for other in known)]


def _sums(found: Iterable[tuple[Any, float, float]]) -> Sums:
    made: Sums = defaultdict(lambda: (0.0, 0.0))
    for key, numerator, denominator in found:
        made[key] = (made[key][0] + numerator, made[key][1] + denominator)
    return dict(made)


def band(born: date | None, year: int | None, day: date) -> str | None:
    """Age in completed years, by band."""
    if born is None and year is None:
        return None
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day)) if born else day.year - (year or 0)
    if age < 0:
        return None
    tops = [(1, "0"), (5, "1-4"), (15, "5-14"), (25, "15-24"), (40, "25-39"), (60, "40-59"), (80, "60-79")]
    return next((name for top, name in tops if age < top), "80+")


def visits_by(encounters: list[Row], start: date, end: date, key: Callable[[Row], Any]) -> Sums:
    """Visits that began in the period."""
    return _sums((key(one), 1, 0) for one in told_once(encounters) if start <= one["start_date"] < end)


def _stays(encounters: list[Row]) -> list[Row]:
    return [one for one in told_once(encounters) if one["class_code"] == "IMP"]


def _ended(one: Row, start: date, end: date) -> bool:
    return one["end_date"] is not None and start <= one["end_date"] < end


def length_of_stay(encounters: list[Row], start: date, end: date) -> Sums:
    """Days by facility."""
    return _sums(
        (one["at"], one["length_days"] if one["length_days"] is not None else max(1, (one["end_date"] - one["start_date"]).days), 1)
        for one in _stays(encounters)
        if _ended(one, start, end) and one["start_date"] <= one["end_date"]
    )


def readmission(encounters: list[Row], start: date, end: date) -> Sums:
    """Stays followed within 30 days, by facility."""
    stays = _stays(encounters)

    def back(one: Row) -> bool:
        later = [other for other in stays if other is not one and other["who"] == one["who"] and other["start_at"] > one["start_at"]]
        return any(0 <= (other["start_date"] - one["end_date"]).days <= 30 for other in later)

    return _sums(
        (one["at"], back(one), 1)
        for one in stays
        if _ended(one, start, end) and one["outcome_code"] not in {"5", "8"} and one["discharge_code"] not in {"2", "5"}
    )


def antibiotics(encounters: list[Row], requests: list[Row], dispenses: list[Row], start: date, end: date) -> Sums:
    """Ambulatory visits with an antibiotic, of all."""
    known = {row[0] for row in code_list("antibiotic")[1]}
    with_one = {one["encounter_id"] for one in (*requests, *dispenses) if one["medication_code"] in known}
    chosen = [one for one in told_once(encounters) if one["class_code"] == "AMB" and start <= one["start_date"] < end]
    return _sums(((), one["id"] in with_one, 1) for one in chosen)


def notifiable(conditions: list[Row], start: date, end: date) -> Sums:
    """People by disease."""
    found = {
        (one["who"], row[0])
        for one in conditions
        if start <= one["recorded_date"] < end and one["verification_status"] != "refuted"
        for row in code_list("notifiable")[1]
        if one["code"].replace(".", "").startswith(row[1])
    }
    return _sums((disease, 1, 0) for _, disease in found)


def payer_shares(claims: list[Row], start: date, end: date) -> Sums:
    """Money by source, of the whole cost."""
    columns = {"fund": "fund_amount", "copay": "copay_amount", "self": "self_paid_amount", "other": "other_amount"}
    chosen = [one for one in claims if _ended(one, start, end) and one["total_amount"] is not None]
    return _sums((source, one[column] or 0, one["total_amount"]) for one in chosen for source, column in columns.items())


def moment(day: date, hour: int) -> datetime:
    """Give a moment of a day in Vietnam."""
    return datetime.fromisoformat(f"{day.isoformat()}T{hour:02d}:00:00+07:00")
