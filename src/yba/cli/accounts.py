"""``yba accounts``: people's accounts, roles, one-time codes, networks and access reviews."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from yba import accounts as room
from yba.kit import Actor, Invalid
from yba.kit.db import reading, unit_of_work

from .accounts_screens import screens
from .common import hand_over, print_json, say, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Connection

_PLACES = (
    click.option("--facility", default="", help="Mã cơ sở (5 ký tự)."),
    click.option("--department", default="", help="Mã khoa tại cơ sở."),
    click.option("--area", default="", help="Mã xã (2025), hoặc * cho cả tỉnh."),
    click.option("--licence", default="", help="Số giấy phép hành nghề."),
)
_reason = click.option("--reason", required=True, help="Lý do; ghi vào nhật ký.")
_json = click.option("--json", "as_json", is_flag=True)


def _places(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say where a role counts: the fields of a Post."""
    return functools.reduce(lambda done, option: option(done), reversed(_PLACES), command)


@click.group()
def accounts() -> None:
    """Tài khoản cán bộ: mở, giao và kết thúc vai trò, khóa, cấp mã, mạng nội bộ, rà soát quyền."""


accounts.add_command(screens)


@accounts.command()
@click.argument("username")
@click.argument("name")
@click.argument("role")
@_places
@_reason
@_json
def add(*, username: str, name: str, role: str, reason: str, as_json: bool, **places: str) -> None:
    """Mở tài khoản với vai trò đầu tiên; in mã dùng một lần để trao trực tiếp."""
    by = start()
    post = _post(role, places)
    with unit_of_work(by=by) as conn:
        made = room.join(conn, by=by, username=username, display_name=name, post=post, reason=reason)
    _show(made, as_json=as_json)


@accounts.command("list")
@_json
def list_(*, as_json: bool) -> None:
    """Liệt kê tài khoản."""
    by = start()
    with reading(by=by) as conn:
        found = room.accounts(conn, by=by)
    for one in found:
        if as_json:
            told = {"id": one.id, "username": one.username, "kind": one.kind, "active": one.active, "factor": one.factor, "demo": one.demo}
            print_json({**told, "last_seen": one.last_seen})
            continue
        last = f"{one.last_seen:%d/%m/%Y %H:%M}" if one.last_seen else "chưa đăng nhập"
        click.echo(f"{one.username}  {one.display_name}  {'đang dùng' if one.active else 'đã khóa'}  {'2 lớp' if one.factor else '1 lớp'}  {last}")


@accounts.command()
@click.argument("username")
@_json
def show(*, username: str, as_json: bool) -> None:
    """Xem các vai trò của một tài khoản, mới nhất trước."""
    by = start()
    with unit_of_work(by=by) as conn:
        _, held = room.account(conn, by=by, account=_named(conn, by, username))
    for one in held:
        place = " ".join(part for part in (one.post.facility, one.post.department, one.post.area, one.post.licence) if part)
        if as_json:
            print_json({"id": one.id, "role": one.post.role, "place": place, "starts": one.starts, "ends": one.ends, "reason": one.reason})
        else:
            until = f"{one.ends:%d/%m/%Y}" if one.ends else "nay"
            click.echo(f"{one.id}  {one.post.role}  {place}  {one.starts:%d/%m/%Y} – {until}  {one.reason}")


@accounts.command()
@click.argument("username")
@click.argument("role")
@_places
@_reason
def assign(*, username: str, role: str, reason: str, **places: str) -> None:
    """Giao thêm một vai trò."""
    by = start()
    post = _post(role, places)
    with unit_of_work(by=by) as conn:
        made = room.assign(conn, by=by, account=_named(conn, by, username), post=post, reason=reason)
    say(f"{username}: {role}, {made.id}")


@accounts.command()
@click.argument("assignment")
@_reason
def end(*, assignment: str, reason: str) -> None:
    """Kết thúc một vai trò (mã lấy từ `yba accounts show`)."""
    by = start()
    with unit_of_work(by=by) as conn:
        room.end_assignment(conn, by=by, assignment=_id(assignment), reason=reason)
    say("đã kết thúc")


@accounts.command()
@click.argument("username")
@click.option("--leave", is_flag=True, help="Nghỉ việc: kết thúc cả các vai trò.")
@_reason
def disable(*, username: str, leave: bool, reason: str) -> None:
    """Khóa tài khoản ngay, kết thúc mọi phiên."""
    by = start()
    with unit_of_work(by=by) as conn:
        account = _named(conn, by, username)
        (room.leave if leave else room.disable)(conn, by=by, account=account, reason=reason)
    say(f"{username}: đã khóa")


@accounts.command()
@click.argument("username")
@click.option("--factors", is_flag=True, help="Gỡ cả lớp xác thực thứ hai (mất điện thoại).")
@_reason
@_json
def reset(*, username: str, factors: bool, reason: str, as_json: bool) -> None:
    """Cấp mã dùng một lần để đặt mật khẩu mới; mọi phiên kết thúc, tài khoản khóa được mở lại."""
    by = start()
    with unit_of_work(by=by) as conn:
        made = room.reset_credentials(conn, by=by, account=_named(conn, by, username), reason=reason, factors=factors)
    _show(made, as_json=as_json)


@accounts.command()
@click.argument("facility")
@click.argument("networks", nargs=-1)
def network(*, facility: str, networks: tuple[str, ...]) -> None:
    """Khai báo mạng nội bộ của cơ sở, ví dụ 10.12.0.0/16; "-" là văn phòng cấp tỉnh; không có mạng nào: xóa hết."""
    by = start()
    with unit_of_work(by=by) as conn:
        found = room.set_networks(conn, by=by, facility="" if facility == "-" else facility, networks=networks)
    for one in found:
        click.echo(one.network)


