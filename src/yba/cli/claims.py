"""``yba claims``: claims rebuilt from the record."""

from __future__ import annotations

import sys

import click

from yba import ingest

from .common import start


@click.group()
def claims() -> None:
    """Hồ sơ KCB dựng lại từ bệnh án điện tử."""


@claims.command()
@click.argument("facility")
@click.argument("link")
def export(facility: str, link: str) -> None:
    """Dựng lại XML của một hồ sơ (mã cơ sở, MA_LK) từ tài nguyên FHIR và phần dư, không đọc bản gốc."""
    xml = ingest.export_claim(by=start("claims-export"), facility=facility, link=link)
    sys.stdout.buffer.write(xml)
