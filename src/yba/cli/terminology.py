"""``yba terminology``: codes looked up, lists and what is known of them, and the operator's load of ATC and SNOMED CT."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yba import terminology as terms
from yba.kit import Invalid, clock

from .common import EXIT_REJECTED, actor, print_json, say

if TYPE_CHECKING:
    from datetime import date, datetime

DAY = click.DateTime(["%Y-%m-%d"])


def _day(on: datetime | None) -> date:
    return on.date() if on else clock.today()


@click.group()
def terminology() -> None:
    """Danh mục mã: tra cứu, liệt kê, nạp thêm."""


@terminology.command()
@click.argument("system")
@click.argument("code")
@click.option("--on", type=DAY, help="Ngày tính (kết thúc lượt khám); mặc định hôm nay.")
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def lookup(system: str, code: str, on: datetime | None, *, as_json: bool) -> None:
    """Tra một mã trong danh mục có hiệu lực ngày đó; thoát 3 khi không có."""
    day = _day(on)
    concept = terms.lookup(system, code, day)
    member = terms.is_member(system, code, day)
    if as_json:
        print_json({"member": member.value, "concept": asdict(concept) if concept else None, "on": day})
    elif concept is None:
        unknown = "danh mục chưa đủ để kết luận" if member is terms.Membership.UNKNOWN else "không có trong danh mục"
        say(f"{code}: {unknown} ({system}, {day}).")
    else:
        _print(concept)
    if concept is None:
        raise SystemExit(EXIT_REJECTED)


def _print(concept: terms.Concept) -> None:
    click.echo(f"{concept.code}  {concept.display or concept.display_en or 'chưa có tên'}")
    if concept.display and concept.display_en:
        click.echo(f"  {concept.display_en}")
    click.echo(f"  danh mục: {concept.system} {concept.edition}; trên: {concept.parent or '–'}")
    for name, value in concept.properties.items():
        click.echo(f"  {name}: {value}")


@terminology.command()
@click.argument("system")
@click.argument("text")
@click.option("--on", type=DAY, help="Ngày tính; mặc định hôm nay.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def expand(system: str, text: str, on: datetime | None, limit: int, *, as_json: bool) -> None:
    """Tìm mã theo chữ, có dấu hoặc không dấu."""
    found = terms.expand(system, text, _day(on), limit)
    if as_json:
        print_json([asdict(concept) for concept in found])
        return
    for concept in found:
        click.echo(f"{concept.code}\t{concept.display or concept.display_en}")


@terminology.command()
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def lists(*, as_json: bool) -> None:
    """Mọi danh mục: bản, hiệu lực, số mã, đủ hay thiếu, nguồn."""
    held = terms.all_lists()
    if as_json:
        print_json([asdict(info) for info in held])
        return
    for info in held:
        click.echo(f"{info.id}  {info.title_vi}")
        for edition in info.editions:
            span = f"{edition.valid_from or '…'} – {edition.valid_to or '…'}"
            state = "đủ" if edition.complete else "chưa đủ"
            click.echo(f"  {edition.name}: {edition.codes} mã, {span}, {state}")


@terminology.command()
@click.option("--system", required=True, type=click.Choice(["atc", "snomed"]))
@click.option("--edition", required=True, help="Tên bản, ví dụ 2026-01.")
@click.option("--valid-from", required=True, type=DAY, help="Dùng từ ngày.")
@click.option("--licence", required=True, help="Giấy phép mà ông/bà dựa vào để dùng danh mục này.")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def load(system: str, edition: str, valid_from: datetime, licence: str, file: Path, *, as_json: bool) -> None:
    """Nạp ATC (CSV: code,display[,display_vi]) hoặc SNOMED CT (RF2) vào thư mục dữ liệu, có kiểm tra."""
    if not licence.strip():
        raise Invalid("Chưa ghi giấy phép.", advice="--licence nói rõ căn cứ được dùng danh mục.")
    by = actor("terminology-load")
    done = terms.load(system, file, by=by, edition=edition, valid_from=valid_from.date(), licence=licence.strip())
    terms.forget()
    if as_json:
        print_json(asdict(done))
    else:
        say(f"{done.system} {done.edition}: {done.codes} mã, thêm {done.added}, bớt {done.removed}; sha256 {done.sha256[:16]}…")
