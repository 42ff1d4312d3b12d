"""`yba synth`: make the claims files of a synthetic province."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click
import orjson
from tqdm import tqdm

from yba.synth import STANDARDS, Options, write_set

NAMED = {"date": (), "mix": (("917", 3.0), ("4210", 12.0), ("130", 10.0), ("4750", 15.0), ("3176", 40.0), ("1931", 20.0))}


def _month(_context: click.Context, _parameter: click.Parameter, value: str) -> date:
    try:
        return date.fromisoformat(f"{value}-01" if value.count("-") == 1 else value)
    except ValueError as error:
        raise click.BadParameter("write YYYY-MM, for example 2026-10") from error


def _standards(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[tuple[str, float], ...]:
    if value in NAMED:
        return NAMED[value]
    found = []
    for part in value.split(","):
        name, _, weight = part.strip().partition("=")
        if name not in STANDARDS:
            raise click.BadParameter(f"unknown standard {name}: one of {', '.join(STANDARDS)}, date or mix")
        try:
            found.append((name, float(weight or 1)))
        except ValueError as error:
            raise click.BadParameter(f"{weight} is no weight") from error
    return tuple(found)


@click.command()
@click.option("--population", type=click.IntRange(1), help="Số người dân (mặc định 1000, hoặc đủ cho --claims).")
@click.option("--months", type=click.IntRange(1, 240), default=12, show_default=True, help="Số tháng, tính lùi từ --end.")
@click.option("--seed", type=int, default=1, show_default=True, help="Hạt giống: cùng hạt giống và tham số cho cùng kết quả.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Thư mục ghi kết quả.")
@click.option("--claims", type=click.IntRange(1), help="Dừng khi đủ đúng số hồ sơ này.")
@click.option("--province", default="11", show_default=True, help="Mã tỉnh (34 tỉnh từ 01/07/2025).")
@click.option("--end", default="2026-10", show_default=True, callback=_month, help="Tháng cuối, YYYY-MM.")
@click.option(
    "--standards",
    default="date",
    show_default=True,
    callback=_standards,
    help='Chuẩn dữ liệu: "date" theo ngày ra, "mix", hoặc danh sách như "4210=1,3176=3".',
)
@click.option("--dirt", type=click.FloatRange(0, 20), default=1.0, show_default=True, help="Hệ số lỗi so với specs/synth/dirt.toml; 0 = không lỗi.")
@click.option("--zip", "archives", is_flag=True, help="Ghi thành tệp zip.")
@click.option("--json", "as_json", is_flag=True, help="In manifest dạng JSON.")
def synth(  # noqa: PLR0913 - click hands over one argument per option
    *,
    population: int | None,
    months: int,
    seed: int,
    out: Path,
    claims: int | None,
    province: str,
    end: date,
    standards: tuple[tuple[str, float], ...],
    dirt: float,
    archives: bool,
    as_json: bool,
) -> None:
    """Tạo hồ sơ XML của một tỉnh giả định, kèm sự thật để đối chiếu."""
    options = Options(seed=seed, population=population, months=months, end=end, province=province, claims=claims, standards=standards, dirt=dirt)
    with tqdm(total=claims, unit=" hồ sơ", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:

        def advance(count: int) -> None:
            bar.update(count - bar.n)

        try:
            manifest = write_set(options, out, archives=archives, progress=advance)
        except (FileExistsError, ValueError) as error:
            raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(orjson.dumps(manifest))
        return
    click.echo(f"{manifest['claims_present']} hồ sơ trong {manifest['files']} tệp của {manifest['residents']} người: {out}")
    click.echo(f"sha256 {manifest['sha256']}")
