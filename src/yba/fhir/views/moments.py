"""Dates, moments and times in SQL: compared as FHIRPath compares them, and the first and last they may mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .shapes import DATE, MOMENT, TIME

if TYPE_CHECKING:
    from .dialect import Dialect

_DAY = 10  # characters of a whole date
_COARSE = re.compile(r"'(\d{4}-\d\d-\d\dT\d\d)(:\d\d)?(Z|[+-]\d\d:\d\d)'")  # a literal to the hour or minute
_SECOND = 8  # characters of a time to the second
WITH_CLOCK: Final = {10: 13, 12: 16, 14: 19, 17: 23}  # characters of a moment to the hour, minute, second, millisecond


def compared(dialect: Dialect, left: str, right: str, operator: str, *, times: bool) -> str:
    """Compare two texts that are dates, moments or times; null where they are not written precisely enough to tell.

    Moments that have a time of day are compared as instants: FHIR demands their zone. Else the parts that both have decide.
    """
    if times:
        whole = f"TRY_CAST({left} AS TIME) {operator} TRY_CAST({right} AS TIME)" if dialect.name == "duckdb" else None
        whole = whole or f"rpad(replace({left}, '.', ''), 15, '0') {operator} rpad(replace({right}, '.', ''), 15, '0')"
        return _by_parts(left, right, operator, _SECOND, f"length({left}) >= {_SECOND} AND length({right}) >= {_SECOND}", whole)
    whole = _instants(dialect, left, right, operator)
    return _by_parts(left, right, operator, _DAY, f"length({left}) > {_DAY} AND length({right}) > {_DAY}", whole)


def _instants(dialect: Dialect, left: str, right: str, operator: str) -> str:
    """Compare two moments with a time of day. FHIR writes them to the second; a literal may be written to the hour or minute."""
    kind = dialect.moment_type
    coarse = {text: found for text in (left, right) if (found := _COARSE.fullmatch(text))}
    a, b = (f"TRY_CAST({_whole(coarse[text]) if text in coarse else text} AS {kind})" for text in (left, right))
    if not coarse:
        return f"{a} {operator} {b}"
    part = "hour" if any(found[2] is None for found in coarse.values()) else "minute"
    aside = next((_past_the_hour(found[3]) for found in coarse.values() if found[2] is None), "")
    a, b = (f"date_trunc('{part}', {side}{aside})" for side in (a, b))
    alike = len({found[2] is None for found in coarse.values()}) == 1 and left in coarse and right in coarse
    return f"{a} {operator} {b}" if alike else f"CASE WHEN {a} <> {b} THEN {a} {operator} {b} END"


def _past_the_hour(zone: str) -> str:
    """Move a moment so that the hours of a zone (+05:30) begin with those of UTC."""
    minutes = zone[-2:]
    return "" if zone == "Z" or minutes == "00" else f" {zone[0]} INTERVAL '{minutes}' MINUTE"


def _whole(found: re.Match[str]) -> str:
    return f"'{found[1]}{found[2] or ':00'}:00{found[3]}'"


def _by_parts(left: str, right: str, operator: str, most: int, both: str, whole: str) -> str:
    shared = f"least(length({left}), length({right}), {most})"
    a, b = f"substr({left}, 1, {shared})", f"substr({right}, 1, {shared})"
    return (
        f"CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL WHEN {both} THEN {whole} "
        f"WHEN {a} <> {b} OR length({left}) = length({right}) THEN {a} {operator} {b} END"
    )


def boundary(dialect: Dialect, text: str, kind: str, *, high: bool) -> str:
    """Return the first or last date, moment (to the millisecond) or time that a text may mean."""
    if kind == DATE:
        return _date(dialect, text, high=high)
    if kind == TIME:
        return _clock(text, high=high)
    zone = f"regexp_extract(substr({text}, 11), '(Z|[+-][0-9][0-9]:[0-9][0-9])$', 1)"
    clock = f"substr({text}, 12, length({text}) - 11 - length({zone}))"
    shown = f"CASE {zone} WHEN '' THEN '{'-12:00' if high else '+14:00'}' WHEN '+00:00' THEN 'Z' WHEN '-00:00' THEN 'Z' ELSE {zone} END"
    day = f"{_date(dialect, text, high=high)} || 'T{'23:59:59.999-12:00' if high else '00:00:00.000+14:00'}'"
    hours = f"CASE WHEN length({clock}) = 2 THEN {clock} || ':00' ELSE {clock} END"  # an hour alone is read as its first minute
    return f"CASE WHEN length({text}) <= {_DAY} THEN {day} ELSE substr({text}, 1, 11) || {_clock(f'({hours})', high=high)} || {shown} END"


def _date(dialect: Dialect, text: str, *, high: bool) -> str:
    month = f"CAST(last_day(CAST({text} || '-01' AS DATE)) AS {dialect.text_type})" if high else f"{text} || '-01'"
    return f"CASE length({text}) WHEN 4 THEN {text} || '{'-12-31' if high else '-01-01'}' WHEN 7 THEN {month} ELSE {text} END"


def _clock(text: str, *, high: bool) -> str:
    fraction = f"rpad(substr({text}, 10, 3), 3, '0')"
    if high:
        fraction = f"CASE WHEN {fraction} = '000' THEN '999' ELSE {fraction} END"
    minute, second = ("59:59.999", "59.999") if high else ("00:00.000", "00.000")
    return (
        f"CASE length({text}) WHEN 2 THEN {text} || ':{minute}' WHEN 5 THEN {text} || ':{second}' ELSE substr({text}, 1, 8) || '.' || {fraction} END"
    )


def precise(text: str, kind: str, digits: int) -> str:
    """Cut a boundary to a precision in digits as FHIRPath counts them; null where there is no such precision."""
    if kind == MOMENT and digits in WITH_CLOCK:  # the zone stays behind it
        return f"(substr({text}, 1, {WITH_CLOCK[digits]}) || substr({text}, {WITH_CLOCK[17] + 1}))"
    lengths = {DATE: {4: 4, 6: 7, 8: 10}, TIME: {2: 2, 4: 5, 6: 8, 9: 12}, MOMENT: {4: 4, 6: 7, 8: 10}}[kind]
    return f"substr({text}, 1, {lengths[digits]})" if digits in lengths else "NULL"
