"""``yba intake``: receipts, withdrawals, re-mapping, and the folder that is watched."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Never

import click
from tqdm import tqdm

from yba import ingest

from .common import print_json, start
from .watch import watch

if TYPE_CHECKING:
    from datetime import date, datetime


@click.group()
def intake() -> None:
    """Hồ sơ đã tiếp nhận: biên nhận, thu hồi, ánh xạ lại, theo dõi thư mục."""


intake.add_command(watch)


@intake.command()
@click.argument("transaction")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON.")
def receipt(transaction: str, as_json: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """In biên nhận của một giao dịch: kết quả từng hồ sơ và mọi phát hiện, gộp theo nguyên nhân."""
    found = ingest.receipt(by=start(), transaction=transaction)
    if as_json:
        print_json(ingest.receipt_json(found))
    else:
        click.echo(ingest.receipt_text(found), nl=False)


@intake.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Newest messages first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
def list_(limit: int, as_json: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """Liệt kê các giao dịch mới nhất: mã giao dịch, tệp, trạng thái, số hồ sơ."""
    found = ingest.messages(by=start(), limit=limit)
    if as_json:
        print_json([{**asdict(one), "received_at": one.received_at.isoformat()} for one in found])
        return
    for one in found:
        rejected = f", từ chối {one.rejected}" if one.rejected else ""
        name = " ".join(one.filename.split()) or "(không tên)"
        place = f"{one.received_at:%d/%m/%Y %H:%M}  {one.state:10}  {one.facility or '-----':5}"
        click.echo(f"{one.transaction}  {place}  {one.claims_present} hồ sơ{rejected}  {name}")


@intake.command()
@click.argument("transaction")
@click.option("--reason", required=True, help="Why the message is taken back; stands in the audit trail.")
def withdraw(transaction: str, reason: str) -> None:
    """Thu hồi một giao dịch: khôi phục phiên bản trước, phần còn lại đánh dấu entered-in-error."""
    done = ingest.withdraw(by=start(), transaction=transaction, reason=reason)
    click.echo(f"Đã thu hồi: {done.restored} hồ sơ trở về phiên bản trước, {done.in_error} hồ sơ đánh dấu nhập nhầm.")


@intake.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Only visits that ended on or after this day.")
@click.option("--release", default=ingest.CURRENT_RELEASE, show_default=True, help="Release of the mapping.")
@click.option("--all", "every", is_flag=True, help="Also claims already mapped by this release.")
def replay(since: datetime | None, release: str, every: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """Ánh xạ lại hồ sơ từ bản gốc; tài nguyên không đổi thì không tạo phiên bản mới."""
    day: date | None = since.date() if since else None
    by = start()
    with tqdm(unit="hồ sơ", desc="Ánh xạ lại", disable=not sys.stderr.isatty()) as bar:
        count = ingest.replay(by=by, since=day, release=release, every=every, progress=lambda done, total: _show(bar, done, total))
    click.echo(f"Đã ánh xạ lại {count} hồ sơ.")


def _show(bar: tqdm[Never], done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)


@intake.command()
@click.argument("certificates", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def trust(certificates: tuple[Path, ...]) -> None:
    """Nạp chứng thư số (PEM) của cơ sở hoặc của tổ chức chứng thực vào danh sách tin cậy; không có tham số thì liệt kê."""
    by = start()
    for path in certificates:
        for one in ingest.add_trusted(path.read_bytes(), by=by):
            click.echo(f"đã nạp: {one}")
    if not certificates:
        for one in ingest.trusted():
            click.echo(one)
