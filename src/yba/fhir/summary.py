"""What `_summary` and `_elements` leave of a resource: summary, mandatory and modifier elements by the R4 definitions."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import orjson

from .definitions import elements, known, properties

if TYPE_CHECKING:
    from collections.abc import Collection

Doc = dict[str, Any]
SUBSETTED: Final = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
MODES: Final = frozenset({"true", "text", "data", "count", "false"})
_ALWAYS: Final = frozenset({"resourceType", "id", "meta"})


def summarised(doc: Doc, mode: str) -> Doc:
    """Return a resource as `_summary` wants it, marked SUBSETTED; "false" and "count" leave it whole.

    "true": summary elements; "text": the narrative and what must be there; "data": all but the narrative.
    """
    rtype = doc["resourceType"]
    if mode == "true":
        return _marked(_kept(doc, rtype))
    if mode == "text":
        return _marked(_only(doc, _names(rtype, {"text", *_mandatory(rtype)})))
    if mode == "data":
        return _marked({key: value for key, value in doc.items() if key not in {"text", "_text"}})
    return doc


def of_elements(doc: Doc, names: Collection[str]) -> Doc:
    """Return a resource with the top-level elements named, those it must have and those that modify its meaning, marked SUBSETTED.

    A name may begin with the type, and go deeper than one level: its element comes whole.
    """
    rtype = doc["resourceType"]
    wanted = {name.removeprefix(f"{rtype}.").partition(".")[0] for name in names}
    return _marked(_only(doc, _names(rtype, {*wanted, *_mandatory(rtype), *_data("modifier", rtype)})))


def _only(doc: Doc, keys: Collection[str]) -> Doc:
    return {key: value for key, value in doc.items() if key in _ALWAYS or key.removeprefix("_") in keys}


def _kept(value: Doc, path: str) -> Doc:
    """Keep the summary elements of a resource or backbone; data types stay whole."""
    keys, own = _names(path, _data("summary", path)), properties(path)
    found: Doc = {}
    for key, inner in value.items():
        if key in _ALWAYS or key.removeprefix("_") in keys:
            type_ = own[key][1].type if key in own else ""
            below = _kept_below if "." in type_ and known(type_) else None
            found[key] = inner if below is None else below(inner, type_)
    return found


def _kept_below(value: Any, path: str) -> Any:  # noqa: ANN401  # one or many
    if isinstance(value, list):
        return [_kept(one, path) for one in value]
    return _kept(value, path)


def _marked(doc: Doc) -> Doc:
    meta = dict(doc.get("meta", {}))
    tags = meta.get("tag", [])
    if SUBSETTED not in tags:
        meta["tag"] = [*tags, SUBSETTED]
    head: Doc = {key: doc[key] for key in ("resourceType", "id") if key in doc}
    return {**head, "meta": meta, **{key: value for key, value in doc.items() if key not in _ALWAYS}}


@cache
def _mandatory(rtype: str) -> frozenset[str]:
    return frozenset(name for name, element in elements(rtype).items() if element.minimum)


def _names(path: str, wanted: Collection[str]) -> frozenset[str]:
    """JSON properties of elements: `value` is valueQuantity, valueString and more."""
    return frozenset(field.key for name, element in elements(path).items() if name in wanted for field in element.fields) | frozenset(wanted)


@cache
def _data(kind: str, path: str) -> frozenset[str]:
    return frozenset(_file()[kind].get(path, "").split())


@cache
def _file() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = orjson.loads(files("yba.fhir").joinpath("data/summary.json").read_bytes())
    return loaded
