"""The boards as data: `specs/boards/<board>.toml` says which measures a desk shows, in which order, drawn how, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from .access import roles
from .measures import Dimension, Measure, PeriodKind, Target, measures
from .reading import Reading, Words

FOLDER: Final = Path(__file__).with_name("boards")
FLOWS: Final = (Dimension.FACILITY, Dimension.DETAIL)  # of a Sankey: from where, to where
PLACES: Final = (Dimension.FACILITY, Dimension.COMMUNE)  # a desk may be narrowed to one of them
COURSE: Final = 13  # periods of a course: of months the same month of last year stands beside this one
_LONGEST: Final = 60
_LAG: Final = 6
_MONTHS: Final = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


class Chart(StrEnum):
    """How a tile opened is drawn: its course, the course with control limits, its places within a funnel, on a map, as bars, its flows."""

    LINE = "line"
    CONTROL = "control"
    FUNNEL = "funnel"
    MAP = "map"
    BARS = "bars"
    SANKEY = "sankey"


class Better(StrEnum):
    """Which direction is better; NEITHER: a number to know, no place is worse for it."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Window(StrEnum):
    """Which period a tile is about: the one under way as far as it was heard, or the last one that ended."""

    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Tile:
    """One measure on a board.

    ``lag``: so many periods further back, where what is counted is known only then (a readmission within 30 days). ``dimensions``: by what it is
    opened, one at a time; ``detail``: the one value of the measure's own dimension it is about, "" all.
    """

    measure: str
    title: Words
    period: PeriodKind
    window: Window
    lag: int
    course: int
    dimensions: tuple[Dimension, ...]
    detail: str
    chart: Chart
    better: Better
    target: Target | None

    @property
    def spec(self) -> Measure:
        """The measure it shows."""
        return measures()[self.measure]

    @property
    def whole(self) -> tuple[Dimension, ...]:
        """The dimensions to ask by for the tile's own number: none, or the detail it is one value of."""
        return (Dimension.DETAIL,) if self.detail or self.spec.always_by_detail else ()

    def by(self, dimension: Dimension) -> tuple[Dimension, ...]:
        """The dimensions to ask by for the tile told apart by one of its own."""
        return tuple(dict.fromkeys((dimension, *self.whole)))

    def periods(self, today: date) -> tuple[str, ...]:
        """The labels of its course, oldest first; the last one is what the tile is about."""
        ended = (1 if self.window is Window.ENDED else 0) + self.lag
        return tuple(label(self.period, today, back) for back in range(self.course - 1 + ended, ended - 1, -1))

    def asked(self, today: date) -> tuple[tuple[str, tuple[Dimension, ...]], ...]:
        """All the board asks of the measure, as (period, dimensions): the course, whole and by place; other dimensions now and before; flows."""
        course = self.periods(today)
        apart = tuple((when, self.by(one)) for one in self.dimensions for when in (course if one in PLACES else course[-2:]))
        flows = ((course[-1], FLOWS),) if self.chart is Chart.SANKEY else ()
        return tuple((when, self.whole) for when in course) + apart + flows


@dataclass(frozen=True, slots=True)
class Board:
    """A desk: its tiles in the order of the page; ``map`` names the measure whose map stands there first, ``roles`` who begins the day with it."""

    name: str
    title: Words
    tiles: tuple[Tile, ...]
    map: str
    roles: tuple[str, ...]
    owner: str
    valid_from: date
    checked_by: str
    next_review: date

    def tile(self, measure: str) -> Tile | None:
        """The tile of a measure; of several the first."""
        return next((one for one in self.tiles if one.measure == measure), None)


def label(kind: PeriodKind, today: date, back: int) -> str:
    """Return the label of the period of ``today``, or of one so many before it: 2026-11, 2026-W47, 2026-Q4, 2026."""
    if kind is PeriodKind.WEEK:
        year, week, _ = (today - timedelta(weeks=back)).isocalendar()
        return f"{year:04}-W{week:02}"
    month = today.year * 12 + today.month - 1 - back * _MONTHS[kind]
    year, month = divmod(month, 12)
    return {PeriodKind.MONTH: f"{year:04}-{month + 1:02}", PeriodKind.QUARTER: f"{year:04}-Q{month // 3 + 1}", PeriodKind.YEAR: f"{year:04}"}[kind]


@cache
def boards() -> dict[str, Board]:
    """Give every board by name, in order of names. Raises SpecError naming file, tile, key and rule."""
    return load(FOLDER)


