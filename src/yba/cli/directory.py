"""``yba directory``: places, and the facilities an administrator confirms."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yba import directory as places
from yba.kit import clock
from yba.kit.db import reading, unit_of_work

from .common import EXIT_REJECTED, print_json, say, start
from .directory_counted import beds, population

if TYPE_CHECKING:
    from datetime import date, datetime

DAY = click.DateTime(["%Y-%m-%d"])


def _day(on: datetime | None) -> date:
    return on.date() if on else clock.today()


@click.group()
def directory() -> None:
    """Địa bàn và cơ sở y tế."""


directory.add_command(population)
directory.add_command(beds)


@directory.command()
@click.argument("code")
@click.option("--on", type=DAY, help="Ngày tính; mặc định hôm nay.")
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def commune(code: str, on: datetime | None, *, as_json: bool) -> None:
    """Xã, phường theo mã ở một ngày, và nơi xã cũ đã nhập vào."""
    here = places.commune(code, _day(on))
    after = places.successors(code)
    if as_json:
        print_json({"area": asdict(here) if here else None, "successors": [asdict(s) for s in after]})
    elif here is None and not after:
        say(f"Không có xã, phường mã {code}.")
    else:
        click.echo(f"{here.code}  {here.name} (tỉnh {here.province}, {here.tree})" if here else f"{code}: không còn dùng ngày này")
        for one in after:
            click.echo(f"  từ 2025-07-01: {one.area.code} {one.area.name} ({one.relation})")
    if here is None and not after:
        raise SystemExit(EXIT_REJECTED)


@directory.group()
def facility() -> None:
    """Cơ sở khám bệnh, chữa bệnh."""


@facility.command()
@click.argument("code")
@click.option("--on", type=DAY, help="Ngày tính (ngày khám); mặc định hôm nay.")
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def show(code: str, on: datetime | None, *, as_json: bool) -> None:
    """Mã cơ sở (5 ký tự) hoặc GLN (13 số) có nghĩa gì ở ngày đó."""
    by = start("directory")
    day = _day(on)
    with reading(by=by) as conn:
        found = places.facility_by_gln(conn, by=by, gln=code, on=day) if places.is_gln(code) else places.facility_now(conn, by=by, code=code, on=day)
        rows = places.facility_history(conn, by=by, code=found.code if found else code)
    if as_json:
        print_json({"facility": asdict(found) if found else None, "rows": [asdict(row) for row in rows]})
    elif found is None:
        say(f"Không có cơ sở {code} ngày {day}.")
    for row in [] if as_json else rows:
        _print(row)
    if found is None:
        raise SystemExit(EXIT_REJECTED)


def _print(row: places.Facility) -> None:
    span = f"{row.valid_from or '…'} – {row.valid_to or '…'}"
    click.echo(f"{row.code}  {row.name or 'chưa có tên'}  [{span}]  {'đã xác nhận' if row.complete else 'chưa xác nhận'} ({row.source.value})")
    extra = {"GLN": row.gln, "cấp": row.level, "tỉnh": row.province, "xã": row.commune, "địa chỉ": row.address, "mã sau": row.successor}
    click.echo("  " + "; ".join(f"{name}: {value}" for name, value in extra.items() if value))


@facility.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def list_(limit: int, *, as_json: bool) -> None:
    """Cơ sở chưa được xác nhận, mới thấy trước."""
    by = start("directory")
    with reading(by=by) as conn:
        rows = places.facilities_to_complete(conn, by=by, limit=limit)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    for row in rows:
        _print(row)


@facility.command()
@click.argument("code")
@click.option("--name", required=True)
@click.option("--since", type=DAY, help="Từ ngày (bắt buộc khi cơ sở đã được xác nhận: dòng cũ khép lại, dòng mới mở ra).")
@click.option("--level", type=click.Choice(places.LEVELS), help="Cấp ban đầu, cơ bản, chuyên sâu.")
@click.option("--province", default="", help="Mã tỉnh mới (34).")
@click.option("--commune", default="", help="Mã xã mới.")
@click.option("--address", default="")
@click.option("--gln", default="", help="Mã GLN 13 số.")
def complete(code: str, name: str, since: datetime | None, level: str | None, province: str, commune: str, address: str, gln: str) -> None:
    """Xác nhận một cơ sở: tên, cấp, địa bàn, GLN."""
    by = start("directory")
    with unit_of_work(by=by) as conn:
        row = places.complete_facility(
            conn, by=by, code=code, name=name, since=since.date() if since else None, level=level or "", province=province,
            commune=commune, address=address, gln=gln,
        )  # fmt: skip
    _print(row)


@facility.command()
@click.argument("code")
@click.option("--to", "valid_to", required=True, type=DAY, help="Ngày cuối còn hiệu lực.")
@click.option("--successor", default="", help="Mã cơ sở thay thế.")
def end(code: str, valid_to: datetime, successor: str) -> None:
    """Khép một mã cơ sở, có thể kèm mã thay thế."""
    by = start("directory")
    with unit_of_work(by=by) as conn:
        row = places.end_facility(conn, by=by, code=code, valid_to=valid_to.date(), successor=successor)
    _print(row)


@facility.command()
def load() -> None:
    """Nạp danh sách cơ sở kèm theo phần mềm (Hà Nội)."""
    by = start("directory")
    with unit_of_work(by=by) as conn:
        added = places.load_packaged(conn, by=by, seen_at=clock.now())
    say(f"Thêm {added} cơ sở.")


@directory.group()
def prices() -> None:
    """Bảng giá của cơ sở."""


@prices.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--facility", "facilities", multiple=True, required=True, help="Mã cơ sở; lặp lại khi nhiều cơ sở dùng chung bảng giá.")
@click.option("--document", required=True, help="Văn bản phê duyệt, ví dụ: NQ 12/2026/NQ-HĐND.")
@click.option("--since", required=True, type=DAY, help="Ngày bắt đầu áp dụng.")
def load_prices(file: Path, facilities: tuple[str, ...], document: str, since: datetime) -> None:
    """Nạp bảng giá (CSV, UTF-8; cột list, code, name, unit, price, basis, tender)."""
    by = start("directory")
    lines = places.read_prices(file.read_bytes())
    with unit_of_work(by=by) as conn:
        done = places.load_prices(conn, by=by, facilities=facilities, document=document, since=since.date(), lines=lines)
    say(f"Giá mới {done.added}, sửa {done.changed}, như cũ {done.unchanged}.")


@prices.command("show")
@click.argument("facility")
@click.argument("code")
@click.option("--on", type=DAY, help="Ngày tính; mặc định hôm nay.")
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def show_price(facility: str, code: str, on: datetime | None, *, as_json: bool) -> None:
    """Giá của một mã (thuốc: số đăng ký) ở một cơ sở ngày đó; thoát 3 khi không có."""
    by = start("directory")
    asked = [(one, code) for one in places.PriceList]
    with reading(by=by) as conn:
        found = places.prices_at(conn, by=by, facility=facility, on=_day(on), asked=asked)
    if as_json:
        print_json([one._asdict() for one in found])
    for one in [] if as_json else found:
        price = f"{one.amount.normalize():f}/{one.unit or '–'}"
        click.echo(f"{one.list.value} {one.code}  {price}  {one.name}  [{one.basis.value}, từ {one.since}, {one.document}]")
    if not found:
        raise SystemExit(EXIT_REJECTED)
