"""Compartments of R4: by which references a resource belongs to a patient, encounter, practitioner, related person or device."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import orjson

from . import values
from .extract import routes
from .parameters import parameters
from .query.criteria import Criterion, Or, ReferenceValue, Term, TokenValue
from .said import Reference, Said
from .search_rules import rules

if TYPE_CHECKING:
    from collections.abc import Callable


_ID: Final = re.compile(r"[A-Za-z0-9\-.]+")  # without a version, a fragment, a further part


@cache
def kinds() -> tuple[str, ...]:
    """Return the resource types that have a compartment."""
    return tuple(sorted(_data()))


@cache
def definition(kind: str = "Patient") -> dict[str, tuple[str, ...]]:
    """Return resource type -> reference parameters that put it into the compartment, with what `specs/fhir/search.toml` adds to R4."""
    found = {rtype: tuple(names) for rtype, names in _data()[kind].items()}
    for rtype, names in rules().compartments.get(kind, {}).items():
        found[rtype] = tuple(dict.fromkeys((*found.get(rtype, ()), *names)))
    return found


def patients(doc: dict[str, Any]) -> list[str]:
    """Return the ids of the Patients in whose compartment a resource is, each once; a Patient is in its own first."""
    return members("Patient", doc)


def members(kind: str, doc: dict[str, Any]) -> list[str]:
    """Return the ids of the compartments of one kind that a resource is in; references to other servers and contained ones do not count."""
    rtype = doc["resourceType"]
    quick = _quick(kind, rtype)
    if quick is not None and rtype != kind and (plain := quick(doc)) is not None:
        return plain
    own = [doc["id"]] if rtype == kind and doc.get("id") else []
    found = [one for get in _getters(kind, rtype) for one in get(doc) if isinstance(one, Reference)]
    return list(dict.fromkeys([*own, *(one.id for one in found if one.type == kind and one.id and one.url is None)]))


@cache
def _quick(kind: str, rtype: str) -> Callable[[dict[str, Any]], list[str] | None] | None:
    """Return what reads the members of a document whose references are written plainly, as nearly all are; it gives None for any other.

    None: the references of this type stand deeper than its own elements.
    """
    found = [route for param in definition(kind).get(rtype, ()) for route in routes(rtype, parameters(rtype)[param].expression)]
    if any(len(route.hops) != 1 or route.hops[0].type != "Reference" for route in found):
        return None
    keys = tuple(dict.fromkeys((route.hops[0].key, route.hops[0].many) for route in found))
    head = f"{kind}/"

    def quick(doc: dict[str, Any]) -> list[str] | None:
        ids: dict[str, None] = {}
        for key, many in keys:
            value = doc.get(key)
            for node in (value if many else (value,)) if value else ():
                target = node.get("reference", "") if node.__class__ is dict else None
                if target.__class__ is not str or (kind in target and not target.startswith(head)) or kind == node.get("type"):
                    return None
                if target.startswith(head):
                    id_ = target[len(head) :]
                    if not _ID.fullmatch(id_):
                        return None
                    ids[id_] = None
        return list(ids)

    return quick


def adrift(doc: dict[str, Any], kind: str = "Patient") -> bool:
    """Whether a resource would be in a compartment, did its reference not bear a name that only the Bundle knew which brought it."""
    found = [one for get in _getters(kind, doc["resourceType"]) for one in get(doc) if isinstance(one, Reference)]
    return any(one.url is not None and one.url.startswith("urn:uuid:") for one in found)


@cache
def _getters(kind: str, rtype: str) -> tuple[Callable[[dict[str, Any]], list[Said]], ...]:
    return tuple(values.getter(rtype, param) for param in definition(kind).get(rtype, ()))


def criterion(kind: str, id_: str, rtype: str) -> Criterion | None:
    """Return what a search inside a compartment asks besides: `GET /Patient/1/Observation`; None where no resource of the type can be in it."""
    params = definition(kind).get(rtype)
    if params is None and rtype != kind:
        return None
    value = (ReferenceValue(kind, id_),)
    parts: list[Criterion] = [Term(param, "reference", "", value) for param in params or ()]
    if rtype == kind:
        parts.insert(0, Term("_id", "token", "", (TokenValue(None, id_),)))
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    loaded: dict[str, Any] = orjson.loads(files("yba.fhir").joinpath("data/compartments.json").read_bytes())
    return {kind: found for kind, found in loaded.items() if kind != "source"}
