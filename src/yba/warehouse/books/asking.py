"""Reading a book: the right and its restricted categories, the lake for keys alone, the record for every row and cell, the trail for each reading."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit, record
from yba.access import Denied, Right
from yba.audit import Note, Tag
from yba.kit.actor import Actor
from yba.kit.db import unit_of_work
from yba.kit.errors import Invalid, NotFound
from yba.specs.books import books, editions
from yba.specs.reading import Words
from yba.warehouse.lake import Folder, reader
from yba.warehouse.lake.engine import speaking_of
from yba.warehouse.views import known_views

from .finding import belonging, events, lay, views_of
from .laying import laid
from .model import Heading, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from psycopg import Connection

    from yba.specs.books import Book, Edition
    from yba.warehouse.engines import Engine
    from yba.warehouse.measures import Period

    from .model import Event, Row

PAGE: Final = 50
MOST: Final = 10_000  # events looked at for one reading: their visibility is one statement of the live database, 0.1 s
CHUNK: Final = 1_000  # rows whose documents are held at once: some 20 MB; each asks the record once a type, the lake is asked once for all rows
UNDER: Final = Right.WAREHOUSE_ROW_READ
MASKED: Final = Words(
    "Chỉ có những dòng bạn được phép xem; nhóm thông tin hạn chế chỉ hiện với người có quyền với chính dòng đó.",
    "Only rows you may see are here; restricted categories show to those who hold a right to that very row.",
)
MOVED: Final = Words(
    "Dòng đã hủy, đã đổi ngày sau lần xuất kho không hiện ở đây; dòng mới ghi sau lần xuất hiện ở lần xuất sau.",
    "What was cancelled or moved to another day since the export is not here; what was written since comes with the next one.",
)
ENDED: Final = Words(
    "Không có mẫu nào còn hiệu lực ở cuối kỳ này: dùng mẫu gần nhất.",
    "No edition is in force at the end of this period: the nearest one is used.",
)
CHOSEN: Final = Words(
    "Mẫu được chọn không phải mẫu có hiệu lực ở cuối kỳ này.",
    "The edition chosen is not the one in force at the end of this period.",
)


class Place(NamedTuple):
    """Whose book: of a facility (MA_CSKCB), or of the residents of a commune (code of 2025) wherever they were seen; one of the two."""

    facility: str = ""
    commune: str = ""


class _Asked(NamedTuple):
    book: Book
    edition: Edition
    period: Period
    place: Place
    english: bool


def may_open(book: Book, *, by: Actor) -> bool:
    """Whether a reader may open a book at all: the right, and for a restricted book a rule that opens its categories for somebody."""
    if not access.holds(by, UNDER):
        return False
    opened = access.opened(by, UNDER)
    return not book.restricted or "*" in opened or set(book.restricted) <= opened


def edition_for(book: Book, period: Period, name: str = "") -> Edition:
    """Return the edition of a book for a period: the one in force on its last day, the nearest where there is none, or the one named."""
    if name:
        if name not in book.editions:
            raise Invalid("Sổ này không có mẫu đó.", advice=f"This book has no such edition; it has {', '.join(book.editions)}.")
        return editions()[name]
    last = period.end - timedelta(days=1)
    known = [one for one in editions().values() if one.name in book.editions]
    holding = [one for one in known if one.holds(last)]
    earlier = [one for one in known if one.valid_from <= last]
    return (holding or earlier or known[-1:])[0]


def book(
    name: str,
    *,
    by: Actor,
    period: Period,
    place: Place,
    edition: str = "",
    page: int | None = 1,
    form: str = "page",
    english: bool = False,
    folder: Folder | None = None,
) -> Reading:
    """Read a page of PAGE rows of a book (``page`` None: all of it), as the reader may see it at this moment.

    The lake names events; whether each may be seen, and everything that is shown, comes from the record under warehouse:row:read. What was
    merged, labelled, deleted or withdrawn since the export is as the record has it. Each reading is a row of the trail with book, period and
    number of rows, and one for each person shown. Raises Denied, NotFound (no such book, no lake), Invalid (no place, more than MOST events).
    """
    if not access.holds(by, Right.WAREHOUSE_ROW_READ):  # where it reaches is asked of each row
        raise Denied(Right.WAREHOUSE_ROW_READ)
    spec = books().get(name)
    if spec is None:
        raise NotFound("Không có sổ này.", advice="There is no such book: see yba books list.")
    if not may_open(spec, by=by):
        raise Denied(UNDER)
    if bool(place.facility) == bool(place.commune):
        raise Invalid("Chọn một cơ sở hoặc một xã.", advice="A book is one facility's, or one commune's.")
    asked = _Asked(spec, edition_for(spec, period, edition), period, place, english)
    if spec.missing:
        with unit_of_work(by=by) as conn:
            _note(conn, by, asked, (), 0, page, form)
        return _reading(asked, (), 0, page, None)
    return _read(by, asked, page, form, folder or Folder())


def _read(by: Actor, asked: _Asked, page: int | None, form: str, lake: Folder) -> Reading:
    manifest = lake.newest()
    if manifest is None:
        raise NotFound("Kho dữ liệu chưa có gì.", advice="Fill it: yba warehouse refresh.")
    spec = asked.book
    wanted = [one for one in known_views() if one.name in views_of(spec) or (spec.visits and one.name == "encounter")]
    types = {one.resource for one in wanted} | {spec.event, *spec.types} | ({"Encounter"} if spec.visits else set())
    restricted = bool(access.opened(by, UNDER))
    platform = Actor.system("warehouse:row:read")  # the lake is the platform's; what it finds is asked of the record for who reads
    with reader(by=platform, restricted=restricted, types=sorted(types & set(manifest.types())), views=wanted, folder=lake) as engine:
        with speaking_of(spec.code):
            lay(engine, spec)
            found = events(engine, spec, asked.period, facility=asked.place.facility, commune=asked.place.commune, most=MOST + 1)
        if len(found) > MOST:
            raise Invalid("Kỳ này dài quá cho một lần đọc: chọn kỳ ngắn hơn.", advice=f"More than {MOST:,} events: ask for a week, or a day.")
        with unit_of_work(by=by) as conn:
            shown = _standing(conn, by, found)
            chosen = shown if page is None else shown[(page - 1) * PAGE : page * PAGE]
            first = 0 if page is None else (page - 1) * PAGE
            rows = tuple(_rows(conn, by, asked, engine, chosen, first))
            _note(conn, by, asked, rows, len(shown), page, form)
    return _reading(asked, rows, len(shown), page, manifest.until)


def _standing(conn: Connection[Any], by: Actor, found: Sequence[Event]) -> list[Event]:
    """Keep what stands and may be seen now, with at least one of what it rests on: counted before anything is paged."""
    refs = [ref for one in found for ref in (one.ref, *one.rests)]
    seen = record.standing(conn, by=by, right=UNDER, refs=refs)
    return [one for one in found if one.ref in seen and (not one.rests or not seen.isdisjoint(one.rests))]


def _rows(conn: Connection[Any], by: Actor, asked: _Asked, engine: Engine, chosen: Sequence[Event], first: int) -> list[Row]:
    rows: list[Row] = []
    with speaking_of(asked.book.code):
        keys = belonging(engine, asked.book, chosen)
    for start in range(0, len(chosen), CHUNK):
        some = chosen[start : start + CHUNK]
        rows += laid(conn, by=by, book=asked.book, edition=asked.edition, period=asked.period, events=some, keys=keys, english=asked.english)
    return [row._replace(number=first + place, cells=_numbered(asked, row, first + place)) for place, row in enumerate(rows, 1)]


def _numbered(asked: _Asked, row: Row, number: int) -> tuple[str, ...]:
    columns = asked.book.columns_of(asked.edition.name)
    return tuple(str(number) if column.shape == "order" else cell for column, cell in zip(columns, row.cells, strict=True))


def _note(conn: Connection[Any], by: Actor, asked: _Asked, rows: Sequence[Row], total: int, page: int | None, form: str) -> None:
    """Write the reading down, and a look for each person shown; that one does not name the book: its name may be a diagnosis."""
    facility = asked.place.facility or None
    told: dict[str, Any] = {"period": asked.period.label, "edition": asked.edition.name, "rows": len(rows), "of": total, "form": form}
    told |= {"commune": asked.place.commune} if asked.place.commune else {}
    told |= {"page": page} if page is not None else {}
    people = dict.fromkeys(row.person_id for row in rows)
    notes = [Note(Tag.BOOK_READ, "Book", asked.book.code, facility=facility, detail=told)]
    notes += [Note(Tag.BOOK_READ, "Person", str(person), person, facility, detail={"form": form}) for person in people]
    audit.note_many(conn, by=by, rows=notes, under=UNDER.value)


def _reading(asked: _Asked, rows: tuple[Row, ...], total: int, page: int | None, until: datetime | None) -> Reading:
    last = asked.period.end - timedelta(days=1)
    holding = [one.name for one in editions().values() if one.holds(last) and one.name in asked.book.editions]
    notes = [one for one in (asked.book.missing, asked.book.notes, asked.edition.notes) if one]
    if asked.edition.name not in holding:
        notes.append(CHOSEN if holding else ENDED)
    if not asked.book.missing:
        notes += [MASKED, MOVED]
    headings = tuple(map(Heading, asked.book.columns_of(asked.edition.name)))
    pages = 1 if page is None else max(1, -(-total // PAGE))
    at = asked.place
    return Reading(
        asked.book, asked.edition, asked.period, at.facility, at.commune, headings, rows, total, page or 1, pages, until, tuple(notes)
    )  # fmt: skip
