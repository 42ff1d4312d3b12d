"""``yba identity merge | split | undo | acts | proposals | approve | decline``: making two people one, one two, and taking it back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING
from uuid import UUID

import click

from yba import identity as people
from yba import record
from yba.identity import NeedsSecond, NotDone
from yba.kit.db import reading, unit_of_work
from yba.kit.errors import NotFound

from .common import EXIT_REJECTED, print_json, say, start
from .identity_group import identity

if TYPE_CHECKING:
    from psycopg import Connection

    from yba.identity import Plan
    from yba.kit import Actor

_WORDS = {"merge": "gộp", "split": "tách", "undo": "hoàn tác"}


@identity.command()
@click.argument("keep")
@click.argument("drop")
@click.option("--reason", required=True, help="Lý do, ghi vào lịch sử của cả hai người.")
@click.option("--plan", "only_plan", is_flag=True, help="Chỉ xem kế hoạch.")
def merge(keep: str, drop: str, reason: str, *, only_plan: bool) -> None:
    """Gộp DROP vào KEEP (mã người hoặc số giấy tờ): bệnh án, giấy tờ, quan hệ chăm sóc đi theo; mã cũ vẫn tìm được."""
    by = start()
    with unit_of_work(by=by) as conn:
        one, other = _person(conn, by, keep), _person(conn, by, drop)
        plan = record.weigh(conn, by=by, plan=people.plan_merge(conn, by=by, keep=one, drop=other, reason=reason))
        _do(conn, by, plan, only_plan=only_plan)


@identity.command()
@click.argument("person")
@click.option("--source", "sources", multiple=True, required=True, metavar="FACILITY/MA_BN[/VARIANT]", help="Nguồn tách ra; có thể lặp lại.")
@click.option("--reason", required=True, help="Lý do.")
@click.option("--plan", "only_plan", is_flag=True, help="Chỉ xem kế hoạch.")
def split(person: str, sources: tuple[str, ...], reason: str, *, only_plan: bool) -> None:
    """Tách một số nguồn (cơ sở/mã người bệnh) của một người thành người khác, hoặc trả về người đã bị gộp vào."""
    by = start()
    with unit_of_work(by=by) as conn:
        plan = people.plan_split(conn, by=by, person=_person(conn, by, person), sources=[_source(text) for text in sources], reason=reason)
        _do(conn, by, plan, only_plan=only_plan)


@identity.command()
@click.argument("act", type=int)
@click.option("--reason", required=True, help="Lý do.")
@click.option("--plan", "only_plan", is_flag=True, help="Chỉ xem kế hoạch.")
def undo(act: int, reason: str, *, only_plan: bool) -> None:
    """Hoàn tác một lần gộp hoặc tách (số lấy từ `yba identity acts`): trở lại đúng như trước, hoặc nói vì sao không được."""
    by = start()
    with unit_of_work(by=by) as conn:
        plan = record.weigh(conn, by=by, plan=people.plan_undo(conn, by=by, act=act, reason=reason))
        _do(conn, by, plan, only_plan=only_plan)


@identity.command()
@click.argument("person")
@click.option("--json", "as_json", is_flag=True, help="In mỗi lần một dòng JSON.")
def acts(person: str, *, as_json: bool) -> None:
    """Liệt kê các lần gộp, tách, hoàn tác của một người, mới nhất trước."""
    by = start()
    with reading(by=by) as conn:
        found = people.acts_of(conn, by=by, person_id=_person(conn, by, person))
    for one in found:
        if as_json:
            print_json(asdict(one))
            continue
        state = f"  (đã hoàn tác bởi {one.reverted_by})" if one.reverted_by else ""
        click.echo(f"{one.id}  {one.at:%d/%m/%Y %H:%M}  {_WORDS[one.kind.value]}  {one.giver} → {one.taker}  {one.reason}  {one.who}{state}")


@identity.command()
@click.option("--all", "every", is_flag=True, help="Cả những đề nghị đã giải quyết.")
@click.option("--json", "as_json", is_flag=True, help="In mỗi đề nghị một dòng JSON.")
def proposals(*, every: bool, as_json: bool) -> None:
    """Liệt kê các đề nghị chờ người thứ hai duyệt."""
    by = start()
    with reading(by=by) as conn:
        found = people.proposals(conn, by=by, state=None if every else "open")
    for one in found:
        if as_json:
            print_json(asdict(one))
        else:
            click.echo(f"{one.id}  [{one.state}] {_WORDS[one.kind.value]}  {one.giver} → {one.taker}  {one.reason}  {one.who}")


@identity.command()
@click.argument("proposal")
def approve(proposal: str) -> None:
    """Duyệt và thực hiện đề nghị của người khác."""
    by = start()
    with unit_of_work(by=by) as conn:
        _done(record.approve(conn, by=by, proposal=_id(proposal)))


@identity.command()
@click.argument("proposal")
@click.option("--reason", required=True, help="Vì sao không duyệt.")
def decline(proposal: str, reason: str) -> None:
    """Không duyệt một đề nghị, hoặc rút đề nghị của mình."""
    by = start()
    with unit_of_work(by=by) as conn:
        people.decline(conn, by=by, proposal=_id(proposal), words=reason)


def _do(conn: Connection[tuple[object, ...]], by: Actor, plan: Plan, *, only_plan: bool) -> None:
    """Show a plan, and carry it out or propose it."""
    click.echo(f"{_WORDS[plan.kind.value]}: {plan.giver} → {plan.taker}, {len(plan.moving)} nguồn, {len(plan.identifiers)} số giấy tờ")
    for ref in plan.moving:
        click.echo(f"  {ref.facility}/{ref.local_id}/{ref.variant}")
    for words in (*(guard.vi for guard in plan.guards), *(since.vi for since in plan.since)):
        click.echo(f"  ! {words}")
    if only_plan:
        return
    try:
        _done(record.carry_out(conn, by=by, plan=plan))
    except NeedsSecond:
        say(f"Cần người thứ hai duyệt; đã lập đề nghị {people.propose(conn, by=by, plan=plan).id}.")
    except NotDone as refused:
        say(f"Không thực hiện: {refused.vi}")
        raise SystemExit(EXIT_REJECTED) from refused


def _done(done: record.Done) -> None:
    say(f"Xong: lần {done.act}, {done.resources} tài nguyên đã chuyển từ {done.giver} sang {done.taker}.")


def _person(conn: Connection[tuple[object, ...]], by: Actor, text: str) -> UUID:
    found = people.find(conn, by=by, id=text)
    if len(found) != 1:
        raise NotFound(f"{len(found)} người mang số {text[:40]!r}; hãy ghi mã người.")
    return found[0]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("Không có đề nghị này.") from error


def _source(text: str) -> tuple[str, str, int]:
    facility, _, rest = text.partition("/")
    local_id, _, variant = rest.rpartition("/")
    if local_id and variant.isdigit():
        return facility, local_id, int(variant)
    return facility, rest, 1
