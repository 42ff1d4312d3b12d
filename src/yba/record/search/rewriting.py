"""Criteria without chains: from the inside out, each step under the predicate, what was found becomes plain references and ids."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from yba.fhir import compartment, values
from yba.fhir.query import And, Chain, Has, Listed, Not, Or, ReferenceValue, Term, TokenValue, Within
from yba.fhir.said import Reference
from yba.record import store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from yba.fhir.query import Criterion
    from yba.record.model import StoredResource

    from .asking import Asking

    Finding = Callable[[Asking, str, Sequence[Criterion]], list[StoredResource]]

NOTHING: Final = Or(())  # is met by no resource
_PATIENT: Final = "Patient"


def plain(asking: Asking, rtype: str, criterion: Criterion, find: Finding) -> Criterion:
    """Return a criterion that means the same over what the actor may see, without Chain, Has and Listed, and with all Patients of a person."""
    match criterion:
        case Term():
            return _with_all_patients(asking, criterion) if criterion.type == "reference" else criterion
        case Chain():
            return _chain(asking, criterion, find)
        case Has():
            return _has(asking, rtype, criterion, find)
        case Listed():
            return _listed(asking, rtype, criterion)
        case And():
            return And(tuple(plain(asking, rtype, part, find) for part in criterion.parts))
        case Or():
            return replace(criterion, parts=tuple(plain(asking, rtype, part, find) for part in criterion.parts))
        case Not():
            return Not(plain(asking, rtype, criterion.part, find))
        case Within():
            return criterion


def _with_all_patients(asking: Asking, term: Term) -> Term:
    """Let a reference to one Patient of a person stand for all of them: the record is the person's, not the source's."""
    if term.modifier:
        return term
    mine = [one for one in term.values if isinstance(one, ReferenceValue) and one.id and one.type in {None, _PATIENT} and one.version is None]
    known = asking.whom([one.id for one in mine if one.id])
    further = dict.fromkeys(ReferenceValue(_PATIENT, id_) for one in known.values() for id_ in one.patients)
    return replace(term, values=tuple(dict.fromkeys((*term.values, *further)))) if further else term


def _chain(asking: Asking, chain: Chain, find: Finding) -> Criterion:
    found = find(asking, chain.target, (chain.inner,))
    if not found:
        return NOTHING
    term = Term(chain.param, "reference", "", tuple(ReferenceValue(chain.target, one.id) for one in found))
    return _with_all_patients(asking, term) if chain.target == _PATIENT else term


def _has(asking: Asking, rtype: str, has: Has, find: Finding) -> Criterion:
    get = values.getter(has.rtype, has.param)
    found = find(asking, has.rtype, (has.inner,))
    ids = dict.fromkeys(
        said.id for one in found for said in get(one.doc) if isinstance(said, Reference) and said.type == rtype and said.id and not said.url
    )
    if rtype == _PATIENT:
        ids |= dict.fromkeys(id_ for one in asking.whom(id_ for id_ in ids if id_).values() for id_ in one.patients)
    return _ids([id_ for id_ in ids if id_])


def _listed(asking: Asking, rtype: str, listed: Listed) -> Criterion:
    found = store.searching.by_refs(asking.conn, asking.seen(), [("List", listed.list)])
    entries = [entry for one in found for entry in one.doc.get("entry", ()) if not entry.get("deleted")]
    refs = [str(entry.get("item", {}).get("reference", "")).partition("/_history/")[0].partition("/") for entry in entries]
    return _ids([id_ for kind, _, id_ in refs if kind == rtype and id_])


def _ids(ids: Sequence[str]) -> Criterion:
    return Term("_id", "token", "", tuple(TokenValue(None, id_) for id_ in ids)) if ids else NOTHING


def is_compartment(rtype: str, param: str) -> bool:
    """Whether a parameter puts resources of a type into a Patient's compartment."""
    return param in compartment.definition().get(rtype, ())
