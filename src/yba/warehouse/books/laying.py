"""Laying out rows: the documents of events and of what belongs to them, read from the record under the reader's own right, and their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import record
from yba.access import Right
from yba.record import NOBODY
from yba.specs.books import RESTS

from .cells import cell, path
from .model import Row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.record import Document, Ref
    from yba.specs.books import Book, Edition
    from yba.warehouse.measures import Period

    from .model import Event

    Known = Mapping[Ref, Document]

_DAY: Final = len("2026-11-22")


def laid(
    conn: Connection[Any],
    *,
    by: Actor,
    book: Book,
    edition: Edition,
    period: Period,
    events: Sequence[Event],
    keys: Mapping[str, Mapping[Ref, Sequence[Ref]]],
    english: bool,
) -> list[Row]:
    """Read the documents of some events and write their rows, unnumbered; what is no row of the period any more is left out. Raises Denied."""
    right = Right.WAREHOUSE_ROW_READ
    known = record.of_refs(conn, by=by, right=right, refs=[one.ref for one in events])
    named = {one.ref: _named(book, one, known, keys) for one in events if one.ref in known}
    known |= record.of_refs(conn, by=by, right=right, refs=[ref for parts in named.values() for refs in parts.values() for ref in refs])
    nameless = {ref: _own(known[ref]) for ref, parts in named.items() if "patient" in parts and known.keys().isdisjoint(parts["patient"])}
    known |= record.of_refs(conn, by=by, right=right, refs=nameless.values())
    rows = []
    for one in events:
        stored = known.get(one.ref)
        if stored is None or not _stands(book, stored, period):
            continue
        refs = named[one.ref] | ({"patient": [nameless[one.ref]]} if one.ref in nameless else {})
        parts = {name: _documents(known, some, stored) for name, some in refs.items()} | {"event": [stored.doc]}
        if one.rests and not parts[RESTS]:
            continue
        cells = tuple(cell(column, parts, day=one.day, english=english) for column in book.columns_of(edition.name))
        rows.append(Row(0, one.day, stored.person_id, one.ref, cells))
    return rows


def _named(book: Book, event: Event, known: Known, keys: Mapping[str, Mapping[Ref, Sequence[Ref]]]) -> dict[str, list[Ref]]:
    """Name what belongs to an event: what it refers to now, and what the lake knows to refer to it."""
    found = {name: list(of.get(event.ref, ())) for name, of in keys.items()}
    for part in book.parts.values():
        if part.follow:
            found[part.name] = [ref for text in path(part.follow)(known[event.ref].doc) if (ref := _reference(text)) is not None]
    return found | {RESTS: list(event.rests)}


def _own(stored: Document) -> Ref:
    """The platform's own Patient of whom a row is about: says who it is where the facility's own word of it is not there, or may not be seen."""
    return "Patient", str(stored.person_id)


def _reference(text: object) -> Ref | None:
    """Read "Patient/…", also at the end of an address; None for what lies inside a document or elsewhere."""
    parts = str(text).split("/")
    return (parts[-2], parts[-1]) if len(parts) > 1 else None


def _documents(known: Known, refs: Sequence[Ref], event: Document) -> list[dict[str, Any]]:
    """Give the documents of a part: of the same person only, whatever refers to what, and nothing that was entered in error."""
    found = (known[ref] for ref in dict.fromkeys(refs) if ref in known)
    return [one.doc for one in found if one.person_id in (event.person_id, NOBODY) and not _mistaken(one.doc)]


def _mistaken(doc: Mapping[str, Any]) -> bool:
    verified = doc.get("verificationStatus", {}).get("coding", ())
    return doc.get("status") == "entered-in-error" or any(one.get("code") in {"entered-in-error", "refuted"} for one in verified)


def _stands(book: Book, stored: Document, period: Period) -> bool:
    """Whether the document still makes a row of the period: its day as it is written now, and that it was not taken back."""
    if _mistaken(stored.doc) or (book.still and False in path(book.still)(stored.doc)):
        return False
    days = [text[:_DAY] for one in path(book.day)(stored.doc) if len(text := str(one)) >= _DAY]
    return not days or any(period.start.isoformat() <= day < period.end.isoformat() for day in days)  # a year alone: the lake said which day it takes
