"""XLSForm -> Questionnaire: what a statistician writes in a spreadsheet (survey, choices, settings), without a programmer."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any, Final

from yba.kit import clock
from yba.kit.later import later
from yba.kit.text import fold
from yba.specs import forms as specs

from . import extensions as ext
from .compiling import BadForm, compiled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import openpyxl.utils.exceptions
else:
    openpyxl = later("openpyxl")

Row = dict[str, str]
LARGEST: Final = 5_000_000  # bytes of a workbook, 20 times as many unpacked
_MOST_ROWS: Final = 3_000
_TYPES: Final = {
    "text": "string", "integer": "integer", "decimal": "decimal", "range": "decimal", "date": "date", "datetime": "dateTime", "dateTime": "dateTime",
    "time": "time", "note": "display", "calculate": "calculate", "acknowledge": "boolean", "today": "skip", "start": "skip", "end": "skip",
    "deviceid": "skip", "username": "skip",
}  # fmt: skip
_NAME: Final = re.compile(r"\$\{([A-Za-z_][\w.-]*)\}")
_COMPARE: Final = re.compile(r"\s*\$\{([^}]+)\}\s*(!=|>=|<=|=|>|<)\s*(?:'([^']*)'|\"([^\"]*)\"|(-?[\d.]+))\s*\Z")
_SELECTED: Final = re.compile(r"\s*selected\(\s*\$\{([^}]+)\}\s*,\s*'([^']*)'\s*\)\s*\Z")
_BETWEEN: Final = re.compile(r"\.\s*(>=|<=|>|<)\s*(-?[\d.]+)")
_LANGUAGES: Final = {"vi": ("label::vietnamese (vi)", "label::tieng viet (vi)", "label::vi", "label"), "en": ("label::english (en)", "label::en")}


def import_xlsform(data: bytes, *, name: str = "", version: str = "") -> dict[str, Any]:
    """Return the Questionnaire of an XLSForm workbook, compiled once to find what cannot be asked.

    Read: begin/end group and repeat, text, integer, decimal, range, date, dateTime, time, note, calculate, acknowledge, select_one and
    select_multiple; required, relevant (comparisons joined by and/or), constraint (`. >= a and . <= b`), constraint_message, hint, default,
    appearance, read_only; columns label, label::en. Raises BadForm naming row and column for anything else: nothing is dropped silently.
    """
    sheets = _sheets(data)
    settings = next(iter(sheets.get("settings", ())), {})
    form_id = fold(name or settings.get("form_id") or settings.get("id_string") or "").replace("_", "-").replace(" ", "-")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,60}", form_id):
        raise BadForm("Trang settings cần form_id (chữ thường, số, gạch nối).", advice="settings needs a form_id of small letters, digits, hyphens.")
    choices: dict[str, list[Row]] = {}
    for row in sheets.get("choices", ()):
        choices.setdefault(row.get("list_name") or row.get("list name", ""), []).append(row)
    base = f"{specs.BASE}own-{form_id}"
    reader = _Reader(choices, base)
    doc: dict[str, Any] = {
        "resourceType": "Questionnaire", "url": base, "version": version or settings.get("version") or clock.today().isoformat(),
        "name": form_id, "title": settings.get("form_title") or form_id, "status": "draft", "subjectType": ["Patient"], "publisher": "XLSForm",
        "purpose": "XLSForm", "item": reader.read(sheets.get("survey", [])),
    }  # fmt: skip
    compiled(doc)
    return doc


def _sheets(data: bytes) -> dict[str, list[Row]]:
    """Read the sheets as rows by column name; a workbook that unpacks too large is refused before it is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if len(data) > LARGEST or sum(one.file_size for one in packed.infolist()) > 20 * LARGEST:
                raise BadForm("Tệp quá lớn.", advice="The workbook is too large.")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (zipfile.BadZipFile, openpyxl.utils.exceptions.InvalidFileException, KeyError, ValueError) as fault:
        raise BadForm("Không đọc được tệp Excel (.xlsx).", advice="The file is no .xlsx workbook.") from fault
    try:
        return {sheet.title.strip().lower(): list(_rows(sheet)) for sheet in book.worksheets}
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[Row]:  # noqa: ANN401  # openpyxl's
    head: list[str] = []
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_row=_MOST_ROWS, max_col=60), 1):
        texts = ["" if cell is None else str(cell).strip() for cell in cells]
        if not head:
            head = [fold(text) for text in texts]
        elif any(texts):
            yield {"#": str(number), **{key: text for key, text in zip(head, texts, strict=False) if key}}


