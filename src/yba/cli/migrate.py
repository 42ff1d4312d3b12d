"""``yba migrate``: bring the database to this release."""

from __future__ import annotations

import click

from yba import app


@click.command()
def migrate() -> None:
    """Cập nhật cơ sở dữ liệu theo phiên bản này (bằng quyền yba_owner)."""
    count = app.setup(quiet=True)
    click.echo(f"{count} migrations applied" if count else "nothing to do: the database is up to date")
