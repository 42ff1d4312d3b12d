"""Orders and places in them: what SQL can order by itself, and a place in any order written into a cursor and read back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from yba.fhir import parameters, search, sorting
from yba.fhir import query as fq
from yba.record.lines import columns_of

from .narrowing import period_params

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.record.model import StoredResource

Key = tuple[Any, ...]
_ID: Final = 'coalesce(given_id, id::text) COLLATE "C"'
BY_PERSON: Final = "person_id, id"
_UP: Final = f"(start_at IS NULL AND end_at IS NULL), start_at NULLS FIRST, {_ID}"
_DOWN: Final = f"(start_at IS NULL AND end_at IS NULL), end_at DESC NULLS FIRST, {_ID}"


def in_sql(rtype: str, sort: Sequence[fq.Sort]) -> str | None:
    """Return ORDER BY for an order that rows have: none asked for (by person, then id), by the date of the type or the version.

    None: only `match` can order.
    """
    if not sort:
        return BY_PERSON
    if len(sort) == 1 and sort[0].param == "_lastUpdated":
        return f"updated {'DESC' if sort[0].descending else 'ASC'}, {_ID}"
    if len(sort) == 1 and sort[0].param in period_params(rtype):
        return _DOWN if sort[0].descending else _UP
    return None


@cache
def said_by(rtype: str, sort: Sequence[fq.Sort]) -> tuple[str, ...]:
    """The elements one of which must say a row's time for SQL's order to be right; () where nothing stands in for them."""
    said = search.times(rtype)
    return said.first if sort and said.others and sort[0].param in period_params(rtype) else ()


def says_all(rtype: str, sort: Sequence[fq.Sort], rows: Sequence[StoredResource]) -> bool:
    """Whether rows that SQL ordered by their time say that time by the parameter itself, not by what stands in for it (Observation.issued)."""
    return not sort or len(parameters.profile(rtype).period) == 1 or not any(key_of(rtype, row, sort)[0][0] for row in rows)


def key_of(rtype: str, row: StoredResource, sort: Sequence[fq.Sort]) -> Key:
    """The place of a row in the order: by what is asked, else by person and id, which no write changes."""
    if not sort:
        return str(row.person_id), str(columns_of(row.id)[0])
    return sorting.sort_key(rtype, row.doc, sort)


def after(rtype: str, sort: Sequence[fq.Sort], key: Key, *, also: bool = False) -> tuple[str, dict[str, Any]] | None:
    """Return the condition of rows that come after a place in an order of SQL (``also``: or at it); None: only `match` can say."""
    beyond = ">=" if also else ">"
    if not sort:
        return f"(person_id, id) {beyond} (%(at_person)s::uuid, %(at_id)s::uuid)", {"at_person": key[0], "at_id": key[1]}
    if key[0][0] and len(parameters.profile(rtype).period) == 1:  # nothing but resources that say no time is left
        return f"start_at IS NULL AND end_at IS NULL AND {_ID} {beyond} %(at_id)s", {"at_id": key[1]}
    return None


def written(key: Key) -> list[Any]:
    """Write a place as JSON."""
    return [_part(one) for one in key]


def _part(one: Any) -> Any:  # noqa: ANN401  a part of a key
    if not isinstance(one, tuple):
        return one
    if one[0]:
        return [True]
    falling = isinstance(one[1], sorting.Falling)
    value = one[1].value if falling else one[1]
    kind = "time" if isinstance(value, datetime) else "number" if isinstance(value, Decimal) else "text"
    return [False, falling, kind, value.isoformat() if kind == "time" else str(value)]


def read(parts: Sequence[Any]) -> Key:
    """Read what `written` wrote."""
    return tuple(_read(one) if isinstance(one, list) else one for one in parts)


def _read(one: list[Any]) -> Any:  # noqa: ANN401  a part of a key
    if one[0]:
        return (True,)
    _, falling, kind, text = one
    value: Any = datetime.fromisoformat(text) if kind == "time" else Decimal(text) if kind == "number" else text
    return (False, sorting.Falling(value) if falling else value)
