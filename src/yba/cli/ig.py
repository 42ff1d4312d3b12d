"""``yba ig``: the FHIR package of the national profiles."""

from __future__ import annotations

from pathlib import Path

import click

from yba.operations import build_ig

from .common import print_json, say


@click.group()
def ig() -> None:
    """Gói FHIR: hồ sơ (profile), danh mục mã, ví dụ của quốc gia."""


@ig.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Thư mục ghi package.tgz; mặc định thư mục này.")
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def build(out: Path, *, as_json: bool) -> None:
    """Ghi gói FHIR (package.tgz) để phần mềm khác dùng."""
    built = build_ig(out)
    if as_json:
        print_json({**built._asdict(), "path": str(built.path)})
        return
    say(f"{built.path}: {built.name} {built.version}, {built.size:,} byte")
    for rtype, count in built.resources.items():
        say(f"  {rtype:22} {count}")
    say(f"  {'ví dụ':22} {built.examples}")
