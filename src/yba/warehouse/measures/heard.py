"""Who was heard: of each facility expected whether it told of a visit in the period; of a commune the facilities its residents go to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from yba.specs.measures import Dimension, base

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from yba.warehouse.engines import Engine

    from .periods import Period

_SENT: Final = """sent AS (
  SELECT row_person AS person, row_facility AS facility, start_date AS day FROM encounter
  UNION ALL SELECT row_person, row_facility, end_date FROM encounter
)"""
_WITHIN: Final = "{day} < {end} AND ({day} >= {start} OR {day} >= {end}::DATE - INTERVAL 12 MONTH)"
_HEARD: Final = f"""WITH {_SENT}
SELECT facility, bool_or(day >= $start) FROM sent
WHERE facility <> '' AND {_WITHIN.format(day="day", start="$start", end="$end")} GROUP BY facility"""  # noqa: S608  our own


class Heard(NamedTuple):
    """Facilities expected (MA_CSKCB), each with whether it was heard; ``visited``: those that residents of a commune went to, None = not asked."""

    facilities: dict[str, bool]
    visited: dict[str | None, frozenset[str]] | None = None

    def about(self, dimensions: Mapping[Dimension, str | None]) -> tuple[int, int]:
        """Count the facilities heard and expected that a cell is about: its own, else those the residents of its commune go to, else all."""
        facility = dimensions.get(Dimension.FACILITY)
        if facility is not None:
            of = self.facilities.keys() & {facility}
        elif Dimension.COMMUNE in dimensions and self.visited is not None:
            of = self.facilities.keys() & self.visited.get(dimensions[Dimension.COMMUNE], frozenset())
        else:
            of = {*self.facilities}
        return sum(self.facilities[one] for one in of), len(of)

    @property
    def communes(self) -> set[str]:
        """The communes of which something is expected."""
        return {code for code, of in (self.visited or {}).items() if code and not of.isdisjoint(self.facilities)}


def heard(
    engine: Engine, period: Period, *, facilities: Collection[str] | None = None, areas: Collection[str] | None = None, by_commune: bool = False
) -> Heard:
    """Say of whom something is expected, among ``facilities`` and among those that residents of ``areas`` (communes of 2025) went to (None = all).

    Expected is who told of a visit in the twelve months to the end of the period or, where it is longer, in the period.
    """
    rows = engine.execute(_HEARD, {"start": period.start, "end": period.end}).fetchall()
    visited = _visited(engine, period) if by_commune or areas is not None else None
    reached = None if areas is None or visited is None else frozenset().union(*(visited.get(one, ()) for one in areas))
    chosen = [one for one in (facilities, reached) if one is not None]
    found = {facility: bool(told) for facility, told in rows if all(facility in one for one in chosen)}
    return Heard(found, visited if by_commune else None)


def _visited(engine: Engine, period: Period) -> dict[str | None, frozenset[str]]:
    """Give the facilities that told of residents of each commune; found once for all that is asked of a period, which stands in a table for it."""
    table = f"visited_{period.start:%Y%m%d}_{period.end:%Y%m%d}"
    begun, ended = (_WITHIN.format(day=day, start=f"DATE '{period.start}'", end=f"DATE '{period.end}'") for day in ("start_date", "end_date"))
    engine.execute(f"""CREATE TEMP TABLE IF NOT EXISTS {table} AS WITH {base("resident")},
pair AS (SELECT DISTINCT row_person AS person, row_facility AS facility FROM encounter WHERE row_facility <> '' AND (({begun}) OR ({ended})))
SELECT DISTINCT r.commune_code AS commune, p.facility FROM pair p LEFT JOIN resident r ON r.person = p.person""")  # noqa: S608  our own, days
    found: dict[str | None, set[str]] = {}
    for commune, facility in engine.execute(f"SELECT commune, facility FROM {table}").fetchall():  # noqa: S608  same
        found.setdefault(commune, set()).add(facility)
    return {commune: frozenset(some) for commune, some in found.items()}
