"""Registration: who it may be is shown first; only somebody nobody knows becomes a new person."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from yba import access, audit, directory, identity, record, terminology
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.ids import new_id
from yba.kit.text import nfc
from yba.record import Write
from yba.specs import systems

from .model import Doubt, Newcomer, NotPlausible, Registered
from .patients import number_here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from yba.identity import CitizenCard
    from yba.kit.actor import Actor

    from .patients import Doc

REGISTER: Final = Right.CARE_PERSON_REGISTER
OLDEST: Final = 130  # years
_SEXES: Final = frozenset({"male", "female", "unknown"})
_BIRTH: Final = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_NUMBERS: Final = {
    "citizen": (re.compile(r"[0-9]{12}"), "Số định danh có 12 chữ số.", "The citizen number has twelve digits."),
    "old_citizen": (re.compile(r"[0-9]{9}|[0-9]{12}"), "Số CMND có 9 chữ số.", "The old number has nine digits."),
    "card": (re.compile(r"[A-Z]{2}[0-9]{13}|[0-9]{10}"), "Số thẻ BHYT có 15 ký tự, hoặc 10 chữ số.", "A card has fifteen characters, or ten digits."),
    "phone": (re.compile(r"\+?[0-9]{9,12}"), "Số điện thoại không đúng.", "This is no phone number."),
}
_LONGEST: Final = 255
_LISTED: Final = (
    ("ethnicity", "ethnic", "Không có dân tộc này trong danh mục.", "There is no such ethnic group."),
    ("occupation", "occupation", "Không có nghề nghiệp này trong danh mục.", "There is no such occupation."),
)


def newcomer_of_card(card: CitizenCard) -> Newcomer:
    """Take over what the QR code of a citizen card says: nothing of it need be typed."""
    return Newcomer(card.name, card.sex, card.birth, citizen=card.number, old_citizen=card.old, address=card.address)


def doubts_of(facts: Newcomer) -> list[Doubt]:
    """Say everything that is wrong with what was typed; pure."""
    return [*_named(facts), *_born(facts), *_numbered(facts), *placed(facts)]


def _named(facts: Newcomer) -> Iterator[Doubt]:
    name = " ".join(nfc(facts.name).split())
    if not name or len(name) > _LONGEST or not any(letter.isalpha() for letter in name):
        yield Doubt("name", hard=True, vi="Thiếu họ tên.", en="The name is missing.")
    if facts.sex not in _SEXES:
        yield Doubt("sex", hard=True, vi="Chọn giới tính.", en="Choose the sex.")


def placed(facts: Newcomer) -> Iterator[Doubt]:
    """Say which places and codes there are none of, and which texts are too long; pure."""
    for name in ("commune", "permanent_commune"):
        code = getattr(facts, name)
        if code and directory.commune(code, clock.today()) is None:
            yield Doubt(name, hard=True, vi="Không có xã, phường này.", en="There is no such commune.")
    for name in ("address", "permanent_address"):
        if len(getattr(facts, name)) > _LONGEST:
            yield Doubt(name, hard=True, vi="Địa chỉ quá dài.", en="The address is too long.")
    for name, list_id, vi, en in _LISTED:
        code = getattr(facts, name)
        if code and terminology.is_member(list_id, code, clock.today()) is terminology.Membership.NO:
            yield Doubt(name, hard=True, vi=vi, en=en)


def _born(facts: Newcomer) -> Iterator[Doubt]:
    if not _BIRTH.fullmatch(facts.birth):
        yield Doubt("birth", hard=True, vi="Thiếu ngày sinh (ít nhất là năm sinh).", en="The birth is missing: a year will do.")
        return
    try:
        first = date.fromisoformat(facts.birth + "-01-01"[(len(facts.birth) - 4) :])
    except ValueError:
        yield Doubt("birth", hard=True, vi="Ngày sinh không có trong lịch.", en="There is no such day.")
        return
    if first > clock.today():
        yield Doubt("birth", hard=True, vi="Ngày sinh sau hôm nay.", en="The birth lies in the future.")
    elif clock.today().year - first.year > OLDEST:
        yield Doubt("birth", hard=True, vi=f"Ngày sinh cách đây hơn {OLDEST} năm.", en=f"The birth is more than {OLDEST} years ago.")


def _numbered(facts: Newcomer) -> Iterator[Doubt]:
    for name, (shape, vi, en) in _NUMBERS.items():
        value = plain(getattr(facts, name))
        if value and not shape.fullmatch(value):
            yield Doubt(name, hard=True, vi=vi, en=en)


def plain(text: str) -> str:
    """Return a number as it is kept: without blanks, dots and hyphens."""
    return re.sub(r"[\s.\-]", "", text).upper()


def register(conn: Connection[Any], *, by: Actor, facts: Newcomer, facility: str, is_new: bool = False) -> Registered:
    """Register somebody: whom it may be is returned first, and nothing is written until ``is_new`` says that it is none of them.

    A number that is somebody's already is that somebody, whatever is said. Raises NotPlausible with everything that is wrong, Denied; audited.
    """
    access.require(by, REGISTER, facility=facility)
    wrong = doubts_of(facts)
    if wrong:
        raise NotPlausible(wrong)
    doc = _doc(facts, facility)
    found = _likely(conn, by, doc, facility)
    if found and (not is_new or found[0].why == "certain"):
        _noted(conn, by, facility, {"found": len(found)})
        return Registered(None, tuple(found))
    (saved,) = record.save(conn, by=by, writes=[Write("Patient", None, doc, facility)], reason="care")
    audit.note(
        conn, by=by, tag=Tag.PERSON_REGISTER, about_type="Person", about_id=str(saved.person_id), person_id=saved.person_id, facility=facility,
        under=REGISTER.value,
    )  # fmt: skip
    return Registered(saved.person_id, (), saved.outcome == "created")


def _likely(conn: Connection[Any], by: Actor, doc: Doc, facility: str) -> list[identity.Seen]:
    candidates = identity.candidates_for(conn, by=by, facts=record.facts_to_match(doc))
    if not candidates:
        return []
    seen = identity.people_seen(conn, by=by, person_ids=[one.person_id for one in candidates], facilities=[facility])
    return [seen[one.person_id]._replace(why=one.grade) for one in candidates if one.person_id in seen]


def _noted(conn: Connection[Any], by: Actor, facility: str, detail: dict[str, Any]) -> None:
    audit.note(conn, by=by, tag=Tag.PERSON_FIND, about_type="Person", about_id="", facility=facility, detail=detail, under=REGISTER.value)


def _doc(facts: Newcomer, facility: str) -> Doc:
    citizen, card, phone = plain(facts.citizen), plain(facts.card), plain(facts.phone)
    # a double submit of one form with a number is one patient; without any number each is a human of its own until somebody says otherwise
    number = number_here(facility, citizen or card or str(new_id()))
    told = (("citizen", citizen), ("citizen-old", plain(facts.old_citizen)), ("insurance" if card.isdigit() else "card", card))
    doc: Doc = {
        "resourceType": "Patient",
        "identifier": [
            {"use": "usual", "system": systems.local_patient(facility), "value": number},
            *({"system": systems.identifier(kind), "value": value} for kind, value in told if value),
        ],
        "gender": facts.sex,
        "birthDate": facts.birth,
        **said_of(facts),
    }
    if phone:
        doc["telecom"] = [{"system": "phone", "value": phone}]
    return doc


def said_of(facts: Newcomer) -> Doc:
    """Return name, homes, ethnicity and occupation as elements of a Patient; only what was said."""
    doc: Doc = {}
    name = " ".join(nfc(facts.name).split())
    if name:
        doc["name"] = [{"use": "official", "text": name, "family": name.split()[0]}]
    homes = [("home", facts.commune, facts.address), ("permanent", facts.permanent_commune, facts.permanent_address)]
    addresses = [_address(kind, commune, words) for kind, commune, words in homes if commune or words.strip()]
    if addresses:
        doc["address"] = addresses
    extensions = [
        {"url": systems.extension(kind), "valueCoding": {"system": systems.national(kind), "code": code}}
        for kind, code in (("ethnicity", facts.ethnicity), ("occupation", facts.occupation))
        if code
    ]
    if extensions:
        doc["extension"] = extensions
    return doc


def _address(kind: str, commune: str, words: str) -> Doc:
    """Write where somebody lives now ("home"), or is registered ("permanent": FHIR has no use for that, an extension says it)."""
    address: Doc = {"use": "home"} if kind == "home" else {"extension": [{"url": systems.extension("address-kind"), "valueCode": kind}]}
    text = " ".join(nfc(words).split())
    if text:
        address["text"] = text
    area = directory.commune(commune, clock.today()) if commune else None
    if area is not None:
        codes = (("province", area.province), ("commune", area.code))
        parts = [{"url": kind, "valueCoding": {"system": systems.national(kind), "code": code}} for kind, code in codes if code]
        address.setdefault("extension", []).append({"url": systems.extension("address-code"), "extension": parts})
    return address
