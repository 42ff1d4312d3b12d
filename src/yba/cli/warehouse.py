"""``yba warehouse``: filling the lake, how it stands, what stood in it on a day."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from yba import warehouse as room
from yba.kit import NotFound, clock

from .common import EXIT_FAILED, print_json, start
from .warehouse_digest import digest
from .warehouse_watch import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

_DAY = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])


@click.group()
def warehouse() -> None:
    """Kho dữ liệu: bản sao để phân tích, tách khỏi cơ sở dữ liệu đang chạy."""


@warehouse.command()
@click.option("--anew", multiple=True, metavar="TYPE", help="Dựng lại từ cơ sở dữ liệu: một loại tài nguyên, hoặc all.")
@click.option("--everywhere", is_flag=True, help="Xem lại từng dòng, kể cả dòng ghi lúc đồng hồ sai.")
@click.option("--json", "as_json", is_flag=True)
def refresh(*, anew: Sequence[str], everywhere: bool, as_json: bool) -> None:
    """Chép những gì hồ sơ vừa thay đổi sang kho; chạy hai lần cũng như một."""
    by = start()
    with tqdm(unit=" dòng", unit_scale=True, disable=as_json or not sys.stderr.isatty()) as bar:

        def show(done: int, expected: int) -> None:
            bar.total = expected
            bar.update(done - bar.n)

        done = room.refresh(by=by, anew=anew, everywhere=everywhere, progress=show)
    if as_json:
        print_json(done._asdict())
        return
    click.echo(f"Lần xuất {done.seq}: {sum(done.rows.values())} dòng, {done.bytes} byte, {done.seconds} giây.")
    for rtype, count in done.rows.items():
        click.echo(f"  {rtype:26} {count:>12}")


@warehouse.command()
@click.option("--json", "as_json", is_flag=True)
def keep(*, as_json: bool) -> None:
    """Đếm sẵn những gì các bàn điều hành hiển thị, từ lần xuất mới nhất; việc nền vẫn làm sau mỗi lần xuất."""
    by = start()
    with tqdm(unit=" số liệu", disable=as_json or not sys.stderr.isatty()) as bar:

        def show(done: int, expected: int) -> None:
            bar.total = expected
            bar.update(done - bar.n)

        done = room.keep_boards(by=by, progress=show)
    if as_json:
        print_json({"counted": done})
    else:
        click.echo(f"Đã đếm {done} số liệu." if done else "Mọi số liệu của các bàn điều hành đều còn đúng.")


@warehouse.command()
@click.option("--check", is_flag=True, help="Đọc hết mọi tệp, so với lúc ghi.")
@click.option("--json", "as_json", is_flag=True)
def status(*, check: bool, as_json: bool) -> None:
    """Kho đã chép đến đâu, chậm bao lâu, tệp nào hỏng."""
    told = room.status(by=start(), deep=check)
    if as_json:
        print_json(told._asdict())
    elif told.until is None:
        click.echo("Chưa có kho. Lập: yba warehouse refresh")
    else:
        click.echo(f"Lần xuất {told.seq}, đến {told.until.astimezone(clock.VIETNAM):%d/%m/%Y %H:%M:%S}; chậm {told.lag_seconds:.0f} giây.")
        click.echo(f"{told.files} tệp, {told.bytes} byte; đọc lại được từ {min(told.days):%d/%m/%Y}.")
        for rtype, count in told.rows.items():
            click.echo(f"  {rtype:26} {count:>12}")
    for fault in told.faults:
        click.echo(f"Hỏng: {fault}", err=True)
    if told.faults:
        sys.exit(EXIT_FAILED)


@warehouse.command()
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Chỉ những loại này, dù thay đổi ít.")
@click.option("--json", "as_json", is_flag=True)
def compact(*, types: Sequence[str], as_json: bool) -> None:
    """Dồn các tệp thay đổi vào tệp gốc; bỏ những gì không ngày nào còn cần."""
    done = room.compact(by=start(), types=types or None)
    if as_json:
        print_json(done._asdict())
        return
    click.echo(f"{', '.join(done.types) or 'Không có gì phải dồn'}: {done.files[0]} → {done.files[1]} tệp, {done.bytes[0]} → {done.bytes[1]} byte.")


@warehouse.command()
@click.option("--check", is_flag=True, help="Đọc hết mọi tệp trên S3, so với lúc ghi; gửi lại tệp hỏng.")
@click.option("--json", "as_json", is_flag=True)
def mirror(*, check: bool, as_json: bool) -> None:
    """Đối chiếu kho với bản trên S3 (YBA_LAKE=s3://…): lấy về, gửi đi những gì còn thiếu."""
    done = room.mirrored(by=start(), check=check)
    if as_json:
        print_json(done._asdict())
        return
    click.echo(f"Lấy về {done.brought}, gửi đi {done.sent}, bỏ {done.removed} tệp.")


@warehouse.command("as-of")
@click.argument("day", type=_DAY)
def as_of(day: datetime) -> None:
    """Đếm tài nguyên theo loại như ở cuối một ngày."""
    with room.reader(by=start(), as_of=day.date()) as engine:
        for (rtype,) in engine.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'lake' ORDER BY 1").fetchall():
            found = engine.execute(f'SELECT count(*) FROM lake."{rtype}"').fetchone()  # noqa: S608  a name of the lake's own
            click.echo(f"{rtype:28} {found[0] if found else 0:>12}")


@warehouse.command()
@click.argument("table", default="")
def tables(table: str) -> None:
    """Từ điển: bảng nào, cột nào, kiểu gì, nghĩa là gì."""
    start()
    found = [one for one in room.dictionary() if table in {"", one.table}]
    if not found:
        message = f"no table {table}. `yba warehouse tables` lists them."
        raise NotFound(message)
    for one in found:
        click.echo(f"{one.table:24} {one.column:24} {one.type:14} {one.meaning}")


@warehouse.command()
@click.argument("sql")
@click.option("--as-of", "day", type=_DAY, default=None, help="Như ở cuối ngày này.")
@click.option(
    "--engine",
    "kind",
    type=click.Choice([one.value for one in room.EngineKind]),
    default="duckdb",
    show_default=True,
    help="Máy nào tính; spark cần extra spark.",
)
def query(sql: str, day: datetime | None, kind: str) -> None:
    """Hỏi kho bằng SQL (DuckDB), trừ nhóm hạn chế; ra CSV. Bảng: mỗi view một bảng (condition), mỗi loại tài nguyên một bảng lake."Condition"."""
    when: date | None = day.date() if day else None
    with (room.reader if kind == room.EngineKind.DUCKDB else room.spark_reader)(by=start(), as_of=when) as engine, room.own_question():
        room.furnish_question(engine)
        _print(engine.execute(sql))


def _print(found: Any) -> None:  # noqa: ANN401  rows of either engine
    out = csv.writer(sys.stdout)
    out.writerow([column[0] for column in found.description])
    while rows := found.fetchmany(10_000):
        out.writerows(rows)


for _command in (*COMMANDS, digest):
    warehouse.add_command(_command)
