"""Resources named by type and id, many at once, under a right of the caller's: what a list made elsewhere (the lake) may show now."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import orjson

from yba import access

from .model import Document
from .store import by_refs as store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg import Connection

    from yba.access import Right
    from yba.kit.actor import Actor

    from .model import Ref


def standing(conn: Connection[Any], *, by: Actor, right: Right, refs: Iterable[Ref], gone: bool = False) -> set[Ref]:
    """Return which of these resources stand and may be seen under a right at this moment; the caller notes it. Raises Denied.

    ``gone``: deleted ones too, where they could still be seen. One statement a type; nothing is said of the others: deleted, restricted, out of
    reach or never there are one.
    """
    seen = access.predicate(conn, by=by, right=right)
    return {(rtype, id_) for rtype, ids in _by_type(refs).items() for id_ in store.standing(conn, seen, rtype, ids, gone=gone)}


def of_refs(conn: Connection[Any], *, by: Actor, right: Right, refs: Iterable[Ref]) -> dict[Ref, Document]:
    """Return those of these resources that stand and may be seen under a right at this moment; the caller notes it. Raises Denied.

    One statement a type, however many; some 2 KB of memory for each document.
    """
    seen = access.predicate(conn, by=by, right=right)
    return {
        (rtype, id_): Document(person, orjson.loads(text))
        for rtype, ids in _by_type(refs).items()
        for id_, person, text in store.documents(conn, seen, rtype, ids)
    }


def _by_type(refs: Iterable[Ref]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for rtype, id_ in dict.fromkeys(refs):
        found[rtype].append(id_)
    return found
