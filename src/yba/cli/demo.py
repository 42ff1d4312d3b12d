"""``yba demo``: a synthetic province from claims files to one resident's record and the pages."""

from __future__ import annotations

import csv
import shlex
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yba import access, accounts, directory, identity, ingest, record, synth, web
from yba.kit import Unavailable, clock, derived
from yba.kit.db import reading, unit_of_work
from yba.kit.settings import VAR

from .common import say, start
from .demo_desk import fill_desks
from .demo_numbers import fill_numbers, name_facilities, told_of
from .serve import serve

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit import Actor

SHOWN_VISITS = 5


@click.command()
@click.option("--population", default=5000, show_default=True, help="Số người dân.")
@click.option("--months", default=3, show_default=True, help="Số tháng.")
@click.option("--seed", default=1, show_default=True, help="Hạt giống.")
@click.option("--workers", default=2, show_default=True, help="Số tiến trình tiếp nhận.")
@click.option("--serve/--no-serve", "serving", default=True, show_default=True, help="Mở trang khi xong.")
@click.option("--port", default=8000, show_default=True)
@click.pass_context
def demo(context: click.Context, *, population: int, months: int, seed: int, workers: int, serving: bool, port: int) -> None:
    """Chạy thử với một tỉnh giả lập: tạo tệp XML, tiếp nhận, in một hồ sơ, mở trang."""
    folder = VAR() / "demo" / f"{population}-{months}-{seed}"
    if not (folder / "manifest.json").exists():
        shutil.rmtree(folder, ignore_errors=True)  # half a set of an earlier, interrupted run
        say(f"1/4  tạo hồ sơ XML của {population} người dân trong {months} tháng …")
        synth.write_set(synth.Options(population=population, months=months, seed=seed), folder)
    by = start("demo")
    sample = accounts.mark_demo(fresh=not ingest.messages(by=by, limit=1))
    say("2/4  tiếp nhận …")
    totals = ingest.ingest([str(folder / "claims")], by=by, workers=workers)
    say(ingest.totals_text(totals))
    fill_registers(by, folder / "truth")
    name_facilities(by, folder / "truth")
    number = frequent_visitor(folder / "truth")
    say(f"3/4  hồ sơ của một người dân (giả lập), {number}:\n")
    click.echo(text_of(by, number))
    if sample:
        facility, made = show_accounts(by, number)
        fill_desks(by, folder / "truth", facility, but=number)
        say(f"\nBàn khám tại {facility}: có người dân (giả lập) đang chờ, hẹn hôm nay và quá hẹn (đăng nhập bằng tài khoản nhân viên trạm).")
    else:
        say("\nThư mục này đã có dữ liệu trước khi chạy thử: không tạo tài khoản mẫu.")
    say("4/4  kho dữ liệu: bàn điều hành, cảnh báo, bản tin …")
    fill_numbers(by)
    again = command()
    if sample:
        click.echo(f"\n{told_of(made, port)}")
        say(f"Số trên bàn đổi theo việc của trạm sau mỗi lần xuất (5 phút); ngay lập tức:\n  {again} warehouse refresh && {again} warehouse keep")
        say(f"\nPhần mềm của cơ sở gọi API FHIR:  {again} clients add {facility}")
    say(f"\nXem tiếp:  {again} record show {number}\nTrang:     {again} serve  →  http://127.0.0.1:{port}/record/{number}")
    if serving:
        context.invoke(serve, port=port)


def command() -> str:
    """Return what to type in another terminal to work with the data of this one: its folder, and this very program."""
    program = sys.argv[0] if Path(sys.argv[0]).name == "yba" else f"{sys.executable} -m yba"
    return f"YBA_VAR={shlex.quote(str(VAR()))} {program}"


def fill_registers(by: Actor, truth: Path) -> None:
    """Load the synthetic province's population and beds, if its set has them (sets of earlier releases do not)."""
    with unit_of_work(by=by) as conn:
        if (truth / "population.csv").exists():
            directory.load_population(conn, by=by, lines=directory.read_population((truth / "population.csv").read_bytes()))
        if (truth / "beds.csv").exists():
            directory.load_beds(conn, by=by, lines=directory.read_beds((truth / "beds.csv").read_bytes()))


def frequent_visitor(truth: Path) -> str:
    """Return the citizen number of the resident with the most visits."""
    with (truth / "people.csv").open(encoding="utf-8", newline="") as file:
        visits = Counter(row["person_id"] for row in csv.DictReader(file) if row["outcome"] == "accepted")
    with (truth / "residents.csv").open(encoding="utf-8", newline="") as file:
        numbers = {row["person_id"]: row["citizen_number"] for row in csv.DictReader(file)}
    for person, _ in visits.most_common():
        if numbers.get(person):
            return numbers[person]
    message = "the synthetic province has nobody with a citizen number and an accepted claim."
    raise Unavailable(message, advice="Choose a larger --population.")


def show_accounts(by: Actor, number: str) -> tuple[str, list[accounts.DemoAccount]]:
    """Open one account per role at the facility that knows the resident, print them, and return the facility and all accounts."""
    with unit_of_work(by=by) as conn:
        person = identity.person(conn, by=by, person_id=record.find_person(conn, by=by, number=number))
        facility = person.sources[0].facility
        known = directory.facility_at(conn, by=by, code=facility, on=clock.today())
        communes = directory.communes_of(known.province, clock.today()) if known else []
        ward = next((one for one in identity.find(conn, by=by, id=number) if one != person.id), person.id)
        made = accounts.make_demo_accounts(
            conn, by=by, facility=facility, commune=communes[0].code if communes else "", person_id=person.id, ward=ward
        )
        _in_care(conn, by, person.id, facility)
    say(f"\nNgười này được ghi là đang khám và tham gia chương trình tại {facility}, để các vai trò mẫu ở đó mở được hồ sơ.")
    say(f"\nTài khoản mẫu, một cho mỗi vai trò (giữ trong {VAR() / 'demo' / 'accounts.txt'}):\n")
    for one in made:
        click.echo(f"  {one.username:<30} {one.password}  {('mã 2 lớp: ' + one.totp) if one.totp else ''}".rstrip())
    return facility, made


def _in_care(conn: Connection[Any], by: Actor, person: UUID, facility: str) -> None:
    """Let the resident be on a visit and in a programme where the demo accounts work: the visits of the files ended too long ago to open a record."""
    access.relate_many(
        conn,
        by=by,
        relations=[
            access.Relation(person, access.UnitKind.FACILITY, facility, kind, clock.now(), None, "Encounter", "demo", derived("demo", facility, kind))
            for kind in (access.RelationKind.VISIT, access.RelationKind.ENROLMENT)
        ],
    )


def text_of(by: Actor, number: str) -> str:
    """Return a person's record as text."""
    with reading(by=by) as conn:
        person = record.find_person(conn, by=by, number=number)
        page = record.page_of(conn, by=by, person_id=person, names=web.names(conn, by=by))
    return record.as_text(page, today=clock.today(), visits=SHOWN_VISITS)
