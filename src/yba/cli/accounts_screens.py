"""``yba accounts screens``: the screens of walls, listed and ended; they are made at the page, where their code is shown."""

from __future__ import annotations

from uuid import UUID

import click

from yba import accounts as room
from yba.kit import Invalid, clock
from yba.kit.db import reading, unit_of_work

from .common import print_json, say, start


@click.group()
def screens() -> None:
    """Màn hình treo tường: liệt kê, kết thúc; mở màn hình mới tại trang /admin/screens."""


@screens.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(*, as_json: bool) -> None:
    """Liệt kê màn hình, mới nhất trước; cả màn hình đã kết thúc trong 30 ngày qua."""
    by, now = start(), clock.now()
    with reading(by=by) as conn:
        found = room.screens(conn, by=by)
    for one in found:
        if as_json:
            told = {"id": one.id, "name": one.name, "facility": one.facility, "made_at": one.made_at, "made_by": one.made_by}
            seen = {"opened_at": one.opened_at, "last_seen_at": one.last_seen_at, "address": one.address, "browser": one.browser}
            print_json({**told, **seen, "open": one.is_open(now), "expires_at": one.expires_at, "ended_at": one.ended_at, "ended_by": one.ended_by})
            continue
        state = "đã kết thúc" if one.ended_at else "hết hạn" if one.expires_at <= now else "đang mở" if one.opened_at else "chưa mở"
        click.echo(f"{one.id}  {one.name}  {one.facility or 'cấp tỉnh'}  {state}  hạn {one.expires_at:%d/%m/%Y}  {one.address}")


@screens.command()
@click.argument("screen")
def end(*, screen: str) -> None:
    """Kết thúc một màn hình (mã lấy từ `yba accounts screens list`): tắt ở hình kế tiếp, chậm nhất nửa phút."""
    by = start()
    with unit_of_work(by=by) as conn:
        room.end_screen(conn, by=by, screen=_id(screen))
    say("đã kết thúc")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(f"{text[:60]!r} is not an id.", advice="Take it from `yba accounts screens list`.") from None
