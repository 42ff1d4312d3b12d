"""Rows become XML by prepared string templates, one per table, software and set of fields; nothing here parses or builds trees."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from yba.specs.claims import Edition, Table, edition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .draft import Row
    from .styles import Style

NAMESPACES = (
    "",
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"',
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"',
)
CDATA = frozenset(
    "HO_TEN DIA_CHI LY_DO_VV LY_DO_VNT CHAN_DOAN_VAO CHAN_DOAN_RV PP_DIEU_TRI GHI_CHU TEN_THUOC TEN_DICH_VU TEN_VAT_TU TEN_CHI_SO HAM_LUONG "
    "DUONG_DUNG LIEU_DUNG CACH_DUNG TT_THAU MO_TA KET_LUAN DIEN_BIEN_LS HOI_CHAN PHAU_THUAT DU_PHONG TEN_BENH DIEN_BIEN".split()
)
"""Elements that software wraps in CDATA (tracnn/qlbv_public)."""
PAYMENT = ("T_BNTT", "T_BNCCT", "T_BHTT")
ORDERS = (PAYMENT, ("T_BHTT", "T_BNTT", "T_BNCCT"), ("T_BHTT", "T_BNCCT", "T_BNTT"))

Template = tuple["Callable[[Any], tuple[str, ...]]", str, frozenset[int]]


class Writer:
    """Writes the tables of one standard in one software's habits; templates are made at first use and kept."""

    __slots__ = ("_columns", "_line", "_style", "_tables", "_templates", "_text", "edition")

    def __init__(self, standard: str, style: Style) -> None:
        self.edition: Edition = edition(standard)
        self._style = style
        self._line = "\n" if style.pretty else ""
        self._templates: dict[tuple[str, tuple[str, ...]], Template] = {}
        self._columns = {name: _ordered(table, style.order) for name, table in self.edition.tables.items()}
        self._tables = self.edition.tables
        self._text: dict[str, tuple[str, str]] = {}

    def table(self, name: str, rows: Sequence[Row], *, declare: bool = True) -> str:
        """Write one table of a claim as an XML text with or without its own declaration."""
        table = self._tables[name]
        opening, closing = self._frame(name, table)
        body = self._line.join([self._row(name, row) for row in rows])
        head = self._style.inner_declaration + self._line if declare else ""
        return f"{head}{opening}{body}{closing}"

    def _frame(self, name: str, table: Table) -> tuple[str, str]:
        known = self._text.get(name)
        if known is None:
            line = self._line
            bare = table.record == table.root
            extra = NAMESPACES[1] if self._style.namespaces == 3 else ""  # noqa: PLR2004 - the fourth habit
            opening = "" if bare else f"<{table.root}{extra}>{line}"
            closing = "" if bare else f"{line}</{table.root}>"
            if table.list_element:
                opening, closing = f"{opening}<{table.list_element}>{line}", f"{line}</{table.list_element}>{closing}"
            known = self._text[name] = (opening, closing)
        return known

    def _row(self, name: str, row: Row) -> str:
        key = (name, tuple(row))
        template = self._templates.get(key)
        if template is None:
            template = self._templates[key] = self._template(name, key[1])
        get, form, marked = template
        values = get(row)
        text = "\x1f".join(values)
        if "&" in text or "<" in text or ">" in text:
            values = tuple(value if index in marked else escape(value) for index, value in enumerate(values))
        return form % values

    def _template(self, name: str, present: tuple[str, ...]) -> Template:
        """Prepare the text of a row that fills `present`; what is absent is written as the software writes empty elements."""
        style, table, line = self._style, self._tables[name], self._line
        indent = "  " if line else ""
        there = set(present)
        fields: list[str] = []
        parts: list[str] = []
        marked: set[int] = set()
        for field in self._columns[name]:
            if field in there:
                if style.cdata and field in CDATA:
                    marked.add(len(fields))
                    parts.append(f"{indent}<{field}><![CDATA[%s]]></{field}>")
                else:
                    parts.append(f"{indent}<{field}>%s</{field}>")
                fields.append(field)
            elif style.empty != "omit":
                parts.append(f"{indent}<{field}/>" if style.empty == "self" else f"{indent}<{field}></{field}>")
        record = table.record
        extra = NAMESPACES[1] if style.namespaces == 3 and record == table.root else ""  # noqa: PLR2004 - the fourth habit
        form = line.join([f"<{record}{extra}>", *parts, f"</{record}>"])
        get = itemgetter(*fields) if len(fields) > 1 else _single(fields)
        return get, form, frozenset(marked)


def _single(fields: list[str]) -> Callable[[Row], tuple[str, ...]]:
    return lambda row: tuple(row[field] for field in fields)


def _ordered(table: Table, order: int) -> tuple[str, ...]:
    names = [column.field for column in table.columns]
    if order and all(name in names for name in PAYMENT) and table.name in {"XML2", "XML3"}:
        at = names.index(PAYMENT[0])
        names = [name for name in names if name not in PAYMENT]
        names[at:at] = ORDERS[order]
    return tuple(names)
