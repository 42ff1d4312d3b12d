"""Which views stand in the lake: the platform's own, as specs/views has them."""

from __future__ import annotations

from functools import cache

from yba.fhir.views import View, read
from yba.specs.views import views


@cache
def known_views() -> tuple[View, ...]:
    """Return the platform's views, in order of names. Raises ViewError, SpecError."""
    return tuple(read(spec.doc) for spec in views().values())
