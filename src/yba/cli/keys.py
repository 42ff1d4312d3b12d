"""``yba keys``: the key ring of the installation: what there is, rotation, wrapping anew, a copy to keep apart."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click
from tqdm import tqdm

from yba import operations
from yba.kit import keys as ring
from yba.kit.settings import VAR

from .common import EXIT_FAILED, print_json, say, start

_PURPOSE = click.argument("purpose", type=click.Choice([purpose.value for purpose in ring.Purpose]))
_FILE = click.Path(dir_okay=False, path_type=Path)
_phrase = click.option(
    "--passphrase-file", "phrase", type=_FILE, required=True, help="File (0600) with the passphrase; never typed on the command line."
)
_STATES = {"newest": "đang dùng", "opens": "chỉ để mở", "retired": "đã hủy"}


@click.group()
def keys() -> None:
    """Vòng khóa: xem, đổi khóa, bọc lại, hủy khóa cũ, bảo vệ bằng cụm mật khẩu, xuất và khôi phục.

    Khóa tạo mã định danh (keys/installation.key) không đổi được: mọi mã của mọi hồ sơ dựa vào nó.
    """


@keys.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(as_json: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """Liệt kê các khóa: mục đích, phiên bản, ngày tạo, trạng thái, số mục còn cần."""
    lines = operations.ring_lines(by=start())
    if as_json:
        print_json([asdict(line) for line in lines])
        return
    for line in lines:
        uses = "" if line.uses is None else f"  {line.uses} mục"
        click.echo(f"{line.name:12} {line.made}  {_STATES[line.state]:10} {'có' if line.wrapped else 'không có'} cụm mật khẩu{uses}")


@keys.command()
@_PURPOSE
def rotate(purpose: str) -> None:
    """Tạo phiên bản mới cho những gì ghi từ nay; phiên bản cũ vẫn mở được những gì đã ghi."""
    name = operations.rotate_key(by=start(), purpose=ring.Purpose(purpose))
    click.echo(f"Khóa đang dùng: {name}")
    if purpose == ring.Purpose.SESSIONS:
        say("Khởi động lại `yba serve` để phiên làm việc được ký bằng khóa mới.")


@keys.command()
def rewrap() -> None:
    """Bọc lại khóa của bản gốc và các bí mật bằng phiên bản mới nhất; dừng giữa chừng được, chạy lại thì làm tiếp."""
    by = start()
    todo = sum(line.uses or 0 for line in operations.ring_lines(by=by) if line.state == "opens" and line.name.startswith("sealing"))
    with tqdm(total=todo, unit="khóa", desc="Bọc lại", disable=not sys.stderr.isatty()) as bar:
        wrapped, secrets = operations.rewrap_keys(by=by, progress=bar.update)
    click.echo(f"Đã bọc lại {wrapped} khóa của bản gốc, {secrets} bí mật của tài khoản.")


@keys.command()
@_PURPOSE
@click.argument("version", type=click.IntRange(1))
@click.option("--yes", is_flag=True, help="Do not ask.")
def retire(purpose: str, version: int, yes: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """Hủy hẳn một phiên bản cũ khi không còn gì cần nó."""
    by = start()
    if not yes:
        click.confirm(f"Hủy khóa {purpose}-{version}? Không lấy lại được, kể cả từ bản sao lưu dữ liệu.", abort=True)
    operations.retire_key(by=by, purpose=ring.Purpose(purpose), version=version)
    click.echo(f"Đã hủy {purpose}-{version}.")


@keys.command()
@click.option("--passphrase-file", "phrase", type=_FILE, required=True, help="File (0600) with the passphrase from now on.")
def protect(phrase: Path) -> None:
    """Bọc các tệp khóa bằng cụm mật khẩu, hoặc đổi cụm mật khẩu."""
    count = operations.protect_keys(by=start(), phrase=ring.read_passphrase(phrase))
    click.echo(f"Đã bọc {count} khóa. Từ nay mọi lệnh cần YBA_KEYS_PASSPHRASE_FILE (hoặc credential yba-keys của systemd).")


@keys.command()
@click.argument("target", type=_FILE)
@_phrase
def export(target: Path, phrase: Path) -> None:
    """Xuất mọi khóa ra một tệp đã niêm phong, để cất ở nơi khác."""
    count = operations.export_keys(by=start(), target=target, phrase=ring.read_passphrase(phrase))
    click.echo(f"{target}: {count} tệp khóa.")


@keys.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_phrase
def restore(source: Path, phrase: Path) -> None:
    """Khôi phục khóa từ tệp đã xuất vào thư mục dữ liệu chưa có khóa (trước mọi lệnh khác)."""
    count = ring.restore_bundle(VAR() / "keys", source, ring.read_passphrase(phrase))
    click.echo(f"Đã khôi phục {count} tệp khóa.")


@keys.command()
def check() -> None:
    """Kiểm tra: đủ khóa cho dữ liệu, quyền đọc tệp; thoát 1 khi có điều sai."""
    faults = operations.check_keys(by=start())
    for fault in faults:
        click.echo(fault)
    if faults:
        sys.exit(EXIT_FAILED)
    say("Khóa đủ và đúng." if ring.ring().protected else "Khóa đủ và đúng; tệp khóa chưa được bọc bằng cụm mật khẩu (yba keys protect).")
