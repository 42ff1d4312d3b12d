"""``yba measures``: which measures there are, and one of them for a period."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from yba import warehouse as room
from yba.kit import spreadsheets
from yba.specs.measures import Dimension
from yba.specs.measures import measures as known
from yba.warehouse import EngineKind

from .common import print_json, start

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from yba.warehouse import Answer, Cell


@click.group()
def measures() -> None:
    """Số liệu tổng hợp của kho: tử số, mẫu số, ai đã gửi; số nhỏ được che."""


@measures.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(*, as_json: bool) -> None:
    """Có những số liệu nào, theo kỳ nào, chia theo gì."""
    for one in known().values():
        if as_json:
            told = {"vi": one.title.vi, "en": one.title.en, "kind": one.kind, "semantics": one.semantics, "periods": one.periods}
            print_json({"name": one.name, **told, "dimensions": one.dimensions, "missing": one.missing.vi if one.missing else None})
        else:
            click.echo(f"{one.name:24} {one.title.vi}{'' if one.sql else ' (chưa có nguồn)'}")
            click.echo(f"{'':24} {', '.join(one.periods)} · {', '.join(one.dimensions)}")


@measures.command()
@click.argument("name")
@click.option("--period", "-p", "when", required=True, metavar="PERIOD", help="2026-10, 2026-W43, 2026-Q4, 2026, 2026-10@15, 2026-09-15..2026-10-14.")
@click.option("--by", "dimensions", multiple=True, type=click.Choice([one.value for one in Dimension]), help="Chia theo; có thể lặp lại.")
@click.option("--facility", "facilities", multiple=True, metavar="CODE", help="Chỉ cơ sở này (MA_CSKCB); có thể lặp lại.")
@click.option("--commune", "areas", multiple=True, metavar="CODE", help="Chỉ xã này (mã 2025); có thể lặp lại.")
@click.option("--as-of", "day", type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]), default=None, help="Như kho biết ở cuối ngày này.")
@click.option(
    "--engine", type=click.Choice([one.value for one in EngineKind]), default="duckdb", show_default=True, help="Máy nào tính; spark cần extra spark."
)
@click.option("--json", "as_json", is_flag=True)
@click.option("--csv", "as_csv", is_flag=True)
def show(
    *,
    name: str,
    when: str,
    dimensions: Sequence[str],
    facilities: Sequence[str],
    areas: Sequence[str],
    day: datetime | None,
    engine: str,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Một số liệu của một kỳ."""
    answer = room.measure(
        name,
        by=start(),
        period=room.period(when),
        dimensions=[Dimension(one) for one in dimensions],
        facilities=facilities or None,
        areas=areas or None,
        as_of=day.date() if day else None,
        engine=EngineKind(engine),
    )
    if as_json:
        cells = [_told(cell) for cell in answer.cells]
        print_json({"measure": name, "unit": answer.measure.unit.vi, "cells": cells, "notes": [{"vi": one.vi, "en": one.en} for one in answer.notes]})
    elif as_csv:
        _csv(answer)
    else:
        _table(answer)


def _told(cell: Cell) -> dict[str, Any]:
    return {
        "period": cell.period,
        **{str(name): value for name, value in cell.dimensions.items()},
        "numerator": cell.numerator,
        "denominator": cell.denominator,
        "value": cell.value,
        "state": cell.state,
        "heard": cell.heard,
        "expected": cell.expected,
        "words": cell.words.vi if cell.words else "",
    }


def _csv(answer: Answer) -> None:
    tail = ("numerator", "denominator", "value", "state", "heard", "expected", "words")
    rows: list[list[Any]] = [["period", *map(str, answer.by), *tail]]
    rows += [[told.get(one) for one in ("period", *map(str, answer.by), *tail)] for told in map(_told, answer.cells)]
    sys.stdout.write(spreadsheets.to_csv(rows))


def _table(answer: Answer) -> None:
    spec = answer.measure
    click.echo(f"{spec.title.vi}, {answer.period.label} ({spec.unit.vi})")
    for cell in answer.cells:
        name = " · ".join(value or "không rõ" for value in cell.dimensions.values()) or "tất cả"
        value = "–" if cell.value is None else f"{cell.value:,.1f}".rstrip("0").rstrip(".")
        parts = "" if cell.numerator is None or cell.denominator is None else f"{cell.numerator:,.0f} / {cell.denominator:,.0f}"
        click.echo(f"  {name:32} {value:>14}  {parts:>20}  {cell.heard}/{cell.expected} cơ sở  {cell.words.vi if cell.words else ''}".rstrip())
    for target in spec.targets:
        click.echo(f"  Chỉ tiêu {target.value:g}: {target.words.vi}")
    for note in (*answer.notes, *([spec.notes] if spec.notes else [])):
        click.echo(f"  {note.vi}")
