"""What was typed when a session ended, looked at and sent by the account that typed it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from django.http import HttpResponseRedirect

from yba.access import open_to_all
from yba.web import kept, shell

if TYPE_CHECKING:
    from django.http import HttpResponse

    from yba.web.edge import Visit

# Fields nobody typed: what a page says to itself (ids, keys, which form of a page), ticks, and codes chosen from a list.
_OURS: Final = frozenset({
    "act", "number", "key", "facility", "person", "programme", "proposed", "confirmed", "ok", "of", "then", "item", "last", "sex", "commune",
    "permanent_commune", "ethnicity", "occupation", "priority", "unit", "request", "relation", "role", "form", "find", "pick", "ref",
})  # fmt: skip
_ID: Final = re.compile(r"[0-9a-f]{8}-?[0-9a-f-]{20,40}(?:-[a-z]+)?")


class Waits(NamedTuple):
    """One form that waits: what it is called, where it goes, its fields, what of them somebody typed."""

    id: str
    address: str
    fields: tuple[tuple[str, str], ...]
    typed: tuple[str, ...]


@open_to_all("what the account itself typed: kept for it alone, sealed, in its own browser's session")
def again(visit: Visit) -> HttpResponse:
    """Show what waits to be sent, each form with its button; a POST throws one away."""
    if visit.posted:
        kept.forget(visit.request, visit.text("which", 16))
        return HttpResponseRedirect(kept.BACK if kept.waits(visit.request) else "/")
    found = kept.waiting(visit.request)
    if not found:
        return HttpResponseRedirect("/")
    return shell.answer(visit, "again", forms=[Waits(*one, _typed(one)) for one in found])


def _typed(form: kept.Kept) -> tuple[str, ...]:
    texts = (text for name, text in form.fields if text.strip() and name not in _OURS and not _ID.fullmatch(text))
    return tuple(dict.fromkeys(texts))
