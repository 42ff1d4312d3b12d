"""`yba books`: the list needs no database; a book is read as the operator bound to a role, masked, noted, as text, CSV and workbook."""

import csv
import io

import openpyxl
import orjson
from click.testing import CliRunner

from tests.commands import typed
from tests.warehouse.books.library import AN, exported, month, put, trail, visit
from tests.warehouse.conftest import lake  # noqa: F401  # a fixture
from yba.cli.main import yba
from yba.specs.books import books


def test_the_list_says_what_has_no_source_and_what_is_restricted():
    printed = CliRunner().invoke(yba, ["books", "list"])
    assert printed.exit_code == 0
    for one in books().values():
        assert one.title.vi in printed.output
    assert "(hạn chế)" in printed.output
    assert "(chưa có nguồn)" in printed.output
    lines = [orjson.loads(line) for line in CliRunner().invoke(yba, ["books", "list", "--json"]).output.splitlines()]
    assert [one["name"] for one in lines] == list(books())
    assert lines[-2]["missing"]


def test_a_book_at_the_command_line(database, lake, tmp_path):  # noqa: F811
    month()
    put(visit(AN, 30, "2026-10-08", labels=("hiv",)))
    exported()
    bound = ("--role", "station-nurse", "--facility", "11001", "--area", "03127")
    show = ("books", "show", "a1", "--period", "2026-10", "--facility", "11001")
    lines = list(csv.reader(io.StringIO(typed(*bound, *show, "--csv").stdout.removeprefix("\ufeff"))))
    assert [line[2] for line in lines[1:]] == ["LÒ THỊ AN", "TRẦN THỊ BÌNH"]
    file = tmp_path / "so.xlsx"
    assert typed(*show, "--xlsx", str(file)).returncode == 0
    assert file.stat().st_mode & 0o077 == 0, "nobody else reads it"
    assert openpyxl.load_workbook(file).active["C5"].value == "LÒ THỊ AN"
    page = typed(*show).stdout
    assert "2 dòng, trang 1/1" in page
    refused = typed("--role", "provincial-manager", *show)
    assert (refused.returncode, "warehouse:row:read" in refused.stderr) == (1, True)
    assert [row[5]["form"] for row in trail() if row[1] == "Book"] == ["csv", "xlsx", "page"]
