"""A report as XML by our own schema (`specs/exports/report.xsd`): no schema of the ministry's was published."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lxml import etree

from .model import WHOLE, CellState

if TYPE_CHECKING:
    from yba.specs.reading import Words

    from .model import Sheet
    from .paper import Paper

NAMESPACE: Final = "https://yba.vn/report/1"
_NO_CHAR: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 has no place for them (production Char)


def as_xml(paper: Paper) -> bytes:
    """Write XML, UTF-8; a cell without a number says why and has no value."""
    root = etree.Element(_name("report"), nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # the default namespace, as lxml writes it
    state = str(paper.state) if paper.state else "draft"
    head = {"name": paper.report, "edition": paper.edition, "number": str(paper.number), "state": state, "export": str(paper.seq)}
    for key, value in {**head, "figures": paper.digest, "sha256": paper.sha256}.items():
        root.set(key, value)
    unit = {"kind": str(paper.unit.kind), "code": paper.unit.code, "facility": paper.unit.facility}
    _add(root, "unit", **unit).text = _clean(paper.name)
    period = {"label": paper.period.label, "start": paper.period.start.isoformat(), "before": paper.period.end.isoformat()}
    _add(root, "period", **period).text = paper.words.vi
    _form(_add(root, "form", number=paper.sheet.number, law=paper.sheet.law), paper.sheet)
    _add(root, "heard", facilities=str(paper.figures.heard), expected=str(paper.figures.expected))
    for place in paper.figures.places:
        _place(root, paper, place)
    for one in paper.figures.checks:
        _add(root, "check", rule=one.rule, place=one.place or str(paper.unit), at=one.at, verdict=str(one.verdict))
    _corrected(root, paper)
    for step in paper.steps:
        _add(root, "step", kind=str(step.step), at=step.at.isoformat(), by=step.name).text = _clean(step.words)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _place(root: etree._Element, paper: Paper, place: str) -> None:
    found = _add(root, "place", code=place or str(paper.unit), whole=str(place == WHOLE).lower())
    for line in paper.sheet.lines:
        row = _add(found, "row", line=line.id)
        for (column, _), number in zip(paper.sheet.columns, paper.figures.cells[place][line.id], strict=True):
            cell = _add(row, "cell", column=column, state=str(number.state))
            if number.state is CellState.SHOWN:
                cell.set("value", f"{number.value}")


def _corrected(root: etree._Element, paper: Paper) -> None:
    for one in paper.differences:
        found = _add(root, "change", place=one.place or str(paper.unit), line=one.row, column=paper.sheet.columns[int(one.column)][0])
        for key, number in (("old", one.old), ("new", one.new)):
            if number is not None:
                found.set(key, f"{number}")
    for late in paper.late:
        _add(root, "late", facility=late.facility, new=str(late.new), again=str(late.again))


def _form(at: etree._Element, sheet: Sheet) -> None:
    _said(at, "title", sheet.title)
    if sheet.notes:
        _said(at, "notes", sheet.notes)
    if sheet.without_successor:
        _said(at, "withoutSuccessor", sheet.without_successor)
    for name, words in sheet.columns:
        _said(at, "column", words, id=name)
    for line in sheet.lines:
        _said(at, "line", line.words, id=line.id, number=line.number, parent=line.parent, unit=line.unit.vi if line.unit else "")


def _said(at: etree._Element, name: str, words: Words, /, **told: str) -> None:
    _add(at, name, **told, en=words.en).text = words.vi


def _add(at: etree._Element, name: str, /, **told: str) -> etree._Element:
    found = etree.SubElement(at, _name(name))
    for key, value in told.items():
        found.set(key, _clean(value))
    return found


def _clean(text: str) -> str:
    return _NO_CHAR.sub("", text)


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
