"""Who was heard: of each facility the visits it told of by week, so that a week that was not sent is never taken for a week without visits."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from yba.warehouse.engines import Engine

WEEK: Final = timedelta(days=7)
MOST: Final = 0.5  # of what is usually told: a week of which less was heard says nothing of the province
_GONE: Final = 26  # weeks after its last word during which a facility is still expected
# Visits that are usual in the weeks a facility is silent, from which on it was not sent rather than nobody came: chance alone leaves out ten visits
# once in 22,000 (e^-10), and visits do not come by chance alone.
_NO_CHANCE: Final = 10.0
_SQL: Final = """
SELECT row_facility, date_trunc('week', start_date)::DATE AS week, count(*), max(start_date)
FROM encounter
WHERE row_facility <> '' AND start_date >= $since AND start_date <= $until AND status NOT IN ('cancelled', 'entered-in-error', 'planned')
GROUP BY ALL"""


@dataclass(frozen=True)
class Hearing:
    """Encounters told by facility (MA_CSKCB) and week (its Monday), and the last day each facility told of; channels are not set off."""

    weeks: dict[str, dict[date, int]]
    last: dict[str, date]

    @cached_property
    def first(self) -> date | None:
        """The Monday of the first week anybody told of."""
        return min((week for told in self.weeks.values() for week in told), default=None)

    @cached_property
    def newest(self) -> date | None:
        """The newest day up to which most of what is usual was told; a few visits of later days do not move it. None: nobody told of anything."""
        found = sorted({week for told in self.weeks.values() for week in told}, reverse=True)
        week = next((one for one in found if self.share(one) >= MOST), None)
        return None if week is None else min(week + timedelta(days=6), max(self.last.values()))

    @cached_property
    def usual(self) -> dict[str, float]:
        """Visits a week of each facility, over the weeks between its first and its last."""
        return {facility: sum(told.values()) / ((max(told) - min(told)).days // 7 + 1) for facility, told in self.weeks.items()}

    @cached_property
    def _end(self) -> date:
        return max((max(told) for told in self.weeks.values()), default=date.min) + WEEK

    @cached_property
    def _told(self) -> dict[str, list[date]]:
        return {facility: sorted(told) for facility, told in self.weeks.items()}

    def was_heard(self, facility: str, week: date) -> bool:
        """Whether a facility told of a week, or may have had nobody: its silence around that week is short for how much it usually tells."""
        told = self._told.get(facility, [])
        if not told or week < told[0]:
            return False
        after = bisect_left(told, week)
        if after < len(told) and told[after] == week:
            return True
        until = told[after] if after < len(told) else max(self._end, week + WEEK)
        return ((until - told[after - 1]).days // 7 - 1) * self.usual[facility] < _NO_CHANCE

    def share(self, week: date) -> float:
        """Give which part of what is usually told (visits) comes from facilities that were heard in a week (0 to 1); 0 where nobody was.

        As much silence is taken for chance as chance makes (one of n visits a week has none in e^-n of its weeks); beyond it counts.
        A facility counts from its first word until 26 weeks after its last.
        """
        if not any(week in told for told in self.weeks.values()):
            return 0.0
        whole = silent = chance = 0.0
        for facility, told in self._told.items():
            if told[0] <= week <= told[-1] + _GONE * WEEK:
                usual = self.usual[facility]
                whole += usual
                chance += usual * math.exp(-usual)
                silent += 0.0 if week in self.weeks[facility] else usual
        return min(1.0, 1.0 - (silent - chance) / (whole - chance)) if whole else 1.0


def heard(engine: Engine, since: date, until: date) -> Hearing:
    """Read who was heard between two days (both included)."""
    weeks: dict[str, dict[date, int]] = {}
    last: dict[str, date] = {}
    if not engine.execute("SELECT 1 FROM information_schema.tables WHERE table_name = 'encounter'").fetchall():
        return Hearing(weeks, last)  # the lake holds no visit yet
    for facility, week, count, day in engine.execute(_SQL, {"since": since, "until": until}).fetchall():
        weeks.setdefault(facility, {})[week] = count
        last[facility] = max(day, last.get(facility, day))
    return Hearing(weeks, last)


def monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())
