"""``yba identity link | train | relink``: any list of people, weights learned from the province, proposals for the whole of it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from yba import identity as people
from yba.kit.db import unit_of_work

from .common import print_json, say, start
from .identity_group import identity

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@identity.command("link")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--map", "mapping", required=True, type=_FILE, help="columns.toml: cột nào là gì (docs/identity.md).")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Tệp CSV nhận các cặp.")
@click.option("--release", default=None, help="Bộ trọng số; mặc định danh sách lớn tự học trọng số của mình, danh sách nhỏ dùng bộ đang có hiệu lực.")
@click.option("--work", default=None, type=click.Path(dir_okay=False, path_type=Path), help="Tệp tạm trên đĩa cho danh sách lớn hơn bộ nhớ.")
@click.option("--json", "as_json", is_flag=True)
def link_(*, files: tuple[Path, ...], mapping: Path, out: Path, release: str | None, work: Path | None, as_json: bool) -> None:
    """Tìm người trùng trong một danh sách CSV, hoặc nối hai danh sách: mã hai bên, trọng số, vùng, giải thích."""
    if len(files) > 2:  # noqa: PLR2004  # one list or two
        raise click.UsageError("Một hoặc hai danh sách.")
    done = people.link_lists(list(files), mapping, out, release=release, work=work)
    if as_json:
        print_json(asdict(done) | {"findings": [each._asdict() for each in done.findings]})
        return
    for each in done.findings:
        rows = ", ".join(str(row + 1) for row in each.rows)
        say(f"{each.file}, cột {each.column}, {each.rule}: {each.vi} – {each.times} dòng (dòng {rows}{'…' if each.times > len(each.rows) else ''})")
    click.echo(f"{done.rows} dòng, {done.links} cặp nối, {done.reviews} cặp cần người xem, bộ trọng số {done.release}, {done.seconds:.1f} giây")


@identity.command("train")
@click.option("--name", default="", help="Tên bộ trọng số; mặc định là ngày hôm nay.")
@click.option("--use", is_flag=True, help="Đưa vào sử dụng ngay.")
@click.option("--json", "as_json", is_flag=True)
def train_(*, name: str, use: bool, as_json: bool) -> None:
    """Học bộ trọng số từ chính dữ liệu của tỉnh, không cần nhãn; chỉ giữ các giá trị ít nhất hai mươi người cùng có."""
    by = start()
    with unit_of_work(by=by) as conn:
        done = people.train(conn, by=by, name=name, use=use)
    if as_json:
        print_json(asdict(done))
        return
    click.echo(f"{done.release}: {done.descriptions} mô tả, khoảng {done.matches} cặp của cùng một người; {done.path}")


@identity.command("relink")
@click.option("--json", "as_json", is_flag=True)
def relink_(*, as_json: bool) -> None:
    """Rà soát toàn tỉnh: đề nghị gộp, tách hồ sơ cho cán bộ đối soát; không tự đổi gì; chạy hai lần như một lần."""
    by = start()
    made, last = 0, None
    while True:  # people from before descriptions were kept; a step is a transaction, so a run that was stopped goes on where it was
        with unit_of_work(by=by) as conn:
            step = people.describe_missing(conn, by=by, after=last)
        if step.last is None:
            break
        made, last = made + step.people, step.last
        say(f"bổ sung mô tả: {made} người")
    with unit_of_work(by=by) as conn:
        done = people.relink(conn, by=by)
    if as_json:
        print_json(asdict(done))
        return
    click.echo(f"{done.people} người, {done.descriptions} mô tả: {done.merges} đề nghị gộp, {done.splits} đề nghị tách; {done.opened} mục mới mở")
