"""Our own files for the browser: style sheet, one small script, the font where the build fetched it (tools/build_web.py)."""

from __future__ import annotations

import hashlib
import mimetypes
from importlib.resources import files
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

from yba.access import open_to_all

_WEB: Final = files("yba.web")
_FONTS: Final = _WEB.joinpath("static", "fonts")
_FACES: Final = _FONTS.joinpath("fonts.css")


def _read() -> dict[str, bytes]:
    """Every file by its name; style and script carry a digest of their content, so that a browser may keep them for good."""
    faces = _FACES.read_bytes() if _FACES.is_file() else b""
    style = _WEB.joinpath("static", "style.css").read_bytes() + faces
    script = _WEB.joinpath("static", "keys.js").read_bytes()
    icon = _WEB.joinpath("static", "icon.svg").read_bytes()
    found = {f"style-{_digest(style)}.css": style, f"keys-{_digest(script)}.js": script, "fonts.css": faces, "icon.svg": icon}
    if _FONTS.is_dir():
        found |= {each.name: each.read_bytes() for each in _FONTS.iterdir() if each.name.endswith(".woff2")}
    return found


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


_FILES: Final = _read()
STYLE: Final = next(name for name in _FILES if name.startswith("style-"))
SCRIPT: Final = next(name for name in _FILES if name.startswith("keys-"))


@open_to_all("our own style, script and font: the same for everybody")
def asset(_request: HttpRequest, name: str) -> HttpResponse:
    """Send one file; the name is looked up among what there is, never joined to a path."""
    if name not in _FILES:
        return HttpResponseNotFound()
    kind = "font/woff2" if name.endswith(".woff2") else mimetypes.guess_type(name)[0]
    answer = HttpResponse(_FILES[name], content_type=kind)
    answer["Cache-Control"] = "public, max-age=3600" if name in {"fonts.css", "icon.svg"} else "public, max-age=31536000, immutable"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
