"""The canonical resources of this country (profiles, value sets …) as the API answers them: made from data, read-only, no row of the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.fhir import match
from yba.fhir import query as fq
from yba.kit import clock
from yba.kit.clock import VIETNAM
from yba.record import NOBODY, Found, StoredResource
from yba.specs import fhir as national
from yba.terminology import CODES, canonicals

from .faults import Issue, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from yba.terminology import Canonical

_PAGE: Final = 50
_CURSOR: Final = "builtin-"
_STORED: Final = "builtin-end"  # from here on what is stored
_WHOLE: Final = 3  # code systems of which a search gives all codes; of more their heads alone
_SUBSETTED: Final = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}


@cache
def types() -> frozenset[str]:
    """The types of which there are any."""
    return frozenset(rtype for rtype, _ in canonicals())


def get(rtype: str, id_: str, version: str = "1") -> StoredResource | None:
    """Return a built-in resource; there is one version of each."""
    found = canonicals().get((rtype, id_)) if rtype in types() and version == "1" else None
    return None if found is None else _stored(found, found.whole())


def refuse(refs: Iterable[tuple[str, str | None]]) -> None:
    """Refuse to write over them: a national profile is what it says. Raises Refusal 409."""
    if any(rtype in types() and (rtype, id_) in canonicals() for rtype, id_ in refs):
        raise Refusal(
            HTTPStatus.CONFLICT,
            Issue("business-rule", "Tài nguyên này có sẵn trong hệ thống, chỉ đọc.", "This resource is built in and read-only: choose another id."),
        )


def find(wanted: fq.Query, ask: Callable[[str | None], Found]) -> Found:
    """Answer a search of one of their types: built-in ones first, by id, then what is stored (``ask`` with its cursor), each page of one kind.

    ``_sort`` orders what is stored only.
    """
    cursor = wanted.cursor or ""
    mine = _matching(wanted) if not cursor or cursor.startswith(_CURSOR) else []
    if not mine:
        return _without(ask(wanted.cursor))
    if cursor == _STORED:
        return _without(ask(None))
    place = int(cursor.removeprefix(_CURSOR) or 0) if cursor.removeprefix(_CURSOR).isdecimal() or not cursor else 0
    size = _PAGE if wanted.count is None else wanted.count
    stored = _without(ask(None))
    total = None if stored.total is None else stored.total + len(mine)
    page = mine[place : place + size] if wanted.summary != "count" else []
    more = f"{_CURSOR}{place + size}" if place + size < len(mine) else _STORED if stored.rows else None
    heads = sum(one.ref[0] == "CodeSystem" for one in page) > _WHOLE
    return Found([_stored(one, _subset(one) if heads else one.whole()) for one in page], total=total, next=more if page else None)


def _without(found: Found) -> Found:
    """Leave out a stored copy of a built-in one, from before it was: the built-in one is what is meant."""
    rows = [one for one in found.rows if (one.rtype, one.id) not in canonicals()]
    return replace(found, rows=rows)


def _matching(wanted: fq.Query) -> list[Canonical]:
    judge = match.compile(replace(wanted, cursor=None), wanted.rtype or "", match.World(codes=CODES, now=clock.now()))
    return sorted((one for one in canonicals().values() if one.ref[0] == wanted.rtype and judge(one.head)), key=lambda one: one.ref)


def _subset(one: Canonical) -> dict[str, Any]:
    return {**one.head, "meta": {"tag": [_SUBSETTED]}}


def _stored(one: Canonical, doc: dict[str, Any]) -> StoredResource:
    rtype, id_ = one.ref
    updated = datetime.fromisoformat(national.package().date).replace(tzinfo=VIETNAM)
    return StoredResource(rtype, id_, NOBODY, 1, updated, None, None, "", None, (), "builtin", deleted=False, json=orjson.dumps(doc).decode())
