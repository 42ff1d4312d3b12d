"""What every page of signing in is told: whether this is a demonstration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yba.accounts.demo import demo_allowed

if TYPE_CHECKING:
    from django.http import HttpRequest


def demo(request: HttpRequest) -> dict[str, bool]:  # noqa: ARG001  # Django's signature
    """Say whether the banner stands on top."""
    return {"demo": demo_allowed()}
