"""Forecasts on disk, beside the lake: one file for a series and the week it was made up to; only what may be shown is ever written."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.kit import log
from yba.kit.durable import put
from yba.specs.forecasts import Series, series
from yba.warehouse.lake import Folder

from .model import Forecast, Past, Point, Score, Verdict, WeekState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_log = log.get(__name__)
FORM: Final = 1
_KEPT: Final = 13  # files of a series: what was forecast is held against what came


class Shelf:
    """The kept forecasts beside one lake."""

    def __init__(self, folder: Folder | None = None) -> None:
        """Take the lake of the settings, or another one."""
        self.root = (folder or Folder()).root.parent / "forecasts"

    def keep(self, name: str, until: date, made: Sequence[Forecast]) -> None:
        """Keep the forecasts of a series (the province's and the facilities') that were made with weeks before ``until``; in one piece."""
        path = self.root / name / f"{until.isoformat()}.json"
        put(path, orjson.dumps({"form": FORM, "forecasts": [_told(one) for one in made]}))
        paths = self.paths(name)
        there = paths.index(path) + 1
        for gone in (*paths[: max(0, there - _KEPT)], *paths[there:]):  # later ones took weeks for told that were not
            gone.unlink(missing_ok=True)

    def paths(self, name: str) -> list[Path]:
        """Return the files of a series, the oldest first."""
        return sorted((self.root / name).glob("[0-9]*.json"))

    def read(self, path: Path) -> dict[str | None, Forecast]:
        """Read a file: forecasts by facility, None = the province; nothing where it cannot be read."""
        try:
            told = orjson.loads(path.read_bytes())
            spec = series()[path.parent.name]
            return {one["facility"]: _read(spec, one) for one in told["forecasts"]} if told["form"] == FORM else {}
        except (OSError, ValueError, KeyError, TypeError):
            _log.warning("warehouse.forecast.unreadable")
            return {}

    def newest(self, name: str) -> dict[str | None, Forecast]:
        """Return the newest forecasts of a series; nothing where none was made."""
        paths = self.paths(name)
        return self.read(paths[-1]) if paths else {}


def _told(one: Forecast) -> dict[str, Any]:
    return {
        "facility": one.facility,
        "made_at": one.made_at,
        "history": [list(past) for past in one.history],
        "points": [list(point) for point in one.points],
        "tested": list(one.tested) if one.tested else None,
        "verdict": one.verdict,
    }


def _read(spec: Series, told: dict[str, Any]) -> Forecast:
    return Forecast(
        series=spec,
        facility=told["facility"],
        made_at=datetime.fromisoformat(told["made_at"]),
        history=tuple(Past(date.fromisoformat(week), value, WeekState(state)) for week, value, state in told["history"]),
        points=tuple(Point(date.fromisoformat(week), *numbers) for week, *numbers in told["points"]),
        tested=Score(*told["tested"]) if told["tested"] else None,
        verdict=Verdict(told["verdict"]),
    )
