"""What a FHIR Patient says of its human, as the facts identity compares; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.fhir import dates
from yba.identity import Card, IdType, PersonFacts
from yba.kit.clock import VIETNAM
from yba.specs import identity as specs
from yba.specs import systems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

Doc = dict[str, Any]
_SYSTEM: Final = {systems.identifier(kind.system): kind.type for kind in specs.identifiers().kinds}
_FACT: Final = {IdType.CITIZEN.value: "citizen_number", IdType.OLD_CITIZEN.value: "old_citizen_number", IdType.PASSPORT.value: "passport"}
_CARDS: Final = frozenset({IdType.CARD.value, IdType.TEMPORARY.value})
_BIRTH_TIME: Final = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
_NATIONALITY: Final = "http://hl7.org/fhir/StructureDefinition/patient-nationality"
_GENDERS: Final = frozenset({"male", "female"})
_MINUTE, _DAY = len("2026-03-12T10:30"), len("2026-03-12")
_UNDATED: Final = "?"
_DERIVED: Final = "~"  # begins the keys identity makes itself


def local_id(doc: Mapping[str, Any], facility: str) -> str:
    """Return what a source calls this human: its own patient number, else its first identifier with the system; "" when it has none."""
    numbers = [one for one in doc.get("identifier", ()) if one.get("value")]
    own = next((one["value"] for one in numbers if one.get("system") == systems.local_patient(facility)), "") if facility else ""
    if own:
        return own if not own.startswith(_DERIVED) else f"|{own}"
    return "|".join((numbers[0].get("system", ""), numbers[0]["value"])) if numbers else ""


def facts_of(doc: Doc, *, facility: str, local: str, patient: UUID, claim: UUID, moment: datetime) -> PersonFacts:
    """Fill the facts. ``claim`` names what it says of a death, taken away when a later version says it no more."""
    numbers = dict(_numbers(doc))
    told: dict[str, Any] = {**_address(doc), **{_FACT[kind]: value for kind, value in numbers.items() if kind in _FACT}, **dict(_coded(doc))}
    return PersonFacts(
        facility=facility,
        local_id=local,
        seen_at=moment,
        sequence=int(moment.timestamp() * 1_000_000),
        name=_name(doc),
        birth=_birth(doc),
        sex=doc["gender"] if doc.get("gender") in _GENDERS else "unknown",
        cards=tuple(_cards(doc)),
        insurance_numbers=tuple(value for kind, value in _numbers(doc) if kind == IdType.INSURANCE.value),
        phone=next((one["value"] for one in doc.get("telecom", ()) if one.get("system") == "phone" and one.get("value") and _now(one)), ""),
        **told,
        claim=claim,
        died=_death(doc),
        patient=patient,
        resource_id=doc["id"],
    )


def _now(part: Mapping[str, Any]) -> bool:
    return part.get("use") not in {"old", "temp"}


def _numbers(doc: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Known kinds with their values; of one kind the first that is not old counts, so it comes last."""
    found = [one for one in doc.get("identifier", ())[::-1] if one.get("system") in _SYSTEM and one.get("value")]
    yield from ((_SYSTEM[one["system"]], one["value"].strip()) for one in sorted(found, key=_now))


def _cards(doc: Mapping[str, Any]) -> Iterator[Card]:
    for one in doc.get("identifier", ()):
        if _SYSTEM.get(one.get("system", "")) in _CARDS and one.get("value"):
            period = one.get("period", {})
            yield Card(one["value"].strip().upper(), "", _day(period.get("start", "")), _day(period.get("end", "")))


def _day(text: str) -> str:
    return text[:_DAY] if len(text) >= _DAY else ""


def _name(doc: Mapping[str, Any]) -> str:
    names = sorted(doc.get("name", ()), key=lambda one: (one.get("use") != "official", not _now(one) or one.get("use") == "maiden"))
    if not names:
        return ""
    best = names[0]
    return str(best.get("text") or " ".join(filter(None, (best.get("family"), *(part or "" for part in best.get("given", ()))))))


def _birth(doc: Mapping[str, Any]) -> str:
    birth = str(doc.get("birthDate", ""))
    for one in doc.get("_birthDate", {}).get("extension", ()):
        if one.get("url") == _BIRTH_TIME and birth:
            moment, _ = dates.point(str(one.get("valueDateTime", "")))
            local = moment.astimezone(VIETNAM).isoformat()[:_MINUTE] if moment else ""
            return local if local[:_DAY] == birth else birth
    return birth


def _death(doc: Mapping[str, Any]) -> str:
    text = str(doc.get("deceasedDateTime", ""))
    if not text:
        return _UNDATED if doc.get("deceasedBoolean") is True else ""
    if len(text) <= _DAY:
        return text if len(text) == _DAY else _UNDATED
    moment, _ = dates.point(text)
    return moment.astimezone(VIETNAM).isoformat()[:_MINUTE] if moment else _UNDATED


def _address(doc: Mapping[str, Any]) -> dict[str, str]:
    found = sorted((one for one in doc.get("address", ()) if _now(one)), key=lambda one: one.get("use", "home") != "home")
    if not found:
        return {}
    one = found[0]
    said = {"address": one.get("text") or ", ".join(filter(None, (*one.get("line", ()), one.get("district"), one.get("city"), one.get("state"))))}
    for extension in one.get("extension", ()):
        if extension.get("url") == systems.extension("address-code"):
            parts = {part.get("url"): part.get("valueCoding", {}).get("code", "") for part in extension.get("extension", ())}
            said |= {name: parts[name] for name in ("province", "district", "commune") if parts.get(name)}
    return said


def _coded(doc: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in doc.get("extension", ()):
        url = one.get("url")
        if url == _NATIONALITY:
            for part in one.get("extension", ()):
                for coding in part.get("valueCodeableConcept", {}).get("coding", ())[:1]:
                    yield "nationality", coding.get("code", "")
        elif url == systems.extension("blood-group"):
            yield "blood_group", one.get("valueString", "")
        elif url in (systems.extension("ethnicity"), systems.extension("occupation")):
            yield url.rsplit("/", 1)[-1], one.get("valueCoding", {}).get("code", "")
