"""Who was heard: of each facility the visits it told of by week, so that a week that was not sent is never taken for a week without visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from yba.warehouse.engines import Engine

WEEK: Final = timedelta(days=7)
_USUAL: Final = 52  # weeks before that say how much a facility usually tells
_GONE: Final = 26  # weeks after its last word during which a facility is still expected
_SQL: Final = """
SELECT row_facility, date_trunc('week', start_date)::DATE AS week, count(*), max(start_date)
FROM encounter
WHERE row_facility <> '' AND start_date >= $since AND start_date <= $until AND status NOT IN ('cancelled', 'entered-in-error', 'planned')
GROUP BY ALL"""


@dataclass(frozen=True, slots=True)
class Hearing:
    """Encounters told by facility (MA_CSKCB) and week (its Monday), and the last day each facility told of; channels are not set off."""

    weeks: dict[str, dict[date, int]]
    last: dict[str, date]

    @property
    def newest(self) -> date | None:
        """The last day anybody told of; None: nobody did."""
        return max(self.last.values(), default=None)

    @property
    def first(self) -> date | None:
        """The Monday of the first week anybody told of."""
        return min((week for told in self.weeks.values() for week in told), default=None)

    def share(self, week: date) -> float:
        """Give which part of what is usually told comes from facilities that were heard in a week; 0 where nobody was.

        A facility counts by its visits in the 52 weeks before, as long as it was heard later too or fell silent less than 26 weeks before.
        """
        usual = heard = 0
        for facility, told in self.weeks.items():
            if self.last[facility] < week - _GONE * WEEK:
                continue
            weight = sum(count for one, count in told.items() if week - _USUAL * WEEK <= one < week)
            usual += weight
            heard += weight if week in told else 0
        return heard / usual if usual else float(any(week in told for told in self.weeks.values()))


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
