"""What a column object says of one value: length, number, date, list; one remembered answer per column and text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from yba.specs.claims import PORTAL_LIMIT, Column, Kind, Required
from yba.specs.codes import Membership, external_lists, lists

from .values import COMMA_NUMBER, NUMBER, Remembered, is_moment, parts, shortest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from .model import Told, Visit

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


Judge = tuple[int, "Remembered[tuple[Verdict, ...]] | None", Owners]


def judge(table: str, column: Column, owners: Owners, on: date) -> Judge:
    """Compile one column for the days of one epoch; free text without a list is judged by its length alone."""
    limit = limit_of(table, column)
    tests = [test for test in (_number(column, owners), _moment(column, owners), _member(column, owners, on)) if test]
    if not tests:
        return limit, None, owners

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
                return (*too_long, fault)
        return too_long

    return ENDLESS, Remembered(answer), owners


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


class External:
    """Columns of one table whose lists another room keeps; answers are kept by (list, text, day)."""

    __slots__ = ("answers", "columns", "member")

    def __init__(self, columns: Mapping[str, tuple[Column, Owners]]) -> None:
        self.columns = [(field, column, owners, external_lists()[column.codes or ""]) for field, (column, owners) in columns.items()]
        self.answers: dict[tuple[str, str, date], Membership] = {}
        self.member: object = None

    def __call__(self, visit: Visit, row: dict[str, str], number: int, table: str) -> None:
        """Ask for every such value of a row."""
        if visit.context.member is not self.member:
            self.answers.clear()  # somebody else is asked now
            self.member = visit.context.member
        for field, column, owners, kept in self.columns:
            text = row.get(field)
            if not text:
                continue
            for part in parts(text) if column.many else (text.strip(),):
                key = (kept.id, part, visit.end)
                answer = self.answers.get(key)
                if answer is None:
                    answer = self._ask(visit, key)
                if answer is Membership.YES:
                    continue
                label = kept.label(visit.end)
                if answer is Membership.NO or kept.tell_unknown == "line":
                    visit.add(owners.member, table, number, field, part, label, lesser=answer is Membership.UNKNOWN, edition=label)
                elif kept.tell_unknown == "claim":
                    visit.missed.setdefault((owners.member, table, field, label), {})[part] = None

    def _ask(self, visit: Visit, key: tuple[str, str, date]) -> Membership:
        list_id, text, on = key
        known = visit.context.facilities
        shape = external_lists()[list_id].shape
        if shape is not None and not shape.fullmatch(text):
            answer = Membership.YES  # of another list
        elif list_id == "facility":
            answer = Membership.UNKNOWN if known is None or text in known else Membership.NO
        else:
            answer = visit.context.member(list_id, text, on)
        if list_id != "facility" and len(text) <= 32:  # noqa: PLR2004 no code is longer
            if len(self.answers) >= 65_536:  # noqa: PLR2004 bounds memory
                self.answers.clear()
            self.answers[key] = answer
        return answer
