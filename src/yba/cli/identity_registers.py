"""``yba identity verify …``: asking outside registers, one person or a list, with a report of verdicts."""

from __future__ import annotations

import csv
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click
from tqdm import tqdm

from yba import identity as people
from yba.identity import registers
from yba.kit.db import reading, unit_of_work
from yba.kit.errors import Conflict, NotFound
from yba.specs.identity import registers as specs

from .common import EXIT_FAILED, EXIT_REJECTED, print_json, say, start
from .identity_group import identity

if TYPE_CHECKING:
    from yba.kit import Actor

_FIELDS = {"number": "số định danh", "name": "họ tên", "birth": "ngày sinh", "sex": "giới tính", "address": "nơi ở", "household": "hộ gia đình"}
_WORDS = {registers.Verdict.YES: "khớp", registers.Verdict.NO: "không khớp", registers.Verdict.NOT_KNOWN: "chưa rõ"}
OUTCOMES = {
    "": "chưa hỏi", "found": "có trong CSDL", "not-found": "không tìm thấy", "wrong-person": "trả về người khác, đã bỏ", "bad-answer": "trả lời hỏng",
    "refused": "từ chối tài khoản", "away": "không trả lời", "failed": "lỗi xử lý", "asked": "chưa có trả lời",
    "unaskable": "thiếu số, tên hoặc ngày sinh",
}  # fmt: skip
_PURPOSES = tuple(specs.population().purposes)
_consent = click.option("--consent", default="", help="Sự đồng ý của người được xác minh (bắt buộc khi qua tổ chức được cấp phép).")
_facility = click.option("--for", "facility", default="", metavar="CODE", help="Hỏi cho cơ sở nào (MA_CSKCB); để trống: cho tỉnh.")
_purpose = click.option("--purpose", type=click.Choice(_PURPOSES), required=True, help="Mục đích, ghi vào nhật ký cùng câu hỏi.")


@identity.group()
def verify() -> None:
    """Xác minh với CSDL quốc gia về dân cư, tra cứu thẻ BHYT: chỉ giữ kết luận khớp / không khớp của dân cư."""


@verify.command()
@click.argument("number")
@_purpose
@_consent
@_facility
@click.option("--anew", is_flag=True, help="Hỏi lại dù còn kết quả trong hạn.")
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def person(number: str, purpose: str, consent: str, facility: str, *, anew: bool, as_json: bool) -> None:
    """Xác minh một người đã có trong hệ thống (số giấy tờ, mã người)."""
    by = start()
    one = _one(by, number)
    answer = registers.population(by=by, purpose=purpose, facility=facility, consent=consent).verify_person(one, anew=anew)
    if as_json:
        print_json(asdict(answer))
    else:
        click.echo(f"{OUTCOMES[answer.outcome.value]}{'  (kết quả đã lưu)' if answer.kept else ''}, giữ đến {answer.expires:%d/%m/%Y}")
        for name, verdict in answer.matches.items():
            click.echo(f"  {_FIELDS[name]:<14} {_WORDS[verdict]}")
    if not answer.agrees:
        raise SystemExit(EXIT_REJECTED)


