"""What the tests of alerts share: visits and diagnoses put into the record of a small province, the lake filled, rules made of a few words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import orjson

from tests.warehouse.lake_world import FACILITY, OPERATOR, SYSTEM, write
from yba import warehouse
from yba.kit import Grant
from yba.kit.db import reading
from yba.record import Put
from yba.specs.alerts import Rule, alerts
from yba.warehouse import alerts as room

OTHER = "01999"
SUNDAY = date(2026, 11, 22)  # the last day anybody told of
MANAGER = OPERATOR.acting_as(Grant("provincial-manager"), purpose="administration")
HERE = OPERATOR.acting_as(Grant("facility-manager", facilities=frozenset({FACILITY})), purpose="administration")
THERE = OPERATOR.acting_as(Grant("facility-manager", facilities=frozenset({OTHER})), purpose="administration")
SYSTEM_OF_CODES = "https://yba.vn/CodeSystem/icd10"
_numbers = count(1)


def _put(rtype: str, doc: dict[str, Any], facility: str, labels: tuple[str, ...]) -> Put:
    number = next(_numbers)
    ident = str(UUID(int=0x7000_0000 + number))
    return Put(rtype, ident, UUID(int=0xA000_0000 + number), orjson.dumps({"resourceType": rtype, "id": ident, **doc}), [number], None, None, facility,
               UUID(int=1), labels, "test")  # fmt: skip


def visits(day: date, many: int = 1, *, facility: str = FACILITY) -> list[Put]:
    """So many visits on a day, of one person each."""
    period = {"start": f"{day.isoformat()}T08:00:00+07:00", "end": f"{day.isoformat()}T09:00:00+07:00"}
    doc = {"status": "finished", "class": {"code": "AMB"}, "period": period}
    return [_put("Encounter", doc, facility, ()) for _ in range(many)]


def cases(day: date, many: int, *, code: str = "A90", facility: str = FACILITY, labels: tuple[str, ...] = ()) -> list[Put]:
    """So many people in whom a disease was recorded on a day."""
    doc = {"code": {"coding": [{"system": SYSTEM_OF_CODES, "code": code}]}, "recordedDate": day.isoformat()}
    return [_put("Condition", doc, facility, labels) for _ in range(many)]


def weeks_before(number: int, day: date = SUNDAY) -> date:
    """The same day of the week, so many weeks before."""
    return day - timedelta(weeks=number)


def told(*puts: list[Put]) -> None:
    """Put into the record and bring to the lake."""
    write(*[one for some in puts for one in some])
    warehouse.refresh(by=SYSTEM)


def rule(name: str, **changed: Any) -> Rule:
    """One of the house's rules, changed for a test."""
    return replace(alerts()[name], valid_from=date(2000, 1, 1), **changed)


def judge(*rules: Rule) -> list[str]:
    """Judge, and say what was done: rule, raised, closed, firing."""
    return [f"{one.standing.rule} +{one.raised} -{one.closed} ={one.standing.firing}" for one in room.judge(by=SYSTEM, rules=rules)]


def seen(by: Any = MANAGER, **asked: Any) -> list[room.Alert]:
    """The alerts somebody sees."""
    with reading(by=by) as conn:
        return room.standing(conn, by=by, **asked)
