"""``yba ingest``: claims files in, one JSON line out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from yba import ingest as room

from .common import EXIT_REJECTED, print_json, start

if TYPE_CHECKING:
    from typing import Never

    from yba.ingest import Totals

tqdm.monitor_interval = 0  # no thread beside the workers we fork


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Worker processes; the result is the same with any number.")
@click.option("--json", "as_json", is_flag=True, help="Print nothing but the last JSON line.")
def ingest(paths: tuple[str, ...], workers: int, as_json: bool) -> None:  # click hands options over by name  # noqa: FBT001  # click hands options over by name
    """Nhận tệp XML hồ sơ KCB: tệp, thư mục, tệp zip, hoặc - (đầu vào chuẩn).

    Exit 0 when nothing was rejected or refused, 3 when something was, 1 on failure.
    """
    by = start("claims-intake")
    quiet = as_json or not sys.stderr.isatty()
    with tqdm(total=_size(paths), unit="B", unit_scale=True, desc="Tiếp nhận", disable=quiet) as bar:
        totals = room.ingest(list(paths), by=by, workers=workers, progress=lambda now: _show(bar, now))
    if not as_json:
        click.echo(room.totals_text(totals), err=True)
        if not totals.flawless:
            click.echo("Lý do từng hồ sơ: yba intake list, rồi yba intake receipt MÃ_GIAO_DỊCH", err=True)
    print_json(totals.as_json())
    sys.exit(0 if totals.flawless else EXIT_REJECTED)


def _show(bar: tqdm[Never], now: Totals) -> None:
    done = now.claims_accepted + now.claims_unchanged + now.claims_replaced + now.claims_rejected
    bar.set_postfix_str(f"{done} hồ sơ, {done / max(now.elapsed, 0.001):.0f} hồ sơ/giây, {now.findings} phát hiện", refresh=False)
    bar.update(min(now.bytes_read, bar.total or now.bytes_read) - bar.n)


def _size(paths: tuple[str, ...]) -> int | None:
    """Bytes on disk below the paths; None when standard input is among them: then there is no time left to tell."""
    if "-" in paths:
        return None
    named = [Path(path) for path in paths]
    files = [found for one in named for found in ([one] if one.is_file() else one.rglob("*")) if found.is_file()]
    return sum(one.stat().st_size for one in files)
