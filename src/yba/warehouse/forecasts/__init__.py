"""Forecasts: weeks to come of a few series, tried against the same week of the year before, shown only where they beat it."""

from .asking import Came, came, forecast
from .making import make
from .model import Forecast, Past, Point, Score, Verdict, WeekState

__all__ = ["Came", "Forecast", "Past", "Point", "Score", "Verdict", "WeekState", "came", "forecast", "make"]
