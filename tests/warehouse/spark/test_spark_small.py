"""Spark beside DuckDB, one small case of each: it runs here or says in so many words that nothing of Spark was proved."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from typing import Any
from uuid import UUID

import orjson
import pytest
from click.testing import CliRunner

from tests.warehouse.lake_world import FACILITY, OPERATOR, SYSTEM, write
from yba import warehouse
from yba.cli.main import yba
from yba.fhir import views
from yba.kit import Invalid, Unavailable
from yba.record import Put
from yba.specs import views as specs
from yba.specs.measures import Dimension
from yba.warehouse import EngineKind
from yba.warehouse.lake import spark
from yba.warehouse.settings import SPARK_MASTER

HERE = not [name for name in ("pyspark", "sqlglot") if importlib.util.find_spec(name) is None] and bool(shutil.which("java"))
NOT_HERE = "SPARK WAS NOT PROVED HERE: `uv sync --inexact --extra spark` and Java 17 make these run (make test-long does it)"
needs_spark = pytest.mark.skipif(not HERE, reason=NOT_HERE)
OCTOBER = warehouse.period("2026-10")


def visit(number: int, labels: tuple[str, ...] = (), day: str = "2026-10-05", person: int = 0) -> Put:
    """A visit of one person each."""
    ident, person_id = str(UUID(int=number)), UUID(int=0xA000 + (person or number))
    doc: dict[str, Any] = {"resourceType": "Encounter", "id": ident, "status": "finished", "class": {"code": "AMB"}}
    doc["period"] = {"start": f"{day}T08:00:00+07:00", "end": f"{day}T09:00:00+07:00"}
    return Put("Encounter", ident, person_id, orjson.dumps(doc), [number], None, None, FACILITY, UUID(int=1), labels, "test")


def filled() -> None:
    """A lake with changes, a deletion by label, and sealed rows."""
    write(*[visit(number) for number in range(1, 9)], visit(9, labels=("hiv",)))
    warehouse.refresh(by=SYSTEM)
    write(visit(1, day="2026-09-05"), visit(2, labels=("hiv",)), visit(10, person=3))
    warehouse.refresh(by=SYSTEM)


def answers(**only: Any) -> list[Any]:
    """The same question to both engines, by an operator and by the platform, which counts what is restricted."""
    return [
        [(one.dimensions, one.value, one.numerator, one.state, one.heard, one.expected) for one in found.cells]
        for by in (OPERATOR, SYSTEM)
        for found in [warehouse.measure("visits", by=by, period=OCTOBER, dimensions=[Dimension.FACILITY], **only)]
    ]


@needs_spark
def test_both_engines_answer_alike_also_of_what_is_sealed_and_of_the_day_before(lake):
    filled()
    assert answers(engine=EngineKind.SPARK) == answers()
    first = next(iter(warehouse.lake.Folder().newest().days))
    assert answers(engine=EngineKind.SPARK, as_of=first) == answers(as_of=first)


@needs_spark
def test_spark_is_asked_in_duckdbs_words_and_reaches_the_lakes_tables_alone(lake):
    filled()
    sql = 'SELECT count(*), min(start_date), max(encounter.start_at), count(DISTINCT row_person) FROM encounter JOIN lake."Encounter" l ON l.person_id = row_person'
    with warehouse.reader(by=OPERATOR) as duck:
        expected = duck.execute(sql).fetchall()
    with SPARK_MASTER.set_to("local[1]"):
        shown = CliRunner().invoke(yba, ["warehouse", "query", "--engine", "spark", "SELECT class_code, count(*) AS n FROM encounter GROUP BY 1"])
    assert shown.stdout.splitlines() == ["class_code,n", "AMB,8"]
    again = views.read({**specs.views()["encounter"].doc, "name": "again"})
    with warehouse.spark_reader(by=OPERATOR, types=["Encounter"], views=[again]) as engine:
        assert engine.execute(sql).fetchall() == expected
        flat, made = (engine.execute(f"SELECT * FROM {name} ORDER BY id").fetchall() for name in ("encounter", "again"))  # noqa: S608  our own
        assert flat == made, "a view compiled for Spark gives what the lake's own file of it holds"
        assert len(flat) == 8
        for asked, words in (
            ("SELECT * FROM '/etc/passwd'", "no table"),
            ("SELECT * FROM read_parquet(['/etc/passwd'])", "by their tables alone"),
            ("SELECT reflect('java.lang.System', 'getenv', 'HOME')", "not for readers"),
            ("DROP TABLE encounter", "no question"),
            ("SELECT FROM WHERE", "cannot be read"),
            ("SELECT nosuch FROM encounter", "nosuch"),
        ):
            with pytest.raises(Invalid, match=words):
                engine.execute(asked)


def forget_the_first_master():
    """Java keeps what its first session was told: this machine alone authenticates by itself, a cluster by a secret that nobody gave here."""
    gateway = importlib.import_module("pyspark").SparkContext._gateway
    if gateway is not None:
        gateway.jvm.java.lang.System.clearProperty("spark.authenticate")


@needs_spark
def test_a_cluster_answers_alike_and_sealed_files_do_not_leave_this_machine(lake):
    """Executors in processes of their own read the lake's files; what is sealed is opened here alone, so the platform is refused."""
    filled()
    open_only, _ = answers()
    forget_the_first_master()
    with SPARK_MASTER.set_to("local-cluster[1,1,1024]"):
        with warehouse.spark_reader(by=OPERATOR, types=["Encounter"]) as engine:
            assert engine.execute("SELECT count(*) FROM encounter WHERE start_date >= '2026-10-01'").fetchall() == [(int(open_only[0][1]),)]
        with pytest.raises(Invalid, match="this machine alone"), warehouse.spark_reader(by=SYSTEM, types=["Encounter"], restricted=True):
            pass


