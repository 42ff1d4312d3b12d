"""The lowest and highest number that a written one may stand for, in SQL, to so many places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .dialect import DECIMAL as EXACT

if TYPE_CHECKING:
    from .dialect import Dialect

PLACES: Final = 8  # where no other precision is asked for
_MOST: Final = 28  # beyond it FHIRPath has no answer here
_KEPT: Final = 10  # places that views reckon with


def written_places(dialect: Dialect, text: str) -> str:
    """Return how many places the text of a number is written to; `1e-7` has seven."""
    exponent = f"coalesce(TRY_CAST(nullif(regexp_extract({text}, {dialect.text('[eE]([+-]?[0-9]+)$')}, 1), '') AS INT), 0)"
    mantissa = f"regexp_extract({text}, {dialect.text('^[^eE]*')}, 0)"
    return f"(CASE WHEN instr({text}, '.') = 0 THEN 0 ELSE length({mantissa}) - instr({text}, '.') END - {exponent})"


def of_number(value: str, written: str, places: int, *, high: bool) -> str:
    """Return the boundary of a number written to so many places: half a unit of the last, away from zero rounded, towards it cut off."""
    if not 0 <= places <= _MOST:
        return f"CAST(NULL AS {EXACT})"
    half = f"CAST(0.5 * power(10, -({written})) AS {EXACT})"
    outward, inward = _rounded(f"abs({value}) + {half}", places), _cut(f"abs({value}) - {half}", places)
    if high:
        return f"CASE WHEN {value} >= 0 THEN {outward} ELSE -({inward}) END"
    return f"CASE WHEN {value} <= 0 THEN -({outward}) ELSE {inward} END"


def _rounded(amount: str, places: int) -> str:
    return f"CAST(round({amount}, {places}) AS {EXACT})" if places < _KEPT else f"({amount})"


def _cut(amount: str, places: int) -> str:
    """Cut a number above zero off: half a unit less is rounded to the unit below, and to the number itself where it ends there."""
    return _rounded(f"{amount} - CAST({5 * 10.0 ** -(places + 1):.{places + 1}f} AS {EXACT})", places) if places < _KEPT else f"({amount})"
