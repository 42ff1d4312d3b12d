"""``yba identity show | review``: who a number belongs to, and the conflicts that wait for a clerk."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from yba import identity as people
from yba.identity import ReviewState
from yba.kit.db import reading, unit_of_work
from yba.specs import identity as specs

from .common import EXIT_REJECTED, print_json, say, start
from .identity_group import identity

if TYPE_CHECKING:
    from uuid import UUID

    from yba.identity import PersonView, ReviewItem


@identity.command()
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="In mỗi người một dòng JSON.")
def show(number: str, *, as_json: bool) -> None:
    """Xem người mang một số (CCCD, BHXH, thẻ, hộ chiếu, mã người bệnh, mã hồ sơ): nguồn, giấy tờ, lịch sử, đối soát."""
    by = start()
    with reading(by=by) as conn:
        found = [people.person(conn, by=by, person_id=each) for each in people.find(conn, by=by, id=number)]
    if not found:
        say("Không có ai mang số này.")
        raise SystemExit(EXIT_REJECTED)
    for view in found:
        if as_json:
            print_json(asdict(view))
        else:
            _print(view)


def _print(view: PersonView) -> None:
    name = next((each.get("text", "") for each in view.golden.get("name", ())), "(chưa có tên)")
    click.echo(f"{name}  {view.golden.get('gender', '')}  {view.golden.get('birthDate', '')}  {view.id}")
    for number in view.identifiers:
        mark = "" if number.held and not number.contested_by else "  (đang tranh chấp)"
        click.echo(f"  {number.type.value:<12} {number.value:<16} {number.facility}  {number.first_seen} – {number.last_seen}{mark}")
    for source in view.sources:
        click.echo(f"  nguồn {source.facility} / {source.local_id}: {source.demographics.get('name', '')}  {source.demographics.get('birth', '')}")
    for kin in view.kin:
        click.echo(f"  {'mẹ' if kin.kind == 'mother' else 'con'} {kin.person_id}  {kin.since:%d/%m/%Y}  {kin.facility}")
    for said in view.said:
        if not said.shown:
            click.echo(f"  trước đây {said.field}: {said.value}  {said.facility}  {said.on or ''}")
    for event in view.events:
        click.echo(f"  {event.at:%d/%m/%Y %H:%M}  {event.kind}  {event.reason}  {event.facility} {event.local_id}  {event.who}")
    for item in view.reviews:
        _print_review(item)


@identity.command()
@click.option("--kind", type=click.Choice(sorted(specs.reviews())), default=None, help="Chỉ một loại.")
@click.option("--all", "every", is_flag=True, help="Cả những mục đã đóng.")
@click.option("--limit", default=50, show_default=True)
@click.option("--settle", type=click.UUID, default=None, help="Đóng một mục: đã giải quyết.")
@click.option("--dismiss", type=click.UUID, default=None, help="Đóng một mục: không phải xung đột.")
@click.option("--reason", default="", help="Lý do, bắt buộc khi đóng một mục.")
@click.option("--json", "as_json", is_flag=True, help="In mỗi mục một dòng JSON.")
def review(kind: str | None, *, every: bool, limit: int, settle: UUID | None, dismiss: UUID | None, reason: str, as_json: bool) -> None:
    """Liệt kê các trường hợp cần đối soát, hoặc đóng một trường hợp."""
    by = start()
    if settle or dismiss:
        if not reason.strip():
            raise click.UsageError("Cần --reason: lý do đóng mục.")
        with unit_of_work(by=by) as conn:
            for item, state in ((settle, ReviewState.SETTLED), (dismiss, ReviewState.DISMISSED)):
                if item:
                    people.settle(conn, by=by, review=item, state=state, reason=reason)
        return
    with reading(by=by) as conn:
        found = people.reviews(conn, by=by, state=None if every else ReviewState.OPEN, kind=kind, limit=limit)
    for each in found:
        if as_json:
            print_json(asdict(each))
        else:
            _print_review(each)
    if not as_json:
        say(f"{len(found)} mục")


def _print_review(item: ReviewItem) -> None:
    words = specs.reviews()[item.kind].vi
    click.echo(f"  {item.created_at:%d/%m/%Y}  [{item.state.value}] {words}")
    click.echo(f"     {item.id}  cơ sở {item.facility}, mã người bệnh {item.local_id}; người: {', '.join(map(str, item.persons))}")
