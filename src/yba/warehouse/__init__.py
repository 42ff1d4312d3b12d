"""The warehouse: everything analytical, away from the live database."""

from . import alerts, boards, books, digests, forecasts, reports
from .engines import EngineKind
from .forecasts import Forecast, forecast
from .kept import Ask, Kept, ask_all, course, keep_boards, kept, months
from .lake import (
    Compacted,
    LakeBusy,
    LakeDamaged,
    LakeForeign,
    Refreshed,
    Status,
    compact,
    key_versions,
    mirrored,
    reader,
    refresh,
    scratch,
    spark_reader,
    status,
    view_bytes,
    whole,
)
from .measures import Answer, Cell, Period, State, measure, period
from .views import Entry, dictionary

__all__ = [
    "Answer",
    "Ask",
    "Cell",
    "Compacted",
    "EngineKind",
    "Entry",
    "Forecast",
    "Kept",
    "LakeBusy",
    "LakeDamaged",
    "LakeForeign",
    "Period",
    "Refreshed",
    "State",
    "Status",
    "alerts",
    "ask_all",
    "boards",
    "books",
    "compact",
    "course",
    "dictionary",
    "digests",
    "forecast",
    "forecasts",
    "keep_boards",
    "kept",
    "key_versions",
    "measure",
    "mirrored",
    "months",
    "period",
    "reader",
    "refresh",
    "reports",
    "scratch",
    "spark_reader",
    "status",
    "view_bytes",
    "whole",
]
