"""``yba books``: which books there are, and one of them for a period and a place, row by row as far as the reader's right goes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from yba import warehouse as room
from yba.specs.books import books as known
from yba.specs.books import editions

from .common import print_json, say, start


@click.group()
def books() -> None:
    """Sổ sách ban đầu A1–A12, đọc thẳng từ hồ sơ."""


@books.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(*, as_json: bool) -> None:
    """Có những sổ nào, mỗi dòng là gì, cột nào chưa có nguồn."""
    for one in known().values():
        without = [column.title.vi for column in one.columns if column.missing]
        if as_json:
            told: dict[str, Any] = {"name": one.name, "code": one.code, "vi": one.title.vi, "en": one.title.en, "editions": one.editions}
            print_json({**told, "restricted": one.restricted, "missing": one.missing.vi if one.missing else None, "without_source": without})
            continue
        marks = [*(["hạn chế"] if one.restricted else []), *(["chưa có nguồn"] if one.missing else [])]
        said = f" ({', '.join(marks)})" if marks else ""
        click.echo(f"{one.name:6} {one.code:5} {one.title.vi}{said}")
        click.echo(f"{'':12} {one.row.vi}")
        if without and not one.missing:
            click.echo(f"{'':12} chưa có nguồn: {', '.join(without)}")


@books.command()
@click.argument("name", metavar="BOOK")
@click.option("--period", "-p", "when", required=True, metavar="PERIOD", help="2026-10, 2026-W43, 2026-Q4, 2026, 2026-09-15..2026-10-14.")
@click.option("--facility", default="", metavar="CODE", help="Sổ của cơ sở này (MA_CSKCB).")
@click.option("--commune", default="", metavar="CODE", help="Người cư trú tại xã này (mã 2025), khám ở đâu cũng vậy.")
@click.option("--edition", default="", type=click.Choice(["", *editions()]), help="Mẫu khác mẫu đang có hiệu lực.")
@click.option("--page", default=1, type=click.IntRange(1), help="Trang, mỗi trang 50 dòng.")
@click.option("--csv", "as_csv", is_flag=True, help="Cả sổ, dạng CSV.")
@click.option("--xlsx", "workbook", type=click.Path(dir_okay=False, path_type=Path), default=None, metavar="FILE", help="Cả sổ, ra tệp Excel.")
@click.option("--english", is_flag=True)
def show(
    *, name: str, when: str, facility: str, commune: str, edition: str, page: int, as_csv: bool, workbook: Path | None, english: bool
) -> None:  # fmt: skip
    """Một sổ của một kỳ: chỉ những dòng người đọc được phép xem; mỗi lần đọc được ghi lại."""
    whole = as_csv or workbook is not None
    form = "csv" if as_csv else "xlsx" if workbook else "page"
    place = room.books.Place(facility, commune)
    found = room.books.book(
        name, by=start(), period=room.period(when), place=place, edition=edition, page=None if whole else page, form=form, english=english
    )
    if workbook is not None:
        workbook.touch(mode=0o600)
        workbook.write_bytes(room.books.as_xlsx(found, english=english))
        say(f"{found.total} dòng: {workbook}")
    elif as_csv:
        sys.stdout.write(room.books.as_csv(found, english=english))
    else:
        _lines(found, english=english)


def _lines(found: room.books.Reading, *, english: bool) -> None:
    """Print a page as a list: a book's fourteen columns are wider than any screen."""

    def say_it(words: Any) -> str:  # noqa: ANN401  Words
        return str(words.en if english else words.vi)

    click.echo(
        f"{found.book.code} {say_it(found.book.title)}, {found.period.label}, {found.facility or found.commune} ({say_it(found.edition.title)})"
    )
    for row in found.rows:
        click.echo(f"{row.number}. {room.books.day_text(row.day)}")
        for heading, cell in zip(found.headings[1:], row.cells[1:], strict=True):
            if heading.has_source and cell:
                click.echo(f"   {say_it(heading.column.title)}: {cell}")
    click.echo(f"{found.total} dòng, trang {found.page}/{found.pages}")
    for one in found.headings:
        if one.column.missing:
            click.echo(f"  {say_it(one.column.title)}: chưa có nguồn – {say_it(one.column.missing)}")
    for note in found.notes:
        click.echo(f"  {say_it(note)}")
