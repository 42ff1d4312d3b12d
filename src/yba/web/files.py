"""Handing out files: what a page gives to be kept, or to be printed from the browser."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse

from . import shell

PDF: Final = "application/pdf"


def file(data: bytes | str, *, name: str, media: str, inline: bool = False) -> HttpResponse:
    """Answer with a file called ``name`` (letters, digits, "-", "." of our own making); ``inline``: the browser shows it."""
    answer = HttpResponse(data, content_type=media)
    answer["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    return shell.harden(answer)
