"""The numbers of ``yba demo``: the lake filled, the boards counted, alerts judged, the digests made, and who may look at them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from yba import directory, warehouse
from yba.kit import Unavailable, clock
from yba.kit.db import unit_of_work
from yba.warehouse import alerts, digests, forecasts

from .common import say

if TYPE_CHECKING:
    from pathlib import Path

    from yba.accounts import DemoAccount
    from yba.kit import Actor

_DIRECTOR: Final = "provincial-manager"


def name_facilities(by: Actor, truth: Path) -> None:
    """Call the facilities of the synthetic province by the names of its set (sets of earlier releases have none)."""
    if not (truth / "facilities.csv").exists():
        return
    with (truth / "facilities.csv").open(encoding="utf-8", newline="") as lines, unit_of_work(by=by) as conn:
        names = {row["facility"]: row["name"] for row in csv.DictReader(lines)}
        known = directory.facilities_at(conn, by=by, codes=sorted(names), on=clock.today())
        for code, name in names.items():
            if code not in known or not known[code].name:
                directory.complete_facility(conn, by=by, code=code, name=name)


def fill_numbers(by: Actor) -> None:
    """Fill the lake and count what the desks show, as the jobs will go on to do; what there is already is left as it is."""
    say("     chép hồ sơ vào kho …")
    warehouse.refresh(by=by)
    say("     đếm số của các bàn, 13 kỳ mỗi số …")
    counted = warehouse.keep_boards(by=by)
    say("     dự báo, xét cảnh báo, lập bản tin …")
    try:
        forecasts.make(by=by)
    except Unavailable:
        say("     dự báo cần cài thêm phần mở rộng forecasts: bỏ qua.")
    judged = alerts.judge(by=by)
    made = [digests.make(by=by, name=name, period=period) for name, period in digests.due(by=by)]
    raised = sum(one.raised for one in judged)
    say(f"     {counted} số liệu đã đếm, {raised} cảnh báo mới, {len(made)} bản tin mới.")


def told_of(accounts: list[DemoAccount], port: int) -> str:
    """Say where the director's desk is and who opens it; "" where there is no such account."""
    director = next((one for one in accounts if one.role == _DIRECTOR), None)
    if director is None:
        return ""
    return f"Bàn điều hành: http://127.0.0.1:{port}/director  (tài khoản {director.username}, mật khẩu {director.password})"
