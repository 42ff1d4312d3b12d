"""``yba reports``: the periodic reports there are, how they stand, one of them drafted, checked, signed, locked, corrected, written to a file."""

from __future__ import annotations

import sys
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from yba.kit.errors import Invalid, NotFound
from yba.specs import exports
from yba.warehouse import reports as room

from .common import EXIT_FAILED, print_json, start

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from yba.kit import Actor

_STATES: Final = {
    room.Step.MADE: "đã lập, chờ duyệt",
    room.Step.APPROVED: "đã duyệt, chờ khóa",
    room.Step.LOCKED: "đã khóa",
    room.Step.RETURNED: "đã trả lại",
}


def _of_unit(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name a unit; the command gets ``unit``."""

    @click.option("--facility", default="", metavar="CODE", help="Báo cáo của cơ sở này (MA_CSKCB); cùng --commune: trạm lập báo cáo xã.")
    @click.option("--commune", default="", metavar="CODE", help="Báo cáo của xã này (mã 2025), do trạm ở --facility lập.")
    @click.option("--province", is_flag=True, help="Báo cáo của tỉnh.")
    @wraps(command)
    def run(*, facility: str, commune: str, province: bool, **given: Any) -> Any:  # noqa: ANN401  # whatever click hands over
        if province == bool(facility or commune):
            raise click.UsageError("Chọn một: --facility CODE, --commune CODE --facility CODE, hoặc --province.")
        text = "province" if province else f"commune:{commune}" if commune else f"facility:{facility}"
        return command(unit=room.unit(text, station=facility), **given)

    return run


_PERIOD: Final = click.option("--period", "-p", required=True, metavar="PERIOD", help="2026-10, 2026-Q4, 2026-H1, 2026: kỳ của báo cáo đó.")
_NAME: Final = click.argument("name", metavar="REPORT")


@click.group()
def reports() -> None:
    """Báo cáo định kỳ: tính từ hồ sơ, kiểm tra, ký hai bước, khóa, đính chính."""


@reports.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(*, as_json: bool) -> None:
    """Có những báo cáo nào, theo văn bản nào, đến khi nào; biểu nào chưa biết mẫu."""
    for name, editions in exports.reports().items():
        for one in editions:
            if as_json:
                told = {"report": name, "edition": one.edition, "number": one.number, "vi": one.title.vi, "en": one.title.en, "law": one.law}
                days = {"valid_from": one.valid_from.isoformat(), "valid_to": one.valid_to.isoformat() if one.valid_to else None}
                print_json({**told, **days, "cycles": one.cycles, "units": one.units, "labels": one.labels, "digest": one.digest})
                continue
            until = f"đến {one.valid_to:%d/%m/%Y}" if one.valid_to else "còn hiệu lực"
            click.echo(f"{name:18} {one.number:22} {one.title.vi}{' (hạn chế)' if one.labels else ''}")
            click.echo(f"{'':18} {one.law}; từ {one.valid_from:%d/%m/%Y} {until}; {', '.join(one.cycles)}; {', '.join(one.units)}")
            if one.without_successor:
                click.echo(f"{'':18} {one.without_successor.vi}")
    for missing in () if as_json else exports.not_known():
        click.echo(f"{'chưa có':18} {missing.number}: {missing.words.vi} ({missing.law})")


@reports.command()
@_of_unit
@click.option("--json", "as_json", is_flag=True)
def standing(*, unit: room.Unit, as_json: bool) -> None:
    """Báo cáo nào của một đơn vị đến hạn, trễ, đã ký, đã khóa."""
    for one in room.standing(by=start(), unit=unit):
        state = "kỳ đang chạy" if one.running else _STATES[one.state] if one.state else "trễ hạn" if one.late else "chưa lập"
        if as_json:
            told = {"report": one.report, "edition": one.edition.edition, "period": one.period.label, "due": one.due.isoformat()}
            print_json({**told, "state": one.state, "number": one.number, "late": one.late, "running": one.running})
        else:
            number = f" · đính chính lần {one.number}" if one.number else ""
            click.echo(f"{one.report:18} {one.period.label:8} hạn {one.due:%d/%m/%Y}  {state}{number}")


@reports.command()
@_NAME
@_PERIOD
@_of_unit
@click.option("--json", "as_json", is_flag=True)
def draft(*, name: str, period: str, unit: room.Unit, as_json: bool) -> None:
    """Số của một kỳ nếu lập bây giờ, chênh với kỳ trước."""
    by = start()
    found = room.draft(name, by=by, unit=unit, period=period)
    before = room.to_last(found, by=by)
    if as_json:
        print_json(_told(found))
        return
    _table(found, before)


@reports.command()
@_NAME
@_PERIOD
@_of_unit
def check(*, name: str, period: str, unit: room.Unit) -> None:
    """Kiểm tra số của một kỳ; số không khớp thì kết thúc với mã 1."""
    found = room.draft(name, by=start(), unit=unit, period=period).figures
    words = {room.Verdict.HOLDS: "đúng", room.Verdict.BROKEN: "SAI", room.Verdict.NOT_JUDGED: "không xét được (có ô trống)"}
    for one in found.checks:
        click.echo(f"{words[one.verdict]:28} {one.place or 'cả đơn vị'} · {one.at}: {one.rule}  {_number(one.left)} / {_number(one.right)}")
    if found.broken:
        sys.exit(EXIT_FAILED)


@reports.command()
@_NAME
@_PERIOD
@_of_unit
@click.option(
    "--step", type=click.Choice([room.Step.MADE.value, room.Step.APPROVED.value]), required=True, help="made: lập; approved: duyệt, bởi người khác."
)
@click.option("--words", default="", help="Ghi kèm bước này.")
def sign(*, name: str, period: str, unit: room.Unit, step: str, words: str) -> None:
    """Lập hoặc duyệt báo cáo; người duyệt phải khác người lập."""
    by = start()
    if step == room.Step.MADE.value:
        _said(room.make(name, by=by, unit=unit, period=period, words=words))
    else:
        _said(room.approve(_newest(by, name, unit, period).id, by=by, words=words))


@reports.command("return")
@_NAME
@_PERIOD
@_of_unit
@click.option("--words", required=True, help="Lý do, từ 10 ký tự.")
def give_back(*, name: str, period: str, unit: room.Unit, words: str) -> None:
    """Trả lại báo cáo chưa khóa, có lý do."""
    by = start()
    _said(room.give_back(_newest(by, name, unit, period).id, by=by, words=words))


@reports.command()
@_NAME
@_PERIOD
@_of_unit
def lock(*, name: str, period: str, unit: room.Unit) -> None:
    """Khóa báo cáo đã duyệt."""
    by = start()
    _said(room.lock(_newest(by, name, unit, period).id, by=by))


@reports.command()
@_NAME
@_PERIOD
@_of_unit
@click.option("--words", required=True, help="Lý do, từ 10 ký tự.")
def correct(*, name: str, period: str, unit: room.Unit, words: str) -> None:
    """Lập báo cáo đính chính của kỳ đã khóa: số cũ, số mới, cơ sở gửi muộn."""
    found = room.correct(name, by=start(), unit=unit, period=period, words=words)
    for one in found.differences:
        click.echo(f"{one.place or 'cả đơn vị'} · {one.row} · {found.sheet.columns[int(one.column)][1].vi}: {_number(one.old)} → {_number(one.new)}")
    for late in found.late or ():
        click.echo(f"{late.facility}: {late.new} hồ sơ gửi sau khi khóa, {late.again} hồ sơ gửi lại")
    _said(found)


@reports.command()
@_NAME
@_PERIOD
@_of_unit
@click.option("--format", "form", type=click.Choice([one.value for one in room.Format]), default=room.Format.EXCEL.value, show_default=True)
@click.option("--out", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Tệp ghi ra.")
@click.option("--draft", "as_draft", is_flag=True, help="Bản nháp của bây giờ, thay cho bản đã lập.")
def write(*, name: str, period: str, unit: room.Unit, form: str, out: Path, as_draft: bool) -> None:
    """Ghi báo cáo ra Excel hoặc XML."""
    by = start()
    what = room.draft(name, by=by, unit=unit, period=period) if as_draft else _newest(by, name, unit, period)
    try:
        out.write_bytes(room.write(what, by=by, form=room.Format(form)).data)
    except OSError as error:
        raise Invalid(f"{out}: {error.strerror}.") from None
    click.echo(f"{out}")


@reports.command()
@_NAME
@_PERIOD
@_of_unit
def recount(*, name: str, period: str, unit: room.Unit) -> None:
    """Tính lại báo cáo đã lập từ đúng lần xuất kho của nó; khác thì kết thúc với mã 1."""
    by = start()
    same = room.recount(_newest(by, name, unit, period).id, by=by)
    click.echo(
        {True: "Tính lại ra đúng số đã lập.", False: "Tính lại ra số khác.", None: "Lần xuất kho hoặc định nghĩa của báo cáo không còn."}[same]
    )
    if same is False:
        sys.exit(EXIT_FAILED)


def _newest(by: Actor, name: str, unit: room.Unit, period: str) -> room.Kept:
    found = room.reports_of(name, by=by, unit=unit, period=period)
    if not found:
        raise NotFound("Kỳ này chưa có báo cáo nào được lập.", advice="Lập: yba reports sign --step made.")
    return found[-1]


def _said(found: room.Kept) -> None:
    step = found.steps[-1]
    number = f", đính chính lần {found.number}" if found.number else ""
    click.echo(f"{found.report} {found.unit} {found.period.label}{number}: {_STATES[found.state]} ({step.name}). SHA-256 {found.sha256.hex()}")


def _number(value: float | None) -> str:
    return "trống" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


def _table(found: room.Draft, before: room.Draft | None) -> None:
    sheet, cells = found.sheet, found.figures.cells[""]
    click.echo(f"{sheet.number} · {sheet.title.vi} · {found.period.label} · {found.unit}")
    if sheet.without_successor:
        click.echo(sheet.without_successor.vi)
    for line in sheet.lines:
        said = []
        for at, one in enumerate(cells[line.id]):
            last = before.figures.cells[""][line.id][at].value if before and line.id in before.figures.cells[""] else None
            change = f" ({one.value - last:+g})" if one.value is not None and last is not None else ""
            said.append(room.STATES[one.state].vi if one.value is None else f"{_number(one.value)}{change}")
        click.echo(f"  {'  ' if line.parent else ''}{line.words.vi:60} {' | '.join(said)}")
    click.echo(f"Cơ sở đã gửi: {found.figures.heard}/{found.figures.expected}. Lần xuất kho {found.seq}; mã số liệu {found.digest.hex()}")
    if found.figures.broken:
        click.echo(f"Số không khớp: {'; '.join(dict.fromkeys(one.rule for one in found.figures.broken))}")


def _told(found: room.Draft) -> dict[str, Any]:
    def numbers(place: str) -> dict[str, Sequence[Any]]:
        return {row: [{"value": one.value, "state": one.state} for one in cells] for row, cells in found.figures.cells[place].items()}

    return {
        "report": found.edition.report, "edition": found.edition.edition, "period": found.period.label, "unit": str(found.unit),
        "places": {place or str(found.unit): numbers(place) for place in found.figures.places},
        "heard": found.figures.heard, "expected": found.figures.expected, "broken": [one.rule for one in found.figures.broken],
        "seq": found.seq, "figures": found.digest.hex(),
    }  # fmt: skip
