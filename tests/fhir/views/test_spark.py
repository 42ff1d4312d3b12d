"""The same views on Spark: our cases and the house's own views give what the obvious runner gives (needs the group `linkage`: pyspark)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.fhir.views.documents import mapped
from tests.fhir.views.test_errors import REPEATED, nested
from tests.fhir.views.test_specified import GENDERS, PATIENT
from yba.fhir import views
from yba.fhir.definitions import is_primitive
from yba.specs import views as view_specs

if TYPE_CHECKING:
    from collections.abc import Iterator

sql = pytest.importorskip("pyspark.sql", reason="pyspark is in the group linkage")
CASES = Path(__file__).with_name("cases")
FILES = sorted(CASES.glob("*.json"))
EDGES = ["lowBoundary()", "highBoundary()", "lowBoundary(2)", "highBoundary(0)", "highBoundary(1)", "lowBoundary(29)"]
PATHS = [
    "name.family.extension('u').value.ofType(string).first()", "name.given.extension('u').url.first()", "birthDate ~ @1970-06", "gender ~ 'MALE'", "'a  b' ~ 'a b'", "'2147483648'.toInteger()",
    "deceased.ofType(dateTime).highBoundary(12)", "birthDate.highBoundary(17)", "birthDate.highBoundary(5)", "multipleBirth.ofType(integer).lowBoundary()", f"gender.memberOf('{GENDERS}')",
    "managingOrganization.getReferenceKey('Patient')",
]  # fmt: skip


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """One local session, small, in the time zone of the warehouse."""
    builder = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC")
    session = builder.config("spark.sql.shuffle.partitions", "1").config("spark.driver.memory", "1g").getOrCreate()
    yield session
    session.stop()


def rows(spark: Any, doc: dict[str, Any], resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run a view on Spark."""
    compiled = views.compile_view(views.read(doc), views.SPARK)
    table = [(one["resourceType"], orjson.dumps(one).decode()) for one in resources]
    spark.createDataFrame(table, "rtype string, doc string").createOrReplaceTempView("resource")
    return [{out.name: plain(row[out.name], out) for out in compiled.columns} for row in spark.sql(compiled.sql).collect()]


def plain(value: Any, out: views.Output) -> Any:
    if isinstance(value, list):
        return [plain(one, out) for one in value]
    if isinstance(value, str) and not is_primitive(out.type):
        return orjson.loads(value)
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def table(found: list[dict[str, Any]]) -> list[str]:
    return sorted(orjson.dumps(row, default=str, option=orjson.OPT_SORT_KEYS).decode() for row in found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_our_cases(spark: Any, path: Path) -> None:
    doc = orjson.loads(path.read_bytes())
    wrong = []
    for test in doc["tests"]:
        if test.get("expectError"):
            continue  # told before any engine runs, or by the engine's own error
        found = table(rows(spark, test["view"], doc["resources"]))
        expected = table(views.run(test["view"], doc["resources"]))
        if found != expected:
            wrong.append((test["title"], found, expected))
    assert not wrong


@pytest.mark.parametrize("name", sorted(view_specs.views()))
def test_the_house_views(spark: Any, name: str) -> None:
    doc = view_specs.views()[name].doc
    assert table(rows(spark, doc, mapped())) == table(views.run(doc, mapped()))


def test_what_is_specified(spark: Any) -> None:
    """Boundaries, extensions of repeated primitives, value sets, levels of a repeat: in one view a document."""
    view = {"name": "v", "resource": "Patient", "select": [{"column": [{"name": f"c{n}", "path": path} for n, path in enumerate(PATHS)]}]}
    assert table(rows(spark, view, [PATIENT])) == table(views.run(view, [PATIENT]))
    numbers = [
        {"resourceType": "Observation", "id": str(n), "valueQuantity": {"value": value}}
        for n, value in enumerate([1.587, -1.587, 0, 12.5, 1e-7, 99.995])
    ]
    columns = [{"name": f"c{n}", "path": f"value.ofType(Quantity).value.{path}"} for n, path in enumerate(EDGES)]
    view = {"name": "v", "resource": "Observation", "select": [{"column": columns}]}
    assert table(rows(spark, view, numbers)) == table(views.run(view, numbers))
    for levels in (1, 30):
        assert table(rows(spark, REPEATED, [nested(levels)])) == table(views.run(REPEATED, [nested(levels)]))
