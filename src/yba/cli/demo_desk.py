"""The desks of ``yba demo`` where the demo accounts work: a price list, a queue, appointments of today and overdue ones, a new result."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from yba import accounts, care, directory, identity
from yba.kit import clock
from yba.kit.db import unit_of_work

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from yba.kit import Actor

_ROLE: Final = "station-nurse"
_GROWN: Final = 40  # years from which the demonstration follows somebody's blood pressure: no child comes for it
_DOCUMENT: Final = "Bảng giá giả lập"  # prices of the synthetic claims (specs/synth): nobody approved them
_PEOPLE: Final = 12
_REASONS: Final = ("Đau đầu, chóng mặt", "Ho, sốt nhẹ ba ngày", "Đo lại huyết áp", "Đau khớp gối")
_READINGS: Final = ((152, 94), (138, 86), (161, 99), (128, 80))
# (days since the last follow-up, days until the appointment was due)
_FOLLOWED: Final = ((40, 28), (34, 28), (28, 28), (14, 14), (35, 28), (28, 28))


def fill_desks(by: Actor, truth: Path, facility: str, *, but: str) -> None:
    """Let some synthetic residents wait, be due and be overdue at a facility, as its demo nurse writes it; once only.

    ``but``: the citizen number of whose record the demonstration shows, which stays as the files made it.
    """
    nurse = _nurse(by)
    if nurse is None:
        return
    with unit_of_work(by=nurse) as conn:
        if care.work(conn, by=nurse, facility=facility):
            return
    _load_prices(by, facility)
    people = _people(nurse, truth, facility, but)
    for place, (person, (ago, after)) in enumerate(zip(people[4:], _FOLLOWED, strict=False)):
        # An appointment of today was made weeks ago: the demonstration writes it as of then, as nothing else ever does.
        with clock.frozen(clock.now() - timedelta(days=ago)), unit_of_work(by=nurse) as conn:
            high, low = _READINGS[place % len(_READINGS)]
            values = {"systolic": Decimal(high), "diastolic": Decimal(low), "weight": Decimal(50 + 3 * place)}
            on = clock.today() + timedelta(days=after)
            care.follow_up(conn, by=nurse, person_id=person, facility=facility, programme="hypertension", values=values, next_on=on)
    for person, reason in zip(people, _REASONS, strict=False):
        with unit_of_work(by=nurse) as conn:
            care.queue_up(conn, by=nurse, person_id=person, facility=facility, reason=reason)
    if people:
        _with_result(nurse, people[0], facility)


def _load_prices(by: Actor, facility: str) -> None:
    lines = directory.read_prices(files("yba.cli").joinpath("demo_prices.csv").read_bytes())
    with unit_of_work(by=by) as conn:
        since = clock.today().replace(month=1, day=1)
        directory.load_prices(conn, by=by, facilities=[facility], document=_DOCUMENT, since=since, lines=lines)


def _nurse(by: Actor) -> Actor | None:
    with unit_of_work(by=by) as conn:
        known = [one for one in accounts.accounts(conn, by=by) if one.demo]
        for one in known:
            actor = accounts.actor_of(conn, by=by, account=one.id, purpose="treatment")
            if any(grant.role == _ROLE for grant in actor.grants):
                return actor
    return None


def _people(nurse: Actor, truth: Path, facility: str, but: str) -> list[UUID]:
    """Residents who were at the facility, in the order of ``frequent``."""
    found: dict[UUID, None] = {}
    with unit_of_work(by=nurse) as conn:
        for number in frequent(truth, facility):
            known = identity.find(conn, by=nurse, id=number) if number != but else []
            found |= dict.fromkeys(known[:1])
            if len(found) == _PEOPLE:
                break
    return list(found)


def frequent(truth: Path, facility: str) -> list[str]:
    """Citizen numbers of the residents who were at a facility most often, the grown-up before the young, of each the most frequent first."""
    with (truth / "people.csv").open(encoding="utf-8", newline="") as file:
        visits = Counter(row["person_id"] for row in csv.DictReader(file) if row["facility"] == facility and row["outcome"] == "accepted")
    with (truth / "residents.csv").open(encoding="utf-8", newline="") as file:
        residents = {row["person_id"]: row for row in csv.DictReader(file)}
    often = [residents[person] for person, _ in visits.most_common(4 * _PEOPLE) if person in residents]
    year = str(clock.today().year - _GROWN)
    return [row["citizen_number"] for row in sorted(often, key=lambda row: row["birth"][:4] > year) if row["citizen_number"]]


def _with_result(nurse: Actor, person: UUID, facility: str) -> None:
    with unit_of_work(by=nurse) as conn:
        visit = care.start(conn, by=nurse, person_id=person, facility=facility)
        asked = care.order(conn, by=nurse, visit=visit.id, number=visit.number, orders=[care.Order("23.0075.1494", "Định lượng Glucose [Máu]")])
        result = care.Result("Glucose", Decimal("8.4"), "mmol/L", request=asked.saved[0].id, conclusion="Cao hơn bình thường")
        care.result(conn, by=nurse, visit=visit.id, number=asked.visit.number, results=[result])
