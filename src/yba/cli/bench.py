"""``yba bench``: the figures of docs/performance.md, measured again."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces

from yba import app
from yba.kit.settings import DATABASE_URL, VAR
from yba.operations import (
    bench_access,
    bench_audit,
    bench_identity,
    bench_ingest,
    bench_record,
    bench_settings,
    bench_warehouse,
    bench_web,
    frozen_set,
    in_new_folder,
)

from .bench_fhir import fhir
from .common import print_json, say, start


@click.group()
def bench() -> None:
    """Đo lại tốc độ và dung lượng (docs/performance.md)."""


bench.add_command(fhir)


@bench.command("ingest")
@click.option("--claims", default=20_000, show_default=True, help="Claims in the frozen set.")
@click.option("--seed", default=1, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--here", "files", type=click.Path(path_type=Path), default=None, hidden=True, help="Measure in this data folder, files from there.")
def ingest(*, claims: int, seed: int, workers: int, as_json: bool, files: Path | None) -> None:
    """Đường chính: tệp trên đĩa thành tài nguyên tìm được, trong một cơ sở dữ liệu mới chỉ dùng để đo."""
    if files is None and not DATABASE_URL():
        sys.exit(in_new_folder(VAR() / "bench", [*sys.argv[1:], "--here", str(VAR() / "bench")]))
    start("bench")
    figures = bench_ingest(frozen_set(files or VAR() / "bench", claims, seed), workers=workers)
    _print(figures.as_json(), as_json=as_json)


@bench.command("identity")
@click.option("--persons", default=1_000_000, show_default=True, help="Residents of the register; 15 % have a dirty second record.")
@click.option("--seed", default=11, show_default=True)
@click.option("--province", default="24", show_default=True)
@click.option("--batch-only", is_flag=True, help="Only the batch and febrl4, no database.")
@click.option("--json", "as_json", is_flag=True)
@click.option("--here", is_flag=True, hidden=True, help="Measure in this data folder.")
def identity(*, persons: int, seed: int, province: str, batch_only: bool, as_json: bool, here: bool) -> None:
    """So khớp: độ đúng, độ đủ, tốc độ theo lô và trực tuyến, trong một cơ sở dữ liệu mới chỉ dùng để đo."""
    if not here and not batch_only and not DATABASE_URL():
        sys.exit(in_new_folder(VAR() / "bench", [*sys.argv[1:], "--here"]))
    if not batch_only:
        start("bench")
    figures = bench_identity(persons, seed=seed, province=province, with_online=not batch_only, tell=say)
    _print(figures.as_json(), as_json=as_json)


@bench.command("record")
@click.option("--json", "as_json", is_flag=True)
def record(as_json: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """Trang hồ sơ của một người có 1.000 tài nguyên: thời gian máy chủ. Không để lại gì trong cơ sở dữ liệu."""
    start("bench")
    _print(bench_record(), as_json=as_json)


@bench.command("access")
@click.option("--json", "as_json", is_flag=True)
@click.option("--here", is_flag=True, hidden=True, help="Measure in this data folder.")
@click.option(
    "--serve", "variant", type=click.Choice(["guarded", "plain"]), default=None, hidden=True, help="Be one of the servers that are measured."
)
@click.option("--port", default=0, hidden=True)
@click.option("--settings", multiple=True, help='Compare settings of PostgreSQL in turns: "commit_delay=100,commit_siblings=2"; "" = ours.')
def access(*, as_json: bool, here: bool, variant: str | None, port: int, settings: tuple[str, ...]) -> None:
    """Quyền và nhật ký: đọc một tài nguyên qua HTTP chậm đi bao nhiêu, truy vấn có giữ chỉ mục không; trong một cơ sở dữ liệu riêng."""
    if variant is not None:
        app.setup(migrate=False, quiet=True)
        target = f"yba.cli.bench_served:{variant}"
        Granian(
            target, address="127.0.0.1", port=port, interface=Interfaces.WSGI, workers=1, blocking_threads=4, log_access=False, log_enabled=False
        ).serve()
        return
    if not here and not DATABASE_URL():
        sys.exit(in_new_folder(VAR() / "bench", [*sys.argv[1:], "--here"]))
    start("bench")
    if settings:
        _print({each or "ours": str(figures) for each, figures in bench_settings(settings).items()}, as_json=as_json)
        return
    trail = bench_audit()  # first: in a trail that holds nothing else
    _print({**bench_access().as_json(), **trail}, as_json=as_json)


@bench.command("warehouse")
@click.option("--resources", default=1_000_000, show_default=True, help="Resources in the record.")
@click.option("--claims", default=300, show_default=True, help="Claims they are patterned on.")
@click.option("--lines", default=50_000_000, show_default=True, help="Lines of the join, synthetic Parquet.")
@click.option("--line-claims", default=5_000_000, show_default=True, help="Claims they are joined to.")
@click.option("--json", "as_json", is_flag=True)
@click.option("--here", "files", type=click.Path(path_type=Path), default=None, hidden=True, help="Measure in this data folder, files from there.")
def warehouse(*, resources: int, claims: int, lines: int, line_claims: int, as_json: bool, files: Path | None) -> None:
    """Kho dữ liệu: lập từ đầu, chép thay đổi một ngày, dung lượng, bộ nhớ, một câu hỏi; trong một cơ sở dữ liệu mới chỉ dùng để đo."""
    if files is None and not DATABASE_URL():
        sys.exit(in_new_folder(VAR() / "bench", [*sys.argv[1:], "--here", str(VAR() / "bench")]))
    start("bench")
    made = frozen_set(files or VAR() / "bench", claims, 1)
    _print(bench_warehouse(made, resources=resources, tell=say, lines=lines, line_claims=line_claims), as_json=as_json)


@bench.command("web")
@click.option("--json", "as_json", is_flag=True)
@click.option("--here", is_flag=True, hidden=True, help="Measure in this data folder.")
def web(*, as_json: bool, here: bool) -> None:
    """Trang của bàn làm việc: dung lượng lần đầu và lần sau, lần vẽ đầu tiên trên đường truyền chậm, thời gian máy chủ, số câu truy vấn."""
    if not here and not DATABASE_URL():
        sys.exit(in_new_folder(VAR() / "bench", [*sys.argv[1:], "--here"]))
    start("bench")
    figures = bench_web()
    if as_json:
        print_json(figures)
        return
    for name, one in figures["pages"].items():
        click.echo(f"{name:<12}" + "  ".join(f"{key} {value}" for key, value in one.items()))


def _print(figures: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(figures)
    else:
        for key, value in figures.items():
            click.echo(f"{key:<32}{value}")
