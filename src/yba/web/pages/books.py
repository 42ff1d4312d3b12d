"""The books of a facility: which there are, one of them for a period and a place, on the page, on paper across, as CSV and as a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode

from yba import warehouse
from yba.access import Right, needs
from yba.kit import clock
from yba.kit.actor import PROVINCE
from yba.kit.errors import Invalid, NotFound
from yba.kit.spreadsheets import CSV, WORKBOOK
from yba.record import words
from yba.specs.boards import label
from yba.specs.books import books as known
from yba.specs.books import editions
from yba.specs.measures import PeriodKind
from yba.web import files, shell
from yba.web.facilities import commune_name, places
from yba.web.words import FIRST
from yba.web.words import marked as _n

from .desk_places import stations, to_day

if TYPE_CHECKING:
    from django.http import HttpResponse

    from yba.specs.books import Book, Column
    from yba.specs.reading import Words
    from yba.warehouse import Period
    from yba.web.edge import Visit

MONTHS: Final = 24  # to choose from
_NO_BOOK: Final = _n("Không có sổ này.")
_BAD_PERIOD: Final = _n("Kỳ không đọc được. Chọn tháng, hoặc nhập đủ từ ngày và đến ngày.")
_RESIDENTS: Final = _n("Người cư trú tại %(name)s")


class Asked(NamedTuple):
    """What the address says: which book, of when, of which facility or commune, by which edition (""= the one in force), which page."""

    book: Book
    period: Period
    place: warehouse.books.Place
    edition: str
    page: int

    def address(self, **other: object) -> str:
        """Return the address of the same question, but for what is given."""
        at = {"at": f"facility:{self.place.facility}" if self.place.facility else f"area:{self.place.commune}"}
        given = {"period": self.period.label, **at, "edition": self.edition, "page": self.page, **other}
        return "?" + urlencode({key: value for key, value in given.items() if value not in ("", None)})


@needs(Right.WAREHOUSE_ROW_READ)
def listed(visit: Visit) -> HttpResponse:
    """List the books, each with what a row of it is; those that are closed to the reader and those without a source say so."""
    lines = [
        (one, _said(one.title, visit), _said(one.row, visit), warehouse.books.may_open(one, by=visit.by), one.missing and _said(one.missing, visit))
        for one in known().values()
    ]
    regimes = [(one, _said(one.title, visit), _said(one.notes, visit) if one.notes else "") for one in editions().values()]
    return shell.answer(visit, "books", lines=lines, regimes=regimes, date=_date)


@needs(Right.WAREHOUSE_ROW_READ)
def one(visit: Visit, name: str) -> HttpResponse:
    """Show a page of a book: ``period`` or ``since`` and ``until``, ``at`` or ``facility``, ``edition``, ``page`` of the address."""
    asked = _asked(visit, name)
    found = _read(visit, asked, page=asked.page) if _is_placed(asked) else None
    return shell.answer(visit, "book", **_values(visit, asked, found), months=_months(), ways=_ways(visit), typed=_typed(visit))


@needs(Right.WAREHOUSE_ROW_READ)
def printed(visit: Visit, name: str) -> HttpResponse:
    """Show all of a book for paper, across as the book lies on the desk."""
    asked = _asked(visit, name)
    return shell.answer(visit, "book_print", **_values(visit, asked, _read(visit, asked, page=None, form="print")))


@needs(Right.WAREHOUSE_ROW_READ)
def export(visit: Visit, name: str) -> HttpResponse:
    """Hand out all of a book as CSV or, ``?as=xlsx``, as a workbook laid out for paper."""
    asked = _asked(visit, name)
    english = visit.lang != FIRST
    book = visit.asked("as", 5) == "xlsx"
    found = _read(visit, asked, page=None, form="xlsx" if book else "csv")
    called = f"so-{name}-{asked.period.label.replace('..', '-')}"
    if book:
        return files.file(warehouse.books.as_xlsx(found, english=english), name=f"{called}.xlsx", media=WORKBOOK)
    return files.file(warehouse.books.as_csv(found, english=english), name=f"{called}.csv", media=CSV)


def _read(visit: Visit, asked: Asked, *, page: int | None, form: str = "page") -> warehouse.books.Reading:
    return warehouse.books.book(
        asked.book.name, by=visit.by, period=asked.period, place=asked.place, edition=asked.edition, page=page, form=form, english=visit.lang != FIRST
    )


def _asked(visit: Visit, name: str) -> Asked:
    spec = known().get(name)
    if spec is None:
        raise NotFound(visit.say(_NO_BOOK))
    page = visit.asked("page", 4)
    return Asked(spec, _period(visit), _place(visit), visit.asked("edition", 20), max(int(page), 1) if page.isdecimal() else 1)


def _period(visit: Visit) -> Period:
    """Read the period asked for: two days before a month, this month where nothing is said. Raises Invalid in the reader's words."""
    since, until = visit.asked("since", 10), visit.asked("until", 10)
    text = visit.asked("period", 30) or _months()[0][0]
    if since or until:
        if not (since and until):
            raise Invalid(visit.say(_BAD_PERIOD))
        text = f"{to_day(visit, since).isoformat()}..{to_day(visit, until).isoformat()}"
    try:
        return warehouse.period(text)
    except Invalid:
        raise Invalid(visit.say(_BAD_PERIOD)) from None


