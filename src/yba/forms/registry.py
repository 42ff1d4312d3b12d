"""Which forms there are: those of specs, and those the province made itself; which version is in force on a day."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from yba.kit import clock
from yba.kit.errors import NotFound
from yba.specs import forms as specs

from . import store
from .compiling import compiled

if TYPE_CHECKING:
    from psycopg import Connection

    from .model import Form


@cache
def _versions(url: str) -> tuple[Form, ...]:
    return tuple(compiled(one.doc) for one in specs.forms().get(url, ()))


@lru_cache(maxsize=64)
def _own(text: bytes) -> Form:
    return compiled(orjson.loads(text))


def form(url: str, *, version: str | None = None, on: date | None = None, conn: Connection[Any] | None = None) -> Form:
    """Return a form: the version named, else the newest in force on a day (today). ``url`` may be its name alone ("ehr-831-visit").

    ``conn``: the province's own forms are looked at too. Raises NotFound.
    """
    whole = url if ":" in url else specs.BASE + url
    known = _known(whole, conn)
    if version is not None:
        found = next((one for one in known if one.version == version), None)
    else:
        day = on or clock.today()
        found = next((one for one in reversed(known) if in_force(one, day)), None)
    if found is None:
        raise NotFound("Không có biểu mẫu này, hoặc không còn hiệu lực.", advice="There is no such form, or no version is in force.")
    return found


def in_force(one: Form, on: date) -> bool:
    """Whether a version may be filled in on a day."""
    return one.status == "active" and (one.valid_from or date.min) <= on <= (one.valid_to or date.max)


def forms(*, on: date | None = None, conn: Connection[Any] | None = None) -> list[Form]:
    """Return the forms in force on a day (today), by title; ``conn``: with the province's own."""
    day = on or clock.today()
    urls = dict.fromkeys([*specs.forms(), *(own_urls(conn) if conn is not None else [])])
    newest = (next((one for one in reversed(_known(url, conn)) if in_force(one, day)), None) for url in urls)
    return sorted((one for one in newest if one is not None), key=lambda one: one.title)


def versions(url: str, *, conn: Connection[Any] | None = None) -> tuple[Form, ...]:
    """Return every version of a form, oldest first."""
    return _known(url if ":" in url else specs.BASE + url, conn)


def own_urls(conn: Connection[Any]) -> list[str]:
    """Return the urls of the province's own forms."""
    return list(dict.fromkeys(one.url for one in store.own_forms(conn)))


def _known(url: str, conn: Connection[Any] | None) -> tuple[Form, ...]:
    built_in = _versions(url)
    if built_in or conn is None:
        return built_in
    return tuple(_own(orjson.dumps(_stated(one))) for one in store.own_forms(conn, url))


def _stated(one: store.Own) -> dict[str, Any]:
    """A stored form with what its row says of it: the row decides."""
    period = {"start": one.valid_from.isoformat(), **({"end": one.valid_to.isoformat()} if one.valid_to else {})}
    return {**one.questionnaire, "status": one.state, "effectivePeriod": period}
