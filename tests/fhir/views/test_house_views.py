"""The warehouse's own views: right by the strict check, described, equal with both runners, and every column is really filled by something."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.fhir.views.documents import mapped
from yba.fhir import views
from yba.specs import views as view_specs

NAMES = sorted(view_specs.views())


def table(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)


@pytest.mark.parametrize("name", NAMES)
def test_every_step_and_type_of_a_view_is_one_of_r4(name: str) -> None:
    columns = views.check(view_specs.views()[name].doc)
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", column.name) for column in columns)
    assert [column.name for column in columns if " · " not in column.description] == []
    assert [column.name for column in columns if column.collection] == [], "a warehouse table is flat"


@pytest.mark.parametrize("name", NAMES)
def test_both_runners_give_equal_rows_of_what_the_platform_writes(name: str) -> None:
    doc = view_specs.views()[name].doc
    rows = views.run(doc, mapped())
    assert table(views.run(doc, mapped(), engine="duckdb")) == table(rows)
    assert rows


@pytest.mark.parametrize("name", NAMES)
def test_every_column_is_filled_by_a_document_that_the_platform_writes(name: str) -> None:
    """A path that finds nothing in any of them is a path that nobody noticed is wrong."""
    doc = view_specs.views()[name].doc
    rows = views.run(doc, mapped())
    assert [column.name for column in views.check(doc) if all(row[column.name] is None for row in rows)] == []


def test_what_was_entered_in_error_does_not_count() -> None:
    ids = {row["id"] for row in views.run(view_specs.views()["observation"].doc, mapped())}
    assert "Observation/yes" in ids
    assert "Observation/wrong" not in ids


def test_keys_join_claims_with_their_lines_and_visits_with_their_diagnoses() -> None:
    rows = {
        name: views.run(view_specs.views()[name].doc, mapped()) for name in ("claim", "claim_item", "encounter", "encounter_diagnosis", "condition")
    }
    assert {row["claim_id"] for row in rows["claim_item"]} <= {row["id"] for row in rows["claim"]}
    assert {row["encounter_id"] for row in rows["encounter_diagnosis"]} <= {row["id"] for row in rows["encounter"]}
    named = {row["condition_id"] for row in rows["encounter_diagnosis"] if row["condition_id"]}
    assert named & {row["id"] for row in rows["condition"]}


def test_no_view_takes_names_numbers_or_notes_along() -> None:
    """Who a person is stays in the record: the warehouse joins by keys."""
    kept = re.compile(r"\bname\.(text|family|given)|telecom\.value|address\.(text|line)|\bnote\b|conclusion\b(?!Code|\.exists)|photo")
    numbers = ("id/cccd').value", "id/bhxh').value", "id/the-bhyt').value.first()'", "id/ho-chieu').value", "id/cmnd').value")
    for spec in view_specs.views().values():
        paths = [column.path for column in views.columns_of(views.read(spec.doc))]
        assert [path for path in paths if kept.search(path) or any(number in path for number in numbers)] == [], spec.name


def test_a_table_of_the_lake_whose_ids_stand_beside_the_documents() -> None:
    """The lake keeps type and id in columns: the same rows come out, with the columns that are kept in front."""
    view = views.read(view_specs.views()["coverage"].doc)
    source = views.Source('"Coverage"', rtype="", id="coalesce(given_id, id)", keep=("person_id",))
    compiled = views.compile_view(view, views.DUCKDB, source)
    with views.duck.connect() as engine:
        engine.execute('CREATE TABLE "Coverage" (person_id VARCHAR, id VARCHAR, given_id VARCHAR, doc VARCHAR)')
        docs = [doc for doc in mapped() if doc["resourceType"] == "Coverage"]
        for number, doc in enumerate(docs):
            short = {key: value for key, value in doc.items() if key not in {"resourceType", "id"}}
            engine.execute('INSERT INTO "Coverage" VALUES (?, ?, ?, ?)', [f"person {number}", f"row {number}", doc["id"], json.dumps(short)])
        found = engine.execute(compiled.sql).fetchall()
    names = [column.name for column in compiled.columns]
    assert sorted(row[0] for row in found) == sorted(f"person {number}" for number in range(len(docs)))
    assert table([dict(zip(names, row[1:], strict=True)) for row in found]) == table(views.run(view, docs))


@pytest.mark.parametrize("name", NAMES)
def test_no_document_makes_a_view_fail(name: str) -> None:
    """One odd document of one facility must not keep a province's table from being built: every column takes the first, or a list's count."""
    assert "error(" not in views.compile_view(views.read(view_specs.views()[name].doc)).sql
