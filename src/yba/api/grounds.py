"""What an answer given later rests on: the rights it was made by and the resources open to them then; asked again when it is given out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

import orjson

from yba import access, record
from yba.access import Denied, Right
from yba.kit.db import unit_of_work

from . import bodies, documents
from .call import ID, storable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .call import Call, Route
    from .http import Answer

    Refs = set[tuple[str, str]]

NONE: Final[dict[str, Any]] = {"rights": [], "opened": {}}  # of a refusal
_OPENED_BY: Final = (Right.RECORD_CLINICAL_READ, Right.RECORD_CLINICAL_SEARCH)
_NAMED: Final = re.compile(r"(?<![A-Za-z])([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})")  # Type/id, also within an absolute address
_PATIENTS: Final = re.compile(r"(?:patient|subject)(?::\w+)?=([A-Za-z0-9\-.,]+)")  # parameters that may name a Patient by the id alone
_IDS: Final = re.compile(r"(?<!\w)_id=([A-Za-z0-9\-.,]+)")


def laid(call: Call, route: Route, answer: Answer) -> dict[str, Any]:
    """Say what an answer rests on, as JSON: all rights its interaction asks for, and by right the resources open to it at this moment.

    These are the ones it shows and the ones it was asked about: a count shows nobody and is of somebody all the same. What was not open at this
    moment (a definition of ours, an id of nothing) is no ground. To be called in the unit of work that made the answer.
    """
    wanted = _shown(answer.body) | _asked(call)
    opened: dict[str, list[tuple[str, str]]] = {}
    for right in _OPENED_BY:
        found = _open(call, right, wanted)
        opened[right.value] = sorted(found)
        wanted -= found
    return {"rights": [right.value for right in route.declaration.rights], "opened": opened}


def ask_again(call: Call, grounds: dict[str, Any]) -> None:
    """Raise Denied for the first right of an answer's grounds that its asker does not hold any more, or that does not open all it opened then.

    A resource deleted since is no right lost. Nothing is said of which resource it is.
    """
    for name in grounds["rights"]:
        call.under(Right(name))
    for name, refs in grounds["opened"].items():
        wanted = {(rtype, id_) for rtype, id_ in refs}
        if wanted - _open(call, Right(name), wanted):
            raise Denied(Right(name))


def _open(call: Call, right: Right, refs: Refs) -> Refs:
    """Say which resources a right opens to the caller now, deleted ones too; none where it is not held."""
    by = access.purpose_for(call.by, right)
    if not refs or not access.holds(by, right):
        return set()
    with unit_of_work(by=by) as conn:
        return record.standing(conn, by=by, right=right, refs=refs, gone=True)


def _shown(body: object) -> Refs:
    """Name the resources of an answer, in whatever bundles they lie."""
    if body is None:
        return set()
    doc = orjson.loads(body if isinstance(body, str) else documents.dumps(body))
    kinds = storable() - {"Bundle"}
    return {(one["resourceType"], one["id"]) for one in _objects(doc) if one.get("resourceType") in kinds and ID.fullmatch(str(one.get("id", "")))}


def _objects(doc: object) -> Iterator[dict[str, Any]]:
    left = [doc]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one
            left += one.values()
        elif isinstance(one, list):
            left += one


def _asked(call: Call) -> Refs:
    """Name the resources a request names: in its address, its parameters, and those of a form or of a bundle's entries."""
    request = call.request
    said = ["/".join(request.segments), *(f"{name}={value}" for name, value in request.query)]
    if request.method == "POST":
        said.append(unquote_plus(bodies.read(request).decode("utf-8", "replace")))
    text = "\n".join(said)
    patients = {("Patient", id_) for ids in _PATIENTS.findall(text) for id_ in ids.split(",")}
    own = {(call.given["type"], id_) for ids in _IDS.findall(text) for id_ in ids.split(",")} if "type" in call.given else set()
    return {(rtype, id_) for rtype, id_ in {*_NAMED.findall(text), *patients, *own} if rtype in storable() and ID.fullmatch(id_)}
