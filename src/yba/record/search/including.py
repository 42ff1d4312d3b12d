"""What comes along with a page: resources it refers to, and resources that refer to it, each under the predicate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from yba.fhir import parameters, search, values
from yba.fhir import query as fq
from yba.record import store
from yba.record.model import NOBODY

from .asking import too_costly

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yba.record.model import Ref, StoredResource

    from .asking import Asking

_ROUNDS: Final = 5  # of :iterate
_PARTS: Final = 6  # of one statement
_MOST: Final = 5_000  # resources that come along with one page
_NAMED: Final = 4 * _MOST  # references of one page that are followed at all: they are read in one statement, and one List may hold any number


def included(asking: Asking, query: fq.Query, rows: Sequence[StoredResource]) -> list[StoredResource]:
    """Return what comes along, each once, nothing that is on the page; :iterate goes on from what came, a bounded number of rounds.

    Raises TooCostly.
    """
    have = {(row.rtype, row.id) for row in rows}
    found: list[StoredResource] = []
    fresh = list(rows)
    wanted = [*query.includes, *query.revincludes]
    for number in range(_ROUNDS if any(one.iterate for one in wanted) else 1):
        forward = [one for one in query.includes if one.iterate or not number]
        backward = [one for one in query.revincludes if one.iterate or not number]
        come = _come(asking, forward, backward, fresh, have) if fresh else []
        fresh = [row for row in {(row.rtype, row.id): row for row in come}.values() if (row.rtype, row.id) not in have]
        have |= {(row.rtype, row.id) for row in fresh}
        found += fresh
        if len(found) > _MOST:
            raise too_costly()
        if not fresh:
            break
    return found


class _Aim(NamedTuple):
    """What may refer to rows: resources of a type by a parameter; ``at`` are the rows meant."""

    source: str
    param: str
    at: frozenset[Ref]
    asked: store.searching.Referring


def _come(
    asking: Asking, forward: Sequence[fq.Include], backward: Sequence[fq.Include], rows: Sequence[StoredResource], have: set[Ref]
) -> list[StoredResource]:
    """What rows refer to and what refers to them: a few parts in one statement. Raises TooCostly before anything is read of too many."""
    refs = [ref for ref in _referred(forward, rows) if ref not in have]
    if len(refs) > _NAMED:
        raise too_costly()
    aims = _aims(asking, backward, rows)
    named: list[StoredResource] = []
    naming: list[StoredResource] = []
    for at in range(0, max(len(aims), 1), _PARTS):
        some, wanted = aims[at : at + _PARTS], refs if not at else []
        if not some and not wanted:
            continue
        found = store.searching.along(asking.run, asking.seen(), wanted, [one.asked for one in some], limit=asking.left + 1)
        asked = set(wanted)
        named += [row for row in found if (row.rtype, row.id) in asked]
        further = [row for row in found if (row.rtype, row.id) not in asked]
        asking.spend(len(further))
        naming += [row for row in found if any(_refers(row, one) for one in some)]
    return [*named, *naming]


def _referred(wanted: Sequence[fq.Include], rows: Iterable[StoredResource]) -> list[Ref]:
    refs: dict[Ref, None] = {}
    for row in rows:
        for one in wanted:
            if one.source in {row.rtype, "*"} and (one.param == "*" or one.param in parameters.parameters(row.rtype)):
                for said in values.references(row.rtype, row.doc, one.param):
                    if said.url is None and said.type and said.id and one.target in {None, said.type}:
                        refs[said.type, said.id] = None
    return list(refs)


def _aims(asking: Asking, wanted: Sequence[fq.Include], rows: Sequence[StoredResource]) -> list[_Aim]:
    found: dict[_Aim, None] = {}
    for one in wanted:
        sources = [one.source] if one.source != "*" else store.searching.types(asking.run)
        for source in sources:
            names = [one.param] if one.param != "*" else [code for code, param in parameters.parameters(source).items() if param.type == "reference"]
            found |= dict.fromkeys(aim for name in names if (aim := _aim(source, name, one.target, rows)) is not None)
    return list(found)


def _aim(source: str, param: str, target: str | None, rows: Sequence[StoredResource]) -> _Aim | None:
    targets = parameters.parameters(source)[param].targets
    aimed = [row for row in rows if target in {None, row.rtype} and (row.rtype in targets or "Resource" in targets)]
    if not aimed:
        return None
    term = fq.Term(param, "reference", "", tuple(fq.ReferenceValue(row.rtype, row.id) for row in aimed))
    asked, people = search.asked(source, term), {row.person_id for row in aimed}
    if asked is None and NOBODY in people:
        raise too_costly()
    tokens = () if asked is None else asked.tokens
    referring = store.searching.Referring(source, tokens, tuple(sorted(people)), few=NOBODY not in people)
    return _Aim(source, param, frozenset((row.rtype, row.id) for row in aimed), referring)


def _refers(row: StoredResource, aim: _Aim) -> bool:
    if row.rtype != aim.source:
        return False
    return any(said.url is None and (said.type, said.id) in aim.at for said in values.references(aim.source, row.doc, aim.param))
