"""``yba views``: the warehouse's tables listed, their SQL, a view run over a file, and the public suite of SQL on FHIR."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import orjson

from yba.fhir import views as fhir_views
from yba.kit import Invalid, NotFound
from yba.specs import views as view_specs

from .common import EXIT_REJECTED, print_json, say


@click.group()
def views() -> None:
    """Bảng phân tích (SQL on FHIR): liệt kê, xem SQL, chạy thử."""


@views.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def list_(*, as_json: bool) -> None:
    """Liệt kê các bảng và số cột."""
    found = [
        {"name": one.name, "resource": one.resource, "vi": one.title_vi, "columns": len(fhir_views.check(one.doc))}
        for one in view_specs.views().values()
    ]
    if as_json:
        print_json(found)
        return
    for one in found:
        click.echo(f"{one['name']}\t{one['resource']}\t{one['columns']}\t{one['vi']}")


@views.command()
@click.argument("name")
@click.option("--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True, help="Viết cho máy nào.")
def sql(name: str, engine: str) -> None:
    """In câu SQL của một bảng: tên bảng, hoặc tệp ViewDefinition."""
    dialect = fhir_views.SPARK if engine == "spark" else fhir_views.DUCKDB
    click.echo(fhir_views.compile_view(fhir_views.read(_definition(name)), dialect).sql)


@views.command()
@click.argument("name")
@click.argument("documents", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--engine", type=click.Choice(fhir_views.ENGINES), default="duckdb", show_default=True)
def run(name: str, documents: Path, engine: str) -> None:
    """Chạy một bảng trên tệp tài nguyên FHIR (mỗi dòng một JSON, hoặc một mảng, một Bundle); in mỗi hàng một dòng JSON."""
    for row in fhir_views.run(_definition(name), _documents(documents), engine=engine):
        print_json(row)


@views.command()
@click.argument("report", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--engine", "engines", multiple=True, type=click.Choice(fhir_views.ENGINES), help="Mặc định: cả hai; đạt khi cả hai đạt.")
def test(report: Path, paths: tuple[Path, ...], engines: tuple[str, ...]) -> None:
    """Chạy bộ kiểm thử công khai của SQL on FHIR (tệp hoặc thư mục), ghi báo cáo theo dạng test_report; thoát 3 khi có ca không đạt."""
    files = [file for path in paths for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])]
    found = fhir_views.report(files, engines or fhir_views.ENGINES)
    report.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    results = [(name, one) for name, file in found.items() for one in file["tests"]]
    missed = [(name, one) for name, one in results if not one["result"]["passed"]]
    for name, one in missed:
        click.echo(f"{name}: {one['name']}: {one['result']['reason'][:200]}")
    say(f"Đạt {len(results) - len(missed)} trên {len(results)} ca.")
    if missed:
        raise SystemExit(EXIT_REJECTED)


def _definition(name: str) -> dict[str, Any]:
    if name in view_specs.views():
        return view_specs.views()[name].doc
    path = Path(name)
    if not path.is_file():
        message = f"no view {name}."
        raise NotFound(message, advice="yba views list")
    found: dict[str, Any] = _json(path.read_bytes())
    return found


def _json(text: bytes) -> Any:  # noqa: ANN401  JSON
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid("not JSON", advice=str(error)) from error


def _documents(path: Path) -> list[dict[str, Any]]:
    text = path.read_bytes()
    if path.suffix == ".ndjson":
        return [_json(line) for line in text.splitlines() if line.strip()]
    found = _json(text)
    if isinstance(found, dict) and found.get("resourceType") == "Bundle":
        return [entry["resource"] for entry in found.get("entry", ()) if "resource" in entry]
    return found if isinstance(found, list) else [found]
