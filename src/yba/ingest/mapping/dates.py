"""Dates of the claims XML: plain digits, Viet Nam time, births with unknown parts; read without strptime and remembered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

VIETNAM: Final = timezone(timedelta(hours=7))
"""The files carry no zone; Viet Nam has had one, without summer time, since 1976."""
EARLIEST: Final = 1850


@lru_cache(maxsize=16_384)
def is_date(raw: str) -> bool:
    """Say whether yyyyMMdd is a day of the calendar, not before 1850."""
    if not (raw.isascii() and raw.isdigit() and len(raw) == 8):  # noqa: PLR2004 - yyyyMMdd
        return False
    try:
        return date(int(raw[:4]), int(raw[4:6]), int(raw[6:])).year >= EARLIEST
    except ValueError:
        return False


def is_minute(raw: str) -> bool:
    """Say whether yyyyMMddHHmm is a minute of the calendar."""
    return raw[8:].isascii() and raw[8:].isdigit() and raw[8:10] <= "23" and raw[10:] <= "59" and is_date(raw[:8])


@lru_cache(maxsize=16_384)
def moment(raw: str) -> datetime | None:
    """Give the moment of yyyyMMddHHmm or the first of yyyyMMdd, aware; None when it is neither."""
    digits = raw.strip()
    if len(digits) == 12 and is_minute(digits):  # noqa: PLR2004 - yyyyMMddHHmm
        hour, minute = int(digits[8:10]), int(digits[10:])
    elif is_date(digits[:8]) and len(digits) == 8:  # noqa: PLR2004 - yyyyMMdd
        hour = minute = 0
    else:
        return None
    return datetime(int(digits[:4]), int(digits[4:6]), int(digits[6:8]), hour, minute, tzinfo=VIETNAM)


@lru_cache(maxsize=16_384)
def birth(raw: str) -> str:
    """Give a birth as FHIR partial date: "1959", "1959-03", "1959-03-12", "1959-03-12T10:30"; "" when it is none.

    Zeros stand for unknown parts (195000000000); 0101 is what older systems write for an unknown day, but also a real birthday:
    it is kept. Midnight means that the time is unknown.
    """
    digits = raw.strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in {4, 6, 8, 12} or int(digits[:4]) < EARLIEST:
        return ""
    year, month, day = digits[:4], digits[4:6], digits[6:8]
    if month in {"", "00"}:
        return year
    if day in {"", "00"}:
        return f"{year}-{month}" if "01" <= month <= "12" else ""
    if not is_date(digits[:8]):
        return ""
    written = f"{year}-{month}-{day}"
    clock = digits[8:]
    return f"{written}T{clock[:2]}:{clock[2:]}" if clock.strip("0") and is_minute(digits) else written


FIRST_MOMENT: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""Stands for "no date could be read" where a moment is needed to order things."""
