"""A document as it will be stored: checked, without what the server says itself, with tokens, times, restricted categories; no database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba import fhir
from yba.fhir import compartment, search
from yba.specs import labels, systems

from . import spreading, texts
from .rest_model import NotStorable, Problem
from .rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from .model import RangeRow, TextRow
    from .rest_model import Write

ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_SERVERS: Final = frozenset({"versionId", "lastUpdated"})
_CODED: Final = frozenset({systems.system("icd10"), systems.international("who-icd10"), "http://hl7.org/fhir/sid/icd-10-cm"})
# Words in these say nothing of the content: identifiers, addresses, names of systems and people.
_SILENT: Final = frozenset(
    {"id", "system", "url", "reference", "identifier", "resourceType", "profile", "telecom", "address", "name", "data", "hash"}
)
_NESTING: Final[frozenset[Any]] = frozenset({dict, list})
_OWN_LABEL: Final = systems.national("label")


@dataclass(slots=True)
class Ready:
    """One write, ready to be given a person: what will stand in its row."""

    write: Write
    rtype: str
    id: str
    doc: bytes
    tokens: list[int]
    start: datetime | None
    end: datetime | None
    labels: tuple[str, ...]
    patients: list[str]  # ids, in the order of the compartment, each once
    rows: tuple[TextRow | RangeRow, ...] | None = None

    def place_of(self, patient: str) -> str:
        """Return the expression of the place that refers to a Patient."""
        return next(_where(self.write.doc, f"Patient/{patient}", self.rtype), self.rtype)


def ready(writes: Sequence[Write]) -> list[Ready]:
    """Check and index documents; what is wrong with any of them is said at once. Raises NotStorable."""
    problems: list[Problem] = []
    made: list[Ready] = []
    for write in writes:
        before = len(problems)
        made += _one(write, problems)
        problems[before:] = [one._replace(ref=(write.rtype, write.id or "")) for one in problems[before:]]
    seen: set[tuple[str, str]] = set()
    for one in made:
        if (one.rtype, one.id) in seen:
            problems.append(Problem("duplicate", one.rtype, f"{one.rtype}/{one.id} được ghi hai lần.", f"{one.rtype}/{one.id} is written twice."))
        seen.add((one.rtype, one.id))
    if problems:
        raise NotStorable(problems)
    if len(made) > 1:
        spreading.within(made)
    return made


def _one(write: Write, problems: list[Problem]) -> Iterator[Ready]:
    doc, rtype = write.doc, write.rtype
    id_ = write.id or ""
    if not ID.fullmatch(id_):
        problems.append(Problem("value", f"{rtype}.id", "Mã tài nguyên không hợp lệ.", "The id is not a FHIR id."))
        return
    if doc.get("resourceType") != rtype:
        problems.append(Problem("structure", rtype, f"Nội dung không phải là {rtype}.", f"The document is not a {rtype}."))
        return
    wrong = [Problem("structure", *_place(text)) for text in fhir.errors(doc)]
    if wrong:
        problems.extend(wrong)
        return
    body = own(rtype, id_, doc)
    data = as_bytes(body)
    body, whole = texts.kept(rtype, body, data), body
    data = data if body is whole else as_bytes(body)
    index = search.index(rtype, body)
    named = compartment.patients(body)
    if not named and compartment.adrift(body):
        problems.append(Problem("not-found", rtype, "urn:uuid chỉ dùng trong transaction.", "urn:uuid names entries of a transaction alone."))
        return
    rows = rows_of(rtype, index)
    yield Ready(write, rtype, id_, data, index.tokens, index.start, index.end, labels_of(body), named, rows=rows)


def _place(text: str) -> tuple[str, str, str]:
    """An error of the structural check: where, and the words in both languages."""
    where, _, what = text.partition(": ")
    return where, f"{where}: không đúng cấu trúc FHIR R4.", what


def own(rtype: str, id_: str, doc: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document as it is stored: type and id first, of meta only what is not the server's."""
    body: dict[str, Any] = {"resourceType": rtype, "id": id_}
    for key, value in doc.items():
        if key == "meta":
            kept = {name: one for name, one in value.items() if name.lstrip("_") not in _SERVERS}
            if kept:
                body["meta"] = kept
        elif key not in body:
            body[key] = value
    return body


def as_bytes(doc: Mapping[str, Any]) -> bytes:
    """Write a document; Decimal numbers as they were sent. Raises NotStorable for a number JSON libraries cannot hold."""
    try:
        return orjson.dumps(doc, default=_exact)
    except orjson.JSONEncodeError as error:
        raise NotStorable([Problem("value", "", "Có số nằm ngoài phạm vi lưu được.", f"A value cannot be stored: {error}.")]) from error


def _exact(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(type(value).__name__)


def labels_of(doc: Mapping[str, Any]) -> tuple[str, ...]:
    """Restricted categories of a resource by the rules claims are labelled by (ICD-10 codes, words) and as sent in meta.security."""
    if doc["resourceType"] in spreading.UNLABELLED:
        return ()
    known = set(labels.names())
    found = {
        one["code"]: None
        for one in doc.get("meta", {}).get("security", ())
        if one.get("system") == _OWN_LABEL and one.get("code") in known
    }  # fmt: skip
    _look(doc, found)
    return tuple(sorted(found))


def _look(value: Any, found: dict[str, None]) -> None:  # noqa: ANN401  an object or an array
    inners = value
    if value.__class__ is dict:
        if value.get("system") in _CODED and "code" in value:
            found |= dict.fromkeys(labels.of_code(value["code"]))
        inners = [inner for key, inner in value.items() if key not in _SILENT or (key == "name" and isinstance(inner, str))]
    for inner in inners:
        if isinstance(inner, str):
            if len(inner) > 2 and (told := labels.of_text(inner)):  # noqa: PLR2004  the shortest restricted word has three letters
                found |= dict.fromkeys(told)
        elif inner.__class__ in _NESTING:
            _look(inner, found)


def _where(value: Any, ref: str, path: str) -> Iterator[str]:  # noqa: ANN401  any JSON
    if isinstance(value, dict):
        if str(value.get("reference", "")).partition("/_history/")[0] == ref:
            yield f"{path}.reference"
        for key, inner in value.items():
            yield from _where(inner, ref, f"{path}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _where(inner, ref, f"{path}[{number}]")