@verify.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option("--purpose", type=click.Choice(_PURPOSES), default="reconciliation", show_default=True, help="Mục đích, ghi vào nhật ký.")
@_consent
@_facility
@click.option(
    "--limit", type=click.IntRange(1, registers.LARGEST), default=1000, show_default=True, help="Nhiều nhất bao nhiêu người khi không có FILE."
)
@click.option("--resume", type=click.UUID, default=None, help="Chạy tiếp một đợt.")
@click.option("--report", "out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Ghi kết quả từng người (CSV).")
@click.option("--patience", default=900.0, show_default=True, help="Chờ tổng cộng bao nhiêu giây khi hệ thống ngoài gián đoạn.")
def batch(file: Path | None, purpose: str, consent: str, facility: str, limit: int, resume: UUID | None, out: Path | None, patience: float) -> None:
    """Xác minh một danh sách (FILE: mỗi dòng một mã người), hoặc những người chưa có kết quả trong hạn; dừng giữa chừng thì chạy tiếp được."""
    by = start()
    id_ = resume or _laid(by, file, purpose, consent, facility, limit)
    if id_ is None:
        say("Không có ai cần xác minh.")
        return
    with tqdm(unit=" người", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:

        def advance(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        run = registers.run_batch(by=by, batch=id_, patience=patience, progress=advance)
    with reading(by=by) as conn:
        found = registers.report(conn, by=by, batch=id_)
    _summary(found)
    if out is not None:
        _write(found, out)
    if run.left:
        why = {"day": "đã hết hạn mức hôm nay", "breaker": "hệ thống ngoài gián đoạn"}.get(run.stopped, "đang được tiến trình khác giữ")
        say(f"Còn {run.left} người: {why}. Chạy tiếp: yba identity verify batch --resume {id_}")
        raise SystemExit(EXIT_FAILED)


def _laid(by: Actor, file: Path | None, purpose: str, consent: str, facility: str, limit: int) -> UUID | None:
    with unit_of_work(by=by) as conn:
        chosen = registers.due(conn, by=by, facility=facility, limit=limit) if file is None else _listed(file)
        return registers.make_batch(conn, by=by, purpose=purpose, people=chosen, facility=facility, consent=consent) if chosen else None


def _listed(file: Path) -> list[UUID]:
    try:
        return [UUID(line.strip()) for line in file.read_text("utf-8-sig").splitlines() if line.strip()]
    except ValueError:
        raise click.BadParameter("mỗi dòng là một mã người (UUID).", param_hint="FILE") from None


def _summary(found: registers.BatchReport) -> None:
    say(f"Đợt {found.id}: {len(found.lines)} người")
    for outcome, count in sorted(found.outcomes.items()):
        say(f"  {OUTCOMES.get(outcome, outcome):<32} {count:>7}")
    for name, counts in found.verdicts.items():
        told = ", ".join(f"{_WORDS[registers.Verdict(verdict)]} {count}" for verdict, count in sorted(counts.items()))
        if told:
            say(f"  {_FIELDS[name]:<14} {told}")


def _write(found: registers.BatchReport, out: Path) -> None:
    """A table for spreadsheets: verdicts only, no value of the register and no number of a paper."""
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["STT", "Mã người", "Kết quả", *(name.capitalize() for name in _FIELDS.values()), "Lúc"])
        for line in found.lines:
            verdicts = [_WORDS[line.matches[name]] if name in line.matches else "" for name in _FIELDS]
            at = f"{line.at:%d/%m/%Y %H:%M}" if line.at else ""
            writer.writerow([line.ordinal, line.person_id, OUTCOMES.get(line.outcome, line.outcome), *verdicts, at])


@verify.command()
@click.argument("number")
@click.option("--name", required=True, help="Họ tên.")
@click.option("--birth", required=True, help="Ngày sinh YYYY-MM-DD hoặc năm sinh.")
@click.option("--for", "facility", required=True, metavar="CODE", help="Cơ sở tra cứu (MA_CSKCB).")
@click.option("--moment", type=click.Choice(tuple(specs.card().purposes)), default="arrival", show_default=True, help="Thời điểm (TT 12/2026).")
@click.option("--link", default="", help="MA_LK của lượt khám.")
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def card(number: str, name: str, birth: str, facility: str, moment: str, link: str, *, as_json: bool) -> None:
    """Tra cứu thẻ BHYT; trả lời được giữ nguyên vẹn cho cơ sở đã hỏi."""
    by = start()
    answer = registers.cards(by=by, moment=moment, facility=facility, link=link).look_up(number, name=name, birth=birth)
    if as_json:
        print_json(asdict(answer))
    else:
        click.echo(f"{answer.code}  {specs.card().codes[answer.code].vi}")
        for key in ("card", "valid_from", "valid_to", "registered_at", "five_years_from", "new_card"):
            if answer.facts.get(key):
                click.echo(f"  {key:<16} {answer.facts[key]}")
    if answer.meaning != "good":
        raise SystemExit(EXIT_REJECTED)


@verify.command()
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def state(*, as_json: bool) -> None:
    """Tình trạng các hệ thống ngoài: lỗi liên tiếp, tạm ngừng đến khi nào, đã hỏi bao nhiêu hôm nay."""
    by = start()
    with reading(by=by) as conn:
        found = registers.standings(conn, by=by)
    for register, one in found.items():
        if as_json:
            print_json({"register": register.value, **one._asdict()})
        else:
            until = f", tạm ngừng đến {one.open_until:%H:%M:%S}" if one.open_until else ""
            click.echo(f"{register.value:<12} lỗi liên tiếp {one.failures}{until}, hôm nay {one.spent_today} lượt")


def _one(by: Actor, number: str) -> UUID:
    with reading(by=by) as conn:
        found = people.find(conn, by=by, id=number)
    if not found:
        raise NotFound("Không có ai mang số này.")
    if len(found) > 1:
        raise Conflict(f"{len(found)} người cùng mang số này.", advice="Dùng mã người: " + ", ".join(map(str, found)))
    return found[0]
