"""A form becomes a spreadsheet (XLSForm) that reads back to it; what a spreadsheet cannot say is named, item by item; pure."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.kit.later import later
from yba.specs import forms as specs

from . import extensions as ext

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import openpyxl.cell.cell

    from .model import Form
else:
    openpyxl = later("openpyxl")

Doc = dict[str, Any]
_SURVEY: Final = (
    "type", "name", "label", "label::English (en)", "hint", "required", "read_only", "relevant", "constraint", "calculation", "appearance",
)  # fmt: skip
_CHOICES: Final = ("list_name", "name", "label", "label::English (en)")
_TYPES: Final = {
    "string": "text", "text": "text", "integer": "integer", "decimal": "decimal", "date": "date", "dateTime": "datetime", "time": "time",
    "display": "note", "boolean": "acknowledge", "quantity": "decimal", "url": "text", "reference": "text",
}  # fmt: skip
_PATH: Final = re.compile(r"%resource\.repeat\(item\)\.where\(linkId='([^']+)'\)\.answer\.value")
_SUM: Final = re.compile(r"[\s\d.+*/()\-]*(?:\$\{[\w.-]+\}[\s\d.+*/()\-]*(?:div)?)*")
_NAME: Final = re.compile(r"[A-Za-z_][\w.-]{0,100}")
_SAID: Final = frozenset(
    {"linkId", "text", "_text", "type", "required", "readOnly", "repeats", "item", "enableWhen", "enableBehavior", "answerOption", "extension"}
)
_BOUNDS: Final = {ext.MIN_VALUE: ">=", ext.MAX_VALUE: "<="}


class Workbook(NamedTuple):
    """An .xlsx file, and what it could not say: (linkId, the element or extension)."""

    data: bytes
    left_out: tuple[tuple[str, str], ...]


def export_xlsform(form: Form) -> Workbook:
    """Write a form as an XLSForm workbook: `import_xlsform` of it is the form again, but for what ``left_out`` names.

    Left out: value sets of the platform (asked as text), units, soft limits, patterns, codes and everything that extraction, pre-fill, paper and
    the decisions' XML need; names a spreadsheet does not take are spelt otherwise.
    """
    writer = _Writer(form)
    survey = list(writer.rows(form.doc.get("item", ())))
    settings = [{"form_id": form.name.removeprefix("own-"), "form_title": form.title, "version": form.version}]
    sheets = (("survey", _SURVEY, survey), ("choices", _CHOICES, writer.choices), ("settings", ("form_id", "form_title", "version"), settings))
    return Workbook(_written(sheets), tuple(dict.fromkeys(writer.left_out)))


def _written(sheets: Sequence[tuple[str, Sequence[str], Sequence[Mapping[str, str]]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, head, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.append(list(head))
        for number, row in enumerate(rows, 2):
            for place, column in enumerate(head, 1):
                text = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", row.get(column, ""))
                if text:
                    cell = sheet.cell(number, place, text)
                    cell.data_type = "s"  # a label that begins with = is a label
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class _Writer:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.base = f"{specs.BASE}own-{form.name.removeprefix('own-')}"
        self.choices: list[dict[str, str]] = []
        self.left_out: list[tuple[str, str]] = []
        self.lists: dict[str, list[tuple[str, str, str]]] = {}
        self.names = _names(form)

    def rows(self, docs: Sequence[Doc]) -> Iterator[dict[str, str]]:
        """Yield the rows of the survey sheet."""
        for doc in docs:
            if doc["type"] == "group":
                kind = "repeat" if doc.get("repeats") else "group"
                yield {"type": f"begin_{kind}", **self._common(doc)}
                yield from self.rows([one for one in doc.get("item", ()) if not _is_help(one)])
                yield {"type": f"end_{kind}"}
            else:
                yield {"type": self._type(doc), **self._common(doc), **self._bounds(doc), **self._calculated(doc)}
                beneath = [one for one in doc.get("item", ()) if not _is_help(one)]
                if beneath:
                    self._lose(doc, "item")
                    yield from self.rows(beneath)

    def _lose(self, doc: Doc, what: str) -> None:
        self.left_out.append((str(doc["linkId"]), what))

    def _common(self, doc: Doc) -> dict[str, str]:
        for name in doc.keys() - _SAID:
            self._lose(doc, name)
        for one in doc.get("extension", ()):
            if one["url"] not in {*_BOUNDS, ext.CALCULATED, ext.CONTROL}:
                self._lose(doc, one["url"].rpartition("/")[2])
        name = self.names[doc["linkId"]]
        if name != doc["linkId"]:
            self._lose(doc, "linkId")
        helps = [str(one.get("text", "")) for one in doc.get("item", ()) if _is_help(one)]
        row = {"name": name, "label": str(doc.get("text", "")), "label::English (en)": ext.english(doc, "text"), "hint": helps[0] if helps else ""}
        if doc.get("required") and doc["type"] not in {"group", "display"}:
            row["required"] = "yes"
        if doc.get("readOnly"):
            row["read_only"] = "yes"
        return {**row, "relevant": self._relevant(doc)}

    def _type(self, doc: Doc) -> str:
        if doc["type"] in {"choice", "open-choice"}:
            return self._select(doc)
        if ext.expression(doc, ext.CALCULATED) and self._sum(doc):
            return "calculate"
        if doc["type"] in {"quantity", "url", "reference"}:
            self._lose(doc, "type")
        return _TYPES.get(doc["type"], "text")

    def _select(self, doc: Doc) -> str:
        codings = [one["valueCoding"] for one in doc.get("answerOption", ()) if "valueCoding" in one]
        if not codings or len(codings) < len(doc.get("answerOption", ())):
            self._lose(doc, "answerValueSet" if not codings else "answerOption")
            return "text"
        name = self._list(doc, codings)
        kind = "select_multiple" if doc.get("repeats") else "select_one"
        return f"{kind} {name}" + (" or_other" if doc["type"] == "open-choice" else "")

    def _list(self, doc: Doc, codings: Sequence[Doc]) -> str:
        listed = [(str(one["code"]), str(one.get("display", one["code"])), ext.english(one, "display")) for one in codings]
        wanted = re.sub(r"[^\w-]", "_", str(codings[0].get("system", "")).rpartition("/")[2]) or "list"
        name, number = wanted, 1
        while self.lists.get(name, listed) != listed:
            number += 1
            name = f"{wanted}_{number}"
        if any(one.get("system") != f"{self.base}/{name}" for one in codings):
            self._lose(doc, "answerOption.system")
        if name not in self.lists:
            self.lists[name] = listed
            rows = ({"list_name": name, "name": code, "label": vi, "label::English (en)": en} for code, vi, en in listed)
            self.choices.extend(rows)
        return name

    def _bounds(self, doc: Doc) -> dict[str, str]:
        parts = []
        for one in doc.get("extension", ()):
            if one["url"] in _BOUNDS and doc["type"] in {"integer", "decimal"}:
                parts.append(f". {_BOUNDS[one['url']]} {_plain(next(value for key, value in one.items() if key.startswith('value')))}")
            elif one["url"] in _BOUNDS:
                self._lose(doc, one["url"].rpartition("/")[2])
        return {"constraint": " and ".join(parts), "appearance": "multiline" if doc["type"] == "text" else ""}

    def _calculated(self, doc: Doc) -> dict[str, str]:
        text = ext.expression(doc, ext.CALCULATED)
        if not text:
            return {}
        if not self._sum(doc):
            self._lose(doc, "calculatedExpression")
        return {"calculation": self._sum(doc)}

    def _sum(self, doc: Doc) -> str:
        """Return a calculation as a spreadsheet says it; "" for one that is more than arithmetic."""
        text = _PATH.sub(lambda found: f"${{{self.names.get(found[1], found[1])}}}", ext.expression(doc, ext.CALCULATED)).replace("/", "div")
        return text if doc["type"] == "decimal" and _SUM.fullmatch(text) else ""

    def _relevant(self, doc: Doc) -> str:
        if ext.expression(doc, ext.ENABLED_BY):
            return ""
        parts = [self._condition(one) for one in doc.get("enableWhen", ())]
        if "" in parts:
            self._lose(doc, "enableWhen")
            return ""
        return (" and " if doc.get("enableBehavior") == "all" else " or ").join(parts)

    def _condition(self, one: Doc) -> str:
        asked, operator = f"${{{self.names.get(one['question'], one['question'])}}}", str(one["operator"])
        key = next(name for name in one if name.startswith("answer"))
        value = one[key]
        if operator == "exists":
            return f"{asked} {'!=' if value else '='} ''"
        if key == "answerBoolean":
            return f"{asked} {operator} '{'true' if value else 'false'}'"
        if key in {"answerInteger", "answerDecimal"}:
            return f"{asked} {operator} {_plain(value)}"
        text = str(value["code"]) if isinstance(value, dict) else str(value)
        if not text or "'" in text or '"' in text or re.search(r"\s(?:and|or)\s", text) or text != text.strip():
            return ""
        return f"{asked} {operator} '{text}'"


def _plain(value: Any) -> str:  # noqa: ANN401  a JSON number
    number = float(value)
    return str(int(number)) if number == int(number) else f"{number:f}".rstrip("0")


def _is_help(doc: Doc) -> bool:
    return bool(doc.get("type") == "display" and ext.concept(doc, ext.CONTROL) == "help")


def _names(form: Form) -> dict[str, str]:
    """Spell every linkId as a spreadsheet takes it, each once."""
    made: dict[str, str] = {}
    taken: set[str] = set()
    for link_id in form.items:
        name = link_id if _NAME.fullmatch(link_id) else re.sub(r"[^\w.-]", "_", f"_{link_id}")[:90]
        number = 1
        while name in taken:
            number += 1
            name = f"{name[:90]}_{number}"
        taken.add(name)
        made[link_id] = name
    return made
