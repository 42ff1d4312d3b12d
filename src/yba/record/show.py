"""One person's record, found by a number and shown as a page model, as text or as a FHIR bundle; every look is in the trail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin
from uuid import UUID

import orjson

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.fhir import search
from yba.kit import Conflict, NotFound, exact
from yba.specs import systems

from . import store
from .page import Page, build
from .page.read import is_other
from .page.store import page_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.reach import Predicate

    from .model import StoredResource

_CARD: Final = re.compile(r"[A-Z]{2}[0-9]{13}\Z")  # 15 characters; the last ten are the insurance number
_BLANKS: Final = re.compile(r"[\s.\-]+")
_MANY: Final = 20
_REDACTED: Final = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "REDACTED"}
_SUPPRESSED: Final = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "information", "code": "suppressed", "diagnostics": "Có nội dung được che theo quy định về thông tin hạn chế."}],
}


def find_person(conn: Connection[Any], *, by: Actor, number: str) -> UUID:
    """Find a person by citizen, insurance, card, old identity or passport number, patient number of a facility, or person id.

    Raises NotFound, and Conflict when several people bear the number: then only the person id will do. Whoever may find a person may not
    yet read of it: read in another unit of work, whose row security is not open for finding.
    """
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_PERSON_FIND)
    found = _by_id(conn, seen, number.strip()) or _by_number(conn, seen, number)
    audit.note(conn, by=by, tag=Tag.PERSON_FIND, about_type="Person", about_id="", person_id=next(iter(found)) if len(found) == 1 else None)
    if not found:
        message = "Không có hồ sơ nào mang số này."
        raise NotFound(message)
    if len(found) > 1:
        message = f"{len(found)} hồ sơ cùng mang số này."
        raise Conflict(message, advice="Mở bằng mã hồ sơ: " + ", ".join(sorted(map(str, found))))
    return found.pop()


def page_of(conn: Connection[Any], *, by: Actor, person_id: UUID, names: Callable[[Sequence[str]], Mapping[str, str]] | None = None) -> Page:
    """Read a person's record as a page; raises NotFound when there is none the actor may see.

    An id that was merged leads to the record of the person it means today.
    ``names`` gives facility names for codes, asked once with all codes of the record.
    """
    seen = access.predicate(conn, by=by, right=Right.RECORD_CLINICAL_READ, person=person_id)
    resources, again, labelled = page_rows(conn, seen, person_id)
    if not resources and (now := access.person_now(conn, by=by, person_id=person_id)) != person_id:
        return page_of(conn, by=by, person_id=now, names=names)
    _noted(conn, by, person_id, len(resources), Right.RECORD_CLINICAL_READ)
    masked = labelled and _is_masked(conn, by, seen)
    codes = sorted({each.facility_id for each in resources if each.facility_id})
    return build(str(person_id), resources, facilities=names(codes) if names else {}, masked=masked, again=again)


def bundle_of(conn: Connection[Any], *, by: Actor, person_id: UUID) -> bytes:
    """Read a person's record as a FHIR searchset Bundle, numbers with the decimals they were sent with.

    What the actor's right does not cover is not there, and not counted; that there is something of a restricted category is said by the
    Bundle's security label and an OperationOutcome.
    """
    seen = access.predicate(conn, by=by, right=Right.RECORD_CLINICAL_EXPORT, person=person_id)
    resources = store.of_person(conn, seen, person_id)
    if not resources and (now := access.person_now(conn, by=by, person_id=person_id)) != person_id:
        return bundle_of(conn, by=by, person_id=now)
    _noted(conn, by, person_id, len(resources), Right.RECORD_CLINICAL_EXPORT)
    resources.sort(key=lambda each: (each.rtype != "Patient", each.id != str(person_id), each.rtype, each.id))
    base = urljoin(systems.extension(""), "/fhir/")
    entries: list[dict[str, Any]] = [
        {"fullUrl": f"{base}{each.rtype}/{each.id}", "resource": _exact(each), "search": {"mode": "match"}} for each in resources
    ]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}
    if _is_masked(conn, by, seen):
        bundle["meta"] = {"security": [_REDACTED]}
        entries.append({"resource": _SUPPRESSED, "search": {"mode": "outcome"}})
    return orjson.dumps(bundle)


def _is_masked(conn: Connection[Any], by: Actor, seen: Predicate) -> bool:
    """Whether anything is masked: all that may be said, never which category, how much, when or where."""
    return access.anything_masked(conn, by=by, seen=seen, table="resource")


def _noted(conn: Connection[Any], by: Actor, person_id: UUID, count: int, right: Right) -> None:
    """Write the look to the trail; raises NotFound where there was nothing to see."""
    if not count:
        message = "Không có hồ sơ này."
        raise NotFound(message)
    audit.note(
        conn,
        by=by,
        tag=Tag.PAGE_READ,
        about_type="Patient",
        about_id=str(person_id),
        person_id=person_id,
        detail={"resources": count},
        under=right.value,
    )


def _by_id(conn: Connection[Any], seen: Predicate, text: str) -> set[UUID]:
    """A person id, or the id of one facility's Patient."""
    try:
        ident = UUID(text)
    except ValueError:
        return set()
    stored = store.get(conn, seen, "Patient", str(ident))
    return {stored.person_id} if stored is not None else set()


def _by_number(conn: Connection[Any], seen: Predicate, text: str) -> set[UUID]:
    """The holders of a number, golden Patients before sources: a number a source once sent in error finds nobody else's record first."""
    tidy = _BLANKS.sub("", text).upper()
    for value in dict.fromkeys((tidy, text.strip(), tidy[-10:] if _CARD.match(tidy) else tidy)):
        if not value:
            continue
        stored = store.search(conn, seen, "Patient", [search.token("identifier", value)], None, _MANY)
        own = [each for each in stored if not is_other(each.id, each.doc, str(each.person_id))]  # a newborn's temporary card is not the mother's
        golden = {each.person_id for each in own if each.id == str(each.person_id)}
        if found := golden or {each.person_id for each in own}:
            return found
    return set()


def _exact(stored: StoredResource) -> dict[str, Any]:
    doc: dict[str, Any] = exact.fragments(stored.json)
    doc["meta"] = {**doc.get("meta", {}), "versionId": str(stored.version), "lastUpdated": stored.updated.isoformat()}
    return doc