def _place(visit: Visit) -> warehouse.books.Place:
    """Read the place asked for: a typed facility, what was chosen, else the first place of the reader's."""
    typed = visit.asked("facility", 5)
    if typed:
        return warehouse.books.Place(facility=typed)
    kind, _, code = (visit.asked("at", 20) or next((value for value, _ in _ways(visit)), "")).partition(":")
    return warehouse.books.Place(commune=code) if kind == "area" else warehouse.books.Place(facility=code)


def _is_placed(asked: Asked) -> bool:
    return bool(asked.place.facility or asked.place.commune)


def _ways(visit: Visit) -> list[tuple[str, str]]:
    """Return what a reader may choose: the facilities and communes of the own grants."""
    areas = sorted({area for grant in visit.by.grants for area in grant.areas} - {PROVINCE})
    found = [(f"facility:{code}", name) for code, name in stations(visit)]
    return found + [(f"area:{code}", visit.say(_RESIDENTS) % {"name": commune_name(visit, code)}) for code in areas]


def _months() -> list[tuple[str, str]]:
    months = (label(PeriodKind.MONTH, clock.today(), back) for back in range(MONTHS))
    return [(one, "/".join(reversed(one.split("-")))) for one in months]


def _typed(visit: Visit) -> dict[str, str]:
    return {field: visit.asked(field, 20) for field in ("since", "until", "facility", "at")}


def _values(visit: Visit, asked: Asked, found: warehouse.books.Reading | None) -> dict[str, Any]:
    """Return what page and paper say of a reading."""
    where = asked.place.facility
    return {
        "asked": asked,
        "book": asked.book,
        "found": found,
        "title": _said(asked.book.title, visit),
        "about": _said(asked.book.row, visit),
        "where": places(visit, [where]).get(where, "") if where else visit.say(_RESIDENTS) % {"name": commune_name(visit, asked.place.commune)},
        "when": _said(warehouse.boards.period_words(asked.period.label), visit),
        "regimes": [(name, _said(editions()[name].title, visit)) for name in asked.book.editions],
        "regime": _said(found.edition.title, visit) if found else "",
        "heads": [_head(one.column, visit) for one in found.headings] if found else [],
        "namecell": next((place for place, one in enumerate(found.headings) if one.name == "name"), -1) if found else -1,
        "opens": visit.may(Right.RECORD_CLINICAL_READ),
        "notes": [_said(one, visit) for one in found.notes] if found else [],
        "until": words.moment(found.until.astimezone(clock.VIETNAM).isoformat()) if found and found.until else "",
        "day": warehouse.books.day_text,
    }


def _head(column: Column, visit: Visit) -> tuple[str, str, bool]:
    """Return a column's title, why it has no source ("" = it has one), and whether its cells stand on one line."""
    short = column.shape in {"order", "day", "moment", "number", "sex"} or column.name in {"citizen", "insurance", "mother_citizen"}
    return _said(column.title, visit), _said(column.missing, visit) if column.missing else "", short


def _said(text: Words, visit: Visit) -> str:
    return text.vi if visit.lang == FIRST else text.en


def _date(day: Any) -> str:  # noqa: ANN401  a date or None, of a template
    return words.day(day.isoformat()) if day else ""
