"""The group ``yba identity``: a file of its own, so that each part of identity brings its commands; ``cli/identity.py`` imports them all."""

from __future__ import annotations

import click


@click.group()
def identity() -> None:
    """Định danh: số nào là của ai, các trường hợp cần đối soát, gộp và tách hồ sơ."""
