"""Criteria without chains: from the inside out, each step under the predicate, what was found becomes plain references and ids."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from yba.fhir import compartment, parameters, values
from yba.fhir import query as fq
from yba.fhir import said as fs
from yba.kit.errors import NotFound
from yba.record import store

from .codes import CODES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.record.model import StoredResource

    from .asking import Asking

NOTHING: Final = fq.Or(())  # is met by no resource
_PATIENT: Final = "Patient"
_STEPS: Final = 16  # of a hierarchy, up or down


class Finding(Protocol):
    """What finds the resources that a step leads over. Raises TooCostly above its bound."""

    def every(self, asking: Asking, rtype: str, criteria: Sequence[fq.Criterion]) -> list[StoredResource]:
        """All resources of a type that meet criteria."""

    def ids(self, asking: Asking, rtype: str, criteria: Sequence[fq.Criterion]) -> list[str]:
        """Their ids alone; whose Patients they are is known to the search from then on."""


def plain(asking: Asking, rtype: str, criterion: fq.Criterion, find: Finding) -> fq.Criterion:
    """Return a criterion that means the same over what the actor may see, without Chain, Has and Listed, and with all Patients of a person."""
    match criterion:
        case fq.Inside():
            return plain(asking, rtype, compartment.criterion(criterion.kind, criterion.id, rtype) or NOTHING, find)
        case fq.Term():
            _known(criterion)
            criterion = _in_hierarchy(asking, rtype, criterion, find)
            return _with_all_patients(asking, criterion) if criterion.type == "reference" else criterion
        case fq.Chain():
            return _chain(asking, criterion, find)
        case fq.Has():
            return _has(asking, rtype, criterion, find)
        case fq.Listed():
            return _listed(asking, rtype, criterion)
        case fq.And() | fq.Or():
            return replace(criterion, parts=tuple(plain(asking, rtype, part, find) for part in criterion.parts))
        case fq.Not():
            return fq.Not(plain(asking, rtype, criterion.part, find))
        case fq.Within():
            return criterion


def _known(term: fq.Term) -> None:
    """Raise BadSearch for a value set that nobody here knows: what it would find is not nothing."""
    for value in term.values if term.modifier in {"in", "not-in"} else ():
        try:
            CODES.contains(value.uri if isinstance(value, fq.UriValue) else "", "", "")
        except NotFound as error:
            raise fq.BadSearch([fq.Mistake(f"{term.param}:{term.modifier}", error.message, error.advice)]) from error


def _in_hierarchy(asking: Asking, rtype: str, term: fq.Term, find: Finding) -> fq.Term:
    """Let :below and :above of a reference name what stands under or over what is asked (a hospital's wards): plain references from then on."""
    if term.type != "reference" or term.modifier not in {"below", "above"}:
        return term
    named = [one for one in term.values if isinstance(one, fq.ReferenceValue) and one.id]
    if len(named) < len(term.values):  # canonical URLs are under each other by themselves
        return term
    targets, hierarchy = set(parameters.parameters(rtype)[term.param].targets), fq.rules().hierarchy
    step = _under if term.modifier == "below" else _over
    found = dict.fromkeys(named)
    for kind in sorted(hierarchy if "Resource" in targets else targets & hierarchy.keys()):
        fresh = [str(one.id) for one in named if one.type in {None, kind}]
        met = set(fresh)
        for _ in range(_STEPS):
            fresh = [one for one in step(asking, kind, fresh, find) if one not in met] if fresh else []
            met |= set(fresh)
            found |= dict.fromkeys(fq.ReferenceValue(kind, one) for one in fresh)
    return replace(term, modifier="", values=tuple(found))


def _under(asking: Asking, kind: str, ids: Sequence[str], find: Finding) -> list[str]:
    wanted = tuple(fq.ReferenceValue(kind, one) for one in ids)
    return find.ids(asking, kind, (fq.Term(fq.rules().hierarchy[kind], "reference", "", wanted),))


def _over(asking: Asking, kind: str, ids: Sequence[str], _: Finding) -> list[str]:
    get = values.getter(kind, fq.rules().hierarchy[kind])
    rows = store.searching.by_refs(asking.run, asking.seen(), [(kind, one) for one in ids])
    asking.spend(len(rows))
    return [said.id for row in rows for said in get(row.doc) if isinstance(said, fs.Reference) and said.type == kind and said.id and not said.url]


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
