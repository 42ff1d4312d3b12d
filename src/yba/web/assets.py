"""Our own files for the browser, packed once: style sheet, one small script; font and htmx where the build fetched them (tools/build_web.py)."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from importlib.resources import files
from typing import Final, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

from yba.access import open_to_all

_WEB: Final = files("yba.web")
_FONTS: Final = _WEB.joinpath("static", "fonts")
_FACES: Final = _FONTS.joinpath("fonts.css")


class File(NamedTuple):
    """One file as it is and packed; ``packed`` is None where packing gains nothing (fonts are packed by their format)."""

    plain: bytes
    packed: bytes | None


def _read() -> dict[str, File]:
    """Every file by its name; style and scripts carry a digest of their content, so that a browser may keep them for good."""
    static = _WEB.joinpath("static")
    faces = _FACES.read_bytes() if _FACES.is_file() else b""
    style = b"".join(static.joinpath(f"{name}.css").read_bytes() for name in ("style", "form", "charts", "board")) + faces
    found = {f"style-{_digest(style)}.css": style, "fonts.css": faces, "icon.svg": static.joinpath("icon.svg").read_bytes()}
    for script in (static.joinpath("keys.js"), static.joinpath("form.js"), static.joinpath("fetched", "htmx.js")):
        if script.is_file():
            found[f"{script.name.removesuffix('.js')}-{_digest(script.read_bytes())}.js"] = script.read_bytes()
    files_ = {name: File(data, gzip.compress(data, 9, mtime=0)) for name, data in found.items()}
    if _FONTS.is_dir():
        files_ |= {each.name: File(each.read_bytes(), None) for each in _FONTS.iterdir() if each.name.endswith(".woff2")}
    return files_


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


_FILES: Final = _read()
STYLE: Final = next(name for name in _FILES if name.startswith("style-"))
SCRIPT: Final = next(name for name in _FILES if name.startswith("keys-"))
FORM: Final = next(name for name in _FILES if name.startswith("form-"))
HTMX: Final = next((name for name in _FILES if name.startswith("htmx-")), "")  # "" without the build: every page works without


@open_to_all("our own style, script and font: the same for everybody")
def asset(request: HttpRequest, name: str) -> HttpResponse:
    """Send one file; the name is looked up among what there is, never joined to a path."""
    if name not in _FILES:
        return HttpResponseNotFound()
    kind = "font/woff2" if name.endswith(".woff2") else mimetypes.guess_type(name)[0]
    plain, packed = _FILES[name]
    packs = packed is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    answer = HttpResponse(packed if packs else plain, content_type=kind)
    if packs:
        answer["Content-Encoding"] = "gzip"
    if packed is not None:
        answer["Vary"] = "Accept-Encoding"
    answer["Cache-Control"] = "public, max-age=3600" if name in {"fonts.css", "icon.svg"} else "public, max-age=31536000, immutable"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
