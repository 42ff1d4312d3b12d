"""The commands ``yba directory`` and ``yba terminology`` as an operator runs them."""

from __future__ import annotations

import orjson
import pytest
from click.testing import CliRunner

from yba.cli.directory import directory
from yba.cli.terminology import terminology
from yba.kit import Conflict


def run(group, *args):
    return CliRunner().invoke(group, args)


def test_an_administrator_confirms_changes_and_ends_a_facility(database):
    def facility(*args):
        return run(directory, "facility", *args)

    assert facility("show", "11007").exit_code == 3
    done = facility("complete", "11007", "--name", "Trạm y tế Thử", "--level", "initial")
    assert done.exit_code == 0, done.output
    with pytest.raises(Conflict, match="since when"):
        CliRunner().invoke(directory, ("facility", "complete", "11007", "--name", "Tên khác"), catch_exceptions=False)
    assert facility("end", "11007", "--to", "2026-03-31").exit_code == 0
    shown = facility("show", "11007", "--on", "2026-03-31", "--json")
    found = orjson.loads(shown.stdout)["facility"]
    assert (found["name"], found["valid_to"], found["province"]) == ("Trạm y tế Thử", "2026-03-31", "11")
    assert facility("show", "11007", "--on", "2026-04-01").exit_code == 3
    assert facility("load").exit_code == 0
    assert facility("list", "--limit", "5").stdout.count("chưa xác nhận") == 5


def test_codes_are_looked_up_by_day():
    assert "Viêm phổi" in run(terminology, "lookup", "icd10", "J189").stdout
    assert run(terminology, "lookup", "icd10", "A90", "--on", "2026-06-30").exit_code == 0
    assert run(terminology, "lookup", "icd10", "A90", "--on", "2026-07-01").exit_code == 3
    answer = orjson.loads(run(terminology, "lookup", "drug", "VD-0", "--json").stdout)
    assert answer["member"] == "unknown"
    assert run(terminology, "expand", "icd10", "viem phoi", "--limit", "3").stdout.count("\n") == 3
    lists = orjson.loads(run(terminology, "lists", "--json").stdout)
    assert {"icd10", "commune", "drug"} <= {info["id"] for info in lists}


def test_an_old_commune_is_followed():
    shown = run(directory, "commune", "00001")
    assert "không còn dùng" in shown.stdout
    assert "whole" in shown.stdout
    assert run(directory, "commune", "99999").exit_code == 3
