"""A report written out: as a workbook in the layout of a form, or as XML by our own schema; the writing is noted, nothing is counted anew."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from yba import access, audit, directory
from yba.access import Right
from yba.audit import Tag
from yba.kit.db import unit_of_work
from yba.specs.exports import UnitKind
from yba.specs.reading import Words

from .drafting import allow
from .model import Draft, Kept, Step, Unit
from .paper import Paper
from .writing_excel import as_excel
from .writing_xml import as_xml

if TYPE_CHECKING:
    from yba.kit import Actor
    from yba.warehouse.measures import Period

PROVINCE: Final = Words("Toàn tỉnh", "The whole province")
_QUARTERS: Final = {"Q1": "I", "Q2": "II", "Q3": "III", "Q4": "IV"}


class Format(StrEnum):
    """In what a report is written."""

    EXCEL = "xlsx"
    XML = "xml"


class Written(NamedTuple):
    """A file: its name, its media type, its bytes."""

    name: str
    media: str
    data: bytes


_MEDIA: Final = {Format.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Format.XML: "application/xml"}


def write(what: Draft | Kept, *, by: Actor, form: Format) -> Written:
    """Write a report or a draft. Raises Denied for who may not see it."""
    access.require(by, Right.WAREHOUSE_REPORT_READ)
    labels = what.labels if isinstance(what, Kept) else what.edition.labels
    allow(by, Right.WAREHOUSE_REPORT_READ, what.unit, labels)
    report = what.report if isinstance(what, Kept) else what.edition.report
    with unit_of_work(by=by) as conn:
        told = {"unit": str(what.unit), "period": what.period.label, "format": form.value, "draft": isinstance(what, Draft)}
        about = str(what.id) if isinstance(what, Kept) else report
        audit.note(conn, by=by, tag=Tag.REPORT_WRITE, about_type="Report", about_id=about, facility=what.unit.facility or None, detail=told)
        paper = _paper(what, called(by, what.unit, what.period))
    data = as_excel(paper) if form is Format.EXCEL else as_xml(paper)
    number = f"-dinh-chinh-{paper.number}" if paper.number else ""
    draft = "-nhap" if paper.state is None else ""
    return Written(f"{report}-{str(what.unit).replace(':', '-')}-{what.period.label}{number}{draft}.{form}", _MEDIA[form], data)


def called(by: Actor, unit: Unit, period: Period) -> str:
    """Say what a unit is called on paper."""
    last = period.end - timedelta(days=1)
    if unit.kind is UnitKind.PROVINCE:
        return PROVINCE.vi
    if unit.kind is UnitKind.COMMUNE:
        commune = directory.commune(unit.code, last)
        return commune.name if commune else unit.code
    with unit_of_work(by=by) as conn:
        found = directory.facility_at(conn, by=by, code=unit.code, on=last)
    return found.name if found and found.name else f"Cơ sở {unit.code}"


def said(period: Period) -> Words:
    """Say a period as forms do, with its first and last day."""
    days = f"({period.start:%d/%m/%Y} – {period.end - timedelta(days=1):%d/%m/%Y})"
    year, _, part = period.label.partition("-")
    if part in _QUARTERS:
        return Words(f"Quý {_QUARTERS[part]} năm {year} {days}", f"Quarter {part[1]} of {year} {days}")
    if part in {"H1", "H2"}:
        half = ("6 tháng đầu năm", "First half of") if part == "H1" else ("6 tháng cuối năm", "Second half of")
        return Words(f"{half[0]} {year} {days}", f"{half[1]} {year} {days}")
    if part:
        return Words(f"Tháng {int(part)} năm {year} {days}", f"Month {int(part)} of {year} {days}")
    return Words(f"Năm {year} {days}", f"Year {year} {days}")


def _paper(what: Draft | Kept, name: str) -> Paper:
    if isinstance(what, Draft):
        return Paper(
            what.edition.report, what.edition.edition, what.unit, name, what.period, said(what.period), what.sheet, what.figures, None, 0, (),
            (), (), "", what.digest.hex(), what.seq,
        )  # fmt: skip
    steps = tuple(one for one in what.steps if one.step is not Step.RETURNED)
    return Paper(
        what.report, what.edition, what.unit, name, what.period, said(what.period), what.sheet, what.figures, what.state, what.number, steps,
        what.differences, what.late or (), what.sha256.hex(), what.digest.hex(), what.origin["seq"],
    )  # fmt: skip
