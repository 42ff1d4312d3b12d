"""Hands out the font of the pages, where the build fetched it (tools/build_web.py); without it the system's own is used."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotFound

_FOLDER: Final = files("yba.web").joinpath("static", "fonts")


def font(_request: HttpRequest, name: str) -> HttpResponse | FileResponse:
    """Send one font file; the name is looked up among what is there, never joined to a path."""
    found = {each.name: each for each in _FOLDER.iterdir()} if _FOLDER.is_dir() else {}
    if not name.endswith(".woff2") or name not in found:
        return HttpResponseNotFound()
    answer = HttpResponse(found[name].read_bytes(), content_type="font/woff2")
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer
