"""``yba warehouse digest``: the digests there are, one made now, one written to a file."""

from __future__ import annotations

from pathlib import Path

import click

from yba.kit import clock
from yba.kit.db import unit_of_work
from yba.warehouse import digests as room

from .common import print_json, start


@click.command()
@click.argument("name", default="")
@click.option("--period", "-p", "when", default="", metavar="PERIOD", help="2026-W46, 2026-10; để trống: kỳ gần nhất đã kết thúc.")
@click.option("--again", is_flag=True, help="Lập thêm bản mới cho kỳ đã có bản tin; bản cũ vẫn giữ.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Ghi PDF ra tệp này.")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@click.option("--json", "as_json", is_flag=True)
def digest(*, name: str, when: str, again: bool, out: Path | None, lang: str, as_json: bool) -> None:
    """Lập bản tin NAME (weekly, monthly) của một kỳ, ghi ra PDF; không có NAME: liệt kê các bản tin đã lập."""
    by = start()
    if not name:
        with unit_of_work(by=by) as conn:
            found = room.listed(conn, by=by)
        for one in found:
            _tell(one, as_json=as_json)
        return
    made = room.make(by=by, name=name, period=when, again=again)
    _tell(made, as_json=as_json)
    if out is not None:
        with unit_of_work(by=by) as conn:
            _, data = room.pdf(conn, by=by, id=made.id, lang=lang)
        out.write_bytes(data)


def _tell(one: room.Digest, *, as_json: bool) -> None:
    if as_json:
        print_json(one._asdict())
        return
    at = f"{one.made_at.astimezone(clock.VIETNAM):%d/%m/%Y %H:%M}"
    click.echo(f"{one.name:10} {one.period:10} số {one.number}  lập {at}  {one.size} byte  sha256 {one.sha256[:16]}…")
