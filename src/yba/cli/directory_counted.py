"""``yba directory population`` and ``beds``: what measures divide by, from a statistics office's and the department's files."""

from __future__ import annotations

from pathlib import Path

import click

from yba import directory as places
from yba.kit.db import reading, unit_of_work

from .common import EXIT_REJECTED, print_json, say, start

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def population() -> None:
    """Dân số theo xã, năm, giới, nhóm tuổi: mẫu số của tỷ lệ có hồ sơ."""


@population.command("load")
@click.argument("file", type=_FILE)
def load_population(file: Path) -> None:
    """Nạp dân số (CSV, UTF-8; cột commune, year, sex, age_band, people, source); thay số cũ của cùng xã, cùng năm."""
    by = start("directory")
    lines = places.read_population(file.read_bytes())
    with unit_of_work(by=by) as conn:
        people = places.load_population(conn, by=by, lines=lines)
    say(f"{people} người ở {len({one.commune for one in lines})} xã, phường.")


@population.command("show")
@click.option("--year", type=int, help="Năm; mặc định năm mới nhất của từng xã.")
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def show_population(year: int | None, *, as_json: bool) -> None:
    """Dân số đã nạp, theo xã; thoát 3 khi chưa có."""
    by = start("directory")
    with reading(by=by) as conn:
        rows = places.population(conn, by=by, year=year)
    if as_json:
        print_json([{"commune": commune, "year": told, "people": people, "source": source} for commune, told, people, source in rows])
    for commune, told, people, source in [] if as_json else rows:
        click.echo(f"{commune}  {told}  {people:>10}  {source}")
    if not rows:
        raise SystemExit(EXIT_REJECTED)


@click.group()
def beds() -> None:
    """Số giường của cơ sở theo ngày: mẫu số của công suất giường."""


@beds.command("load")
@click.argument("file", type=_FILE)
def load_beds(file: Path) -> None:
    """Nạp số giường (CSV, UTF-8; cột facility, since, beds, source): từ ngày đó đến dòng sau của cùng cơ sở; 0 = không còn giường."""
    by = start("directory")
    lines = places.read_beds(file.read_bytes())
    with unit_of_work(by=by) as conn:
        facilities = places.load_beds(conn, by=by, lines=lines)
    say(f"{len(lines)} dòng của {facilities} cơ sở.")


@beds.command("show")
@click.argument("facility")
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def show_beds(facility: str, *, as_json: bool) -> None:
    """Số giường của một cơ sở theo thời gian; thoát 3 khi chưa có."""
    by = start("directory")
    with reading(by=by) as conn:
        rows = places.beds(conn, by=by, facility=facility)
    if as_json:
        print_json([one._asdict() for one in rows])
    for one in [] if as_json else rows:
        click.echo(f"{one.facility}  từ {one.since}  {one.beds:>6} giường  {one.source}")
    if not rows:
        raise SystemExit(EXIT_REJECTED)
