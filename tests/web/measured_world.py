"""A made-up province for the pages of numbers: 240 people of twelve communes, five facilities, thirteen months of visits, stays, transfers and diagnoses."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import orjson

from yba import accounts, directory, record, warehouse
from yba.kit import Actor, clock, settings
from yba.kit.db import unit_of_work
from yba.record import Put
from yba.specs.boards import label
from yba.specs.measures import PeriodKind
from yba.warehouse.settings import LAKE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPERATOR = Actor.operator()
SYSTEM = Actor.system("warehouse:lake:refresh")
HOSPITAL, CENTRES = "11001", ("11002", "11003", "11004", "11005")
FACILITIES = (HOSPITAL, *CENTRES)
NAMES = {
    HOSPITAL: "Bệnh viện Đa khoa tỉnh", "11002": "Trung tâm Y tế Mường Ảng", "11003": "Trung tâm Y tế Tuần Giáo", "11004": "Trung tâm Y tế Tủa Chùa",
}  # fmt: skip
PEOPLE = 240
MONTHS = 13


def last_month() -> str:
    """The month that ended last, as periods are written."""
    return label(PeriodKind.MONTH, clock.today(), 1)


def month_before() -> str:
    """The month before that, after which as many days have gone as a readmission may take."""
    return label(PeriodKind.MONTH, clock.today(), 2)


def communes() -> list[str]:
    """Twelve communes of Điện Biên."""
    return [one.code for one in directory.communes_of("11", clock.today())[:12]]


def build() -> None:
    """Write the record, name the facilities, fill the lake."""
    with unit_of_work(by=OPERATOR) as conn:
        directory.ensure_many(conn, by=OPERATOR, seen_at=clock.now(), facilities=FACILITIES)
        for code, name in NAMES.items():
            directory.complete_facility(conn, by=OPERATOR, code=code, name=name)
        for place in (*FACILITIES, ""):
            accounts.set_networks(conn, by=OPERATOR, facility=place, networks=["127.0.0.0/8"])
        record.put_many(conn, by=OPERATOR, puts=[*_puts()])
    warehouse.refresh(by=SYSTEM)


@contextmanager
def laid(folder: Path) -> Iterator[None]:
    """Build it with a data folder and a lake of its own below ``folder``."""
    with settings.VAR.set_to(folder), LAKE.set_to(str(folder / "lake")):
        build()
        yield


def employ(role: str, *, facility: str = "", area: str = "", name: str = "") -> UUID:
    """Give somebody an account with a role; of the province where no facility and no commune (``area``) is said."""
    with unit_of_work(by=OPERATOR) as conn:
        post = accounts.Post(role, facility=facility, area=area)
        username = name or f"{role}.{uuid4().hex[:6]}"
        return accounts.join(conn, by=OPERATOR, username=username, display_name=f"Người {role}", post=post, reason="vào làm việc").account


def _puts() -> Iterator[Put]:
    homes, months = communes(), [_first(back) for back in range(MONTHS, 0, -1)]
    for number in range(PEOPLE):
        person = UUID(int=0xA000 + number)
        yield _put("Patient", number, person, "", _patient(number, homes[int(len(homes) * (number * 37 % PEOPLE / PEOPLE) ** 2)]))
        for place, first in enumerate(months):
            if (number + place) % (3 if number % 2 else 5) and number < 200:
                yield from _visit(number, place, first + timedelta(days=number % 20), person)


def _first(back: int) -> date:
    return warehouse.period(label(PeriodKind.MONTH, clock.today(), back)).start


def _patient(number: int, commune: str) -> dict[str, Any]:
    codes = [{"url": part, "valueCoding": {"code": code}} for part, code in (("province", "11"), ("commune", commune))]
    address = {"use": "home", "extension": [{"url": "https://yba.vn/x/address-code", "extension": codes}]}
    return {"gender": "female" if number % 2 else "male", "birthDate": f"{1940 + number % 80}-05-12", "address": [address]}


def _visit(number: int, place: int, day: date, person: UUID) -> Iterator[Put]:
    facility = FACILITIES[number % len(FACILITIES)]
    if facility == CENTRES[3] and place in {5, 6}:
        return  # this one was silent for two months
    stays = number % 2 == 0
    ident = 10_000 + number * MONTHS + place
    doc: dict[str, Any] = {
        "status": "finished", "class": {"code": "IMP" if stays else "AMB"},
        "period": {"start": f"{day}T08:00:00+07:00", "end": f"{day + timedelta(days=3 if stays else 0)}T09:00:00+07:00"},
        "diagnosis": [{"rank": 1, "condition": {"reference": f"Condition/{UUID(int=50_000 + ident)}"}}],
    }  # fmt: skip
    if stays:
        doc["hospitalization"] = {"dischargeDisposition": {"coding": [{"code": "2" if number % 4 == 0 else "1"}]}}
    if stays and number % 4 == 0:
        doc["hospitalization"]["destination"] = {"display": CENTRES[0] if facility == HOSPITAL else HOSPITAL}
    yield _put("Encounter", ident, person, facility, doc)
    code = "I10" if number % 3 else "J18"
    condition = {"code": {"coding": [{"system": "https://yba.vn/CodeSystem/icd10", "code": code}]}, "recordedDate": f"{day}T08:00:00+07:00"}
    condition["encounter"] = {"reference": f"Encounter/{UUID(int=ident)}"}
    yield _put("Condition", 50_000 + ident, person, facility, condition)


def _put(rtype: str, number: int, person: UUID, facility: str, doc: dict[str, Any]) -> Put:
    ident = str(UUID(int=number))
    whole = {"resourceType": rtype, "id": ident, **doc}
    return Put(rtype, ident, person, orjson.dumps(whole), [number], None, None, facility, UUID(int=1), (), "test")
