"""The mapping page is complete and current."""

from __future__ import annotations

from tools import document_mapping
from yba.specs import claims


def test_the_page_is_current() -> None:
    assert document_mapping.PAGE.read_text("utf-8") == document_mapping.page(), "run tools/document_mapping.py"


def test_the_page_names_every_column() -> None:
    sections = {part.partition("\n")[0]: part for part in document_mapping.page().split("\n## ")[1:]}
    for edition in claims.editions():
        for name, table in edition.tables.items():
            if name in document_mapping.LATER:
                continue
            for column in table.columns:
                assert f"| {column.field} " in sections[name], (edition.decision, name, column.field)
