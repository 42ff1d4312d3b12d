"""HOSO and files: how the tables of claims are packed, in every way of spec/claims-xml/envelope.md."""

from __future__ import annotations

from binascii import b2a_base64
from typing import TYPE_CHECKING

from .legacy_charsets import to_1258, to_tcvn3
from .render import NAMESPACES, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .draft import Draft, Row
    from .styles import Style

OFFICIAL = ("XML1", "XML2", "XML3", "XML4", "XML5", "XML6", "XML7", "XML8", "XML9", "XML10", "XML11", "XML13", "XML14", "XML15")
LISTS = ("XML6", "XML9", "XML15")
SINGLE = ("XML1", "XML7", "XML8", "XML10", "XML11", "XML13", "XML14")
"""Tables of one record; twins bring several, each in a FILEHOSO of its own."""
BOM = "\ufeff"


def hoso(writer: Writer, style: Style, draft: Draft, *, nested: bool) -> str:
    """Write one claim as a HOSO element, with the damage dirt has asked for."""
    if draft.charset or draft.damage:
        nested = False
    rows = draft.rows
    order = [name for name in (style.sequence or OFFICIAL) if name in writer.edition.tables]
    line = "\n" if style.pretty else ""
    parts = ["<HOSO>"]
    for name in order:
        some = rows.get(name)
        if some is None:
            if style.empty_lists and name in LISTS:
                parts.append(_file(name, writer.table(name, (), declare=not nested), style, draft, nested=nested))
            elif style.all_tables:
                parts.append(f"<FILEHOSO><LOAIHOSO>{name}</LOAIHOSO><NOIDUNGFILE></NOIDUNGFILE></FILEHOSO>")
            continue
        groups = [[row] for row in some] if name in SINGLE else [some]
        parts += [_file(name, writer.table(name, group, declare=not nested), style, draft, nested=nested) for group in groups]
    parts.append(draft.table + "</HOSO>")
    return line.join(parts)


def _file(name: str, text: str, style: Style, draft: Draft, *, nested: bool) -> str:
    if style.crlf:
        text = text.replace("\n", "\r\n")
    if draft.extra and name == "XML1":
        text = text.replace("</TONG_HOP>", draft.extra + "</TONG_HOP>")
    if nested:
        content = text
    else:
        content = encode(CHARSETS[draft.charset](BOM + text if style.inner_bom and not draft.charset else text), style.wrap)
        if draft.damage and name == "XML1":
            content = DAMAGES[draft.damage](content)
    return f"<FILEHOSO><LOAIHOSO>{name}</LOAIHOSO><NOIDUNGFILE>{content}</NOIDUNGFILE></FILEHOSO>"


CHARSETS: dict[str, Callable[[str], bytes]] = {"": str.encode, "1258": to_1258, "tcvn3": to_tcvn3}
DAMAGES: dict[str, Callable[[str], str]] = {
    "blank": lambda text: text[:40] + "  " + text[40:90] + "\t\n " + text[90:],
    "broken": lambda text: text[:200] + "!#" + text[347:-9],
}


def encode(data: bytes, wrap: int) -> str:
    """Write base64 in one line or wrapped."""
    text = b2a_base64(data, newline=False).decode()
    if not wrap:
        return text
    return "\n" + "\n".join(text[start : start + wrap] for start in range(0, len(text), wrap)) + "\n"


def giamdinhhs(style: Style, facility: str, day: str, claims: Sequence[str], *, count: int | None = None) -> str:
    """Write the outer envelope around HOSO elements; `count` overrides SOLUONGHOSO."""
    line = "\n" if style.pretty else ""
    text = line.join(
        [
            f"{style.declaration}{line}<GIAMDINHHS{NAMESPACES[style.namespaces]}>",
            f"<THONGTINDONVI><MACSKCB>{facility}</MACSKCB></THONGTINDONVI>",
            "<THONGTINHOSO>",
            f"<NGAYLAP>{day}</NGAYLAP>",
            f"<SOLUONGHOSO>{len(claims) if count is None else count}</SOLUONGHOSO>",
            "<DANHSACHHOSO>",
            *claims,
            "</DANHSACHHOSO>",
            "</THONGTINHOSO>",
            "<CHUKYDONVI/>" if style.empty == "self" else "<CHUKYDONVI></CHUKYDONVI>",
            "</GIAMDINHHS>",
        ]
    )
    return text.replace("\r\n", "\n").replace("\n", "\r\n") if style.crlf else text


def to_bytes(style: Style, text: str) -> bytes:
    """Encode a file as UTF-8, with a byte order mark where the software writes one."""
    return (BOM + text if style.bom else text).encode()


def check_in(writer: Writer, style: Style, row: Row) -> str:
    """Write a check-in file: root CHI_TIEU_TRANG_THAI_KCB, never a claim."""
    body = writer.table("XML0", (row,), declare=False)
    return style.declaration + body.replace("</CHI_TIEU_TRANG_THAI_KCB>", "<CHUKYDONVI/></CHI_TIEU_TRANG_THAI_KCB>")


def assessment(writer: Writer, style: Style, rows: Sequence[Row]) -> str:
    """Write a lone XML12 file: root CHI_TIEU_GIAM_DINH_YKHOA."""
    body = writer.table("XML12", rows, declare=False)
    return style.declaration + body.replace("</CHI_TIEU_GIAM_DINH_YKHOA>", "<CHUKYDONVI/></CHI_TIEU_GIAM_DINH_YKHOA>")
