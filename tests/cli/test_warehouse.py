"""`yba warehouse`: what is told to who asks with SQL of his own, or for a table that is none."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from yba import warehouse
from yba.cli.main import yba
from yba.kit import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def empty_lake(**_: Any) -> Iterator[Any]:
    with warehouse.scratch() as engine:
        yield engine


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask without a database."""
    monkeypatch.setattr("yba.cli.warehouse.start", lambda: None)
    monkeypatch.setattr(warehouse, "reader", empty_lake)


def test_a_question_is_answered_as_csv() -> None:
    found = CliRunner().invoke(yba, ["warehouse", "query", "SELECT count(*) AS n FROM encounter"])
    assert found.output.split() == ["n", "0"]


@pytest.mark.parametrize(
    ("sql", "said"),
    [("SELECT nothing FROM encounter", "nothing"), ("SELEC 1", "SELEC"), ("SELECT CAST(range AS UTINYINT) FROM range(20000)", "UINT8")],
)
def test_what_is_wrong_with_a_question_is_said_in_the_engines_words(sql: str, said: str) -> None:
    found = CliRunner().invoke(yba, ["warehouse", "query", sql])
    assert isinstance(found.exception, Invalid)
    assert said in str(found.exception)


def test_the_printed_sql_of_measures_finds_what_it_stands_on() -> None:
    asked = "SELECT count(*) FROM visit v JOIN resident r USING (person) LEFT JOIN immunization ON true WHERE v.start_date >= DATE '2026-10-01'"
    assert CliRunner().invoke(yba, ["warehouse", "query", asked]).output.split() == ["count_star()", "0"]


def test_a_table_that_is_none_is_an_error() -> None:
    assert "row_person" in CliRunner().invoke(yba, ["warehouse", "tables", "encounter"]).output
    assert isinstance(CliRunner().invoke(yba, ["warehouse", "tables", "nothing"]).exception, NotFound)
