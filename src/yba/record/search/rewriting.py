"""Criteria without chains: from the inside out, each step under the predicate, what was found becomes plain references and ids."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from yba.fhir import compartment, values
from yba.fhir import query as fq
from yba.fhir import said as fs
from yba.record import store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.record.model import StoredResource

    from .asking import Asking

NOTHING: Final = fq.Or(())  # is met by no resource
_PATIENT: Final = "Patient"


class Finding(Protocol):
    """What finds the resources that a step leads over. Raises TooCostly above its bound."""

    def every(self, asking: Asking, rtype: str, criteria: Sequence[fq.Criterion]) -> list[StoredResource]:
        """All resources of a type that meet criteria."""

    def ids(self, asking: Asking, rtype: str, criteria: Sequence[fq.Criterion]) -> list[str]:
        """Their ids alone; whose Patients they are is known to the search from then on."""


def plain(asking: Asking, rtype: str, criterion: fq.Criterion, find: Finding) -> fq.Criterion:
    """Return a criterion that means the same over what the actor may see, without Chain, Has and Listed, and with all Patients of a person."""
    match criterion:
        case fq.Term():
            return _with_all_patients(asking, criterion) if criterion.type == "reference" else criterion
        case fq.Chain():
            return _chain(asking, criterion, find)
        case fq.Has():
            return _has(asking, rtype, criterion, find)
        case fq.Listed():
            return _listed(asking, rtype, criterion)
        case fq.And():
            return fq.And(tuple(plain(asking, rtype, part, find) for part in criterion.parts))
        case fq.Or():
            return replace(criterion, parts=tuple(plain(asking, rtype, part, find) for part in criterion.parts))
        case fq.Not():
            return fq.Not(plain(asking, rtype, criterion.part, find))
        case fq.Within():
            return criterion


def _with_all_patients(asking: Asking, term: fq.Term) -> fq.Term:
    """Let a reference to one Patient of a person stand for all of them: the record is the person's, not the source's."""
    if term.modifier:
        return term
    mine = [one for one in term.values if isinstance(one, fq.ReferenceValue) and one.id and one.type in {None, _PATIENT} and one.version is None]
    known = asking.whom([one.id for one in mine if one.id])
    further = dict.fromkeys(fq.ReferenceValue(_PATIENT, id_) for one in known.values() for id_ in one.patients)
    return replace(term, values=tuple(dict.fromkeys((*term.values, *further)))) if further else term


def _chain(asking: Asking, chain: fq.Chain, find: Finding) -> fq.Criterion:
    found = find.ids(asking, chain.target, (chain.inner,))
    if not found:
        return NOTHING
    term = fq.Term(chain.param, "reference", "", tuple(fq.ReferenceValue(chain.target, one) for one in found))
    return _with_all_patients(asking, term) if chain.target == _PATIENT else term


def _has(asking: Asking, rtype: str, has: fq.Has, find: Finding) -> fq.Criterion:
    get = values.getter(has.rtype, has.param)
    found = find.every(asking, has.rtype, (has.inner,))
    ids = dict.fromkeys(
        said.id for one in found for said in get(one.doc) if isinstance(said, fs.Reference) and said.type == rtype and said.id and not said.url
    )
    if rtype == _PATIENT:
        ids |= dict.fromkeys(id_ for one in asking.whom(id_ for id_ in ids if id_).values() for id_ in one.patients)
    return _ids([id_ for id_ in ids if id_])


def _listed(asking: Asking, rtype: str, listed: fq.Listed) -> fq.Criterion:
    found = store.searching.by_refs(asking.run, asking.seen(), [("List", listed.list)])
    entries = [entry for one in found for entry in one.doc.get("entry", ()) if not entry.get("deleted")]
    refs = [str(entry.get("item", {}).get("reference", "")).partition("/_history/")[0].partition("/") for entry in entries]
    return _ids([id_ for kind, _, id_ in refs if kind == rtype and id_])


def _ids(ids: Sequence[str]) -> fq.Criterion:
    return fq.Term("_id", "token", "", tuple(fq.TokenValue(None, id_) for id_ in ids)) if ids else NOTHING


def is_compartment(rtype: str, param: str) -> bool:
    """Whether a parameter puts resources of a type into the record of a Patient's person; a Patient is that of its own, whomever it links to."""
    return rtype != _PATIENT and param in compartment.definition().get(rtype, ())
