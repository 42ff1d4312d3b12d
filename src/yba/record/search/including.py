"""What comes along with a page: resources it refers to, and resources that refer to it, each under the predicate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.fhir import parameters, search, values
from yba.fhir import query as fq
from yba.record import store
from yba.record.model import NOBODY

from . import places
from .asking import too_costly

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yba.record.model import Ref, StoredResource

    from .asking import Asking

_ROUNDS: Final = 5  # of :iterate
_MOST: Final = 5_000  # resources that come along with one page


def included(asking: Asking, query: fq.Query, rows: Sequence[StoredResource]) -> list[StoredResource]:
    """Return what comes along, each once, nothing that is on the page; :iterate goes on from what came, a bounded number of rounds."""
    have = {(row.rtype, row.id) for row in rows}
    found: list[StoredResource] = []
    fresh = list(rows)
    wanted = [*query.includes, *query.revincludes]
    for number in range(_ROUNDS if any(one.iterate for one in wanted) else 1):
        forward = [one for one in query.includes if one.iterate or not number]
        backward = [one for one in query.revincludes if one.iterate or not number]
        come = [*_referred(asking, forward, fresh, have), *_referring(asking, backward, fresh)] if fresh else []
        fresh = [row for row in {(row.rtype, row.id): row for row in come}.values() if (row.rtype, row.id) not in have]
        have |= {(row.rtype, row.id) for row in fresh}
        found += fresh
        if len(found) > _MOST:
            raise too_costly()
        if not fresh:
            break
    return found


def _referred(asking: Asking, wanted: Sequence[fq.Include], rows: Iterable[StoredResource], have: set[Ref]) -> list[StoredResource]:
    refs: dict[Ref, None] = {}
    for row in rows:
        for one in wanted:
            if one.source in {row.rtype, "*"} and (one.param == "*" or one.param in parameters.parameters(row.rtype)):
                for said in values.references(row.rtype, row.doc, one.param):
                    if said.url is None and said.type and said.id and one.target in {None, said.type}:
                        refs[said.type, said.id] = None
    return store.searching.by_refs(asking.run, asking.seen(), [ref for ref in refs if ref not in have]) if refs else []


def _referring(asking: Asking, wanted: Sequence[fq.Include], rows: Sequence[StoredResource]) -> list[StoredResource]:
    found: list[StoredResource] = []
    for one in wanted:
        sources = [one.source] if one.source != "*" else store.searching.types(asking.run)
        for source in sources:
            names = [one.param] if one.param != "*" else [code for code, param in parameters.parameters(source).items() if param.type == "reference"]
            for name in names:
                found += _by(asking, source, name, one.target, rows)
    return found


def _by(asking: Asking, source: str, param: str, target: str | None, rows: Sequence[StoredResource]) -> list[StoredResource]:
    """Resources of a type that refer by a parameter to one of the rows."""
    targets = parameters.parameters(source)[param].targets
    aimed = [row for row in rows if target in {None, row.rtype} and (row.rtype in targets or "Resource" in targets)]
    if not aimed:
        return []
    term = fq.Term(param, "reference", "", tuple(fq.ReferenceValue(row.rtype, row.id) for row in aimed))
    asked = search.asked(source, term)
    people = {row.person_id for row in aimed}
    if asked is not None:
        carry = "@>" if len(asked.tokens) == 1 else "&&"
        condition, given = f"tokens {carry} %(tokens)s::bigint[]", dict[str, Any](tokens=list(asked.tokens))
    elif NOBODY in people:
        raise too_costly()
    else:
        condition, given = "person_id = ANY (%(people)s::uuid[])", {"people": sorted(people)}
    found = store.searching.candidates(
        asking.run, asking.seen(), source, [condition], given, order=places.BY_PERSON_LAST, limit=asking.left + 1,
        besides=store.searching.Besides(few=NOBODY not in people),
    ).rows  # fmt: skip
    asking.spend(len(found))
    wanted = {(row.rtype, row.id) for row in aimed}
    return [
        row for row in found if any(said.url is None and (said.type, said.id) in wanted for said in values.references(source, row.doc, param))
    ]  # fmt: skip
