"""When outpatients are expected, for all facilities and for those that told their own hours."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from yba.kit.settings import declare

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGED: Final = Path(__file__).with_suffix(".toml")
WEEK: Final = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")
_KEYS: Final = frozenset({"days", "from", "to"})
_TIME: Final = re.compile("(?:[01][0-9]|2[0-4])[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class Hours:
    """Working days (ISO, 1 Monday … 7 Sunday) and times of day (HHmm, the last not included)."""

    days: frozenset[int]
    first: str
    last: str

    def __str__(self) -> str:
        """Write them as the message of a finding has them."""
        days = sorted(self.days)
        unbroken = len(days) > 1 and days[-1] - days[0] == len(days) - 1
        names = f"{WEEK[days[0] - 1]} đến {WEEK[days[-1] - 1]}" if unbroken else ", ".join(WEEK[day - 1] for day in days)
        return f"{self.first[:2]}:{self.first[2:]}-{self.last[:2]}:{self.last[2:]} {names}"


class WorkingHours:
    """The hours of every facility."""

    __slots__ = ("default", "facilities")

    def __init__(self, default: Hours, facilities: Mapping[str, Hours]) -> None:
        self.default = default
        self.facilities = dict(facilities)

    def of(self, facility: str) -> Hours:
        """Give the hours of one facility."""
        return self.facilities.get(facility, self.default)


def read(raw: str) -> WorkingHours:
    """Read the operator's file over the packaged one; an empty name is the packaged one alone. ValueError says that the file cannot be used."""
    told = tomllib.loads(PACKAGED.read_text("utf-8"))
    if raw:
        try:
            own = tomllib.loads(Path(raw).read_text("utf-8"))
        except OSError as unreadable:
            raise ValueError(raw) from unreadable
        told = {**told, **own}
    return WorkingHours(_hours(told["default"]), {code: _hours(data) for code, data in told.get("facility", {}).items()})


def _hours(data: Any) -> Hours:  # noqa: ANN401  # whatever the operator wrote
    if not isinstance(data, dict) or data.keys() != _KEYS or not isinstance(data["days"], list):
        raise ValueError(data)
    days, first, last = data["days"], str(data["from"]), str(data["to"])
    if not days or not set(days) <= set(range(1, 8)) or not (_TIME.fullmatch(first) and _TIME.fullmatch(last) and first < last):
        raise ValueError(data)
    return Hours(frozenset(days), first, last)


WORKING_HOURS: Final = declare(
    "YBA_WORKING_HOURS",
    read,
    default="",
    meaning="File with the hours in which outpatients are expected, by facility (rule VR181). Empty: 6:00 to 18:00, Monday to Saturday, for all.",
    write='the path of a TOML file with tables [default] and [facility."11001"], each with days = [1, 2, 3, 4, 5], from = "0600", to = "1800"',
)
