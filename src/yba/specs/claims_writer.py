"""Write claims XML by the same tables the reader reads by."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from .claims import Edition, Table, edition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Row = dict[str, str]

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})  # a bare CR would come back as LF


def write_envelope(decision: str, facility: str, created: str, claims: Iterable[Mapping[str, list[Row]]]) -> bytes:
    """GIAMDINHHS with one HOSO a claim, tables in base64, as QĐ 130 shows it; a BOM is not written."""
    shape = edition(decision)
    parts = [_claim(shape, tables) for tables in claims]
    return (
        f"{_DECLARATION}\n<GIAMDINHHS><THONGTINDONVI><MACSKCB>{facility.translate(_ESCAPES)}</MACSKCB></THONGTINDONVI>"
        f"<THONGTINHOSO><NGAYLAP>{created}</NGAYLAP><SOLUONGHOSO>{len(parts)}</SOLUONGHOSO><DANHSACHHOSO>{''.join(parts)}</DANHSACHHOSO></THONGTINHOSO>"
        "<CHUKYDONVI/></GIAMDINHHS>\n"
    ).encode()


def write_assessment(decision: str, rows: list[Row]) -> bytes:
    """A file of medical assessments (XML12)."""
    return (write_table(edition(decision).tables["XML12"], rows) + "\n").encode("utf-8", "surrogatepass")


def _claim(shape: Edition, tables: Mapping[str, list[Row]]) -> str:
    known = [name for name in shape.tables if tables.get(name)]
    files = []
    for name in known:
        table = shape.tables[name]
        documents = [[row] for row in tables[name]] if table.record == table.root else [tables[name]]
        files += [_file(name, write_table(table, rows)) for rows in documents]
    return f"<HOSO>{''.join(files)}</HOSO>"


def _file(name: str, xml: str) -> str:
    return f"<FILEHOSO><LOAIHOSO>{name}</LOAIHOSO><NOIDUNGFILE>{b64encode(xml.encode('utf-8', 'surrogatepass')).decode()}</NOIDUNGFILE></FILEHOSO>"


def write_table(table: Table, rows: list[Row]) -> str:
    """One table document; fields in the decision's order, fields it does not know at the end."""
    records = "".join(f"<{table.record}>{_fields(table, row)}</{table.record}>" for row in rows)
    if table.record == table.root:
        return _DECLARATION + records
    inner = f"<{table.list_element}>{records}</{table.list_element}>" if table.list_element else records
    return f"{_DECLARATION}<{table.root}>{inner}</{table.root}>" if table.root != table.list_element else _DECLARATION + inner


def _fields(table: Table, row: Row) -> str:
    order = [*table.by_field, *(field for field in row if field not in table.by_field)]
    return "".join(f"<{field}>{row[field].translate(_ESCAPES)}</{field}>" if field in row else f"<{field}/>" for field in order)
