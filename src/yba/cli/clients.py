"""``yba clients``: the accounts with which facilities' software files claims."""

from __future__ import annotations

import click

from yba import accounts
from yba.kit.db import reading, unit_of_work

from .common import hand_over, print_json, say, start


@click.group()
def clients() -> None:
    """Tài khoản phần mềm của cơ sở: mở, liệt kê, khóa, cấp lại mật khẩu."""


@clients.command()
@click.argument("facility")
@click.option("--username", default="", help="User name; FACILITY_BV unless given.")
@click.option("--json", "as_json", is_flag=True)
def add(facility: str, username: str, as_json: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """Mở tài khoản cho một cơ sở (mã 5 ký tự); mật khẩu chỉ hiện một lần."""
    by = start()
    with unit_of_work(by=by) as conn:
        made = accounts.add_client(conn, by=by, facility=facility, username=username)
    _show(made, as_json=as_json)


@clients.command()
@click.argument("facility")
@click.option("--json", "as_json", is_flag=True)
def reset(facility: str, as_json: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """Cấp mật khẩu mới; mọi phiên đang mở kết thúc."""
    by = start()
    with unit_of_work(by=by) as conn:
        made = accounts.reset_secret(conn, by=by, facility=facility)
    _show(made, as_json=as_json)


@clients.command()
@click.argument("facility")
def disable(facility: str) -> None:
    """Khóa tài khoản của một cơ sở ngay lập tức."""
    by = start()
    with unit_of_work(by=by) as conn:
        client = accounts.disable_client(conn, by=by, facility=facility)
    say(f"{client.username}: đã khóa")


@clients.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(as_json: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """Liệt kê tài khoản."""
    by = start()
    with reading(by=by) as conn:
        found = accounts.list_clients(conn, by=by)
    for client in found:
        if as_json:
            print_json({"facility": client.facility, "username": client.username, "disabled": client.disabled_at is not None})
            continue
        state = "đã khóa" if client.disabled_at else "đang dùng"
        last = f"{client.last_sign_in_at:%d/%m/%Y %H:%M}" if client.last_sign_in_at else "chưa đăng nhập"
        click.echo(f"{client.facility}  {client.username}  {state}  {last}")


def _show(made: accounts.NewSecret, *, as_json: bool) -> None:
    hand_over(
        {"facility": made.facility, "username": made.username, "secret": made.secret},
        [("Cơ sở", made.facility), ("Tài khoản", made.username), ("Mật khẩu", made.secret)],
        "Mật khẩu chỉ hiện lần này; hệ thống chỉ giữ bản băm. Mất thì dùng: yba clients reset.",
        as_json=as_json,
    )
