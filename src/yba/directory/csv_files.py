"""Reading what an operator lays down as CSV: UTF-8, a first line that names the columns, cells without needless blanks."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from yba.kit.errors import Invalid
from yba.kit.text import nfc

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    Told = dict[str, str]


def lines_of(data: bytes, columns: Collection[str], *, needed: Collection[str] | None = None) -> Iterator[tuple[int, Told | None]]:
    """Give (number of the line from 2 on, cells by column) of each line; None for one with more cells than columns, "" for what is not there.

    The first line names ``columns`` in any order, ``needed`` (None: all) of them at least, and no others. Raises Invalid.
    """
    try:
        text = nfc(data.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise Invalid("Tệp phải là CSV, bảng mã UTF-8.", advice="Save it as CSV in UTF-8.") from fault
    rows = csv.DictReader(io.StringIO(text, newline=""))
    named = list(rows.fieldnames or ())
    if len(named) != len(set(named)) or not set(columns if needed is None else needed) <= set(named) <= set(columns):
        raise Invalid(f"Dòng đầu phải ghi tên các cột: {', '.join(columns)}.", advice="The first line names the columns.")
    return ((number, _told(row, columns)) for number, row in enumerate(rows, 2))


def _told(row: Mapping[str | None, Any], columns: Collection[str]) -> Told | None:
    return None if None in row else {name: " ".join((row.get(name) or "").split()) for name in columns}
