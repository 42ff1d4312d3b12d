"""The group ``yba``: an explicit list of commands with what each does, each imported only when it is called."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Final

import click

from yba import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# cli/<name>.py holds a click command or group called <name> (with _ for -). In the order of a day's work. What each says stands here a second time
# (tests/cli/test_main.py holds the two together), so that the list is printed, and a name completed, without importing every room.
COMMANDS: Final = {
    "serve": "Mở trang hồ sơ và cổng tiếp nhận; chạy đến khi dừng bằng Ctrl+C.",
    "work": "Xử lý nền: hồ sơ đã tiếp nhận và hàng đợi công việc; dừng bằng Ctrl+C.",
    "demo": "Chạy thử với một tỉnh giả lập: tạo tệp XML, tiếp nhận, in một hồ sơ, mở trang.",
    "ingest": "Nhận tệp XML hồ sơ KCB: tệp, thư mục, tệp zip, hoặc - (đầu vào chuẩn).",
    "intake": "Hồ sơ đã tiếp nhận: biên nhận, thu hồi, ánh xạ lại, theo dõi thư mục.",
    "claims": "Hồ sơ KCB dựng lại từ bệnh án điện tử.",
    "record": "Hồ sơ sức khỏe của một người.",
    "identity": "Định danh: số nào là của ai, các trường hợp cần đối soát, gộp và tách hồ sơ.",
    "accounts": "Tài khoản cán bộ: mở, giao và kết thúc vai trò, khóa, cấp mã, mạng nội bộ, rà soát quyền.",
    "audit": "Nhật ký: ai làm gì, xem gì, lúc nào, từ đâu; niêm phong và kiểm tra.",
    "clients": "Tài khoản phần mềm của cơ sở: mở, liệt kê, khóa, cấp lại mật khẩu.",
    "directory": "Địa bàn và cơ sở y tế.",
    "terminology": "Danh mục mã: tra cứu, liệt kê, nạp thêm.",
    "synth": "Tạo hồ sơ XML của một tỉnh giả định, kèm sự thật để đối chiếu.",
    "simulate": "Giả lập hệ thống ngoài để chạy thử: không bao giờ nằm trên đường đi của dữ liệu thật.",
    "warehouse": "Kho dữ liệu: bản sao để phân tích, tách khỏi cơ sở dữ liệu đang chạy.",
    "measures": "Số liệu tổng hợp của kho: tử số, mẫu số, ai đã gửi; số nhỏ được che.",
    "books": "Sổ sách ban đầu A1–A12, đọc thẳng từ hồ sơ.",
    "reports": "Báo cáo định kỳ: tính từ hồ sơ, kiểm tra, ký hai bước, khóa, đính chính.",
    "views": "Bảng phân tích (SQL on FHIR): liệt kê, xem SQL, chạy thử.",
    "keys": "Vòng khóa: xem, đổi khóa, bọc lại, hủy khóa cũ, bảo vệ bằng cụm mật khẩu, xuất và khôi phục.",
    "law": "Danh sách yêu cầu pháp luật: đã đáp ứng (kèm kiểm thử chứng minh), còn mở, không thuộc phạm vi, sắp có hiệu lực.",
    "settings": "Các tham số cài đặt (biến môi trường YBA_…): ý nghĩa và giá trị đang dùng.",
    "migrate": "Cập nhật cơ sở dữ liệu theo phiên bản này (bằng quyền yba_owner).",
    "bench": "Đo lại tốc độ và dung lượng (docs/performance.md).",
    "ig": "Gói FHIR: hồ sơ (profile), danh mục mã, ví dụ của quốc gia.",
}


class _InOrder(click.Group):
    """A group whose commands keep the order they are written in."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(self.commands)


# The list as click writes and completes it: nothing behind these names.
_LISTED: Final = _InOrder(add_help_option=False, commands=[click.Command(name, help=words) for name, words in COMMANDS.items()])


class _Commands(click.Group):
    """Knows the list; imports a command's file when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # same
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"yba.cli.{_python(cmd_name)}")
        command = getattr(module, _python(cmd_name))
        from . import rights  # noqa: PLC0415  # knows the walls and the roof: not needed to say which commands there are

        return rights.guard(command, cmd_name) if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list as click does, from the words that stand here."""
        _LISTED.format_commands(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name from the list, an option's from click."""
        return _LISTED.shell_complete(click.Context(_LISTED), incomplete) + click.Command.shell_complete(self, ctx, incomplete)


def _python(name: str) -> str:
    return name.replace("-", "_")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="yba")
@click.option("--role", default="", metavar="ROLE", help="Tự giới hạn vào quyền của một vai trò (docs/access.md), ví dụ doctor.")
@click.option("--facility", "facilities", multiple=True, metavar="CODE", help="Cơ sở (MA_CSKCB) của vai trò; có thể lặp lại.")
@click.option("--area", "areas", multiple=True, metavar="CODE", help="Xã (mã 2025) của vai trò; có thể lặp lại.")
@click.pass_context
def yba(context: click.Context, role: str, facilities: tuple[str, ...], areas: tuple[str, ...]) -> None:
    """Y bạ: mỗi người dân một hồ sơ sức khỏe điện tử suốt đời."""
    if (facilities or areas) and not role:
        raise click.UsageError("--facility và --area chỉ đi cùng --role.")
    if role:
        from .common import bound  # noqa: PLC0415  # reads the roles, and the roof with them

        context.obj = bound(role, facilities, areas)


def main() -> None:
    """Run the command; an error of ours becomes its message and exit code 1."""
    try:
        yba.main(prog_name="yba")
    except Exception as error:
        from . import faults  # noqa: PLC0415  # knows what may go wrong in the database: not needed while nothing does

        words = faults.told(error)
        if words is None:
            raise
        click.echo(f"yba: {words}", err=True)
        sys.exit(1)
