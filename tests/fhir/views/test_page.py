"""The dictionary of the warehouse's tables says what the views say."""

from __future__ import annotations

from tools import document_views
from yba.specs import views


def test_the_page_is_up_to_date() -> None:
    assert document_views.PAGE.read_text("utf-8") == document_views.page(), "run tools/document_views.py"


def test_the_page_names_every_table_and_column() -> None:
    text = document_views.page()
    for name, spec in views.views().items():
        section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        for select in spec.doc["select"]:
            assert all(f"| `{column['name']}` |" in section for column in select["column"]), name
