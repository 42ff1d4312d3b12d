"""``yba identity number | temporary | unknown``: health identifiers, temporary identifiers with their labels, and unknown patients."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yba import identity as people
from yba import record
from yba.kit.clock import VIETNAM
from yba.kit.db import reading, unit_of_work
from yba.kit.errors import Conflict, NotFound
from yba.specs.identity.temporary import temporary as rules

from .common import print_json, say, start
from .identity_group import identity

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.identity import UnknownPatient
    from yba.kit import Actor

_DAY = click.DateTime(["%Y-%m-%d"])
_MINUTE = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"])


def _one(conn: Connection[tuple[object, ...]], by: Actor, number: str) -> UUID:
    found = people.find(conn, by=by, id=number)
    if not found:
        raise NotFound("Không có ai mang số này.")
    if len(found) > 1:
        raise Conflict(f"{len(found)} người cùng mang số này.", advice="Dùng mã người: " + ", ".join(map(str, found)))
    return found[0]


@identity.group()
def number() -> None:
    """Mã y tế: số định danh cá nhân 12 chữ số đang hiệu lực hoặc đã hủy của một người."""


@number.command("set")
@click.argument("person")
@click.argument("value")
@click.option("--source", default="paper", show_default=True, help="Ai cho biết: paper, population, birth registration …")
@click.option("--since", type=_DAY, default=None, help="Có hiệu lực từ ngày.")
@click.option("--replaces", is_flag=True, help="Số này thay số đang hiệu lực (cấp lại).")
@click.option("--reason", default="", help="Lý do.")
def set_(person: str, value: str, source: str, since: datetime | None, reason: str, *, replaces: bool) -> None:
    """Ghi số đang hiệu lực của một người; mã tạm được đánh dấu đã thay và vẫn tra được."""
    by = start()
    with unit_of_work(by=by) as conn:
        one = _one(conn, by, person)
        made = people.record_health_id(conn, by=by, person_id=one, number=value, source=source, since=_date(since), replaces=replaces, reason=reason)
    click.echo(f"{made.person_id}  {made.status.value}  từ {made.valid_from or 'chưa rõ ngày'}")


@number.command()
@click.argument("person")
@click.argument("value")
@click.option("--reason", required=True, help="Lý do hủy.")
@click.option("--until", type=_DAY, default=None, help="Hết hiệu lực từ ngày (mặc định hôm nay).")
def cancel(person: str, value: str, reason: str, until: datetime | None) -> None:
    """Hủy một số (NĐ 70/2024 Đ11); số đã hủy vẫn tra được."""
    by = start()
    with unit_of_work(by=by) as conn:
        people.cancel_health_id(conn, by=by, person_id=_one(conn, by, person), number=value, reason=reason, until=_date(until))


@identity.group()
def temporary() -> None:
    """Mã tạm cho trẻ sơ sinh, người nước ngoài, người không rõ danh tính, và nhãn in."""


@temporary.command()
@click.option("--at", "facility", required=True, metavar="CODE", help="Cơ sở cấp (MA_CSKCB).")
@click.option("--kind", type=click.Choice(tuple(rules().kinds)), required=True, help="Vì sao cần mã tạm.")
@click.option("--person", default="", help="Cho ai (số giấy tờ, mã người); để trống: in sẵn, gắn sau.")
@click.option("--count", type=click.IntRange(1, 500), default=1, show_default=True, help="Số mã in sẵn.")
def give(facility: str, kind: str, person: str, count: int) -> None:
    """Cấp mã tạm."""
    by = start()
    with unit_of_work(by=by) as conn:
        one = _one(conn, by, person) if person else None
        for _ in range(1 if one else count):
            click.echo(people.give_temporary(conn, by=by, facility=facility, kind=kind, person_id=one).code)


@temporary.command()
@click.argument("code")
@click.argument("person")
def attach(code: str, person: str) -> None:
    """Gắn một mã in sẵn cho một người."""
    by = start()
    with unit_of_work(by=by) as conn:
        people.attach_temporary(conn, by=by, code=code, person_id=_one(conn, by, person))


@temporary.command()
@click.argument("code")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Tệp SVG (75 × 25 mm).")
@click.option("--name", default="", help="Tên ghi trên nhãn, nếu có.")
@click.option("--sex", type=click.Choice(["male", "female", "unknown"]), default="unknown", show_default=True)
@click.option("--birth", default="", help="Ngày hoặc năm sinh ghi trên nhãn.")
def label(code: str, out: Path, name: str, sex: str, birth: str) -> None:
    """Vẽ vòng tay hoặc nhãn có mã QR."""
    by = start()
    with reading(by=by) as conn:
        found = people.temporary_id(conn, by=by, code=code)
    out.write_text(people.label_svg(found, name=name, sex=sex, birth=birth), "utf-8")
    say(f"{out}: {found.code}")


@identity.group()
def unknown() -> None:
    """Người bệnh không rõ danh tính: tiếp nhận, hạn báo UBND xã, xác định là ai."""


@unknown.command()
@click.option("--at", "facility", required=True, metavar="CODE", help="Cơ sở tiếp nhận (MA_CSKCB).")
@click.option("--sex", type=click.Choice(["male", "female", "unknown"]), default="unknown", show_default=True)
@click.option("--age", type=int, nargs=2, default=None, help="Tuổi ước lượng: từ, đến.")
@click.option("--marks", default="", help="Đặc điểm nhận dạng.")
@click.option("--found", default="", help="Nơi tìm thấy.")
@click.option("--commune", default="", help="Mã xã (2025) phải báo.")
def register(facility: str, sex: str, age: tuple[int, int] | None, marks: str, found: str, commune: str) -> None:
    """Tiếp nhận: người mới với mã tạm và hạn báo 48 giờ."""
    by = start()
    with unit_of_work(by=by) as conn:
        made = record.register_unknown(conn, by=by, facility=facility, sex=sex, age=age, marks=marks, found_at=found, commune=commune)
    _print(made)


@unknown.command("list")
@click.option("--all", "every", is_flag=True, help="Cả những người đã xác định.")
@click.option("--json", "as_json", is_flag=True, help="In mỗi người một dòng JSON.")
def list_(*, every: bool, as_json: bool) -> None:
    """Ai còn chưa rõ danh tính, ai sắp hết hạn báo trước."""
    by = start()
    with reading(by=by) as conn:
        found = people.unknowns(conn, by=by, every=every)
    for one in found:
        if as_json:
            print_json(asdict(one) | {"overdue": one.is_overdue})
        else:
            _print(one)


@unknown.command()
@click.argument("code")
@click.option("--how", required=True, help="Đã báo bằng cách nào, cho ai.")
def told(code: str, how: str) -> None:
    """Ghi nhận đã báo UBND xã."""
    by = start()
    with unit_of_work(by=by) as conn:
        _print(people.note_commune_told(conn, by=by, code=code, how=how))


@unknown.command()
@click.argument("code")
@click.option("--at", "when", type=_MINUTE, required=True, help="Giờ tử vong, YYYY-MM-DDTHH:MM.")
def died(code: str, when: datetime) -> None:
    """Ghi nhận tử vong: hạn báo còn 24 giờ."""
    by = start()
    with unit_of_work(by=by) as conn:
        _print(people.note_unknown_death(conn, by=by, code=code, at=when.replace(tzinfo=VIETNAM)))


@unknown.command()
@click.argument("code")
@click.argument("person")
@click.option("--reason", required=True, help="Căn cứ xác định danh tính.")
def identify(code: str, person: str, reason: str) -> None:
    """Ghi nhận là ai: hồ sơ nhập vào người đã biết (PERSON: số giấy tờ hoặc mã người), mã tạm vẫn tra được, hoàn tác được."""
    by = start()
    with unit_of_work(by=by) as conn:
        _print(record.identify_unknown(conn, by=by, code=code, known=_one(conn, by, person), reason=reason))


def _print(one: UnknownPatient) -> None:
    ages = f"{one.age_from}–{one.age_to} tuổi" if one.age_from is not None else "chưa rõ tuổi"
    state = "đã xác định" if one.identified_at else "đã báo" if one.notified_at else "QUÁ HẠN BÁO" if one.is_overdue else "chưa báo"
    click.echo(f"{one.code}  {one.sex}  {ages}  báo trước {one.notify_by.astimezone(VIETNAM):%H:%M %d/%m/%Y}  {state}")


def _date(when: datetime | None) -> date | None:
    return when.date() if when else None
