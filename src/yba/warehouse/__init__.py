"""The warehouse: everything analytical, away from the live database."""

from . import alerts, boards, books, digests, forecasts, reports
from .engines import EngineKind, own_question
from .forecasts import Forecast, forecast
from .furnishing import furnish_question
from .kept import Ask, Kept, ask_all, ask_soon, keep_boards, kept, months
from .lake import (
    Compacted,
    LakeBusy,
    LakeDamaged,
    LakeForeign,
    ManifestDamaged,
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
from .saying import detail_words
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
    "ManifestDamaged",
    "Period",
    "Refreshed",
    "State",
    "Status",
    "alerts",
    "ask_all",
    "ask_soon",
    "boards",
    "books",
    "compact",
    "detail_words",
    "dictionary",
    "digests",
    "forecast",
    "forecasts",
    "furnish_question",
    "keep_boards",
    "kept",
    "key_versions",
    "measure",
    "mirrored",
    "months",
    "own_question",
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
