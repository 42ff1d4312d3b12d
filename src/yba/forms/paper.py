"""Paper: a form, filled in or blank, as a PDF in the layout of the ministry's papers, set by typst."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
import typst

from yba import access, audit, directory, record
from yba.access import Denied, Right
from yba.audit import Tag
from yba.kit import clock
from yba.specs import abbreviations

from .model import Answers
from .viewing import view

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Draft, Form
    from .viewing import Line

_WORDS: Final = {
    "vi": {"page": "Trang", "number": "STT", "sign": "(Ký, ghi rõ họ tên)", "yes": "Có", "no": "Không", "what": "Nội dung"},
    "en": {"page": "Page", "number": "No.", "sign": "(Signature and full name)", "yes": "Yes", "no": "No", "what": "Item"},
}
_GRID: Final = 3  # groups alike that make a table
_BLANK_ROWS: Final = 4  # rows of a repeating group on a blank form
_SEX: Final = {"male": "Nam", "female": "Nữ", "other": "Khác", "unknown": "Chưa rõ"}


class Head(NamedTuple):
    """What stands above and below the form: authority, facility, whom it is about (label and value), place and day, who signs."""

    authority: str = "Sở Y tế"
    facility: str = ""
    person: tuple[tuple[str, str], ...] = ()
    place_and_day: str = "………, ngày …… tháng …… năm ………"
    signer: str = "Người lập phiếu"


def head_of(conn: Connection[Any], *, by: Actor, draft: Draft) -> Head:
    """Return the head of a draft's paper: the facility's name, the person's name, birth, sex; noted as a print. Raises Denied."""
    if not access.reaches(conn, by=by, right=Right.RECORD_CLINICAL_PRINT, person_id=draft.person_id):
        raise Denied(Right.RECORD_CLINICAL_PRINT)
    audit.note(
        conn, by=by, tag=Tag.PAGE_PRINT, about_type="Questionnaire", about_id=draft.form.canonical, person_id=draft.person_id,
        facility=draft.facility, under=Right.RECORD_CLINICAL_PRINT.value,
    )  # fmt: skip
    found = record.get(conn, by=by, rtype="Patient", id=str(draft.person_id))
    known = directory.facility_at(conn, by=by, code=draft.facility, on=clock.today())
    day = draft.kept_at.astimezone(clock.VIETNAM)
    return Head(
        facility=(known.name if known and known.name else f"Cơ sở {draft.facility}"),
        person=_person(found.doc) if found else (),
        place_and_day=f"Ngày {day:%d} tháng {day:%m} năm {day:%Y}",
    )


def _person(doc: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    names = doc.get("name") or [{}]
    birth = "/".join(reversed(str(doc.get("birthDate", "")).split("-")))
    told = (("Họ và tên", str(names[0].get("text", ""))), ("Ngày sinh", birth), ("Giới tính", _SEX.get(str(doc.get("gender")), "")))
    return tuple((label, said) for label, said in told if said)


def paper(form: Form, answers: Answers | None, *, head: Head | None = None, lang: str = "vi") -> bytes:
    """Return the PDF (A4) of a form with its answers, or blank (None): then every question is printed, with room to write."""
    told = orjson.dumps(laid_out(form, answers, head=head, lang=lang)).decode()
    return bytes(typst.compile(_template(), font_paths=_fonts(), sys_inputs={"data": told}))


def laid_out(form: Form, answers: Answers | None, *, head: Head | None = None, lang: str = "vi") -> dict[str, Any]:
    """Return what the template sets: abbreviations spelled out, because a patient reads it (TT 32/2023 art. 52)."""
    sheet = view(form, answers or Answers(), lang=lang)
    printer = _Printer(_WORDS[lang], blank=answers is None)
    data = {
        "title": sheet.title, "lang": lang, "words": _WORDS[lang], "head": (head or Head())._asdict(), "parts": list(printer.parts(sheet.lines)),
        "footer": f"{form.name} · {form.version}",
    }  # fmt: skip
    spelt: dict[str, Any] = abbreviations.spelled_in(data, keep={"kind", "footer", "lang", "words"})
    return spelt


@cache
def _template() -> bytes:
    return files("yba.forms").joinpath("paper.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """Be Vietnam Pro, if the build fetched it (tools/build_web.py), and the system's fonts; read once."""
    with as_file(files("yba.web").joinpath("static", "fonts")) as folder:
        return typst.Fonts(font_paths=[str(folder)] if folder.is_dir() else [])


class _Printer:
    def __init__(self, words: dict[str, str], *, blank: bool) -> None:
        self.words = words
        self.blank = blank

    def parts(self, lines: Sequence[Line]) -> Iterator[dict[str, Any]]:
        """Yield the parts of one level: runs of questions, told texts, groups, tables."""
        run: list[dict[str, Any]] = []
        for line in lines:
            if not (line.shown or self.blank):
                continue
            if line.item.is_question:
                run.append(self._line(line))
                run += [self._line(one) for one in line.lines if one.shown or self.blank]
                continue
            if run:
                yield {"kind": "lines", "lines": run}
                run = []
            yield from self._part(line)
        if run:
            yield {"kind": "lines", "lines": run}

    def _part(self, line: Line) -> Iterator[dict[str, Any]]:
        if line.control == "display":
            yield {"kind": "told", "label": line.label}
        elif line.control == "group" and self._is_grid(line):
            yield self._grid(line)
        elif line.control == "group":
            yield {"kind": "group", "label": line.label, "parts": list(self.parts(line.lines))}
        else:
            yield self._table(line)

    def _is_grid(self, line: Line) -> bool:
        """Whether a part is printed as one table: several groups that ask the same, as the ministry's page of vaccinations does."""
        parts = [one for one in line.lines if one.shown or self.blank]
        asked = {tuple(each.label for each in _first(one)) for one in parts}
        return len(parts) >= _GRID and len(asked) == 1 and len(next(iter(asked))) > 1 and not any(one.item.is_question for one in parts)

    def _grid(self, line: Line) -> dict[str, Any]:
        parts = [one for one in line.lines if one.shown or self.blank]
        rows = [[one.label, *(each.said for each in row)] for one in parts for row in _each(one)]
        return {"kind": "rows", "label": line.label, "heads": [self.words["what"], *(each.label for each in _first(parts[0]))], "rows": rows}

    def _table(self, line: Line) -> dict[str, Any]:
        flat = [list(_questions(row)) for row in line.rows]
        rows = [[one.said for one in row] for row in flat]
        if self.blank:
            rows = [[""] * len(flat[0])] * _BLANK_ROWS
        return {"kind": "rows", "label": line.label, "heads": [one.label for one in flat[0]], "rows": rows}

    def _line(self, line: Line) -> dict[str, Any]:
        choices: list[dict[str, Any]] = []
        if line.control == "yesno":
            choices = [{"text": self.words[word], "chosen": line.texts == (key,)} for key, word in (("true", "yes"), ("false", "no"))]
        elif line.control in {"radios", "checks"}:
            choices = [{"text": one.text, "chosen": one.chosen} for one in line.choices]
        return {"label": line.label, "said": line.said, "unit": line.unit, "area": line.control == "area", "choices": choices}


def _each(line: Line) -> list[list[Line]]:
    """The rows of a group: one, or as many as it repeats."""
    return [list(_questions(row)) for row in line.rows] if line.control == "rows" else [list(_questions(line.lines))]


def _first(line: Line) -> list[Line]:
    return _each(line)[0] if not line.item.is_question else []


def _questions(lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines:
        if line.item.is_question:
            yield line
        yield from _questions(line.lines)
        for row in line.rows:
            yield from _questions(row)
