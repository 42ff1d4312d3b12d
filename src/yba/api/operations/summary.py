"""Patient/$summary: the International Patient Summary (HL7 IPS 1.1) of one person as a document Bundle, of what the caller may see.

"Nothing recorded" is said as such by the codes IPS has for it, never as "none": outside of what facilities sent, nothing is known here.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit, record
from yba.access import Right, needs
from yba.api import documents
from yba.api.bundles import MASKED, REDACTED
from yba.api.faults import missing
from yba.api.http import Answer
from yba.audit import Tag
from yba.kit import clock, exact, new_id

from .everything import person_of
from .parameters import Given

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from yba.api.call import Call
    from yba.record import StoredResource

Doc = dict[str, Any]
_LOINC: Final = "http://loinc.org"
_ABSENT: Final = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
_EMPTY: Final = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
_IPS: Final = "http://hl7.org/fhir/uv/ips/StructureDefinition/"
_NEWEST: Final = 200  # resources of one section
_LIFE: Final = frozenset({"entered-in-error", "cancelled", "not-done"})


class Section(NamedTuple):
    """One section: LOINC code, titles, types it takes, and the code of "no information" with the resource that carries it."""

    code: str
    vi: str
    en: str
    types: tuple[str, ...]
    absent: str = ""
    carrier: Doc = {}  # noqa: RUF012  # never written to


_SECTIONS: Final = (
    Section("11450-4", "Vấn đề sức khỏe", "Problem list", ("Condition",), "no-problem-info", {"resourceType": "Condition"}),
    Section("48765-2", "Dị ứng", "Allergies and intolerances", ("AllergyIntolerance",), "no-allergy-info", {"resourceType": "AllergyIntolerance"}),
    Section(
        "10160-0",
        "Thuốc",
        "Medication summary",
        ("MedicationStatement", "MedicationRequest", "MedicationDispense", "MedicationAdministration"),
        "no-medication-info",
        {"resourceType": "MedicationStatement", "status": "unknown"},
    ),
    Section("11369-6", "Tiêm chủng", "Immunizations", ("Immunization",)),
    Section("30954-2", "Kết quả xét nghiệm, chẩn đoán hình ảnh", "Results", ("DiagnosticReport", "Observation")),
    Section("47519-4", "Thủ thuật, phẫu thuật", "Procedures", ("Procedure",)),
)


@needs(Right.RECORD_CLINICAL_READ)
def summary(call: Call) -> Answer:
    """``GET|POST /Patient/id/$summary``."""
    Given(call.request).only((), lenient=call.wish.lenient)
    person = person_of(call)
    found = record.of_person(call.conn, by=call.by, person_id=person)
    patient = next((one for one in found if one.rtype == "Patient" and one.id == str(person)), None)
    patient = patient or next((one for one in found if one.rtype == "Patient" and one.id == call.id), None)
    if patient is None:
        raise missing()
    seen = access.predicate(call.conn, by=call.by, right=Right.RECORD_CLINICAL_READ, person=person)
    masked = access.anything_masked(call.conn, by=call.by, seen=seen, table="resource")
    audit.note(
        call.conn, by=call.by, tag=Tag.PAGE_READ, about_type="Patient", about_id=str(person), person_id=person,
        detail={"resources": len(found), "fhir": "summary"}, under=Right.RECORD_CLINICAL_READ.value,
    )  # fmt: skip
    return Answer(body=_document(call, patient, found, masked=masked))


def _document(call: Call, patient: StoredResource, found: Sequence[StoredResource], *, masked: bool) -> Doc:
    base, of_person = call.request.base, frozenset(f"Patient/{one.id}" for one in found if one.rtype == "Patient")
    medicines = _medicines(call, found)
    entries = [_entry(base, patient)]
    about, ours = {"reference": f"Patient/{patient.id}"}, f"urn:uuid:{new_id()}"
    entries.append(
        {"fullUrl": ours, "resource": {"resourceType": "Device", "id": ours[9:], "deviceName": [{"name": "Y bạ", "type": "user-friendly-name"}]}}
    )
    sections = []
    for section in _SECTIONS:
        rows = _of_section(section, found)
        sections.append(_section(section, [_named(one, medicines) for one in rows], about, entries, base))
        entries += [_about(_entry(base, one), of_person, about["reference"]) for one in rows]
    entries += [_entry(base, one) for one in medicines.values()]
    composition = _composition(about, ours, sections, masked=masked)
    made: Doc = {
        "resourceType": "Bundle",
        "id": str(new_id()),
        "meta": {"profile": [f"{_IPS}Bundle-uv-ips"], **({"security": [REDACTED]} if masked else {})},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{new_id()}"},
        "type": "document",
        "timestamp": documents.moment(clock.now()),
        # An address and no URN: what it refers to as Type/id is looked for under the same address (R4, bundle.html, "Resolving references").
        "entry": [{"fullUrl": f"{base}/Composition/{composition['id']}", "resource": composition}, *entries],
    }
    return made


def _medicines(call: Call, found: Iterable[StoredResource]) -> dict[str, StoredResource]:
    """The Medications that the record names by reference: they are nobody's, and what a medicine is stands in them."""
    named = dict.fromkeys(ref for one in found if (ref := _medicine_of(one.doc)).startswith("Medication/"))
    read = {ref: record.get(call.conn, by=call.by, rtype="Medication", id=ref.partition("/")[2]) for ref in list(named)[:_NEWEST]}
    return {ref: one for ref, one in read.items() if one is not None and not one.deleted}


