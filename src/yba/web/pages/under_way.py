"""A count that goes on beside the page: how far it is; the page opens again by the header `Refresh`, which needs no script and can be stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from django.http import HttpResponse

    from yba.web.edge import Visit

SECONDS = 5  # until the page is asked for again
HOLD = "hold"  # in the address: the page stays as it is (WCAG 2.2.1)


class Counting(NamedTuple):
    """How far a count is, of how many; and the address of the same page that stays, or goes on again."""

    done: int
    of: int
    held: bool
    way: str


def counting(visit: Visit, done: int, of: int) -> Counting:
    """Say how far a count is."""
    other, held = visit.request.GET.copy(), _held(visit)
    other.pop(HOLD, None)
    if not held:
        other[HOLD] = "1"
    return Counting(done, of, held, f"{visit.request.path}?{other.urlencode()}".removesuffix("?"))


def again(visit: Visit, answer: HttpResponse) -> None:
    """Let a page be asked for again by itself, unless somebody holds it."""
    if not _held(visit):
        answer["Refresh"] = str(SECONDS)


def _held(visit: Visit) -> bool:
    return bool(visit.asked(HOLD, 1))
