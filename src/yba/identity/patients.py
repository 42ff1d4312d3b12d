"""Patient resources: the source's, exactly as sent, and the person's golden one by survivorship; pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson
from xxhash import xxh3_64_intdigest

from yba.kit.ids import derived
from yba.kit.text import nfc
from yba.specs import identity as specs
from yba.specs import systems

from .deaths import UNDATED, death_of
from .model import Card, IdType, Retraction
from .survive import golden_fields

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from .ladder import Me
    from .model import Resolution
    from .normalise import Key
    from .state import IdFact, Person, Source, State

Doc = dict[str, Any]
_SYSTEM: Final = {kind.type: systems.identifier(kind.system) for kind in specs.identifiers().kinds}
_RANK: Final = {kind.type: rank for rank, kind in enumerate(specs.identifiers().kinds)}
_FACILITY: Final = systems.identifier("facility")
_EXT: Final = {name: systems.extension(name) for name in ("address-code", "ethnicity", "occupation", "blood-group")}
_CODES: Final = {name: systems.national(name) for name in ("province", "district", "commune", "ethnicity", "occupation", "nationality")}
_NATIONALITY: Final = "http://hl7.org/fhir/StructureDefinition/patient-nationality"
_BIRTH_TIME: Final = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
_CITIZEN: Final = IdType.CITIZEN.value
_DAY: Final = 10
_WRITTEN_BY_CALLER: Final = frozenset({"born_of", "resource_id"})
_SIGNED: Final = 1 << 63
_CENTURY: Final = {"0": 19, "1": 19, "2": 20, "3": 20, "4": 21, "5": 21, "6": 22, "7": 22, "8": 23, "9": 23}


def patient_id(facility: str, local_id: str) -> UUID:
    """Return the id of a source's Patient, as the mapping derives it for references."""
    return derived("Patient", facility, local_id)


def source_doc(source: Source) -> Doc | None:
    """Build a source's Patient as it was sent last; None for a reused patient number (its first human keeps the document).

    A claim without a patient number has none either; a newborn's is written by the mapping, from its certificate; what came as FHIR is kept
    as it came.
    """
    facility, local_id, variant = source.key
    if variant > 1 or local_id.startswith("~") or not _WRITTEN_BY_CALLER.isdisjoint(source.sent):
        return None
    sent = source.sent
    doc: Doc = {"resourceType": "Patient", "id": str(source.patient), "identifier": []}
    numbers = [{"use": "usual", "system": systems.local_patient(facility), "value": sent["local_id"]}] if facility else []
    for field, kind in (("citizen_number", IdType.CITIZEN), ("old_citizen_number", IdType.OLD_CITIZEN), ("passport", IdType.PASSPORT)):
        if field in sent:
            numbers.append({"system": _SYSTEM[kind], "value": sent[field]})
    numbers += [{"system": _SYSTEM[IdType.INSURANCE], "value": value} for value in sent.get("insurance_numbers", ())]
    for card in sent.get("cards", ()):
        number, _, start, end = Card(*card)
        temporary = (IdType.TEMPORARY.value, number) in source.ids
        numbers.append(_with_period({"system": _SYSTEM[IdType.TEMPORARY if temporary else IdType.CARD], "value": number}, start, end))
    doc["identifier"] = numbers
    _describe(doc, sent)
    if facility:
        doc["managingOrganization"] = {"identifier": {"system": _FACILITY, "value": facility}}
    doc["link"] = [{"other": {"reference": f"Patient/{source.person_id}"}, "type": "refer"}]
    return doc


def golden_doc(person: Person) -> Doc:
    """Build the golden Patient from everything the sources say; the same for every order in which they said it."""
    fields = golden_fields(person.sources)
    doc: Doc = {"resourceType": "Patient", "id": str(person.id), "active": True}
    numbers = list(_numbers(person, fields))
    if numbers:
        doc["identifier"] = numbers
    if "name" in fields:
        fields["name"] = " ".join(nfc(fields["name"]).split())
    _describe(doc, fields)
    died = death_of(person)
    if died == UNDATED:
        doc["deceasedBoolean"] = True
    elif died:
        doc["deceasedDateTime"] = f"{died}:00+07:00" if len(died) > _DAY else died
    links = sorted({s.sent.get("resource_id") or str(s.patient) for s in person.sources if s.key[2] == 1 and not s.key[1].startswith("~")})
    if links:
        doc["link"] = [{"other": {"reference": f"Patient/{each}"}, "type": "seealso"} for each in links]
    return doc