def _medicine_of(doc: Doc) -> str:
    return str(doc.get("medicationReference", {}).get("reference", "")).partition("/_history/")[0]


def _named(one: StoredResource, medicines: Mapping[str, StoredResource]) -> tuple[StoredResource, str]:
    """A row and what the narrative says of it."""
    medicine = medicines.get(_medicine_of(one.doc))
    return one, _label(one.doc if medicine is None else {**one.doc, "medicationCodeableConcept": medicine.doc.get("code", {})})


def _about(entry: Doc, patients: frozenset[str], patient: str) -> Doc:
    """Let an entry be about the Patient of the document, whichever of the person's Patients it was sent for."""
    stack: list[Any] = [entry["resource"]]
    while stack:
        here = stack.pop()
        if isinstance(here, dict):
            if here.get("reference") in patients:
                here["reference"] = patient
            here = here.values()
        stack += [inner for inner in here if isinstance(inner, (dict, list))]
    return entry


def _composition(about: Doc, author: str, sections: list[Doc], *, masked: bool) -> Doc:
    return {
        "resourceType": "Composition",
        "id": str(new_id()),
        "meta": {"profile": [f"{_IPS}Composition-uv-ips"]},
        "text": _words([MASKED.vi, MASKED.en] if masked else ["Tóm tắt hồ sơ sức khỏe. Patient summary."]),
        "status": "final",
        "type": {"coding": [{"system": _LOINC, "code": "60591-5", "display": "Patient summary Document"}]},
        "subject": about,
        "date": documents.moment(clock.now()),
        "author": [{"reference": author}],
        "title": "Tóm tắt hồ sơ sức khỏe (International Patient Summary)",
        "section": sections,
    }


def _of_section(section: Section, found: Iterable[StoredResource]) -> list[StoredResource]:
    """The newest resources of a section that stand for something that was, or is."""
    rows = [one for one in found if one.rtype in section.types and one.doc.get("status") not in _LIFE and not _is_wrong(one.doc)]
    rows.sort(key=lambda one: (one.start or one.updated, one.id), reverse=True)
    return rows[:_NEWEST]


def _is_wrong(doc: Doc) -> bool:
    return any(one.get("code") == "entered-in-error" for one in doc.get("verificationStatus", {}).get("coding", ()))


def _section(section: Section, rows: Sequence[tuple[StoredResource, str]], about: Doc, entries: list[Doc], base: str) -> Doc:
    made: Doc = {"title": f"{section.vi} ({section.en})", "code": {"coding": [{"system": _LOINC, "code": section.code, "display": section.en}]}}
    if rows:
        return made | {"text": _words(label for _, label in rows), "entry": [{"reference": f"{one.rtype}/{one.id}"} for one, _ in rows]}
    made["text"] = _words(["Chưa ghi nhận thông tin. No information recorded."])
    if not section.absent:
        reason = {"system": _EMPTY, "code": "unavailable", "display": "Unavailable"}
        return made | {"emptyReason": {"coding": [reason], "text": "Chưa ghi nhận. Not recorded."}}
    carried = _absence(section, about)
    entries.append({"fullUrl": f"{base}/{carried['resourceType']}/{carried['id']}", "resource": carried})
    return made | {"entry": [{"reference": f"{carried['resourceType']}/{carried['id']}"}]}


def _absence(section: Section, about: Doc) -> Doc:
    """The resource by which IPS says that nothing is known."""
    code = {"coding": [{"system": _ABSENT, "code": section.absent}], "text": "Chưa ghi nhận. Not recorded."}
    statement = section.carrier["resourceType"] == "MedicationStatement"
    place = "patient" if section.carrier["resourceType"] == "AllergyIntolerance" else "subject"
    made = {**section.carrier, "id": str(new_id()), "medicationCodeableConcept" if statement else "code": code, place: about}
    if not statement:
        kind = "allergyintolerance" if place == "patient" else "condition"
        made["clinicalStatus"] = {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{kind}-clinical", "code": "active"}]}
    return made


def _entry(base: str, one: StoredResource) -> Doc:
    return {"fullUrl": f"{base}/{one.rtype}/{one.id}", "resource": exact.fragments(documents.text(one))}


def _label(doc: Doc) -> str:
    """What a line of the narrative says of a resource: its words, and when."""
    concept = doc.get("code") or doc.get("vaccineCode") or doc.get("medicationCodeableConcept") or {}
    words = concept.get("text") or next((one.get("display") or one.get("code") for one in concept.get("coding", ())), "") or doc["resourceType"]
    day = next((str(doc[key])[:10] for key in _WHEN if isinstance(doc.get(key), str)), "")
    return f"{words} ({day})" if day else str(words)


_WHEN: Final = (
    "onsetDateTime",
    "recordedDate",
    "effectiveDateTime",
    "occurrenceDateTime",
    "performedDateTime",
    "authoredOn",
    "whenHandedOver",
    "issued",
)


def _words(lines: Iterable[str]) -> Doc:
    listed = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><ul>{listed}</ul></div>'}
