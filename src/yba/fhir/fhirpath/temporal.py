"""Dates, times and moments that know how precisely they are written, compared and reckoned as FHIRPath says."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import Final

_ZONE: Final = r"(?P<zone>Z|[+-](?:0\d|1[0-4]):[0-5]\d)?"
_CLOCK: Final = r"(?P<hour>[01]\d|2[0-3])(?::(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d|60)(?:\.(?P<fraction>\d+))?)?)?"
_DAY: Final = r"(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12]\d|3[01]))?)?"
_DATE: Final = re.compile(_DAY)
_TIME: Final = re.compile(_CLOCK)
_MOMENT: Final = re.compile(rf"{_DAY}(?:T(?:{_CLOCK})?{_ZONE})?")
_FIELDS: Final = ("year", "month", "day", "hour", "minute", "second")
_DAY_PARTS: Final = 3
_ALL_PARTS: Final = 6
_FINEST: Final = 20  # digits of a second that are read: R4 allows any number
_WIDEST_ZONE: Final = timedelta(hours=14)
MONTHS: Final = {"year": 12, "month": 1}
SECONDS: Final = {
    "week": Decimal(604800),
    "day": Decimal(86400),
    "hour": Decimal(3600),
    "minute": Decimal(60),
    "second": Decimal(1),
    "millisecond": Decimal("0.001"),
}
_OF_PART: Final = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True, slots=True)
class Temporal:
    """A date, a time of day or a moment: `parts` from the year (of a time: the hour) as far as it is written."""

    kind: str  # Date, DateTime, Time
    parts: tuple[int | Decimal, ...]
    zone: int | None  # minutes east of UTC
    digits: int = 0  # of the fraction of a second

    def __str__(self) -> str:
        """Write it as FHIR does."""
        return written(self)


@lru_cache(maxsize=8192)
def read_date(text: str) -> Temporal | None:
    """Return a Date; None where the text is none."""
    found = _DATE.fullmatch(text)
    return _made("Date", found) if found else None


@lru_cache(maxsize=8192)
def read_moment(text: str) -> Temporal | None:
    """Return a DateTime of any precision; None where the text is none."""
    found = _MOMENT.fullmatch(text)
    return _made("DateTime", found) if found else None


@lru_cache(maxsize=1024)
def read_time(text: str) -> Temporal | None:
    """Return a Time; None where the text is none."""
    found = _TIME.fullmatch(text)
    return _made("Time", found) if found else None


def literal(text: str) -> Temporal | None:
    """Return what `@2015`, `@2015T`, `@T10:30` say."""
    body = text[1:]
    if body.startswith("T"):
        return read_time(body[1:])
    return read_moment(body) if "T" in body else read_date(body)


def of_moment(moment: datetime) -> Temporal:
    """Return an aware datetime to the millisecond."""
    found = read_moment(moment.isoformat(timespec="milliseconds"))
    if found is None:
        raise ValueError(moment)
    return found


def _made(kind: str, found: re.Match[str]) -> Temporal | None:
    groups = found.groupdict()
    fraction = (groups.get("fraction") or "")[:_FINEST]
    parts: list[int | Decimal] = []
    for name in _FIELDS:
        said = groups.get(name)
        if said is None:
            if name in groups:
                break
            continue
        parts.append(Decimal(f"{said}.{fraction or 0}") if name == "second" else int(said))
    if kind != "Time" and (parts[0] == 0 or (len(parts) >= _DAY_PARTS and int(parts[2]) > monthrange(int(parts[0]), int(parts[1]))[1])):
        return None
    return Temporal(kind, tuple(parts), _zone(groups.get("zone")), len(fraction))


def _zone(text: str | None) -> int | None:
    if not text:
        return None
    if text == "Z":
        return 0
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return -minutes if text[0] == "-" else minutes


def written(value: Temporal) -> str:
    """Write a value as FHIR does."""
    parts = value.parts
    day = (
        "-".join(f"{part:04d}" if number == 0 else f"{part:02d}" for number, part in enumerate(map(int, parts[:_DAY_PARTS])))
        if value.kind != "Time"
        else ""
    )
    clock = parts if value.kind == "Time" else parts[_DAY_PARTS:]
    text = ":".join(_second(part, value.digits) if isinstance(part, Decimal) else f"{part:02d}" for part in clock)
    zone = (
        ""
        if value.zone is None
        else "Z"
        if value.zone == 0
        else f"{'-' if value.zone < 0 else '+'}{abs(value.zone) // 60:02d}:{abs(value.zone) % 60:02d}"
    )
    return f"{day}T{text}{zone}" if clock and value.kind == "DateTime" else day + text


def _second(part: Decimal, digits: int) -> str:
    whole = part.quantize(Decimal(1).scaleb(-digits), ROUND_DOWN)
    return f"{whole:0{digits + 3 if digits else 2}f}"


def compare(left: Temporal, right: Temporal) -> int | None:
    """Return -1, 0, 1; None where they are not precise enough to tell, or are of kinds that cannot be compared."""
    if (left.kind == "Time") is not (right.kind == "Time"):
        return None
    one, other = left.parts, right.parts
    if left.zone != right.zone and min(len(one), len(other)) > _DAY_PARTS:
        if left.zone is None or right.zone is None:
            return _far_apart(left, right)
        zone = min(left, right, key=lambda one: len(one.parts)).zone or 0  # an hour of +05:30 begins and ends there at other moments than in UTC
        one, other = _in_utc(left, zone), _in_utc(right, zone)
    for a, b in zip(one, other, strict=False):
        if a != b:
            return -1 if a < b else 1
    return 0 if len(one) == len(other) else None


def identity(value: Temporal) -> tuple[object, ...]:
    """Return a key that equal values share, and no others."""
    if value.kind == "Time" or value.zone is None or len(value.parts) <= _DAY_PARTS:
        return (value.kind == "Time", False, *value.parts)
    return (False, True, *_in_utc(value))


def same_precision(left: Temporal, right: Temporal) -> bool:
    """Whether both are written equally far."""
    return len(left.parts) == len(right.parts)


def _far_apart(left: Temporal, right: Temporal) -> int | None:
    """Compare where one has no zone: certain only beyond the widest offset there is."""
    one, other = _naive(left) - timedelta(minutes=left.zone or 0), _naive(right) - timedelta(minutes=right.zone or 0)
    if abs(one - other) <= _WIDEST_ZONE:
        return None
    return -1 if one < other else 1


def _naive(value: Temporal) -> datetime:
    parts = [*value.parts, *((1, 1, 1, 0, 0, Decimal(0))[len(value.parts) :])]
    seconds = min(Decimal(parts[5]), Decimal("59.999999"))  # a leap second is the last of its minute
    return datetime(*(int(one) for one in parts[:5])) + timedelta(microseconds=int(seconds * 1_000_000))  # type: ignore[arg-type]  # noqa: DTZ001


def _in_utc(value: Temporal, zone: int = 0) -> tuple[int | Decimal, ...]:
    """Give the parts of a moment in UTC, or in a zone so many minutes before it."""
    try:
        moved = _naive(value) - timedelta(minutes=(value.zone or 0) - zone)
    except OverflowError:
        return value.parts
    second = Decimal(moved.second) + Decimal(moved.microsecond) / 1_000_000
    return (moved.year, moved.month, moved.day, moved.hour, moved.minute, second)[: len(value.parts)]


def add(value: Temporal, amount: Decimal, unit: str) -> Temporal | None:
    """Add so many years, months, weeks … seconds; None where the result is no date that can be written.

    Only seconds keep fractions; a unit finer than the value is turned into the value's own, what is left over is dropped.
    """
    finest = _OF_PART[len(value.parts) - 1] if value.kind != "Time" else ("hour", "minute", "second")[len(value.parts) - 1]
    try:
        if unit in MONTHS:
            return None if value.kind == "Time" else _add_months(value, int(amount) * MONTHS[unit], finest)
        seconds = (amount if unit in {"second", "millisecond"} else Decimal(int(amount))) * SECONDS[unit]
        if finest in MONTHS:  # @2014 + 24 hours: days have no months, so by the mean of the calendar
            months = int(seconds / SECONDS["day"] / (365 if finest == "year" else 30)) * MONTHS[finest]
            return _add_months(value, months, finest)
        if finest != "second":
            seconds = Decimal(int(seconds / SECONDS[finest])) * SECONDS[finest]
        return _add_seconds(value, seconds)
    except (OverflowError, ValueError):
        return None


def _add_months(value: Temporal, months: int, finest: str) -> Temporal:
    year, month, *rest = [*value.parts, 1][: max(2, len(value.parts))]
    if finest == "year":
        months = int(months / 12) * 12
    total = int(year) * 12 + int(month) - 1 + months
    year, month = divmod(total, 12)
    month += 1
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError
    if rest:
        rest[0] = min(int(rest[0]), monthrange(year, month)[1])
    return Temporal(value.kind, (year, month, *rest)[: len(value.parts)], value.zone, value.digits)


def _add_seconds(value: Temporal, seconds: Decimal) -> Temporal:
    digits = max(value.digits, -int(seconds.normalize().as_tuple().exponent) if seconds % 1 else 0)
    micro = timedelta(microseconds=int(seconds * 1_000_000))
    if value.kind == "Time":
        moved = datetime.combine(date(2000, 1, 1), datetime.min.time()) + _since_midnight(value) + micro
        parts: tuple[int | Decimal, ...] = (moved.hour, moved.minute, _fraction(moved))
    else:
        moved = _naive(value) + micro
        parts = (moved.year, moved.month, moved.day, moved.hour, moved.minute, _fraction(moved))
    return Temporal(value.kind, parts[: len(value.parts)], value.zone, digits)


def _since_midnight(value: Temporal) -> timedelta:
    hour, minute, second = [*value.parts, 0, Decimal(0)][:3] if len(value.parts) > 1 else (value.parts[0], 0, Decimal(0))
    return timedelta(hours=int(hour), minutes=int(minute), microseconds=int(Decimal(second) * 1_000_000))


def _fraction(moment: datetime) -> Decimal:
    return Decimal(moment.second) + Decimal(moment.microsecond) / 1_000_000


def between(one: Temporal, other: Temporal, unit: str, *, whole: bool) -> int | None:
    """Return how many boundaries of a unit lie between (`whole`: how many whole units); None where they are not precise enough."""
    unit = unit.removesuffix("s")
    if (one.kind == "Time") is not (other.kind == "Time"):
        return None
    needed = {"year": 1, "month": 2, "week": 3, "day": 3, "hour": 4, "minute": 5, "second": 6, "millisecond": 6}.get(unit)
    given = min(len(one.parts), len(other.parts)) + (_DAY_PARTS if one.kind == "Time" else 0)
    if needed is None or given < needed or (one.kind == "Time" and needed <= _DAY_PARTS):
        return None
    start, end = (_moment_of(value, in_utc=needed > _DAY_PARTS) for value in (one, other))
    if unit in MONTHS:
        months = (end.year - start.year) * 12 + end.month - start.month
        if whole:
            late = (end.day, end.time()) < (start.day, start.time())
            early = (end.day, end.time()) > (start.day, start.time())
            months += -1 if months > 0 and late else 1 if months < 0 and early else 0
            return int(months / MONTHS[unit])
        return months if unit == "month" else end.year - start.year
    length = timedelta(microseconds=int(SECONDS[unit] * 1_000_000))
    if not whole:
        origin = datetime(1, 1, 7)  # noqa: DTZ001  a Sunday: weeks begin there
        return (end - origin) // length - (start - origin) // length
    return int((end - start) / length)


def _moment_of(value: Temporal, *, in_utc: bool) -> datetime:
    """Return a moment to count from; days, weeks, months and years are those of the place where it was."""
    if value.kind == "Time":
        return datetime(2000, 1, 1) + _since_midnight(value)  # noqa: DTZ001  any day
    return _naive(value) - timedelta(minutes=(value.zone or 0) if in_utc else 0)


def precision(value: Temporal) -> int:
    """Digits that it is written with: 4 a year, 8 a day, 17 a moment to the millisecond, 9 a time to the millisecond."""
    lengths = (2, 2, 2) if value.kind == "Time" else (4, 2, 2, 2, 2, 2)
    return sum(lengths[: len(value.parts)]) + value.digits


def boundary(value: Temporal, digits: int | None, *, high: bool) -> Temporal | None:
    """Return the first or last value of a precision that it could mean; None where there is no such precision."""
    if value.kind == "Time":
        known = {2: 1, 4: 2, 6: 3, 9: 3}
        asked = 9 if digits is None else digits
        limits: tuple[int | Decimal, ...] = (23, 59, Decimal("59.999")) if high else (0, 0, Decimal(0))
    else:
        known = {4: 1, 6: 2, 8: 3, 10: 4, 12: 5, 14: 6, 17: 6}
        asked = (8 if value.kind == "Date" else 17) if digits is None else digits
        limits = (9999, 12, 31, 23, 59, Decimal("59.999")) if high else (1, 1, 1, 0, 0, Decimal(0))
    if asked not in known:
        return None
    parts = list(value.parts)
    if value.kind == "DateTime" and len(parts) == _DAY_PARTS + 1:
        parts.append(0)  # an hour alone is not legal in FHIR: it is read as its first minute
    parts = _filled(parts, limits, high=high)[: known[asked]]
    kind = value.kind if value.kind == "Time" else "Date" if len(parts) <= _DAY_PARTS else "DateTime"
    zone = value.zone
    if kind == "Date":
        zone = None
    elif kind == "DateTime" and zone is None:
        zone = -12 * 60 if high else 14 * 60
    return Temporal(kind, tuple(parts), zone, 3 if asked in {9, 17} else 0)


def _filled(parts: list[int | Decimal], limits: tuple[int | Decimal, ...], *, high: bool) -> list[int | Decimal]:
    full = [*parts, *limits[len(parts) :]]
    if len(limits) == _ALL_PARTS and len(parts) < _DAY_PARTS and high:
        full[2] = monthrange(int(full[0]), int(full[1]))[1]
    last = full[-1]
    if high and len(parts) == len(limits) and isinstance(last, Decimal) and last == int(last):
        full[-1] = last + Decimal("0.999")
    return full