@accounts.command()
@click.option("--open", "open_for", default="", help="Mở ngay đợt rà soát của một cơ sở; - là cấp tỉnh.")
@click.option("--keep", multiple=True, help="Giữ vai trò có mã này.")
@click.option("--end", "ending", multiple=True, help="Kết thúc vai trò có mã này khi ký.")
@click.option("--sign", default="", help="Ký đợt rà soát bằng họ tên.")
@click.argument("review", default="")
@_json
def review(*, open_for: str, keep: tuple[str, ...], ending: tuple[str, ...], sign: str, review: str, as_json: bool) -> None:
    """Rà soát quyền sáu tháng một lần: xem, quyết định, ký."""
    by = start()
    with unit_of_work(by=by) as conn:
        if open_for:
            room.open_review(conn, by=by, facility="" if open_for == "-" else open_for)
        decisions = [(_id(one), room.Decision.KEEP, "") for one in keep] + [(_id(one), room.Decision.END, "") for one in ending]
        if decisions:
            room.decide(conn, by=by, review=_id(review), decisions=decisions)
        if sign:
            room.sign_off_review(conn, by=by, review=_id(review), name=sign)
        found = room.access_reviews(conn, by=by)
    for one in found:
        _show_review(one, as_json=as_json)


@accounts.command()
@_json
def idle(*, as_json: bool) -> None:
    """Khóa ngay các tài khoản 45 ngày không dùng (bình thường chạy mỗi đêm)."""
    by = start()
    with unit_of_work(by=by) as conn:
        found = room.disable_idle(conn, by=by)
    if as_json:
        print_json({"disabled": len(found)})
    say(f"{len(found)} tài khoản đã khóa")


@accounts.group()
def token() -> None:
    """Mã truy cập API của một tài khoản: tạo, liệt kê, kết thúc."""


@token.command("add")
@click.argument("username")
@click.argument("name")
@click.option("--hours", default=12, show_default=True, help="Sống mấy giờ, tối đa 12.")
@_json
def token_add(*, username: str, name: str, hours: int, as_json: bool) -> None:
    """Tạo mã truy cập FHIR, chỉ hiện một lần; dùng được trong mạng của cơ sở (không qua yếu tố thứ hai)."""
    by = start()
    with unit_of_work(by=by) as conn:
        made = room.make_token(conn, by=by, account=_named(conn, by, username), name=name, hours=hours)
    hand_over(
        {"id": made.id, "name": made.name, "token": made.token, "expires_at": made.expires_at},
        [("Tên", made.name), ("Mã", made.token), ("Hết hạn", f"{made.expires_at:%d/%m/%Y %H:%M}")],
        "Mã chỉ hiện lần này; hệ thống chỉ giữ bản băm.",
        as_json=as_json,
    )


@token.command("list")
@click.argument("username")
@_json
def token_list(*, username: str, as_json: bool) -> None:
    """Liệt kê mã truy cập còn dùng được."""
    by = start()
    with reading(by=by) as conn:
        found = room.tokens_of(conn, by=by, account=_named(conn, by, username))
    for one in found:
        if as_json:
            print_json({"id": one.id, "name": one.name, "made_at": one.made_at, "expires_at": one.expires_at, "last_used_at": one.last_used_at})
            continue
        click.echo(f"{one.id}  {one.name}  hết hạn {one.expires_at:%d/%m/%Y %H:%M}")


@token.command("end")
@click.argument("username")
@click.argument("token")
def token_end(*, username: str, token: str) -> None:
    """Kết thúc một mã truy cập."""
    by = start()
    with unit_of_work(by=by) as conn:
        room.end_token(conn, by=by, account=_named(conn, by, username), token=_id(token))
    say("đã kết thúc")


def _post(role: str, places: dict[str, str]) -> room.Post:
    return room.Post(role, places["facility"], places["department"], places["area"], places["licence"])


def _named(conn: Connection[Any], by: Actor, username: str) -> UUID:
    return room.account_named(conn, by=by, username=username).id


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(f"{text[:60]!r} is not an id.", advice="Take it from `yba accounts show` or `yba accounts review`.") from None


def _show_review(one: room.Review, *, as_json: bool) -> None:
    if as_json:
        items = [
            {"assignment": item.assignment.id, "username": item.username, "role": item.assignment.post.role, "decision": item.decision}
            for item in one.items
        ]
        print_json({"id": one.id, "facility": one.facility, "due": one.due, "items": items})
        return
    click.echo(f"{one.id}  {one.facility or 'cấp tỉnh'}  hạn {one.due:%d/%m/%Y}")
    for item in one.items:
        decision = {room.Decision.KEEP: "giữ", room.Decision.END: "kết thúc", None: "chưa quyết định"}[item.decision]
        click.echo(f"  {item.assignment.id}  {item.username}  {item.assignment.post.role}  {decision}")


def _show(made: room.Handover, *, as_json: bool) -> None:
    hand_over(
        {"username": made.username, "code": made.code, "expires_at": made.expires_at},
        [("Tài khoản", made.username), ("Mã", made.code), ("Hết hạn", f"{made.expires_at:%d/%m/%Y %H:%M}")],
        "Trao mã trực tiếp. Mã chỉ hiện lần này, dùng một lần tại trang đăng nhập.",
        as_json=as_json,
    )
