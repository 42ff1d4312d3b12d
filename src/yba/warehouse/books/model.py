"""The words of books: an event that may be a row, a row with its cells, a reading with what must be said beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from yba.record import Ref
    from yba.specs.books import Book, Column, Edition
    from yba.specs.reading import Words
    from yba.warehouse.measures import Period


class Event(NamedTuple):
    """What the lake takes for a row: only keys, nothing that is shown; ``rests``: it is one only while one of these stands too."""

    ref: Ref
    day: date
    encounter: str | None  # key of the visit
    source: str | None  # claim or document it came from
    rests: tuple[Ref, ...]


class Row(NamedTuple):
    """One line of a book: the day it belongs to, whom it is about, and a text for each column ("" = the record says nothing)."""

    number: int
    day: date
    person_id: UUID
    ref: Ref
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column as an edition has it."""

    column: Column

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name

    @property
    def has_source(self) -> bool:
        """Whether anything in the record holds it."""
        return self.column.missing is None


@dataclass(frozen=True, slots=True)
class Reading:
    """A page of a book, or all of it; ``total`` counts the rows this reader may see, ``until`` is what the lake has seen of the record."""

    book: Book
    edition: Edition
    period: Period
    facility: str
    commune: str
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    total: int
    page: int
    pages: int
    until: datetime | None
    notes: tuple[Words, ...]


def day_text(day: date) -> str:
    """Write a day as the paper book does."""
    return f"{day.day:02d}/{day.month:02d}/{day.year}"
