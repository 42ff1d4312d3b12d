"""What each measure counts, in plain Python over plain rows of views: written from what its page says and not from its SQL."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from yba import directory
from yba.kit import clock
from yba.specs import visits
from yba.specs.measures import Dimension, code_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Row = dict[str, Any]
World = dict[str, list[Row]]  # view -> rows; an encounter's `via` is how it came
LAST_STEP = {"hypertension-cascade": ("I10", "I15"), "diabetes-cascade": ("E10", "E14")}


class Fact(NamedTuple):
    """One thing counted."""

    person: Any
    facility: str | None
    day: date
    payer: str
    detail: str | None
    numerator: float
    denominator: float | None
    own: dict[Dimension, str | None] | None = None  # dimensions it brings along: it is about no person


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of the month where it has no such day."""
    at = day.year * 12 + day.month - 1 - months
    for last in (day.day, 30, 29, 28):
        if last <= day.day:
            try:
                return date(at // 12, at % 12 + 1, last)
            except ValueError:
                continue
    raise AssertionError(day)


# --- people and visits


def residents(world: World) -> dict[Any, Row]:
    """One row per person: the platform's own Patient where there is one, else the one that came last; its commune as it is called today."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in world["patient"]:
        found[row["row_person"]].append(row)
    chosen = {}
    for person, rows in found.items():
        own = [row for row in rows if not row["row_facility"]] or rows
        newest = max(row["row_seq"] for row in own)
        last = min((row for row in own if row["row_seq"] == newest), key=lambda row: row["id"])
        area = directory.commune_of(last["commune_code"], clock.today()) if last["commune_code"] else None
        chosen[person] = {**last, "commune_code": area.code if area else None}
    return chosen


def alive(row: Row, end: date) -> bool:
    """Born by the last day before ``end`` and not dead by then; a death without a day was long ago."""
    last = end - timedelta(days=1)
    born = row["birth_date"] <= last if row["birth_date"] else row["birth_year"] is None or row["birth_year"] <= last.year
    return born and (not row["is_deceased"] or (row["death_date"] is not None and row["death_date"] > last))


def age(row: Row | None, day: date) -> int | None:
    """Completed years; by the year alone where no more is known."""
    if row is None or (row["birth_date"] is None and row["birth_year"] is None):
        return None
    born = row["birth_date"]
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day)) if born else day.year - row["birth_year"]


def band(years: int | None) -> str | None:
    """Age by band; nobody is younger than nought."""
    if years is None or years < 0:
        return None
    tops = [(1, "0"), (5, "1-4"), (15, "5-14"), (25, "15-24"), (40, "25-39"), (60, "40-59"), (80, "60-79")]
    return next((name for top, name in tops if years < top), "80+")


def told_once(encounters: Iterable[Row]) -> list[Row]:
    """Leave out what is no visit, and what a channel before it tells: same person and facility, near enough in time."""
    rules = visits.rules()
    known = [row for row in encounters if row["status"] not in rules.no_visit]

    def again(one: Row, other: Row) -> bool:
        if one["start_at"] is None or other["start_at"] is None:
            return False
        groups = [rules.groups.get(row["class_code"], rules.other) for row in (one, other)]
        gap = groups[0].tolerance if groups[0].id == groups[1].id else timedelta(0)
        (first, until), (begun, ended) = (
            (row["start_at"], row["end_at"] or row["start_at"] + group.open) for row, group in zip((one, other), groups, strict=True)
        )
        before = rules.channel(other["via"]).rank < rules.channel(one["via"]).rank
        same = one["row_person"] == other["row_person"] and one["row_facility"] == other["row_facility"]
        return before and same and begun <= until + gap and first <= ended + gap

    return [one for one in known if not any(again(one, other) for other in known)]


def payer(visit: Row) -> str:
    """Who pays: nobody's insurance is category 9, what a claim tells is insured."""
    if visit["patient_category_code"] == "9":
        return "self"
    return "bhyt" if visits.rules().channel(visit["via"]).rank == 0 else "unknown"


def within(day: date | None, start: date, end: date) -> bool:
    return day is not None and start <= day < end


def _of_visit(row: Row, day: date, detail: str | None, numerator: float, denominator: float | None = None) -> Fact:
    return Fact(row["row_person"], row["row_facility"], day, payer(row), detail, numerator, denominator)


def _begun(world: World, start: date, end: date) -> list[Row]:
    return [one for one in told_once(world["encounter"]) if within(one["start_date"], start, end)]


def _ended(world: World, start: date, end: date) -> list[Row]:
    return [one for one in told_once(world["encounter"]) if within(one["end_date"], start, end)]


def _stays_ended(world: World, start: date, end: date) -> list[Row]:
    return [one for one in _ended(world, start, end) if one["class_code"] == "IMP"]


# --- one function a measure: its facts


def visits_begun(world: World, start: date, end: date) -> list[Fact]:
    return [_of_visit(one, one["start_date"], one["class_code"], 1) for one in _begun(world, start, end)]


def antibiotic_share(world: World, start: date, end: date) -> list[Fact]:
    listed = {row[0] for row in code_list("antibiotic")[1]}
    given = {one["encounter_id"] for view in ("medication_request", "medication_dispense") for one in world[view] if one["medication_code"] in listed}
    chosen = [one for one in _begun(world, start, end) if one["class_code"] == "AMB"]
    return [_of_visit(one, one["start_date"], None, one["id"] in given, 1) for one in chosen]


def _claims(world: World, start: date, end: date) -> list[Row]:
    return [one for one in world["claim"] if within(one["end_date"], start, end)]


def claim_within_7_days(world: World, start: date, end: date) -> list[Fact]:
    chosen = [one for one in _claims(world, start, end) if one["created_date"] is not None]
    return [
        Fact(one["row_person"], one["row_facility"], one["end_date"], "bhyt", None, (one["created_date"] - one["end_date"]).days <= 7, 1)
        for one in chosen
    ]


def cost_per_visit(world: World, start: date, end: date) -> list[Fact]:
    return [
        Fact(one["row_person"], one["row_facility"], one["end_date"], "bhyt", None, float(one["total_amount"]), 1)
        for one in _claims(world, start, end)
        if one["total_amount"] is not None
    ]


def payer_shares(world: World, start: date, end: date) -> list[Fact]:
    columns = {"fund": "fund_amount", "copay": "copay_amount", "self": "self_paid_amount", "other": "other_amount"}
    return [
        Fact(one["row_person"], one["row_facility"], one["end_date"], "bhyt", source, float(one[column] or 0), float(one["total_amount"]))
        for one in _claims(world, start, end)
        if one["total_amount"] is not None
        for source, column in columns.items()
    ]


def deaths_in_hospital(world: World, start: date, end: date) -> list[Fact]:
    return [_of_visit(one, one["end_date"], None, one["outcome_code"] == "5", 1) for one in _stays_ended(world, start, end)]


def length_of_stay(world: World, start: date, end: date) -> list[Fact]:
    chosen = [one for one in _stays_ended(world, start, end) if one["start_date"] is not None and one["start_date"] <= one["end_date"]]

    def days(one: Row) -> float:
        return one["length_days"] if one["length_days"] is not None else max(1, (one["end_date"] - one["start_date"]).days)

    return [_of_visit(one, one["end_date"], None, days(one), 1) for one in chosen]


def readmission(world: World, start: date, end: date) -> list[Fact]:
    stays = [one for one in told_once(world["encounter"]) if one["class_code"] == "IMP" and one["start_at"] is not None]

    def back(one: Row) -> bool:
        later = [other for other in stays if other is not one and other["row_person"] == one["row_person"] and other["start_at"] > one["start_at"]]
        return any(0 <= (other["start_date"] - one["end_date"]).days <= 30 for other in later)

    index = [
        one
        for one in stays
        if within(one["end_date"], start, end) and one["outcome_code"] not in {"5", "8"} and one["discharge_code"] not in {"2", "5"}
    ]
    return [_of_visit(one, one["end_date"], None, back(one), 1) for one in index]


def referrals(world: World, start: date, end: date) -> list[Fact]:
    chosen = [one for one in _ended(world, start, end) if one["discharge_code"] in {"2", "5"}]
    return [_of_visit(one, one["end_date"], one["referred_to_code"] or "?", 1) for one in chosen]


def top_diagnoses(world: World, start: date, end: date) -> list[Fact]:
    codes = {one["id"]: one["code"] for one in world["condition"]}
    chosen = [(one, codes.get(one["main_condition_id"])) for one in _begun(world, start, end)]
    return [_of_visit(one, one["start_date"], code[:3], 1) for one, code in chosen if code]


def notifiable(world: World, start: date, end: date) -> list[Fact]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for one in world["condition"]:
        if within(one["recorded_date"], start, end) and one["verification_status"] != "refuted" and one["code"]:
            for disease in {row[0] for row in code_list("notifiable")[1] if one["code"].replace(".", "").startswith(row[1])}:
                found[one["row_person"], disease].append(one)
    firsts = [(disease, min(rows, key=lambda row: (row["recorded_date"], row["id"]))) for (_, disease), rows in found.items()]
    return [Fact(one["row_person"], one["row_facility"], one["recorded_date"], "unknown", disease, 1, None) for disease, one in firsts]


def doses(world: World, start: date, end: date) -> list[Fact]:
    return [
        Fact(one["row_person"], one["row_facility"], one["occurrence_date"], "unknown", one["vaccine_code"] or "?", 1, None)
        for one in world["immunization"]
        if one["status"] == "completed" and within(one["occurrence_date"], start, end)
    ]


def visit_completeness(world: World, start: date, end: date) -> list[Fact]:
    coded = {one["id"] for one in world["condition"] if one["code"]}

    def with_one(*views: str) -> set[str]:
        return {one["encounter_id"] for view in views for one in world[view]}

    medicines, results, procedures = with_one("medication_request", "medication_dispense"), with_one("observation"), with_one("procedure")
    found = []
    for one in _begun(world, start, end):
        parts = {
            "diagnosis": one["main_condition_id"] in coded,
            "medication": one["id"] in medicines,
            "result": one["id"] in results,
            "procedure": one["id"] in procedures,
            "end": one["end_date"] is not None,
        }
        if one["class_code"] == "IMP":
            parts["discharge"] = one["discharge_code"] is not None and one["outcome_code"] is not None
        found += [_of_visit(one, one["start_date"], part, has, 1) for part, has in parts.items()]
    return found


def _stock(world: World, end: date, has: Callable[[Any, Row], dict[str | None, bool]]) -> list[Fact]:
    """One fact per living person and part; ages are those of the last day."""
    last = end - timedelta(days=1)
    living = {person: row for person, row in residents(world).items() if alive(row, end)}
    return [Fact(person, None, last, "unknown", part, held, 1) for person, row in living.items() for part, held in has(person, row).items()]


def _real(world: World) -> list[Row]:
    """Encounters that are visits, whichever channel tells them."""
    return [one for one in world["encounter"] if one["status"] not in visits.rules().no_visit]


def record_completeness(world: World, _: date, end: date) -> list[Fact]:
    def people(rows: Iterable[Row], column: str) -> set[Any]:
        return {one["row_person"] for one in rows if one[column] is not None and one[column] < end}

    given = [one for one in world["immunization"] if one["status"] == "completed"]
    known = {
        "B": people(world["condition"], "recorded_date"), "C": people(given, "occurrence_date"),
        "D": people(_real(world), "start_date"), "D1": people(world["observation"], "effective_date"),
    }  # fmt: skip

    def has(person: Any, row: Row) -> dict[str | None, bool]:
        year = row["birth_year"] if row["birth_date"] is None else row["birth_date"].year
        told = bool(row["has_citizen_number"]) and row["sex"] in {"male", "female"} and year is not None and row["commune_code"] is not None
        return {"A": told, **{part: person in people for part, people in known.items()}}

    return _stock(world, end, has)


def record_freshness(world: World, _: date, end: date) -> list[Fact]:
    since = months_before(end, 12)
    heard = {one["row_person"] for one in _real(world) if within(one["start_date"], since, end)}
    heard |= {one["row_person"] for one in world["observation"] if within(one["effective_date"], since, end)}
    return _stock(world, end, lambda person, _: {None: person in heard})


def _cascade(world: World, end: date, codes: tuple[str, str], controlled: Callable[[Any], bool]) -> list[Fact]:
    far, near = months_before(end, 24), months_before(end, 6)
    days: dict[Any, list[date]] = defaultdict(list)
    for one in world["condition"]:
        if (
            one["code"]
            and codes[0] <= one["code"][:3] <= codes[1]
            and one["verification_status"] != "refuted"
            and within(one["recorded_date"], far, end)
        ):
            days[one["row_person"]].append(one["recorded_date"])
    treated = {
        one["row_person"]
        for view, column in (("medication_request", "authored_date"), ("medication_dispense", "handed_over_date"))
        for one in world[view]
        if within(one[column], near, end)
    }

    def steps(person: Any, _: Row) -> dict[str | None, bool]:
        if person not in days:
            return {}
        seen = max(days[person]) >= near
        medicine = seen and person in treated
        return {"1 known": True, "2 seen": seen, "3 treated": medicine, "4 controlled": medicine and controlled(person)}

    return _stock(world, end, steps)


def hypertension(world: World, _: date, end: date) -> list[Fact]:
    since = months_before(end, 6)

    def controlled(person: Any) -> bool:
        readings: dict[Any, dict[str, float | None]] = defaultdict(dict)
        for one in world["observation_component"]:
            if one["row_person"] == person and one["code"] in {"8480-6", "8462-4"} and within(one["effective_date"], since, end):
                reading, value = readings[one["effective_date"], one["observation_id"]], one["value_number"]
                reading[one["code"]] = max((each for each in (reading.get(one["code"]), value) if each is not None), default=None)
        low = float("-inf")

        def order(told: tuple[Any, dict[str, float | None]]) -> tuple[Any, ...]:
            pair = [told[1].get(code) for code in ("8480-6", "8462-4")]
            return (told[0][0], *(low if value is None else value for value in pair))

        if not readings:
            return False
        systolic, diastolic = (max(readings.items(), key=order)[1].get(code) for code in ("8480-6", "8462-4"))
        return systolic is not None and diastolic is not None and systolic < 140 and diastolic < 90

    return _cascade(world, end, LAST_STEP["hypertension-cascade"], controlled)


def diabetes(world: World, _: date, end: date) -> list[Fact]:
    since = months_before(end, 6)

    def controlled(person: Any) -> bool:
        values = [
            (one["effective_date"], one["value_number"])
            for one in world["observation"]
            if one["row_person"] == person and one["loinc_code"] == "4548-4" and one["value_unit"] == "%" and one["value_number"] is not None
            and within(one["effective_date"], since, end)
        ]  # fmt: skip
        return bool(values) and max(values)[1] < 7

    return _cascade(world, end, LAST_STEP["diabetes-cascade"], controlled)


# --- what stands beside the views: receipts, findings, people counted, beds


def bed_use(world: World, start: date, end: date) -> list[Fact]:
    """Day by day: who lay in a bed, and how many beds there were."""
    rules = visits.rules()

    def lies(one: Row, day: date) -> bool:
        until = one["end_date"]
        if until is None:
            moment = one["start_at"] + rules.groups["IMP"].open
            until = (moment.astimezone(UTC) + timedelta(hours=7)).date()
        return one["start_date"] <= day < max(until, one["start_date"] + timedelta(days=1))

    stays = [one for one in told_once(world["encounter"]) if one["class_code"] == "IMP" and one["start_date"] is not None]
    stays = [one for one in stays if one["end_date"] is None or one["end_date"] >= one["start_date"]]
    found = []
    for day in (start + timedelta(days=number) for number in range((end - start).days)):
        for bed in world["facility_bed"]:
            if bed["beds"] > 0 and bed["valid_from"] <= day and (bed["valid_to"] is None or day <= bed["valid_to"]):
                found.append(Fact(None, bed["facility"], day, "unknown", None, 0, bed["beds"]))
                there = [one for one in stays if one["row_facility"] == bed["facility"] and lies(one, day)]
                found += [Fact(one["row_person"], bed["facility"], day, "unknown", None, 1, 0) for one in there]
    return found


def record_coverage(world: World, _: date, end: date) -> list[Fact]:
    last = end - timedelta(days=1)
    years: dict[str, set[int]] = defaultdict(set)
    for one in world["area_population"]:
        years[one["commune"]].add(one["year"])
    newest = {commune: max((one for one in known if one <= last.year), default=min(known)) for commune, known in years.items()}
    days = {"condition": "recorded_date", "observation": "effective_date", "immunization": "occurrence_date"}
    held = {one["row_person"] for one in _real(world) if one["start_date"] is not None and one["start_date"] < end}
    held |= {one["row_person"] for view, column in days.items() for one in world[view] if one[column] is not None and one[column] < end}
    living = [person for person, row in residents(world).items() if person in held and row["commune_code"] in newest and alive(row, end)]
    return [Fact(person, None, last, "unknown", None, 1, 0) for person in living] + [
        Fact(None, None, last, "unknown", None, 0, one["people"],
             {Dimension.COMMUNE: one["commune"], Dimension.AGE_BAND: one["age_band"], Dimension.SEX: one["sex"]})
        for one in world["area_population"] if one["year"] == newest[one["commune"]]
    ]  # fmt: skip


def findings_by_cause(world: World, start: date, end: date) -> list[Fact]:
    chosen = [one for one in world["intake_finding"] if one["severity"] != "note" and within(one["day"], start, end)]
    return [Fact(None, one["facility"], one["day"], "bhyt", one["cause"], one["n"], 0) for one in chosen]


def sending_timeliness(world: World, start: date, end: date) -> list[Fact]:
    chosen = [one for one in world["intake_claim"] if one["state"] == "accepted" and within(one["end_date"], start, end)]
    return [
        Fact(number, one["facility"], one["end_date"], "bhyt", None, one["received_date"] - one["end_date"] <= timedelta(days=7), 1)
        for number, one in enumerate(chosen)
    ]


def _by_table(column: str) -> Callable[[World, date, date], list[Fact]]:
    def facts(world: World, start: date, end: date) -> list[Fact]:
        found = []
        for number, one in enumerate(world["intake_claim"]):
            if within(one["received_date"], start, end):
                bad = set(one[column].split())
                parts = {"all": not bad, **{part: part not in bad for part in ("XML1", "XML2", "XML3", "XML4", "XML5", "XML7")}}
                found += [Fact(number, one["facility"], one["received_date"], "bhyt", part, good, 1) for part, good in parts.items()]
        return found

    return facts


FACTS: dict[str, Callable[[World, date, date], list[Fact]]] = {
    "antibiotic-share": antibiotic_share, "bed-use": bed_use, "claim-completeness": _by_table("incomplete"),
    "claim-correctness": _by_table("tables"), "findings-by-cause": findings_by_cause, "record-coverage": record_coverage,
    "sending-timeliness": sending_timeliness, "claim-within-7-days": claim_within_7_days, "cost-per-visit": cost_per_visit,
    "deaths-in-hospital": deaths_in_hospital, "diabetes-cascade": diabetes, "doses-given": doses, "hypertension-cascade": hypertension,
    "length-of-stay": length_of_stay, "notifiable-diagnoses": notifiable, "payer-shares": payer_shares, "readmission-30": readmission,
    "record-completeness": record_completeness, "record-freshness": record_freshness, "referrals": referrals, "top-diagnoses": top_diagnoses,
    "visit-completeness": visit_completeness, "visits": visits_begun, "visits-in-year": visits_begun,
}  # fmt: skip
