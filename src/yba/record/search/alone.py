"""A search in one message to PostgreSQL: found, counted, noted and committed by one statement, where the index can say all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yba import access, audit
from yba.audit import Tag
from yba.fhir import parameters
from yba.kit.db import one_read
from yba.record import store
from yba.record.rest_model import Found

from . import places
from .asking import right_of
from .finding import parameters_of, place_after, question_of
from .narrowing import by_index

if TYPE_CHECKING:
    from collections.abc import Callable

    from yba.fhir import query as fq
    from yba.kit.actor import Actor
    from yba.kit.prepared import Ask


def find_one(*, by: Actor, query: fq.Query) -> Callable[[Ask | None], Found] | None:
    """Return what asks a query in a unit of work of its own that is one message (given what proves the actor: `kit.db.one_read`).

    None where it takes more: several types, references, what comes along, a following page, whatever the index does not say alone; `find` does.
    Finds and notes what `find` does. Raises Denied.
    """
    order = places.in_sql(query.rtype, query.sort) if query.rtype else None
    if query.rtype is None or order is None or query.cursor or query.page == 0 or query.includes or query.revincludes:
        return None
    if query.sort and len(parameters.profile(query.rtype).period) > 1 and query.sort[0].param != "_lastUpdated":
        return None  # rows may say their time by what stands in for it
    made = by_index(query.rtype, query.criteria)
    if made is None:
        return None
    right = right_of(by)
    seen, lock = access.at_once(by=by, right=right)
    rtype, wants_total = query.rtype, query.total in {"accurate", "estimate"}
    noting = audit.noting_page(by=by, tag=Tag.RESOURCE_SEARCH, under=right.value, about=rtype, most=query.page, parameters=parameters_of(query))
    ask = store.searching.to_find(seen, rtype, made.conditions, made.given, order=order, limit=query.page + 1, total=wants_total, noting=noting)

    def run(proof: Ask | None) -> Found:
        cut = store.searching.found(one_read(by=by, lock=lock, ask=ask, proof=proof), total=wants_total)
        rows, following = cut.rows[: query.page], None
        if len(cut.rows) > query.page and cut.snapshot is not None:
            following = place_after(by, question_of(query), cut.snapshot, places.key_of(rtype, rows[-1], query.sort))
        return Found(rows, [], cut.total if wants_total else None, following, masked=False)

    return run
