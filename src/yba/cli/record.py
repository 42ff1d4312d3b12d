"""``yba record``: one person's record at the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click
from tqdm import tqdm

from yba import record as room
from yba import web
from yba.kit import Conflict, NotFound, clock
from yba.kit.db import reading, unit_of_work

from .common import start

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from yba.kit import Actor

_STATES: Final = {"building": "đang lập", "ready": "dùng được", "leaving": "đang bỏ"}


@click.group()
def record() -> None:
    """Hồ sơ sức khỏe của một người."""


@record.command()
@click.argument("number")
@click.option("--format", "form", type=click.Choice(["text", "fhir", "html"]), default="text", show_default=True)
@click.option("--visits", default=20, show_default=True, help="Visits told in full (text).")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="Language (html).")
def show(number: str, form: str, visits: int, lang: str) -> None:
    """Xem hồ sơ theo CCCD, mã BHXH, thẻ BHYT, hộ chiếu hoặc mã hồ sơ; mỗi lần xem được ghi lại."""
    by = start()
    person = _find(by, number)
    with reading(by=by) as conn:
        if form == "fhir":
            sys.stdout.buffer.write(room.bundle_of(conn, by=by, person_id=person) + b"\n")
            return
        page = room.page_of(conn, by=by, person_id=person, names=web.names(conn, by=by))
    if form == "html":
        click.echo(web.record_html(page, lang=lang, full=len(page.visits)), nl=False)
    else:
        click.echo(room.as_text(page, today=clock.today(), visits=visits), nl=False)


@record.command()
def counts() -> None:
    """Đếm tài nguyên theo loại; một lần khám được nhiều nguồn kể chỉ tính một lần."""
    by = start()
    with reading(by=by) as conn:
        found = room.counts(conn, by=by)
    for rtype, count in found.resources.items():
        click.echo(f"{rtype:28} {count:>12}")
    click.echo(f"{'Lần khám':28} {found.visits:>12}")
    for channel, count in found.again.items():
        click.echo(f"{'  nguồn kể lại: ' + channel:28} {count:>12}")


@record.command()
def visits() -> None:
    """Tính lại những Encounter nào kể cùng một lần khám (sau khi đổi quy tắc, hoặc cho dữ liệu cũ); chạy lại nhiều lần cũng như một lần."""
    click.echo(f"Đã đổi {_anew(room.derive_visits)} liên kết.")


@record.command()
def labels() -> None:
    """Cho các mục đã lưu theo nhóm hạn chế của mục mà chúng dẫn tới (dữ liệu ghi trước khi có quy tắc này); chạy lại nhiều lần cũng như một lần."""
    click.echo(f"Đã hạn chế thêm {_anew(room.derive_labels)} mục.")


def _anew(derive: Callable[..., int]) -> int:
    """Derive something of everybody's record again, with a bar of the people done; returns how much changed."""
    by = start()
    with tqdm(unit=" người", disable=not sys.stderr.isatty()) as bar:
        return derive(by=by, progress=bar.update)


@record.group()
def index() -> None:
    """Chỉ mục của tham số tìm kiếm, lập khi hệ thống đang chạy."""


@index.command("add")
@click.argument("rtype", metavar="TYPE")
@click.argument("param", metavar="PARAM")
@click.option("--later", is_flag=True, help="Leave it to the job; do not build along here.")
def index_add(rtype: str, param: str, *, later: bool) -> None:
    """Lập chỉ mục cho một tham số; đang dở thì làm tiếp. Người ghi hồ sơ không phải chờ."""
    by = start()
    with unit_of_work(by=by) as conn:
        known = {(one.rtype, one.param): one.state for one in room.indexes(conn, by=by)}
        if known.get((rtype, param)) != "building":
            room.add_index(conn, by=by, rtype=rtype, param=param)
    if later:
        return
    with tqdm(unit=" tài nguyên", unit_scale=True, disable=not sys.stderr.isatty()) as bar:

        def show(one: room.Index) -> None:
            bar.total = one.total
            bar.update(one.done - bar.n)

        room.build_index(by=by, rtype=rtype, param=param, progress=show)
    click.echo(f"{rtype} {param}: xong.")


@index.command("list")
def index_list() -> None:
    """Liệt kê chỉ mục đã lập thêm."""
    by = start()
    with reading(by=by) as conn:
        for one in room.indexes(conn, by=by):
            click.echo(f"{one.rtype:24} {one.param:24} {_STATES[one.state]:10} {one.done:>10}/{one.total}{'  (bù phần cũ)' if one.fills else ''}")


@index.command("remove")
@click.argument("rtype", metavar="TYPE")
@click.argument("param", metavar="PARAM")
def index_remove(rtype: str, param: str) -> None:
    """Bỏ một chỉ mục: tìm kiếm thôi dùng ngay, dữ liệu của nó được dọn sau một phút."""
    by = start()
    with unit_of_work(by=by) as conn:
        room.remove_index(conn, by=by, rtype=rtype, param=param)


def _find(by: Actor, number: str) -> UUID:
    """Find the person in a transaction of its own: a search that finds nobody stays in the trail too."""
    with reading(by=by) as conn:
        try:
            return room.find_person(conn, by=by, number=number)
        except (NotFound, Conflict) as error:
            missing = error
    raise missing
