"""What a column object says of one value: length, number, date, list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from yba.specs.claims import PORTAL_LIMIT, Column, Kind, Required
from yba.specs.codes import Membership, lists

from .values import CALENDAR, COMMA_NUMBER, NUMBER, TIMES, Remembered, is_moment, parts, shortest

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from .model import Told
    from .source import Source

LIMITS: Final = {("XML15", "DU_PHONG"): 40_000}
"""Unlimited fields that the portal cuts elsewhere than at 4000."""
ENDLESS: Final = 1 << 62
SHAPES: Final = {4: "yyyy", 8: "yyyyMMdd", 12: "yyyyMMddHHmm"}


class Verdict(NamedTuple):
    """One fault of a value, before it is known in which row."""

    told: Told
    lesser: bool
    expected: str
    edition: str


class Owners(NamedTuple):
    """Which rule speaks for a column on each question."""

    length: Told
    number: Told
    datetime: Told
    member: Told
    required: Told


class Judge(NamedTuple):
    """How the values of one column are judged."""

    column: Column
    owners: Owners
    limit: int
    answer: Remembered[tuple[Verdict, ...]] | None
    """Every fault of a text; None for free text, which is judged by its length and first character alone."""

    def faults(self, text: str) -> tuple[Verdict, ...]:
        """Give every fault of a value."""
        if self.answer is not None:
            return self.answer[text]
        return length(self.column, self.owners, self.limit, text) if text.strip() else blank(self.column, self.owners)

    def suspects(self, source: Source) -> str:
        """Write when a value is worth a look: false for nearly all that are good, true for all that are not."""
        text, column = source.value(self.column.field), self.column
        if self.answer is None:
            wrong = f"{text} < '!'"  # empty, or a blank in front
            if self.limit < ENDLESS:
                wrong += f" or len({text}) > {self.limit:d}"
        elif column.kind is Kind.DATETIME and not column.many and not column.partial and column.codes is None and _fits(column.digits, self.limit):
            # Moments are many and seldom twice the same, days and times of day are few: no memory of whole moments is worth its misses.
            times = source.constant(TIMES[column.digits])
            wrong = f"{text}[8:] not in {times} or not {source.constant(CALENDAR)}[{text}[:8]]"
        else:
            wrong = f"{source.constant(self.answer)}[{text}]"
        return f"({text} is not None and ({wrong}))"


def _fits(digits: tuple[int, ...], limit: int) -> bool:
    """Whether moments of these sizes are judged by their two halves alone."""
    return digits in TIMES and max(digits) <= limit


def judge(table: str, column: Column, owners: Owners, on: date) -> Judge:
    """Compile one column for the days of one epoch."""
    limit = limit_of(table, column)
    tests = [test for test in (_number(column, owners), _moment(column, owners), _member(column, owners, on)) if test]

    moment = column.kind is Kind.DATETIME and not column.many  # one that is too long is malformed: its rule gives the form, length adds nothing

    def answer(text: str) -> tuple[Verdict, ...]:
        if not text.strip():
            return blank(column, owners)
        if column.kind is Kind.NUMBER and len(text) > limit and len(shortest(text)) <= limit:
            too_long: tuple[Verdict, ...] = ()
        else:
            too_long = length(column, owners, limit, text)
        for test in tests:
            fault = test(text)
            if fault:
                return (fault,) if moment else (*too_long, fault)
        return too_long

    return Judge(column, owners, limit, Remembered(answer) if tests else None)


def limit_of(table: str, column: Column) -> int:
    """Give the most characters a value may have; very large when nobody says."""
    if column.unlimited:
        return LIMITS.get((table, column.field), PORTAL_LIMIT)
    return ENDLESS if column.max_length is None else column.max_length


def length(column: Column, owners: Owners, limit: int, text: str) -> tuple[Verdict, ...]:
    """Judge the length of a value."""
    if len(text) <= limit:
        return ()
    return (Verdict(owners.length, column.unlimited, str(limit), ""),)


def blank(column: Column, owners: Owners) -> tuple[Verdict, ...]:
    """A value of blanks alone is no value."""
    if column.required is Required.YES:
        return (Verdict(owners.required, lesser=False, expected="", edition=""),)
    return ()


def _number(column: Column, owners: Owners) -> Callable[[str], Verdict | None] | None:
    if column.kind is not Kind.NUMBER:
        return None
    most = column.decimals or 0
    expected = f"số, tối đa {most} chữ số thập phân" if most else "số nguyên"

    def test(text: str) -> Verdict | None:
        if NUMBER.fullmatch(text):
            _, _, decimals = text.partition(".")
            return Verdict(owners.number, lesser=True, expected=expected, edition="") if len(decimals.rstrip("0")) > most else None
        return Verdict(owners.number, lesser=COMMA_NUMBER.fullmatch(text) is not None, expected=expected, edition="")

    return test


def _moment(column: Column, owners: Owners) -> Callable[[str], Verdict | None] | None:
    if column.kind is not Kind.DATETIME:
        return None
    shape = " hoặc ".join(SHAPES[size] for size in column.digits)
    fault = Verdict(owners.datetime, lesser=False, expected=shape, edition="")
    digits, partial, many = column.digits, column.partial, column.many

    def test(text: str) -> Verdict | None:
        for part in parts(text) if many else (text,):
            if not is_moment(part, digits, partial=partial):
                return fault
        return None

    return test


def _member(column: Column, owners: Owners, on: date) -> Callable[[str], Verdict | None] | None:
    held = lists().get(column.codes or "")
    if held is None:
        return None
    since = held.since(on)
    edition = "" if since is None else f"{held.title_vi} từ {since:%d/%m/%Y}"
    allowed = held.allowed(on)
    expected = ", ".join(allowed) if len(allowed) <= 40 else held.title_vi  # noqa: PLR2004 what still reads as a message

    def test(text: str) -> Verdict | None:
        for part in parts(text) if column.many else (text.strip(),):
            answer = held.has(part, on)
            if answer is not Membership.YES:
                return Verdict(owners.member, answer is Membership.UNKNOWN, expected, edition)
        return None

    return test