class _Reader:
    def __init__(self, choices: Mapping[str, Sequence[Row]], base: str) -> None:
        self.choices = choices
        self.base = base
        self.kinds: dict[str, str] = {}

    def read(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Return the items of the survey sheet."""
        self.kinds = {row.get("name", ""): row.get("type", "") for row in rows}
        top: list[dict[str, Any]] = []
        stack: list[tuple[list[dict[str, Any]], str]] = [(top, "")]
        for row in rows:
            kind = " ".join(row.get("type", "").replace("_", " ").split()).lower()
            if kind in {"begin group", "begin repeat"}:
                doc = self._common(row, "group")
                doc.setdefault("item", [])
                doc |= {"repeats": True} if kind == "begin repeat" else {}
                stack[-1][0].append(doc)
                stack.append((doc["item"], kind.removeprefix("begin ")))
            elif kind in {"end group", "end repeat"}:
                if len(stack) == 1 or stack[-1][1] != kind.removeprefix("end "):
                    raise _fault(row, "type", "kết thúc nhóm không khớp", "this group was not begun")
                stack.pop()
            elif kind:
                made = self._item(row)
                stack[-1][0].extend([made] if made else [])
        if len(stack) > 1:
            raise BadForm("Có nhóm chưa kết thúc.", advice="A group is not ended.")
        return top

    def _item(self, row: Row) -> dict[str, Any] | None:
        words = row.get("type", "").split()
        head = words[0]
        if head in {"select_one", "select_multiple"}:
            return self._select(row, words)
        type_ = _TYPES.get(head)
        if type_ is None:
            raise _fault(row, "type", f"chưa hỗ trợ {head!r}", f"{head!r} is not supported")
        if type_ == "skip":
            return None
        if type_ == "calculate":
            return self._calculated(row)
        long = type_ == "string" and "multiline" in row.get("appearance", "")
        return self._bounded(row, self._common(row, "text" if long else type_))

    def _select(self, row: Row, words: list[str]) -> dict[str, Any]:
        told = self.choices.get(words[1], []) if len(words) > 1 else []
        if not told:
            raise _fault(row, "type", "không có danh sách này ở trang choices", "there is no such list in choices")
        free = words[-1] == "or_other"
        doc = self._common(row, "open-choice" if free else "choice")
        if words[0] == "select_multiple":
            doc["repeats"] = True
        doc["answerOption"] = [{"valueCoding": self._coding(one, words[1])} for one in told]
        return doc

    def _coding(self, one: Row, name: str) -> dict[str, Any]:
        coding: dict[str, Any] = {"system": f"{self.base}/{name}", "code": one.get("name", ""), "display": _label(one, "vi") or one.get("name", "")}
        return coding | ({"_display": _english(_label(one, "en"))} if _label(one, "en") else {})

    def _calculated(self, row: Row) -> dict[str, Any]:
        text = row.get("calculation", "")
        if not re.fullmatch(r"[\s\d.+*/()\-]*(?:\$\{[\w.-]+\}[\s\d.+*/()\-]*(?:div)?)*", text):
            raise _fault(row, "calculation", "chỉ nhận + - * / div và ${tên}", "only + - * / div and ${name} are read")
        path = _NAME.sub(lambda found: f"%resource.repeat(item).where(linkId='{found[1]}').answer.value", text).replace("div", "/")
        doc = self._common(row, "decimal") | {"readOnly": True}
        doc.setdefault("extension", []).append({"url": ext.CALCULATED, "valueExpression": {"language": "text/fhirpath", "expression": path}})
        return doc

    def _common(self, row: Row, type_: str) -> dict[str, Any]:
        name, vi, en = row.get("name", ""), _label(row, "vi"), _label(row, "en")
        if not re.fullmatch(r"[A-Za-z_][\w.-]{0,100}", name):
            raise _fault(row, "name", "tên trống hoặc có ký tự lạ", "the name is empty or has strange characters")
        doc: dict[str, Any] = {"linkId": name, "text": vi or name, **({"_text": _english(en)} if en else {}), "type": type_}
        if fold(row.get("required", "")) in {"yes", "true", "true()", "1"} and type_ not in {"display", "group"}:
            doc["required"] = True
        if fold(row.get("read_only", row.get("readonly", ""))) in {"yes", "true", "true()"}:
            doc["readOnly"] = True
        if row.get("relevant"):
            doc |= self._relevant(row)
        hint = row.get("hint") or row.get("hint::vi", "")
        if hint:
            doc["item"] = [{"linkId": f"{name}.help", "text": hint, "type": "display", "extension": [_HELP]}]
        return doc

    def _bounded(self, row: Row, doc: dict[str, Any]) -> dict[str, Any]:
        told = row.get("constraint", "")
        parts = [part.strip() for part in re.split(r"\s+and\s+", told)] if told else []
        for part in parts:
            found = _BETWEEN.fullmatch(part)
            if found is None or doc["type"] not in {"integer", "decimal"}:
                raise _fault(row, "constraint", "chỉ nhận dạng . >= a and . <= b", "only . >= a and . <= b is read")
            if "=" not in found[1] and doc["type"] == "decimal":
                raise _fault(row, "constraint", "số lẻ chỉ nhận >= và <=", "of decimals only >= and <= are read")
            url = ext.MIN_VALUE if found[1].startswith(">") else ext.MAX_VALUE
            step = 0 if "=" in found[1] else (1 if doc["type"] == "integer" else 0)
            bound = float(found[2]) + (step if found[1].startswith(">") else -step)
            key = "valueInteger" if doc["type"] == "integer" else "valueDecimal"
            doc.setdefault("extension", []).append({"url": url, key: int(bound) if doc["type"] == "integer" else bound})
        return doc

    def _relevant(self, row: Row) -> dict[str, Any]:
        text = row["relevant"]
        both, either = re.split(r"\s+and\s+", text), re.split(r"\s+or\s+", text)
        if len(both) > 1 and len(either) > 1:
            raise _fault(row, "relevant", "không trộn and với or", "and is not mixed with or")
        parts = both if len(both) > 1 else either
        when = [self._condition(row, part) for part in parts]
        return {"enableWhen": when, **({"enableBehavior": "all" if len(both) > 1 else "any"} if len(when) > 1 else {})}

    def _condition(self, row: Row, part: str) -> dict[str, Any]:
        chosen = _SELECTED.match(part)
        found = _COMPARE.match(part)
        if chosen is None and found is None:
            raise _fault(row, "relevant", f"không đọc được {part[:60]!r}", f"{part[:60]!r} cannot be read")
        name, operator, value = (
            (chosen[1], "=", chosen[2]) if chosen else (found[1], found[2], found[3] or found[4] or found[5] or "") if found else ("", "", "")
        )
        kind = self.kinds.get(name, "")
        if kind.startswith("select") and value:
            return {"question": name, "operator": operator, "answerCoding": {"system": f"{self.base}/{kind.split()[1]}", "code": value}}
        if value == "" and operator in {"=", "!="}:
            return {"question": name, "operator": "exists", "answerBoolean": operator == "!="}
        if kind.startswith("acknowledge"):
            return {"question": name, "operator": operator, "answerBoolean": value == "true"}
        if kind == "integer":
            return {"question": name, "operator": operator, "answerInteger": int(float(value))}
        if kind in {"decimal", "range", "calculate"}:
            return {"question": name, "operator": operator, "answerDecimal": float(value)}
        return {"question": name, "operator": operator, "answerDate" if kind == "date" else "answerString": value}


_HELP: Final = {
    "url": ext.CONTROL,
    "valueCodeableConcept": {"coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": "help"}]},
}


def _english(text: str) -> dict[str, Any]:
    return {"extension": [{"url": ext.TRANSLATION, "extension": [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": text}]}]}


def _label(row: Row, lang: str) -> str:
    return next((row[key] for key in _LANGUAGES[lang] if row.get(key)), "")


def _fault(row: Row, column: str, vi: str, en: str) -> BadForm:
    return BadForm(f"Trang survey, dòng {row['#']}, cột {column}: {vi}.", advice=f"survey, row {row['#']}, column {column}: {en}.")
