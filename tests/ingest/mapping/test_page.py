"""The mapping page is complete and current."""

from __future__ import annotations

import orjson

from tests.ingest.mapping import golden
from tools import document_mapping
from yba.ingest.mapping.release import release
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


def test_fields_are_only_added_at_the_end() -> None:
    """Presence masks in stored residues count by the order of these files."""
    recorded = orjson.loads((golden.FOLDER / "fields-1.json").read_bytes())
    for table, fields in recorded.items():
        assert list(release("1")[table].fields[: len(fields)]) == fields, f"{table}: a stored claim could no longer be rebuilt"
