"""Rules that point at what should be looked at: days of medicine, contrast media, paediatric services, hours outside of work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.ingest.checks.model import Fault
from yba.ingest.checks.values import CALENDAR, DAYS, MOMENTS, NUMBERS, Remembered
from yba.specs.value_sets import value_set
from yba.specs.working_hours import WORKING_HOURS

from .identity import years
from .lines import BASES, DOSES
from .stay import OUTPATIENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yba.ingest.checks.model import Visit
    from yba.ingest.model import Row
    from yba.specs.working_hours import Hours

MEDICINE_ONLY: Final = "05"
DRUG: Final = "4"
OLDEST_CHILD: Final = 16
MADE_WITH_CONTRAST: Final = frozenset({"2", "8", "18"})
"""Cost groups among which a contrast medium is used: imaging, operations, procedures (DSA, heart catheter, retrograde urography)."""
AMBULANT: Final = OUTPATIENT | {"07", "1", "2"}
EMERGENCY: Final = "2"
SERVICE_PARTS: Final = 3
ORDERS: Final = (("XML2", "NGAY_YL"), ("XML3", "NGAY_YL"), ("XML3", "NGAY_KQ"), ("XML4", "NGAY_KQ"))


CONTRAST, PLAIN, PAEDIATRIC = 1, 2, 4
"""What the sets say of a service code, as bits."""


def _kind(code: str) -> int:
    parts = BASES[code].split(".")
    if len(parts) != SERVICE_PARTS:
        return 0
    kind = CONTRAST if value_set("contrast-imaging").has(parts[-1]) else 0
    kind |= PLAIN if value_set("plain-imaging").has(parts[-1]) else 0
    return kind | (PAEDIATRIC if value_set("paediatric-services").has(parts[0]) else 0)


KINDS: Final = Remembered[int](_kind)
"""What the sets say of MA_DICH_VU as written on a line."""
MEDIA: Final = Remembered[bool](lambda code: value_set("contrast-media").has(code.strip()))
MEDIA_NAMED: Final = Remembered[bool](lambda name: value_set("contrast-media").named(name))
DIAGNOSTIC: Final = Remembered[bool](lambda code: value_set("diagnostic-drugs").has(code.strip()))


def vr053(visit: Visit) -> Iterator[Fault]:
    """Chronic patients who get medicine only: the days of treatment are the days on which they have medicine."""
    if visit.head.get("MA_LOAI_KCB") != MEDICINE_ONLY:
        return
    stated, days = NUMBERS[visit.head.get("SO_NGAY_DTRI", "")], _days_of_medicine(visit)
    if stated is not None and days is not None and stated != days:
        yield Fault("XML1", 1, "SO_NGAY_DTRI", visit.head["SO_NGAY_DTRI"], f"{days} (số ngày có thuốc theo LIEU_DUNG)")


def _days_of_medicine(visit: Visit) -> int | None:
    """Days on which at least one drug lasts, each counted from its order; None when a dose or a day cannot be read."""
    courses = []
    for row in visit.rows("XML2"):
        if row.get("MA_NHOM") != DRUG:
            continue
        dose, ordered = DOSES[row.get("LIEU_DUNG", "")], DAYS[row.get("NGAY_YL") or visit.arrived]
        if dose is None or ordered is None or dose.days != int(dose.days):
            return None
        courses.append((ordered.toordinal(), ordered.toordinal() + int(dose.days)))
    days, reached = 0, 0
    for first, last in sorted(courses):
        days += max(0, last - max(first, reached))
        reached = max(reached, last)
    return days or None


def vr113(visit: Visit) -> Iterator[Fault]:
    """CT and MRI with contrast and contrast media answer each other, on the same day."""
    services, drugs = visit.rows("XML3"), visit.rows("XML2")
    images = [row for row in services if KINDS[row.get("MA_DICH_VU", "")] & CONTRAST]
    media = [row for row in drugs if MEDIA[row.get("MA_THUOC", "")] or MEDIA_NAMED[row.get("TEN_THUOC", "")]]
    if images:
        perhaps = [*media, *(row for row in drugs if DIAGNOSTIC[row.get("MA_THUOC", "")])]
        yield from _unanswered("XML3", "MA_DICH_VU", images, perhaps, services, "thuốc cản quang cùng ngày trong XML2")
    if media:
        users = [*images, *(row for row in services if row.get("MA_NHOM") in MADE_WITH_CONTRAST and not KINDS[row.get("MA_DICH_VU", "")] & PLAIN)]
        yield from _unanswered("XML2", "MA_THUOC", media, users, drugs, "dịch vụ dùng thuốc cản quang cùng ngày trong XML3")


def _unanswered(table: str, field: str, asking: list[Row], answering: list[Row], rows: list[Row], expected: str) -> Iterator[Fault]:
    """Name the lines on whose days there is none of the others."""
    days = {day for row in answering for day in _on(row)}
    for row in asking:
        if days.isdisjoint(_on(row)):
            number = next(at for at, one in enumerate(rows, 1) if one is row)
            yield Fault(table, number, field, row.get(field, ""), expected)


def _on(row: Row) -> set[str]:
    """The days of a line: ordered, done, known."""
    return {row[name][:8] for name in ("NGAY_YL", "NGAY_TH_YL", "NGAY_KQ") if name in row}


def vr141(visit: Visit) -> Iterator[Fault]:
    """Services of the chapter of paediatrics are for children."""
    born, arrived = DAYS[visit.head.get("NGAY_SINH", "")], DAYS[visit.arrived]
    if born is None:  # of a year alone the youngest age counts
        year = visit.head.get("NGAY_SINH", "")[:4]
        born = CALENDAR[year + "1231"]
    if born is None or arrived is None or years(born, arrived) <= OLDEST_CHILD:
        return
    for number, row in enumerate(visit.rows("XML3"), 1):
        if KINDS[row.get("MA_DICH_VU", "")] & PAEDIATRIC:
            yield Fault("XML3", number, "MA_DICH_VU", row["MA_DICH_VU"], f"người bệnh không quá {OLDEST_CHILD} tuổi")


def vr181(visit: Visit) -> Iterator[Fault]:
    """Orders and results of outpatients outside working hours: one note per claim, emergencies apart."""
    head = visit.head
    if head.get("MA_LOAI_KCB") not in AMBULANT or EMERGENCY in {head.get("MA_DOITUONG_KCB"), head.get("MA_LYDO_VVIEN")}:
        return
    hours, tables = WORKING_HOURS().of(visit.claim.facility), visit.tables
    moments = {row.get(field) for table, field in ORDERS if table in tables for row in tables[table]}  # many lines, few minutes
    late = {moment for moment in moments if moment and _outside(moment, hours)}
    if not late:
        return
    outside = [
        (table, number, field, row[field]) for table, field in ORDERS for number, row in enumerate(visit.rows(table), 1) if row.get(field) in late
    ]
    more = f" (+{len(outside) - 1})" if len(outside) > 1 else ""
    yield Fault(*outside[0], f"{hours}{more}")


def _weekday(day: str) -> int:
    found = CALENDAR[day]
    return found.isoweekday() if found is not None else 0


WEEKDAYS: Final = Remembered[int](_weekday)
"""ISO week day of yyyyMMdd; 0 when there is no such day."""


def _outside(moment: str, hours: Hours) -> bool:
    time = moment[8:]
    if len(time) != 4 or (hours.first <= time < hours.last and WEEKDAYS[moment[:8]] in hours.days):  # noqa: PLR2004 HHmm
        return False
    return bool(MOMENTS[moment])
