"""Columns whose lists another room keeps: asked through the context, remembered for the days on which the answer is the same."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from yba import terminology
from yba.specs.codes import Membership, external_lists

from .model import standard_member
from .values import LONGEST_KEPT, MOST_KEPT, parts

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import date

    from yba.specs.claims import Column

    from .columns import Owners
    from .model import Visit

FACILITY: Final = "facility"
MOST_DAYS: Final = 64


class External:
    """One such column of one table."""

    __slots__ = ("column", "good", "kept", "owners", "table")

    def __init__(self, table: str, column: Column, owners: Owners) -> None:
        self.table = table
        self.column = column
        self.owners = owners
        self.kept = external_lists()[column.codes or ""]
        self.good: dict[Hashable, set[str]] = {}
        """Texts nothing is to be said of, by who was asked and when."""

    def known(self, visit: Visit) -> set[str]:
        """Give the texts of which it is known that nothing is to be said for this visit."""
        member, facilities = visit.context.member, visit.context.facilities
        who: Hashable = facilities if self.kept.id == FACILITY else (member, _epoch(visit.end) if member is standard_member else visit.end)
        found = self.good.get(who)
        if found is None:
            if len(self.good) >= MOST_DAYS:
                self.good.clear()
            found = self.good[who] = set()
        return found

    def __call__(self, visit: Visit, number: int, text: str, known: set[str]) -> None:
        """Judge a text that is not in `known`, and put it there when nothing is to be said of it."""
        good = True
        for part in parts(text) if self.column.many else (text.strip(),):
            answer = self._ask(visit, part)
            tell = self.kept.tell_unknown
            if answer is Membership.YES or (answer is Membership.UNKNOWN and tell not in {"line", "claim"}):
                continue
            good = False
            label, column = self.kept.label(visit.end), self.column.field
            if answer is Membership.NO or tell == "line":
                visit.add(self.owners.member, self.table, number, column, part, label, lesser=answer is Membership.UNKNOWN, edition=label)
            else:
                visit.missed.setdefault((self.owners.member, self.table, column, label), {})[part] = None
        if good and len(text) <= LONGEST_KEPT:
            if len(known) >= MOST_KEPT:
                known.clear()
            known.add(text)

    def _ask(self, visit: Visit, code: str) -> Membership:
        if self.kept.shape is not None and not self.kept.shape.fullmatch(code):
            return Membership.YES  # of another list
        if self.kept.id == FACILITY:
            facilities = visit.context.facilities
            return Membership.UNKNOWN if facilities is None else Membership.YES if code in facilities else Membership.NO
        return visit.context.member(self.kept.id, code, visit.end)


@lru_cache(maxsize=4096)
def _epoch(day: date) -> int:
    """Number the spans of days within which `yba.terminology` gives one answer."""
    return bisect_right(_changes(), day)


@cache
def _changes() -> tuple[date, ...]:
    editions = [edition for each in terminology.all_lists() for edition in each.editions]
    starts = {day for edition in editions for day in (edition.valid_from, edition.binding_from) if day}
    return tuple(sorted(starts | {day.fromordinal(day.toordinal() + 1) for day in (edition.valid_to for edition in editions) if day}))
