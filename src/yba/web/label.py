"""A small QR drawn on the server, for paper that finds its way back into the search box."""

from __future__ import annotations

import io
from functools import lru_cache

import segno
from markupsafe import Markup


@lru_cache(maxsize=256)
def qr(text: str) -> Markup:
    """Draw a text of ours (a record's id, which says nothing of the person) as an SVG of one path, about 25 mm on paper."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=2, dark="#000", light="#fff")
    return Markup(out.getvalue().decode().strip())  # noqa: S704  # drawn here: a path of numbers
