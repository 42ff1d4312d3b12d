"""``yba bench fhir``: the FHIR API beside other servers on the same box and data."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from yba.kit.settings import DATABASE_URL, VAR
from yba.operations import FHIR_ROWS, bench_fhir, fhir_curve, fhir_peers, in_new_folder, own_server

from .common import print_json, say, start


@click.command("fhir")
@click.option("--peer", "peers", multiple=True, metavar="NAME=URL", help="A FHIR server that runs already, by the address of its root; repeatable.")
@click.option("--token", "tokens", multiple=True, metavar="NAME=TOKEN", help="Bearer token for a peer.")
@click.option("--sekmet/--no-sekmet", default=True, show_default=True, help="Also start PyPI's sekmet-fhir, in a venv below YBA_VAR/peers.")
@click.option("--resources", default=4_000, show_default=True, help="Resources each server holds before the first row.")
@click.option("--seconds", default=3.0, show_default=True, help="Of each server in each round of a row.")
@click.option("--rounds", default=2, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Processes of our own server.")
@click.option("--only", "rows", multiple=True, type=click.Choice(FHIR_ROWS), help="Only this row; repeatable.")
@click.option("--scale", default="", metavar="N,N…", help="Also measure our server alone at these sizes: the curve.")
@click.option("--json", "as_json", is_flag=True)
@click.option("--here", "home", type=click.Path(path_type=Path), default=None, hidden=True, help="Measure in this data folder, peers from there.")
def fhir(*, peers: tuple[str, ...], tokens: tuple[str, ...], sekmet: bool, home: Path | None, as_json: bool, **asked: Any) -> None:  # noqa: ANN401  # options
    """Giao diện FHIR: mỗi giây bao nhiêu yêu cầu, cạnh máy chủ khác, cùng máy cùng dữ liệu; không có máy so sánh thì không báo số."""
    given, secret = _pairs(peers, "--peer"), _pairs(tokens, "--token")
    sizes = [int(size) for size in asked.pop("scale").split(",") if size.strip()]
    if not given and not sekmet:
        message = "no peer: name one, or let sekmet-fhir start"
        raise click.UsageError(message)
    if home is None and not DATABASE_URL():
        sys.exit(in_new_folder(VAR() / "bench", [*sys.argv[1:], "--here", str(VAR() / "peers")]))
    start("bench")
    load, seconds = os.getloadavg()[0], asked["seconds"]
    with own_server(workers=asked["workers"]) as ours:
        with fhir_peers(given, secret, home=home or VAR() / "peers", data=VAR() / "sekmet", start=sekmet) as others:
            figures = bench_fhir([ours, *others], resources=asked["resources"], seconds=seconds, rounds=asked["rounds"], only=asked["rows"], tell=say)
        if sizes:
            figures["curve"] = fhir_curve(ours, sizes, seconds=seconds, tell=say)
    figures |= {"workers": asked["workers"], "load": [round(load, 1), round(os.getloadavg()[0], 1)]}
    _print(figures, as_json=as_json)


def _pairs(told: tuple[str, ...], option: str) -> dict[str, str]:
    found = dict(one.split("=", 1) for one in told if "=" in one)
    if len(found) != len(told):
        message = "write NAME=VALUE, each name once"
        raise click.BadParameter(message, param_hint=option)
    return found


def _print(figures: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(figures)
        return
    for row, servers in figures["rows"].items():
        for name, one in servers.items():
            shown = f"{one['per_s']:>10} /s  p50 {one['p50_ms']} ms  p99 {one['p99_ms']} ms" if "per_s" in one else one["wrong"]
            click.echo(f"{row:<20}{name:<16}{shown}")