def attach_documents(state: State, prepared: list[Me], resolutions: list[Resolution]) -> None:
    """Hang each changed document on the last resolution that concerns it, and note the digests of golden ones."""
    done: set[Any] = set()
    for me, resolution in zip(reversed(prepared), reversed(resolutions), strict=True):
        person = state.people[resolution.person_id]
        if person.stale and person.id not in done:
            done.add(person.id)
            doc = golden_doc(person)
            mark = digest(doc)
            person.stale = mark != person.digest
            person.digest = mark
            resolution.golden = doc if person.stale else None
        for source in state.sources.get(me.place, ()):
            if source.doc_stale and source.person_id == person.id and source.key not in done:
                done.add(source.key)
                resolution.source = source_doc(source)
                resolution.source_changed = True
    for person_id in sorted(state.beside - done):
        person = state.people[person_id]
        resolutions[-1].others.append(Retraction(person.id, _changed_golden(person)))


def _changed_golden(person: Person) -> Doc:
    doc = golden_doc(person)
    person.digest, person.stale = digest(doc), True
    return doc


def digest(doc: Doc) -> int:
    """Return 64 bits (signed) that change when the document changes."""
    return xxh3_64_intdigest(orjson.dumps(doc)) - _SIGNED


def _numbers(person: Person, fields: Doc) -> Iterable[Doc]:
    """Yield held identifiers by kind; of one kind first the one that fits birth and sex, then the one seen last."""
    facts: dict[Key, list[IdFact]] = {}
    for source in person.sources:
        for key, fact in source.ids.items():
            if key in person.holds:
                facts.setdefault(key, []).append(fact)
    alone = len({kind for kind, _ in facts}) == len(facts)
    order = sorted(facts, key=_by_kind) if alone else sorted(facts, key=lambda key: _by_standing(key, facts[key], fields), reverse=True)
    seen: set[str] = set()
    for key in order:
        kind, value = key
        valid_to, valid_from, _ = max(fact.card for fact in facts[key])
        number: Doc = {"use": "old" if kind in seen else "official" if kind == _CITIZEN else "usual"}
        seen.add(kind)
        yield _with_period(number | {"system": _SYSTEM[kind], "value": value}, valid_from, valid_to)


def _by_kind(key: Key) -> int:
    return _RANK[key[0]]


def _by_standing(key: Key, facts: list[IdFact], fields: Doc) -> tuple[int, bool, str, str]:
    return -_RANK[key[0]], _fits(key, fields), max(fact.last for fact in facts), key[1]


def _fits(key: Key, fields: Doc) -> bool:
    """Whether a personal number agrees with birth year and sex (PPP S YY NNNNNN); says nothing about other kinds."""
    kind, value = key
    if kind != _CITIZEN:
        return False
    year = f"{_CENTURY[value[3]]}{value[4:6]}"
    sex = "female" if value[3] in "13579" else "male"
    return fields.get("birth", "")[:4] == year and fields.get("sex") == sex


def _with_period(number: Doc, start: str, end: str) -> Doc:
    if start or end:
        period = {name: day for name, day in (("start", start), ("end", end)) if len(day) == _DAY}
        return number | {"period": period} if period else number
    return number


@lru_cache(maxsize=16_384)
def _name(text: str) -> Doc:
    words = text.split()
    name: Doc = {"use": "official", "text": text}
    if words:
        name["family"] = words[0]
    if len(words) > 1:
        name["given"] = words[1:]
    return name


def _describe(doc: Doc, said: Doc) -> None:
    """Add what is said of the human: name, telecom, gender, birth, address and the coded extensions."""
    extensions = [_extension(name, said[name]) for name in ("ethnicity", "occupation", "nationality", "blood_group") if name in said]
    if extensions:
        doc["extension"] = extensions
    if said.get("name", "").strip():
        doc["name"] = [_name(said["name"])]
    if "phone" in said:
        doc["telecom"] = [{"system": "phone", "value": said["phone"]}]
    doc["gender"] = said.get("sex", "unknown")
    birth = said.get("birth", "")
    if birth:
        doc["birthDate"] = birth[:_DAY]
    if len(birth) > _DAY:
        doc["_birthDate"] = {"extension": [{"url": _BIRTH_TIME, "valueDateTime": f"{birth}:00+07:00"}]}
    if "address" in said:
        doc["address"] = [_address(tuple(said["address"]))]


# Parts that repeat are made once and shared between documents: they are written out, never changed.
@lru_cache(maxsize=4096)
def _extension(name: str, value: str) -> Doc:
    if name == "nationality":
        coding = {"system": _CODES[name], "code": value}
        return {"url": _NATIONALITY, "extension": [{"url": "code", "valueCodeableConcept": {"coding": [coding]}}]}
    if name == "blood_group":
        return {"url": _EXT["blood-group"], "valueString": value}
    return {"url": _EXT[name], "valueCoding": {"system": _CODES[name], "code": value}}


@lru_cache(maxsize=8192)
def _address(address: tuple[str, ...]) -> Doc:
    text, *codes = address
    doc: Doc = {"use": "home"}
    parts = [
        {"url": name, "valueCoding": {"system": _CODES[name], "code": code}}
        for name, code in zip(("province", "district", "commune"), codes, strict=True)
        if code
    ]
    if parts:
        doc["extension"] = [{"url": _EXT["address-code"], "extension": parts}]
    if text:
        doc["text"] = text
    return doc