def load(folder: Path) -> dict[str, Board]:
    """Read the boards of a folder. Raises SpecError naming file, tile, key and rule."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}


_BOARD: Final = ("title", "map", "owner", "valid_from", "checked_by", "next_review", "tile")
_NEEDED: Final = ("measure", "period", "window", "chart", "better")
_TILE: Final = frozenset((*_NEEDED, "title", "lag", "course", "dimensions", "detail", "target"))


def _read(path: Path) -> Board:
    at = Reading(path.name)
    data = at.toml(path)
    at.keys(data, _BOARD, (*_BOARD, "roles"), "a board")
    tiles = tuple(_tile(at, f"tile {number}", one) for number, one in enumerate(data["tile"], 1))
    made = Board(
        name=path.stem,
        title=at.words("title", data["title"]),
        tiles=tiles,
        map=str(data["map"]),
        roles=tuple(map(str, data.get("roles", ()))),
        owner=str(data["owner"]),
        valid_from=at.day("valid_from", data["valid_from"]),
        checked_by=str(data["checked_by"]),
        next_review=at.day("next_review", data["next_review"]),
    )
    _check(at, made)
    return made


def _check(at: Reading, board: Board) -> None:
    mapped = board.tile(board.map)
    if mapped is None or Dimension.COMMUNE not in mapped.dimensions:
        raise at.fault("map", "names a measure whose tile is opened by commune")
    if unknown := sorted(set(board.roles) - roles().keys()):
        raise at.fault("roles", f"there is no role {', '.join(unknown)}")
    known = [(one.measure, one.detail) for one in board.tiles]
    if twice := sorted({f"{measure} {detail}".strip() for measure, detail in known if known.count((measure, detail)) > 1}):
        raise at.fault("tile", f"{', '.join(twice)} stands there twice")


def _tile(at: Reading, place: str, told: dict[str, Any]) -> Tile:
    at.below(place).keys(told, _NEEDED, _TILE, "a tile")
    spec = measures().get(str(told["measure"]))
    if spec is None:
        raise at.fault(f"{place}: measure", f"there is no measure {told['measure']!r}")
    place = f"{place} ({spec.name})"
    made = Tile(
        measure=spec.name,
        title=at.words(f"{place}: title", told["title"]) if "title" in told else spec.title,
        period=at.one(f"{place}: period", PeriodKind, told["period"]),
        window=at.one(f"{place}: window", Window, told["window"]),
        lag=int(told.get("lag", 0)),
        course=int(told.get("course", COURSE)),
        dimensions=tuple(at.one(f"{place}: dimensions", Dimension, one) for one in told.get("dimensions", ())),
        detail=str(told.get("detail", "")),
        chart=at.one(f"{place}: chart", Chart, told["chart"]),
        better=at.one(f"{place}: better", Better, told["better"]),
        target=_target(at, place, spec, told.get("target")),
    )
    _check_tile(at, place, made, spec)
    return made


def _check_tile(at: Reading, place: str, tile: Tile, spec: Measure) -> None:
    needs = {Chart.FUNNEL: Dimension.FACILITY, Chart.MAP: Dimension.COMMUNE, Chart.SANKEY: Dimension.FACILITY, Chart.BARS: Dimension.DETAIL}
    wanted = needs.get(tile.chart)
    rules = (
        ("period", tile.period in spec.periods and tile.period is not PeriodKind.CUSTOM, f"is one of {', '.join(spec.periods)}, not custom"),
        ("lag", 0 <= tile.lag <= _LAG, f"is 0 to {_LAG} periods"),
        ("course", 2 <= tile.course <= _LONGEST, f"is 2 to {_LONGEST} periods"),  # noqa: PLR2004  one point is no course
        ("dimensions", set(tile.dimensions) <= set(spec.dimensions), f"the measure has {', '.join(spec.dimensions)}"),
        ("dimensions", len(set(tile.dimensions)) == len(tile.dimensions), "names each once"),
        ("detail", not tile.detail or Dimension.DETAIL in spec.dimensions, "the measure has no dimension detail"),
        ("detail", bool(tile.detail) or not spec.always_by_detail, "the measure's details do not add up: the tile names one of them"),
        ("chart", wanted is None or wanted in tile.dimensions, f"a {tile.chart} is opened by {wanted}"),
        ("chart", tile.chart is not Chart.FUNNEL or spec.is_proportion, "a funnel is of things counted one by one"),
        ("chart", tile.chart is not Chart.SANKEY or set(FLOWS) <= set(spec.dimensions), f"a {tile.chart} is told apart by {' and '.join(FLOWS)}"),
    )
    at.below(place).hold(rules)


def _target(at: Reading, place: str, spec: Measure, value: object) -> Target | None:
    """One of the measure's own targets: a board invents none."""
    if value is None:
        return None
    found = next((one for one in spec.targets if one.value == value), None)
    if found is None:
        known = ", ".join(f"{one.value:g}" for one in spec.targets) or "none"
        raise at.fault(f"{place}: target", f"is one of the measure's own ({known})")
    return found
