"""`yba measures list` needs no database; the right of `show` is declared."""

import orjson
from click.testing import CliRunner

from yba.cli.main import yba
from yba.specs.measures import measures


def test_the_list_names_every_measure_and_which_have_no_source():
    printed = CliRunner().invoke(yba, ["measures", "list"])
    assert printed.exit_code == 0
    for name, one in measures().items():
        (line,) = [line for line in printed.output.splitlines() if line.startswith(f"{name} ")]
        assert ("chưa có nguồn" in line) is not bool(one.sql)


def test_the_list_as_json_is_one_object_a_line():
    printed = CliRunner().invoke(yba, ["measures", "list", "--json"])
    assert [orjson.loads(line)["name"] for line in printed.output.splitlines()] == list(measures())
