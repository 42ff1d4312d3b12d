"""What the pages of periodic reports say: states, units, numbers and their changes, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, directory
from yba.access import Right
from yba.kit import clock
from yba.specs.exports import UnitKind
from yba.warehouse import boards, reports
from yba.web.facilities import commune_name, names, places
from yba.web.words import FIRST
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.specs.reading import Words
    from yba.web.edge import Visit

STEPS: Final = {
    reports.Step.MADE: _n("đã lập, chờ duyệt"),
    reports.Step.APPROVED: _n("đã duyệt, chờ khóa"),
    reports.Step.LOCKED: _n("đã khóa"),
    reports.Step.RETURNED: _n("đã trả lại"),
}
DONE: Final = {
    "made": _n("Đã lập báo cáo; chờ người khác duyệt."), "approved": _n("Đã duyệt."), "locked": _n("Đã khóa."), "returned": _n("Đã trả lại."),
    "corrected": _n("Đã lập báo cáo đính chính; chờ người khác duyệt."),
}  # fmt: skip
ACTS: Final = {
    reports.Step.MADE: _n("Lập"),
    reports.Step.APPROVED: _n("Duyệt"),
    reports.Step.LOCKED: _n("Khóa"),
    reports.Step.RETURNED: _n("Trả lại"),
}
_RUNNING: Final = _n("kỳ chưa kết thúc")
_LATE: Final = _n("trễ hạn")
_DUE: Final = _n("chưa lập")
_DIFFERS: Final = _n("đã khóa; %(n)s số nay đã khác")
_CORRECTED: Final = _n("đính chính lần %(n)s: %(state)s")
_NO_PLACE: Final = _n("chưa rõ xã")


class Cell(NamedTuple):
    """A number as a page shows it: its text, why there is none, the change since the period before."""

    text: str
    why: str
    change: str


def said(visit: Visit, words: Words) -> str:
    """Say one of the texts that stand in the specs in both languages."""
    return words.vi if visit.lang == FIRST else words.en


def state(visit: Visit, one: reports.Standing) -> tuple[str, str]:
    """Say how a report stands, and in which colour."""
    if one.state is None:
        return (visit.say(_RUNNING), "soft") if one.running else (visit.say(_LATE), "danger") if one.late else (visit.say(_DUE), "warnword")
    words = visit.say(STEPS[one.state])
    if one.differs and one.state is reports.Step.LOCKED:
        return visit.say(_DIFFERS) % {"n": one.differs}, "danger"
    colour = {reports.Step.LOCKED: "good", reports.Step.RETURNED: "danger"}.get(one.state, "warnword")
    return (visit.say(_CORRECTED) % {"n": one.number, "state": words} if one.number else words), colour


def units(visit: Visit) -> list[tuple[reports.Unit, str]]:
    """Name the units whose reports the reader may see without being told a code: the province, or his facilities and the communes of its stations."""
    mine = access.places(visit.by, Right.WAREHOUSE_REPORT_READ)
    if mine is None:
        return [(reports.Unit(UnitKind.PROVINCE, "", ""), said(visit, reports.PROVINCE))]
    called = names(visit.conn, by=visit.by)(sorted(mine)) if mine else {}
    found = [(reports.Unit(UnitKind.FACILITY, code, code), called.get(code, code)) for code in sorted(mine)]
    known = directory.facilities_at(visit.conn, by=visit.by, codes=mine, on=clock.today()) if mine else {}
    for code, one in sorted(known.items()):
        commune = directory.commune(one.commune, clock.today()) if one.commune and reports.is_station(one) else None
        if commune is not None:
            found.append((reports.Unit(UnitKind.COMMUNE, commune.code, code), commune.name))
    return found


def called(visit: Visit, unit: reports.Unit) -> str:
    """Say what a unit is called, in the reader's language."""
    if unit.kind is UnitKind.PROVINCE:
        return said(visit, reports.PROVINCE)
    return place(visit, str(unit), places(visit, [unit.facility]))


def place(visit: Visit, code: str, called: dict[str, str]) -> str:
    """Say what a place of a report is called."""
    kind, _, key = code.partition(":")
    if kind == "commune":
        return commune_name(visit, key) if key else visit.say(_NO_PLACE)
    return called.get(key, key)


def number(value: float | None, lang: str) -> str:
    """Write a number of a report, kept to two places, as the language does; "" for a blank."""
    return "" if value is None else boards.number(value, lang, 2)


def cells(visit: Visit, found: Sequence[reports.Number], before: Sequence[reports.Number] | None) -> list[Cell]:
    """Write the numbers of a row, with what changed since the period before."""
    made = []
    for at, one in enumerate(found):
        last = before[at].value if before is not None else None
        change = ""
        if one.value is not None and last is not None and one.value != last:
            change = ("+" if one.value > last else "−") + number(abs(round(one.value - last, 2)), visit.lang)
        made.append(Cell(number(one.value, visit.lang), "" if one.value is not None else said(visit, reports.STATES[one.state]), change))
    return made


def judged(visit: Visit, what: reports.Draft | reports.Kept, verdict: reports.Verdict) -> list[tuple[str, str, str, str]]:
    """Say the checks of a verdict: where, rule in words, both sides."""
    lines = {one.id: said(visit, one.words) for one in what.sheet.lines} | {name: said(visit, words) for name, words in what.sheet.columns}

    def told(one: reports.Judged) -> tuple[str, str, str, str]:
        rule = " ".join(f"“{lines[word]}”" if word in lines else word.replace("<=", "≤") for word in one.rule.split())
        return one.place, f"{lines.get(one.at, one.at)}: {rule}", number(one.left, visit.lang), number(one.right, visit.lang)

    return [told(one) for one in what.figures.checks if one.verdict is verdict]


def changes(visit: Visit, what: reports.Draft | reports.Kept, found: Sequence[Any], called: dict[str, str]) -> list[tuple[str, str, str, str, str]]:
    """Say what a correction changes: where, row, column, old, new; a blank is said."""
    lines, columns = {one.id: said(visit, one.words) for one in what.sheet.lines}, [said(visit, words) for _, words in what.sheet.columns]
    blank = "–"
    return [
        (
            place(visit, one.place, called) if one.place else "", lines.get(one.row, one.row), columns[int(one.column)],
            number(one.old, visit.lang) or blank, number(one.new, visit.lang) or blank,
        )
        for one in found
    ]  # fmt: skip