def test_what_is_here():
    """Masters of one process on this machine."""
    assert [spark.is_here(one) for one in ("local", "local[*]", "local[4]", "local-cluster[2,1,512]", "spark://10.0.0.5:7077", "yarn")] == [
        True
    ] * 3 + [False] * 3


@needs_spark
def test_what_spark_says_of_rows_is_not_repeated(lake, capfd):
    doc = {"resourceType": "Encounter", "id": "1", "status": "finished", "class": {"code": "KÍN"}}
    write(Put("Encounter", "1", UUID(int=1), orjson.dumps(doc), [1], None, None, FACILITY, UUID(int=1), (), "test"))
    warehouse.refresh(by=SYSTEM)
    with warehouse.spark_reader(by=OPERATOR) as engine, pytest.raises(Exception, match="CAST_INVALID_INPUT") as refused:
        engine.execute("SELECT CAST(class_code AS INTEGER) FROM encounter").fetchall()
    assert "KÍN" not in str(refused.value) + "".join(capfd.readouterr())


def test_without_spark_it_is_said_what_to_install(lake, monkeypatch):
    """What a machine without the extra, or without Java, says; the lake is not touched for it."""
    session = sys.modules["yba.warehouse.lake.spark.session"]  # the room's door has a function of this name
    monkeypatch.setattr(session, "missing", lambda: "pyspark, sqlglot")
    with pytest.raises(Unavailable, match=r"pyspark, sqlglot.* uv sync --inexact --extra spark"):
        warehouse.measure("visits", by=OPERATOR, period=OCTOBER, engine=EngineKind.SPARK)
    monkeypatch.setattr(session, "missing", lambda: "")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(Unavailable, match="there is no java"):
        spark.require()


@needs_spark
def test_a_master_that_is_none_is_said(lake):
    filled()
    with SPARK_MASTER.set_to("nonsense"), pytest.raises(Unavailable, match="does not start at nonsense"), warehouse.spark_reader(by=OPERATOR):
        pass
