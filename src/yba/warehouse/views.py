"""Which views stand in the lake: the platform's own, as specs/views has them."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from yba.fhir import views as sql_on_fhir
from yba.specs.reading import Words
from yba.specs.side import side_tables
from yba.specs.views import views


@cache
def known_views() -> tuple[sql_on_fhir.View, ...]:
    """Return the platform's views, in order of names. Raises ViewError, SpecError."""
    return tuple(sql_on_fhir.read(spec.doc) for spec in views().values())


@cache
def titles() -> dict[str, Words]:
    """Return what each table is called, for people: the views' and those beside them."""
    own = {name: Words(one.title_vi, one.title_en) for name, one in views().items()}
    return own | {name: Words(one.title_vi, one.title_en) for name, one in side_tables().items()}


class Entry(NamedTuple):
    """A line of the dictionary: one column of one table, its SQL type, and what it means (Vietnamese · English)."""

    table: str
    column: str
    type: str
    meaning: str


_KEPT: Final = (
    Entry("", "row_seq", "INTEGER", "Lần xuất đã mang dòng này sang kho · The export that brought the row"),
    Entry(
        "",
        "row_person",
        "UUID",
        "Hồ sơ của người mà dòng này thuộc về, sau các lần gộp, tách · Whose record it stands in, merges and splits followed",
    ),
    Entry("", "row_facility", "VARCHAR", "Mã cơ sở đã gửi (MA_CSKCB) · The facility that sent it"),
)


def dictionary() -> list[Entry]:
    """Describe every column of every view's table, then of the side tables, in the order of the tables and their columns."""
    found = []
    for view in known_views():
        described = {column.name: column.description for column in sql_on_fhir.columns_of(view)}
        found += [entry._replace(table=view.name) for entry in _KEPT]
        found += [Entry(view.name, out.name, out.sql_type, described.get(out.name, "")) for out in sql_on_fhir.compile_view(view).columns]
    found += [Entry(table.name, one.name, one.type, one.meaning) for table in side_tables().values() for one in table.columns]
    return found
