"""``yba warehouse alerts | judge | acknowledge | close | forecast``: what stands out in the numbers, who answers it, and the weeks to come."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import click
from tqdm import tqdm

from yba.kit import clock
from yba.kit.db import reading, unit_of_work
from yba.kit.errors import NotFound
from yba.specs.forecasts import series
from yba.specs.measures import Dimension
from yba.warehouse import alerts as room
from yba.warehouse import forecasts

from .common import print_json, start

if TYPE_CHECKING:
    from yba.kit import Actor

_SEVERITY: Final = {"urgent": "KHẨN", "warning": "cảnh báo", "info": "lưu ý"}


@click.command()
@click.option("--closed", is_flag=True, help="Những cảnh báo đã đóng.")
@click.option("--rules", "by_rule", is_flag=True, help="Mỗi quy tắc: xét lúc nào, được bao nhiêu nơi.")
@click.option("--json", "as_json", is_flag=True)
def alerts(*, closed: bool, by_rule: bool, as_json: bool) -> None:
    """Cảnh báo đang mở: số liệu nào của nơi nào khác thường."""
    by = start()
    with reading(by=by) as conn:
        if by_rule:
            for one in room.judged(conn, by=by):
                if as_json:
                    print_json(one._asdict())
                else:
                    when = f"{one.judged_at.astimezone(clock.VIETNAM):%d/%m/%Y %H:%M}"
                    click.echo(
                        f"{one.rule:36} {when}  {one.period:12} {one.state:10} {one.places} nơi, {one.unknown} không xét được, {one.firing} vượt"
                    )
            return
        found = room.standing(conn, by=by, closed=closed)
    for alert in found:
        if as_json:
            print_json(_told(alert))
        else:
            _say(alert)
    if not found and not as_json:
        click.echo("Không có cảnh báo nào.")


@click.command()
@click.option("--json", "as_json", is_flag=True)
def judge(*, as_json: bool) -> None:
    """Xét mọi quy tắc cảnh báo ngay, như việc định kỳ; chạy hai lần cũng như một."""
    for one in room.judge(by=start()):
        if as_json:
            print_json({**one.standing._asdict(), "raised": one.raised, "closed": one.closed})
        else:
            click.echo(f"{one.standing.rule:36} {one.standing.state:10} vượt {one.standing.firing}, mới {one.raised}, đóng {one.closed}")


@click.command()
@click.argument("alert", metavar="ID")
@click.option("--note", default="", help="Ai làm gì.")
def acknowledge(alert: str, note: str) -> None:
    """Tiếp nhận một cảnh báo."""
    by = start()
    with unit_of_work(by=by) as conn:
        _say(room.acknowledge(conn, by=by, id=_id(alert), note=note))


@click.command()
@click.argument("alert", metavar="ID")
@click.option("--note", required=True, help="Đã thấy gì, đã làm gì.")
def close(alert: str, note: str) -> None:
    """Đóng một cảnh báo; cùng kỳ không báo lại."""
    by = start()
    with unit_of_work(by=by) as conn:
        _say(room.close(conn, by=by, id=_id(alert), note=note))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("there is no such alert.", advice="See yba warehouse alerts.") from None


def _say(one: room.Alert) -> None:
    where = " · ".join(value for value in one.place if value) or "toàn tỉnh"
    state = "đã đóng" if one.closed_at else "đã tiếp nhận" if one.acknowledged_at else "chưa ai nhận"
    click.echo(f"{one.id}  {_SEVERITY[one.severity]}: {one.title.vi}")
    click.echo(f"  {where}, {one.period}: {one.words.vi}; {state}{f' ({one.closing or one.note})' if one.closing or one.note else ''}")


def _told(one: room.Alert) -> dict[str, Any]:
    return {**one._asdict(), **one.place._asdict(), "place": None, "vi": one.words.vi, "en": one.words.en}


@click.command()
@click.argument("name", default="")
@click.option("--facility", default="", metavar="CODE", help="Của một cơ sở (MA_CSKCB); không ghi: toàn tỉnh.")
@click.option("--weeks", default=8, show_default=True, type=click.IntRange(1, 8))
@click.option("--make", "making", is_flag=True, help="Lập lại dự báo từ kho ngay (việc định kỳ làm mỗi tuần).")
@click.option("--json", "as_json", is_flag=True)
def forecast(*, name: str, facility: str, weeks: int, making: bool, as_json: bool) -> None:
    """Dự báo theo tuần, chỉ hiện khi tốt hơn cách lấy tuần cùng kỳ năm trước."""
    by = start()
    if making:
        _make(by, name, quiet=as_json)
    place = {Dimension.FACILITY: facility} if facility else None
    for one in [name] if name else list(series()):
        try:
            found = forecasts.forecast(one, by=by, weeks=weeks, dimensions=place)
        except NotFound as missing:
            if name:
                raise
            click.echo(f"{one}: {missing}", err=True)
            continue
        if as_json:
            print_json(_as_json(found))
        else:
            _draw(found)


def _make(by: Actor, name: str, *, quiet: bool) -> None:
    with tqdm(unit=" chuỗi", disable=quiet or not sys.stderr.isatty()) as bar:

        def show(done: int, expected: int) -> None:
            bar.total = expected
            bar.update(done - bar.n)

        forecasts.make(by=by, names=[name] if name else None, progress=show)


def _draw(one: forecasts.Forecast) -> None:
    until = f"{one.history[-1].week:%d/%m/%Y}" if one.history else "–"
    click.echo(f"{one.series.title.vi}, {one.facility or 'toàn tỉnh'}; tuần cuối đã biết bắt đầu {until}")
    for point in one.points:
        wide = f"80 %: {point.low80:.0f}–{point.high80:.0f}   95 %: {point.low95:.0f}–{point.high95:.0f}"
        click.echo(f"  tuần từ {point.week:%d/%m/%Y} {point.value:>10.0f}   {wide}")
    click.echo(f"  {one.words.vi}")


def _as_json(one: forecasts.Forecast) -> dict[str, Any]:
    return {
        "series": one.series.name,
        "facility": one.facility,
        "made_at": one.made_at,
        "verdict": one.verdict,
        "tested": one.tested._asdict() if one.tested else None,
        "vi": one.words.vi,
        "en": one.words.en,
        "history": [past._asdict() for past in one.history],
        "points": [point._asdict() for point in one.points],
    }


COMMANDS: Final = (alerts, judge, acknowledge, close, forecast)
